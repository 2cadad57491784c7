"""An event that was known by its file's name alone and is another one: it counts nowhere, and nothing of it is lost.

Its binary, and what people decided about it, are of the event of its report, as if the report had come first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import apsw
import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.sites.proposing import scene_of
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_waveform
from sfm_archive.verifying import VerifyOptions

AT = datetime(2026, 5, 4, 11, 30)
NAME = "UM16127_20260504123000.IDFW"
"""An hour later than the report says: the unit's summer time, say."""
BINARY = bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("in")
    binary, report = folder / NAME, folder / f"{NAME}.TXT"
    event = simulate_waveform(Random(4), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT)
    binary.write_bytes(BINARY)
    report.write_bytes(ascii_report(event, file_name="x"))
    return binary, report


def site(archive: sfm.Archive) -> None:
    sfm.add_job(archive, "Quarry", zone="Europe/Berlin", units="mm/s")
    sfm.add_point(archive, "Quarry", "Church", limits=["din"])
    sfm.place(archive, "UM16127", at="Church", since=datetime(2026, 5, 1))
    sfm.add_blast(archive, "Quarry", AT, name="north")


def decide(archive: sfm.Archive, event: str) -> None:
    """Everything that people can say of one event."""
    archive.review(archive.find(event).event_id, false_trigger=False, notes="the blast", reviewer="A. Miller")
    sfm.correct(archive, event, project="Quarry north", by="A. Miller", reason="typed wrong")
    sfm.correct(archive, event, clock_shift=timedelta(seconds=2), by="A. Miller", reason="slow clock")
    sfm.confirm_blast(archive, 1, [event], by="A. Miller", reason="seen")


@pytest.fixture
def archive(tmp_path: Path, forms: tuple[Path, Path]):
    """The binary first and alone, then decisions, then its report."""
    with sfm.create(tmp_path / "q.sfm", actor="A. Miller") as archive:
        archive.import_from(forms[0])
        site(archive)
        decide(archive, NAME)
        archive.export(tmp_path / "before")
        archive.import_from(forms[1])
        yield archive


COMMANDS = (
    ("list", "--all"), ("list", "--json"), ("list", "--json", "--point", "Church"), ("list", "--json", "--unplaced"),
    ("list", "--json", "--project", "north"), ("list", "--json", "--since", "2026-05-04", "--until", "2026-05-05"),
    ("list", "--json", "--ppv-from", "1mm/s"), ("summary", "--by", "day", "--limits", "point"), ("summary", "--json"),
    ("summary", "--by", "serial,job,point,project", "--json"), ("coverage", "--json"), ("unit", "--json"), ("jobs",),
    ("correct", "--json"), ("blast list", "--json"), ("blast show", "1", "--json"), ("review", "--json"),
    ("waiting", "--json"), ("settings",), ("zones",), ("show", NAME),
)  # fmt: skip


def told(path: Path) -> dict[str, str]:
    """What commands say, but for ids, stamps, the history, and that the event was another one."""
    said = {}
    for words, *options in COMMANDS:
        result = CliRunner().invoke(main, [*words.split(), str(path), *options])
        assert result.exit_code == 0, (words, result.output)
        text = (
            result.output.partition("\nhistory\n")[0]
            .replace(json.dumps(str(path))[1:-1], "PATH")
            .replace(str(path), "PATH")
        )
        text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+Z", "STAMP", text)
        text = re.sub(r"(program +person +3 +)[0-9a-f]{64}", r"\1HASH", text)  # of a review with its time
        text = re.sub(r"^also event .*\n", "", text, flags=re.MULTILINE)
        lines = sorted(text.splitlines()) if words == "show" else text.splitlines()  # its files in the order of receipt
        said[" ".join([words, *options])] = re.sub(r"\b[12]\b", "ID", re.sub(r" +|-+", " ", "\n".join(lines)))
    return said


def test_every_command_says_the_same_as_if_the_report_had_come_first(
    archive: sfm.Archive, tmp_path: Path, forms: tuple[Path, Path]
) -> None:
    first = tmp_path / "report first.sfm"
    with sfm.create(first, actor="A. Miller") as other:
        other.import_from(forms[1])
        other.import_from(forms[0])
        site(other)
        decide(other, NAME)
    assert told(archive.path) == told(first)
    info = archive.info()
    assert (info.events, info.units, info.earliest, archive.count()) == (1, 1, "2026-05-04T11:30:00", 1)
    assert (tuple(row.event_id for row in archive.events()), sfm.corrections(archive)[0].event_id) == ((2,), 2)


