"""Frames, binary and report of one event come in any order, and two events of one second share their reports.

What an archive holds after each order is compared whole, but for ids, stamps, and whether the bytes of an event file
are stored or made again, which depends on what was there first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.testing import (
    FIRST_KEY,
    SimulatedEvent,
    ascii_report,
    blastware_file,
    call_home_name,
    read_out,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    thor_csv,
)

DERIVED = ("event_computed", "event_summary", "event_peaks", "report_in_doubt")
AT = datetime(2026, 10, 25, 2, 30)
EVENT = simulate_waveform(Random(1), seconds=0.5, sample_rate=1024, serial="BE11529", recorded_at=AT)
OTHER = simulate_waveform(
    Random(2), seconds=0.5, sample_rate=1024, serial="BE11529", recorded_at=AT, start_key=FIRST_KEY + 0x9000
)
SAME = simulate_waveform(
    Random(1), seconds=0.5, sample_rate=1024, serial="BE11529", recorded_at=AT, start_key=FIRST_KEY + 0x9000
)
"""Another event of the second, with the very samples: nothing tells whose a report is."""


def held(path: Path) -> dict[str, object]:
    """What the file holds, read with SQLite alone: events by their start keys."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    keys = dict(
        connection.execute(
            "SELECT event_id, coalesce(start_key, 0) FROM counted_event LEFT JOIN event_key USING (event_id)"
        )
    )

    def rows(query: str) -> list[tuple[object, ...]]:
        found = []
        for first, *rest in connection.execute(query):
            if first not in keys and query.split()[-1] not in DERIVED:
                continue  # of an event that is another one
            told = [re.sub(r"events? [0-9, and]+", "events …", one) if isinstance(one, str) else one for one in rest]
            found.append((keys[first], *told))
        return sorted(found, key=repr)

    queries = {
        "events": "event_id, serial, recorded_at_local, record_type, time_zone FROM event",
        "names": "event_id, name FROM event_name",
        "frames": "event_id, revision, sha256, whole, frame_count FROM frames",
        "files": "event_id, name, kind, folder, sha256, pairs_with FROM event_file JOIN received_file USING (file_id)",
        "hours": "event_id, name, recorded_at_local FROM event JOIN event_file USING (event_id)"
        " JOIN received_file USING (file_id)",
        "own": "event_id, name, recorded_at_local, record_type FROM event JOIN event_file USING (event_id)"
        " JOIN received_file USING (file_id) WHERE NOT EXISTS (SELECT 1 FROM report_in_doubt AS doubt"
        " WHERE doubt.event_id = event.event_id AND doubt.sha256 = received_file.sha256 AND place = 0)",
        "values": "event_id, source, origin_sha256, reader, whole, quantity, channel, number, unit, state, text"
        " FROM reading JOIN value USING (reading_id)",
        "findings": "event_id, code, message, severity FROM finding",
        "encodings": "event_id, revision, family, version, outcome, sha256 FROM encoding",
        "doubts": "event_id, sha256, why FROM report_in_doubt",
        "computed": "event_id, decoder, origin_sha256, numbers, stop_local, why, findings FROM event_computed",
        "summaries": "* FROM event_summary",
        "peaks": "* FROM event_peaks",
        "counting": "event_id, quantity, channel, number, unit, state, text, source FROM current_value",
    }
    found: dict[str, object] = {what: rows(f"SELECT {query}") for what, query in queries.items()}
    waiting = "SELECT count(*) FROM received_file WHERE file_id NOT IN (SELECT file_id FROM event_file)"
    found["waiting"] = connection.execute(waiting).get
    found["chains"] = connection.execute(  # an event that is another one is that one, and not a third
        "SELECT * FROM same_event WHERE event_id IN (SELECT was_event FROM same_event)"
    ).get
    connection.close()
    return found


LINKS = frozenset({"names", "files", "hours", "doubts"})
"""What is kept with an event, whether it counts for it or not."""


def in_every_order(tmp_path: Path, files: dict[str, bytes], but: frozenset[str] = frozenset()) -> dict[str, object]:
    """Each file alone, in every order, and all together; what is held is the same, and all of it is sound. `but`: what
    is not compared."""
    paths = []
    for name, data in files.items():
        path = tmp_path / "received" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        paths.append(path)
    found: list[dict[str, object]] = []
    for number, order in enumerate([*permutations(paths), ()]):
        target = tmp_path / f"{number}.sfm"
        with sfm.create(target) as archive:
            for path in order or [tmp_path / "received"]:
                archive.import_from(path)
            head = archive.history_head()
            assert {item.outcome for path in paths for item in archive.import_from(path).items} == {"duplicate"}
            assert archive.history_head() == head and archive.verify().ok and archive.rebuild(dry_run=True).changed == 0
        found.append(held(target))
        assert not found[-1].pop("chains")
        for what in found[0].keys() - but:
            assert found[-1][what] == found[0][what], (what, [path.name for path in order])
    return found[0]


@pytest.mark.parametrize("kind", ["waveform", "histogram"])
@pytest.mark.parametrize("report", ["text", "csv"])
def test_frames_binary_and_report_are_one_event_in_every_order(tmp_path, kind, report):
    event = EVENT if kind == "waveform" else simulate_histogram(Random(3), serial="BE11529", recorded_at=AT)
    name = call_home_name(event)
    typed = f'"Event Type","Full {kind.title()}"\r\n'.encode()
    text = ascii_report(event, file_name=name) if report == "text" else typed + thor_csv(event)
    files = {name: blastware_file(event), f"f/{name}.a5.pkl": sidecar(read_out(event)), f"r/export.{report}": text}
    found = in_every_order(tmp_path, files)
    ((key, *_),) = found["events"]
    assert key == event.start_key and not found["doubts"] and found["waiting"] == 0
    assert len(found["files"]) == 2 and {row[-1] for row in found["counting"]} >= {"report", "decoder"}


@pytest.mark.parametrize("seconds", [-2, -1, 1, 2])
@pytest.mark.parametrize("named", ["by its line", "by its own name"])
def test_a_report_that_rounds_to_another_second_is_its_binarys_in_every_order(tmp_path, seconds, named):
    name = call_home_name(EVENT)
    rounded = replace(EVENT, recorded_at=AT + timedelta(seconds=seconds))
    own = "r/export.TXT" if named == "by its line" else f"r/{name.replace('.', '_')}_ASCII.TXT"
    text = ascii_report(rounded, file_name=name if named == "by its line" else "x")
    found = in_every_order(tmp_path, {f"b/{name}": blastware_file(EVENT), own: text})
    assert len(found["events"]) == 1 and found["waiting"] == 0
    assert {row[-1] for row in found["counting"]} >= {"report", "decoder"}


@pytest.mark.parametrize("seconds", [-2, 1, 2])
@pytest.mark.parametrize("named", ["by its line", "by its own name"])
@pytest.mark.parametrize("printed", ["as its footer", "as its name"])
@pytest.mark.parametrize("parts", ["binary", "frames", pytest.param("binary frames", marks=pytest.mark.long)])
def test_a_binary_whose_name_is_of_another_second_than_its_footer_is_one_event_in_every_order(
    tmp_path, seconds, named, printed, parts
):
    other = replace(EVENT, recorded_at=AT + timedelta(seconds=seconds))
    name = call_home_name(other)
    assert name != call_home_name(EVENT)
    of_report = other if printed == "as its name" else EVENT
    own, line = ("r/export.TXT", name) if named == "by its line" else (f"r/{name}.TXT", "x")
    files = {own: ascii_report(of_report, file_name=line)}
    files |= {f"b/{name}": blastware_file(EVENT)} if "binary" in parts else {}
    files |= {f"f/{name}.a5.pkl": sidecar(read_out(EVENT))} if "frames" in parts else {}
    found = in_every_order(tmp_path, files)
    ((_, _, recorded_at, _, _),) = found["events"]
    assert recorded_at == AT.isoformat() and found["waiting"] == 0
    assert {row[-1] for row in found["counting"]} >= {"report", "decoder"}