def test_its_old_id_and_name_lead_to_the_event_that_counts_and_it_is_said(archive: sfm.Archive) -> None:
    for event in ("1", "2", NAME):
        assert archive.find(event).event_id == 2
        shown = CliRunner().invoke(main, ["show", str(archive.path), event]).output
        assert f"1, known by {NAME} alone" in shown and "11:30:00" in shown
        actions = [(change.action, change.event_id) for change in sfm.told_history(archive, event)]
        assert {("save", 1), ("review", 1), ("hand over", 0), ("save", 2), ("join event", 2)} <= {*actions}
    assert [row.event_id for row in archive.events(event_ids=(1,))] == [2]
    assert archive.files(1) == archive.files(2) and archive.values(1) == archive.values(2)
    assert archive.review(1, false_trigger=True, notes="a truck after all")
    assert archive.reviews()[0].event_id == 2 and archive.reviews()[0].false_trigger
    (change,) = [one for one in sfm.told_history(archive) if one.action == "join event"]
    assert change.what == f"event 1, known by {NAME} alone, is event 2"


def test_its_description_tells_what_was_done_of_either_and_when_the_first_came(archive: sfm.Archive) -> None:
    described = archive.describe(2)
    changes = [(change.action, change.event_id) for change in described.history]
    assert changes == [("save", 1), ("review", 1), ("save", 2), ("join event", 2)]
    assert described.event.received_at_utc == described.history[0].at_utc


def test_it_is_exported_once_and_an_old_hand_over_can_be_made_again(archive: sfm.Archive, tmp_path: Path) -> None:
    (item,) = archive.export(tmp_path / "after").items
    assert (item.event_id, item.path) == (2, f"UM16127/{NAME}")
    assert (tmp_path / "after" / item.path).read_bytes() == BINARY
    assert archive.export(tmp_path / "again", like=1).proved
    assert archive.export(tmp_path / "before").totals["unchanged"] == 1


def test_copies_and_what_is_derived_agree(archive: sfm.Archive, tmp_path: Path) -> None:
    assert archive.verify().ok and archive.rebuild().changed == 0
    archive.backup(tmp_path / "backup.sfm")
    archive.compact()
    before = told(archive.path)
    report = sfm.salvage(archive.path, tmp_path / "new.sfm")
    assert report.lossless and told(tmp_path / "new.sfm") == before == told(tmp_path / "backup.sfm")
    with sfm.open(tmp_path / "new.sfm") as new:
        assert new.verify().ok and new.rebuild().changed == 0 and new.find("1").event_id == 2


def test_another_event_of_the_time_in_the_name_is_one_of_its_own(archive: sfm.Archive, tmp_path: Path) -> None:
    event = simulate_waveform(
        Random(5), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT + timedelta(hours=1)
    )
    (tmp_path / "other.TXT").write_bytes(ascii_report(event, file_name="x"))
    assert archive.import_from(tmp_path / "other.TXT").items[0].event_ids == (3,)
    assert archive.count() == 2 and len(archive.files(3)) == 1 and archive.verify().ok


def test_the_later_of_two_decisions_counts_whichever_event_it_was_of(tmp_path: Path, forms: tuple[Path, Path]) -> None:
    with sfm.create(tmp_path / "q.sfm") as archive:
        archive.import_from(forms[0])
        other = tmp_path / "renamed.TXT"
        other.write_bytes(forms[1].read_bytes())
        archive.import_from(other)
        archive.review(1, false_trigger=True, notes="first", reviewer="A")
        archive.review(2, false_trigger=False, notes="second", reviewer="B")
        archive.import_from(forms[1])
        (review,) = archive.reviews()
        assert (review.event_id, review.notes) == (2, "second") and archive.verify().ok


def test_a_report_that_a_person_joined_counts_for_the_event_that_its_event_was(tmp_path: Path) -> None:
    """The binary comes last, and its name is of the second after the one in its footer."""
    event = simulate_waveform(Random(5), seconds=0.25, sample_rate=1024, serial="BE11529", recorded_at=AT)
    name = call_home_name(replace(event, recorded_at=AT + timedelta(seconds=1)))
    binary, report = tmp_path / name, tmp_path / f"{name}.TXT"
    binary.write_bytes(blastware_file(event))
    report.write_bytes(ascii_report(event, file_name="x"))
    with sfm.create(tmp_path / "q.sfm") as archive:
        archive.import_from(report)
        sfm.join_file(archive, report, 1, by="A. Miller", reason="it lay beside")
        archive.review(1, false_trigger=True, notes="a truck")
        result = archive.import_from(binary)
        assert (result.events_created, result.items[0].outcome, result.items[0].event_ids) == (0, "joined", (2,))
        assert f"event 1, known by {name}.TXT alone, is event 2" in result.items[0].message
        (row,) = archive.listing()
        assert (row.event_id, row.recorded_at_local, row.ppv_basis) == (2, AT.isoformat(), "reported")
        assert row.false_trigger and archive.verify().ok and archive.rebuild().changed == 0
        assert sfm.join_file(archive, report, name, reason="again").changed is False