MICROMATES = simulate_waveform(Random(4), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT)
BINARY = bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256))
REVIEW = b'{"kind": "sfm.event", "review": {"false_trigger": true, "reviewer": "J", "notes": "a truck"}}'


@pytest.mark.parametrize("form", ["IDFW.PDF", "PDF", "IDFW.sfm.json"])
@pytest.mark.parametrize(
    "name",
    [
        "UM16127_20261025023000.IDFW",
        "UM16127_20261025023001.IDFW",
        "UM16127_20261025033000.IDFW",
        "UM16127_20261025023000.IDFH",
        "UM99999_20261025023000.IDFW",
        "UM99999_20200101000000.IDFH",
    ],
)
def test_a_binary_is_of_its_reports_event_in_every_order_whatever_its_name_says(tmp_path, name, form):
    beside = {"IDFW.PDF": f"{name}.PDF", "PDF": f"{name[:-5]}.pdf", "IDFW.sfm.json": f"{name}.sfm.json"}[form]
    files = {
        f"b/{name}": BINARY,
        f"t/{name}.TXT": ascii_report(MICROMATES, file_name="x"),
        f"p/{beside}": REVIEW if form.endswith("json") else b"%PDF-1.7",
    }
    found = in_every_order(tmp_path, files)
    ((_, serial, recorded_at, record_type, _),) = found["events"]
    assert (serial, record_type, recorded_at[:13]) == ("UM16127", "waveform", "2026-10-25T02")
    assert found["waiting"] == 0 and len(found["files"]) == 3 and [row[1] for row in found["names"]] == [name]
    assert {code for _, code, *_ in found["findings"]} <= {"name-contradiction"}


def micromate(hour: int, seed: int = 4) -> SimulatedEvent:
    return simulate_waveform(
        Random(seed), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT + timedelta(hours=hour)
    )


def named(hour: int) -> str:
    return f"UM16127_{AT + timedelta(hours=hour):%Y%m%d%H%M%S}.IDFW"


@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("form", ["IDFW.TXT", "TXT"])
def test_files_of_two_names_are_never_joined_by_time_alone(tmp_path, shift, form):
    """Each name is an hour beside its report's time, which is the very time in the next one's name."""
    files: dict[str, bytes] = {}
    for hour in (0, 1):
        name = named(hour + shift)
        files[f"b/{name}"] = BINARY + bytes([hour])
        files[f"t/{name[:-4]}{form}"] = ascii_report(micromate(hour, seed=hour), file_name="x")
    found = in_every_order(tmp_path, files)
    assert len(found["events"]) == 2 and found["waiting"] == 0
    of_event = {row[1]: row[2] for row in found["hours"]}
    assert {hour: of_event[named(hour + shift)] for hour in (0, 1)} == {
        hour: (AT + timedelta(hours=hour)).isoformat() for hour in (0, 1)
    }


@pytest.mark.long
def test_two_reports_that_say_each_the_time_in_the_others_name_keep_their_binaries(tmp_path):
    files: dict[str, bytes] = {}
    for hour in (0, 1):
        files[f"b/{named(hour)}"] = BINARY + bytes([hour])
        files[f"t/{named(hour)}.TXT"] = ascii_report(micromate(1 - hour, seed=hour), file_name="x")
    at = {row[1]: row[2] for row in in_every_order(tmp_path, files)["hours"]}
    assert [at[named(hour)] for hour in (0, 1)] == [(AT + timedelta(hours=1 - hour)).isoformat() for hour in (0, 1)]


@pytest.mark.parametrize("beside", ["IDFW.PDF", "PDF"])
def test_a_page_goes_with_the_binary_of_its_name_and_not_with_a_report_of_its_time(tmp_path, beside):
    name = named(1)
    files = {
        f"b/{name}": BINARY,
        f"p/{name[:-4]}{beside}": b"%PDF-1.7",
        f"t/{name}.TXT": ascii_report(micromate(0), file_name="x"),
        f"t/{named(2)}.TXT": ascii_report(micromate(1, seed=5), file_name="x"),
    }
    found = in_every_order(tmp_path, files)
    at = {row[1]: row[2] for row in found["hours"]}
    assert at[name] == at[f"{name[:-4]}{beside}"] == AT.isoformat() and len(found["events"]) == 2


@pytest.mark.parametrize("minutes", [30, 60])
@pytest.mark.parametrize("beside", ["IDFW.PDF", pytest.param("IDFW.sfm.json", marks=pytest.mark.long)])
def test_a_binary_of_whose_name_reports_say_two_times_is_kept_with_both_and_both_say_so(tmp_path, minutes, beside):
    name = named(1)
    other = replace(micromate(0, seed=5), recorded_at=AT + timedelta(minutes=minutes))
    files = {
        f"b/{name}": BINARY,
        f"p/{name[:-4]}{beside}": b"%PDF-1.7" if beside.endswith("PDF") else REVIEW,
        f"t/{name}.TXT": ascii_report(micromate(0), file_name="x"),
        f"u/{name}.TXT": ascii_report(other, file_name="x"),
    }
    found = in_every_order(tmp_path, files)
    assert len(found["events"]) == 2 and len(found["files"]) == 6 and found["waiting"] == 0
    said = [row[2] for row in found["findings"] if row[1] == "name-of-several"]
    assert len(said) == 4 and sum(one.startswith(f"{name} is kept with every event") for one in said) == 2
    with sfm.open(tmp_path / "0.sfm") as archive:
        items = archive.export(tmp_path / "out").items
    assert len(items) == 2 and all("its file is also that of event" in item.message for item in items)


@pytest.mark.parametrize("reported", [False, True])
def test_of_two_unlike_binaries_of_a_name_the_longest_is_exported_whichever_came_last(tmp_path, reported):
    name = named(1)
    files = {f"a/{name}": BINARY + b"to its end", f"b/{name}": BINARY, f"c/{name}": BINARY[:40] + b"x"}
    if reported:
        files[f"t/{name}.TXT"] = ascii_report(micromate(0), file_name="x")
    found = in_every_order(tmp_path, files)
    said = [row[2] for row in found["findings"] if row[1] == "differs-from-kept"]
    assert len(found["events"]) == 1 and len(said) == 3
    assert sum("the second is only the beginning of the first" in one for one in said) == 1
    for number in range(6):
        with sfm.open(tmp_path / f"{number}.sfm") as archive:
            (item,) = archive.export(tmp_path / f"out{number}").items
            assert (tmp_path / f"out{number}" / item.path).read_bytes() == BINARY + b"to its end"


@pytest.mark.parametrize("form", ["TXT", "CSV"])
@pytest.mark.parametrize("seconds", [-2, 1])
def test_an_unnamed_report_of_the_second_in_a_name_is_of_that_file_in_every_order(tmp_path, form, seconds):
    other = replace(EVENT, recorded_at=AT + timedelta(seconds=seconds))
    text = ascii_report(other, file_name="x") if form == "TXT" else thor_csv(other)
    found = in_every_order(tmp_path, {call_home_name(other): blastware_file(EVENT), f"r/y.{form}": text})
    assert len(found["events"]) == 1 and {row[-1] for row in found["counting"]} >= {"report", "decoder"}


@pytest.mark.parametrize("third", [False, True])
def test_a_report_of_other_numbers_is_no_report_of_a_file_by_the_second_in_its_name(tmp_path, third):
    """The next event of the unit, a second later; its own file can be named another second later."""
    after = simulate_waveform(
        Random(2),
        seconds=0.5,
        sample_rate=1024,
        serial="BE11529",
        recorded_at=AT + timedelta(seconds=1),
        start_key=FIRST_KEY + 0x9000,
    )
    files = {call_home_name(after): blastware_file(EVENT), "r/y.TXT": ascii_report(after, file_name="x")}
    if third:
        files[f"2/{call_home_name(replace(after, recorded_at=AT + timedelta(seconds=2)))}"] = blastware_file(after)
    found = in_every_order(tmp_path, files)
    assert len(found["events"]) == 2
    reports = {row[0] for row in found["counting"] if row[1] == "ppv" and row[-1] == "report"}
    assert reports == {after.start_key if third else 0}