@pytest.fixture
def two(tmp_path: Path, forms: tuple[Path, Path]):
    """The binary and a renamed report, which are not known to be one, and two blasts, an hour apart."""
    renamed = tmp_path / "renamed.TXT"
    renamed.write_bytes(forms[1].read_bytes())
    with sfm.create(tmp_path / "two.sfm", actor="A. Miller") as archive:
        archive.import_from(forms[0])
        archive.import_from(renamed)
        site(archive)
        sfm.add_blast(archive, "Quarry", AT + timedelta(hours=1), name="south")
        yield archive


def decisions(archive: sfm.Archive) -> dict[int, list[tuple[int, str, str]]]:
    with archive.store.reading() as connection:
        found = scene_of(connection).decisions
    return {blast: [(n, d.decision, d.decided_by) for (b, n), d in found.items() if b == blast] for blast in (1, 2)}


@pytest.mark.parametrize("last", [1, 2])
def test_of_two_blasts_that_an_event_was_confirmed_for_the_later_counts_and_it_is_said(
    two: sfm.Archive, forms: tuple[Path, Path], last: int
) -> None:
    """Which number was given to a decision first does not matter."""
    for blast, event in ((2, 1), (1, 2)) if last == 1 else ((1, 2), (2, 1)):
        sfm.confirm_blast(two, blast, [event], by=f"for {blast}", reason="seen")
    (item,) = two.import_from(forms[1]).items
    (said,) = [one for one in item.findings if one.code == "two-blasts"]
    assert f"confirmed for blasts 1 and 2: the later decision counts, for blast {last} by for {last}" in said.message
    assert said in two.describe(2).findings
    expected = {last: [(2, "confirmed", f"for {last}")], 3 - last: [(2, "refused", f"for {last}")]}
    assert decisions(two) == expected and two.verify().ok
    assert [one.confirmed for one in sfm.list_blasts(two).blasts] == [2 - last, last - 1]
    sfm.refuse_blast(two, last, [2], by="B", reason="no")
    assert decisions(two) == {last: [(2, "refused", "B")], 3 - last: [(2, "confirmed", f"for {3 - last}")]}


def test_the_last_change_of_a_decision_on_a_blast_counts_whichever_was_begun_first(
    two: sfm.Archive, forms: tuple[Path, Path]
) -> None:
    sfm.refuse_blast(two, 1, [1], by="A", reason="first: no")
    sfm.confirm_blast(two, 1, [2], by="B", reason="second: yes")
    sfm.confirm_blast(two, 1, [1], by="C", reason="third: yes")
    sfm.refuse_blast(two, 1, [1], by="D", reason="last: no")
    two.import_from(forms[1])
    assert decisions(two)[1] == [(2, "refused", "D")]
    sfm.confirm_blast(two, 1, [2], by="E", reason="yes")
    assert decisions(two)[1] == [(2, "confirmed", "E")]
    sfm.withdraw_blast_event(two, 1, 2, by="F", reason="typed wrong")
    assert decisions(two)[1] == [] and two.verify().ok


def test_that_an_event_is_another_one_is_said_also_where_a_file_that_waited_says_it(
    tmp_path: Path, forms: tuple[Path, Path]
) -> None:
    """The report does not say its type; a copy of it that does comes later."""
    binary, report = forms
    lines = report.read_bytes().split(b"\r\n")
    until = next(number for number, line in enumerate(lines) if line.strip().startswith(b"Tran") and b"Vert" in line)
    silent, whole = tmp_path / report.name, tmp_path / "whole.TXT"
    silent.write_bytes(b"\r\n".join(line for line in lines[:until] if b"Event Type" not in line))
    whole.write_bytes(report.read_bytes())
    with sfm.create(tmp_path / "q.sfm") as archive:
        assert archive.import_from(binary, silent).totals["waiting"] == 1
        result = archive.import_from(whole)
        told = {one.code: one for one in result.noticed_of_others}["named-otherwise"]
        assert f"event 1, known by {NAME} alone, is event 2" in told.message and told.event_ids == (2,)
        assert [row.event_id for row in archive.events()] == [2] and archive.verify().ok