@pytest.mark.parametrize("line", [False, True])
def test_a_review_beside_a_report_is_of_the_file_that_comes_last(tmp_path, line):
    name = call_home_name(replace(EVENT, recorded_at=AT + timedelta(seconds=1)))
    files = {
        f"b/{name}": blastware_file(EVENT),
        f"r/{name}.TXT": ascii_report(EVENT, file_name=name if line else "x"),
        f"j/{name}.sfm.json": REVIEW,
    }
    found = in_every_order(tmp_path, files)
    assert len(found["events"]) == 1 and len(found["files"]) == 3
    assert any(row[1] == "false_trigger" for row in found["counting"])


def test_bytes_that_an_event_has_are_of_that_event(tmp_path):
    """Also where a report of the binary's own time comes behind it, and all of it is imported again."""
    files = {f"b/{named(1)}": BINARY, f"t/{named(1)}.TXT": ascii_report(micromate(0), file_name="x")}
    files[f"t/{named(2)}.TXT"] = ascii_report(micromate(1, seed=5), file_name="x")
    found = in_every_order(tmp_path, files)
    assert [(row[1], row[2]) for row in found["hours"] if row[1] == named(1)] == [(named(1), AT.isoformat())]


@pytest.mark.parametrize("seconds", [-3, 3])
def test_a_report_of_another_time_is_another_event_in_every_order(tmp_path, seconds):
    other = replace(EVENT, recorded_at=AT + timedelta(seconds=seconds))
    files = {call_home_name(EVENT): blastware_file(EVENT), "r/export.TXT": ascii_report(other, file_name="x")}
    assert len(in_every_order(tmp_path, files)["events"]) == 2


def two(first, second, text: bytes) -> dict[str, bytes]:
    name = call_home_name(first)
    return {f"a/{name}": blastware_file(first), f"b/{name}": blastware_file(second), "r/export.TXT": text}


def test_a_report_goes_to_the_one_event_of_its_second_whose_samples_give_its_numbers(tmp_path):
    found = in_every_order(tmp_path, two(EVENT, OTHER, ascii_report(EVENT, file_name="x")))
    (doubt,) = found["doubts"]
    assert doubt[0] == OTHER.start_key and "has the numbers of events …" in doubt[2]
    counting = {(row[0], row[-1]) for row in found["counting"] if row[1] == "ppv"}
    assert counting == {(EVENT.start_key, "report"), (OTHER.start_key, "decoder")}


def test_a_report_that_fits_both_counts_for_neither_and_both_say_so(tmp_path):
    found = in_every_order(tmp_path, two(EVENT, SAME, ascii_report(EVENT, file_name="x")))
    assert [row[0] for row in found["doubts"]] == sorted([EVENT.start_key, SAME.start_key])
    assert all("it counts for none of them until" in row[2] for row in found["doubts"])
    assert {row[-1] for row in found["counting"] if row[1] == "ppv"} == {"decoder"}
    assert len([row for row in found["files"] if row[2] == "report"]) == 2


@pytest.fixture
def archive(tmp_path):
    for name, data in two(EVENT, SAME, ascii_report(EVENT, file_name="x")).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "a", tmp_path / "b")
        item = archive.import_from(tmp_path / "r").items[0]
        assert item.event_ids == (1, 2) and "report-in-doubt" in {finding.code for finding in item.findings}
        yield archive


def counting(archive, event_id):
    return {value.source for value in archive.values(event_id) if value.quantity == "ppv"}


def test_a_person_says_whose_a_report_is_and_can_say_it_anew(archive):
    for event_id in (1, 2):
        (found,) = archive.describe(event_id).sample_findings
        assert "export.TXT fits events 1 and 2" in found.message and counting(archive, event_id) == {"decoder"}
    done = sfm.join_file(archive, "export.txt", 2, by="A. Miller", reason="second download of the day")
    assert (done.event_id, done.others, done.misfits, done.changed) == (2, (1,), (), True)
    assert (counting(archive, 1), counting(archive, 2)) == ({"decoder"}, {"report"})
    (found,) = archive.describe(1).sample_findings
    assert "is of event 2, as A. Miller decided: second download of the day" in found.message
    assert not sfm.join_file(archive, done.sha256, 2, reason="the same").changed
    (last,) = [change for change in sfm.told_history(archive, 2) if change.action == "join file"]
    assert (last.what, last.decided_by) == ("export.TXT is of event 2", "A. Miller")
    sfm.join_file(archive, "export.TXT", 1, reason="it was the first one after all")
    assert (counting(archive, 1), counting(archive, 2)) == ({"report"}, {"decoder"})
    assert archive.verify().ok and archive.rebuild().changed == 0


def test_a_report_that_waits_is_joined_by_a_person(archive, tmp_path):
    path = tmp_path / "silent.TXT"
    path.write_bytes(ascii_report(OTHER, file_name="x").replace(b"Event Date", b"Date of event"))
    assert archive.import_from(path).totals["waiting"] == 1
    assert sfm.join_file(archive, path, 1, reason="it lay beside the blast report").others == ()
    assert not archive.waiting() and counting(archive, 1) == {"report"}
    assert archive.verify().ok


def test_what_no_person_can_decide_is_an_error(archive):
    with pytest.raises(sfm.NotFound, match="holds no file nothing; import it first"):
        sfm.join_file(archive, "nothing", 1, reason="x")
    with pytest.raises(sfm.UsageError, match="needs a reason"):
        sfm.join_file(archive, "export.TXT", 1, reason="  ")
    with pytest.raises(sfm.EventNotFound):
        sfm.join_file(archive, "export.TXT", 99, reason="x")


def histogram_of_the_second(seed: int) -> SimulatedEvent:
    return simulate_histogram(Random(seed), serial="UM16127", recorded_at=AT)


@pytest.mark.parametrize("of_name", ["another kind", "another time"])
def test_a_binary_counts_for_the_report_of_its_name_and_not_for_an_unnamed_one_of_its_time(tmp_path, of_name):
    """While the unnamed one alone was there, it was kept with that too."""
    other = histogram_of_the_second(6) if of_name == "another kind" else micromate(1, seed=5)
    files = {
        f"b/{named(0)}": BINARY,
        f"t/{named(0)}.TXT": ascii_report(other, file_name="x"),
        "r/y.TXT": ascii_report(micromate(0), file_name="x"),
    }
    found = in_every_order(tmp_path, files, but=LINKS)
    assert found["waiting"] == 0 and len(found["events"]) == 2
    at, kind = other.recorded_at.isoformat(), other.record_type.value
    assert [row[2:] for row in found["own"] if row[1] == named(0)] == [(at, kind)]
    for number in range(6):
        with sfm.open(tmp_path / f"{number}.sfm") as archive:
            written = [item for item in archive.export(tmp_path / f"out{number}").items if item.status == "written"]
            assert [archive.event(item.event_id).recorded_at_local for item in written] == [at]


@pytest.mark.parametrize("reported", [0, 1, 2])
def test_the_same_bytes_under_the_names_of_two_events_are_of_both_names_in_every_order(tmp_path, reported):
    files = {f"b/{named(0)}": BINARY, f"b/{named(1)}": BINARY}
    for hour in range(reported):
        files[f"t/{named(hour)}.TXT"] = ascii_report(micromate(hour, seed=hour), file_name="x")
    found = in_every_order(tmp_path, files)
    assert found["waiting"] == 0 and len(found["events"]) == 2


def test_two_unlike_binaries_and_two_reports_of_one_name_and_second_are_one_event_that_says_so(tmp_path):
    """As of an hour that a clock repeats."""
    files = {
        f"a/{named(0)}": BINARY + b"to its end",
        f"b/{named(0)}": BINARY[:40] + b"x",
        f"t/{named(0)}.TXT": ascii_report(micromate(0, seed=4), file_name="x"),
        f"u/{named(0)}.TXT": ascii_report(micromate(0, seed=5), file_name="x"),
    }
    found = in_every_order(tmp_path, files)
    assert found["waiting"] == 0 and len(found["events"]) == 1