@pytest.mark.parametrize(
    ("statement", "code", "subject"),
    [
        ("DELETE FROM same_event", "missing", "that an event is another one"),
        ("UPDATE same_event SET name = 'other'", "rows", "that event 1 is event 2"),
        ("UPDATE same_event SET was_event = 3, event_id = 1", "missing", "that an event is another one"),
        ("UPDATE same_event SET sequence = 3", "rows", "that event 1 is event 2"),
        ("INSERT INTO same_event VALUES (3, 'x', 2, 5)", "unrecorded", "that event 3 is event 2"),
    ],
)
def test_a_row_that_another_tool_altered_is_named(
    archive: sfm.Archive, forms: tuple[Path, Path], statement: str, code: str, subject: str
) -> None:
    archive.save(sfm.Event(serial="BE11529", recorded_at=AT), names=["ODD.AB0"])
    archive.close()
    connection = apsw.Connection(str(archive.path))
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    connection.close()
    restore_triggers(archive.path)
    with sfm.open(archive.path) as opened:
        found = {(one.code, one.subject) for one in opened.verify(options=VerifyOptions()).damage}
        assert (code, subject) in found
        if statement.startswith("DELETE"):
            assert opened.count() == 3  # nothing is hidden, and the report joins it again
            (again,) = opened.import_from(forms[1]).items
            assert again.outcome == "joined" and "event 1, known by" in again.message  # and it is said
            assert {row.event_id for row in opened.events()} == {2, 3}


def restore_triggers(path: Path) -> None:
    connection = apsw.Connection(str(path))
    for text in re.findall(r"CREATE TRIGGER .*?END;", (ROOT / "schema.sql").read_text(encoding="utf-8"), re.DOTALL):
        connection.execute(text)
    connection.close()


def test_statements_read_the_events_that_count() -> None:
    """No list, count, export or search reads the table `event`; what may says why."""
    may: dict[str, tuple[str, Callable[[str], bool]]] = {
        "events.py": ("ordinals of events that are another one are taken", lambda line: "max(ordinal)" in line),
        "grouping.py": ("only the greatest id", lambda line: "max(event_id)" in line),
        "row_hashes.py": ("every row of a change", lambda line: "FROM event JOIN event AS other" in line),
        "history.py": ("one event, found before", lambda line: "event_id = :event" in line),
        "notices.py": ("when something came of a unit, by whatever event", lambda line: "SELECT serial, h" in line),
    }
    for path in sorted((ROOT / "sfm_archive" / "storage").glob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"\b(FROM|JOIN) event\b", line):
                assert path.name in may and may[path.name][1](line), (path.name, line)


def test_a_description_is_read_by_programs(archive: sfm.Archive) -> None:
    shown = json.loads(CliRunner().invoke(main, ["show", str(archive.path), "1", "--json"]).output)
    assert shown["event"]["event_id"] == 2 and shown["same_events"] == [{"was_event": 1, "name": NAME}]


def test_looking_back_shows_the_event_of_the_name_until_it_was_joined(archive: sfm.Archive) -> None:
    (joined,) = [one.sequence for one in archive.history() if one.action == "join event"]
    saved = next(one.sequence for one in archive.history() if one.action == "save" and one.event_id == 2)
    for sequence, ids in ((saved - 1, [1]), (saved, [2]), (joined, [2])):
        with sfm.open(archive.path, as_of=str(sequence)) as then:
            assert then.as_of is not None and then.as_of.sequence == (joined if ids == [2] else sequence)
            assert [row.event_id for row in then.events()] == ids and then.info().events == 1
            assert then.find(NAME).event_id == then.find("1").event_id == ids[0]


def test_salvage_hides_no_event_by_a_row_that_nothing_vouches_for(
    archive: sfm.Archive, tmp_path: Path, forms: tuple[Path, Path]
) -> None:
    (joined,) = [one.sequence for one in archive.history() if one.action == "join event"]
    archive.close()
    connection = apsw.Connection(str(archive.path))
    connection.execute("DROP TRIGGER history_is_never_removed; PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM history WHERE sequence = ?", (joined,))
    connection.close()
    assert not sfm.salvage(archive.path, tmp_path / "new.sfm").lossless
    with sfm.open(tmp_path / "new.sfm") as new:
        assert new.count() == 2 and new.verify().ok
        new.import_from(forms[1])
        assert [row.event_id for row in new.events()] == [2] and len(new.files(2)) == 2 and new.verify().ok
