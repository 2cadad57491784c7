"""An archive as of one of its changes says what it said then, with today's rules, and nothing of it can be changed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive import decoding
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.storage import looking_back
from sfm_archive.storage.tables import schema_text, tables
from tests.archive.conftest import what_it_says

START = datetime(2026, 3, 1, 12)
EVENT = testing.simulate_waveform(Random(3), seconds=1.3, sample_rate=1024, loudness="ordinary")
OTHER = testing.simulate_waveform(Random(4), seconds=1.3, sample_rate=1024, loudness="quiet")
FRAMES, OTHER_FRAMES = testing.read_out(EVENT), testing.read_out(OTHER)


def identity(day: float, start_key: int | None = None) -> sfm.Event:
    at = START + timedelta(days=day)
    return sfm.Event(serial="BE11529", recorded_at=at, record_type=sfm.RecordType.WAVEFORM, start_key=start_key)


def report(number: int, **values: str) -> ReadingSet:
    readings = tuple(
        measured_reading("ppv", text, name) if name in ("Tran", "Vert", "Long") else measured_reading(name, text)
        for name, text in sorted(values.items())
    )
    return ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number:064x}", readings=readings)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    """Of seven changes: made, three events, a review, another encoder, a statement."""
    with sfm.create(tmp_path / "quarry.sfm", actor="tester") as made:
        for day in (0, 1, 2):
            made.save(identity(day), FRAMES)
        made.review(1, false_trigger=True, notes="a truck")
        made.pin_encoder("blastware@1")
        sfm.state_settings(made, "BE11529", geo_range="sensitive", reason="log book")
        yield made


def counted(path: Path, as_of: Any) -> tuple[int, int]:
    """Events, and the change that is meant."""
    with sfm.open(path, as_of=as_of) as opened:
        assert opened.as_of is not None
        assert (opened.as_of.sequence, opened.as_of.head) == opened.history_head()
        return opened.count(), opened.as_of.sequence


# -- the same as then -----------------------------------------------------------------------------------------------

STEPS = (
    *(("frames", day) for day in (0, 3, 3.5, 7, 9)),
    *(("report", day) for day in (0, 3.5, 7)),
    ("twin", 5), ("twin", 6), ("own report", 5), ("own report", 6), ("whose", 5),
    ("state", 8), ("withdraw", 8), ("zone", 0), ("clock", 0), ("clock", 7), ("place", 0), ("file", 3), ("decoder", 0),
)  # fmt: skip
VALUES = {
    0: {"sample_rate": "2048 sps", "geo_range": "10.0 in/s"},
    3.5: {"geo_range": "1.25 in/s", "sample_rate": "2048 sps", "pretrigger": "-0.5 sec"},
    7: {"sample_rate": "2048 sps", "geo_range": "1.25 in/s", "Vert": "0.2 in/s"},
}


def take(archive: sfm.Archive, kind: str, number: float, documents: Iterator[int]) -> None:
    """One step of a working life; one that cannot be taken yet is left out."""
    sure: dict[str, Any] = {"reason": "log book"}
    unit = "BE11529"
    try:
        match kind:
            case "frames":
                archive.save(identity(number), FRAMES)
            case "report":
                archive.save(identity(number), readings=[report(next(documents), **VALUES[number])])
            case "twin":
                archive.save(identity(20, int(number)), FRAMES if number == 5 else OTHER_FRAMES)
            case "own report":
                event = EVENT if number == 5 else OTHER
                greatest = f"{max(map(abs, event.motion.tran)) * 0.005:.3f} in/s"
                text = b"report %d" % number
                file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=f"{number}.txt", data=text)
                made = report(0, geo_range="10.0 in/s", Tran=greatest)
                made = ReadingSet(source=made.source, origin_sha256=file.sha256, readings=made.readings)
                archive.save(identity(20), files=[file], readings=[made])
            case "whose":
                first = next(row for row in archive.events() if row.start_key == f"{int(number):08X}")
                sfm.join_file(archive, archive.files(first.event_id)[0].sha256, first.event_id, **sure)
            case "state":
                sfm.state_settings(archive, unit, geo_range="sensitive", since=START + timedelta(days=number), **sure)
            case "withdraw":
                sfm.withdraw_settings(archive, 1, **sure)
            case "zone":
                archive.state_time_zone(unit, "Europe/Berlin")
            case "clock":
                sfm.correct(archive, unit, clock_shift=timedelta(hours=number - 3), since=START, **sure)
            case "place":
                sfm.add_job(archive, "North")
                sfm.add_point(archive, "North", "Church")
                sfm.place(archive, unit, at="North/Church", since=START + timedelta(days=3))
            case "file":
                data = testing.blastware_file(EVENT)
                file = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="M529.CE0", data=data)
                archive.save(identity(number), files=[file])
            case "decoder":
                sfm.pin_decoder(archive, "halved@1")
    except (sfm.NotFound, sfm.UsageError, StopIteration, IndexError):
        pass


LIVES = st.permutations(STEPS).map(lambda steps: steps[:12])


@given(LIVES)
@settings(max_examples=max(2, settings.default.max_examples // 20))
@pytest.mark.usefixtures("halved_decoder")
def test_as_of_every_change_it_says_what_it_said_then(tmp_path_factory, steps) -> None:
    live_and_look_back(tmp_path_factory.mktemp("a") / "a.sfm", steps)


@pytest.mark.long
@given(LIVES)
@settings(max_examples=max(10, settings.default.max_examples // 3))
@pytest.mark.usefixtures("halved_decoder")
def test_as_of_every_change_of_many_lives_it_says_what_it_said_then(tmp_path_factory, steps) -> None:
    live_and_look_back(tmp_path_factory.mktemp("a") / "a.sfm", steps)


def live_and_look_back(path: Path, steps: Sequence[tuple[str, float]]) -> None:
    documents = count(1)
    told = {}
    with sfm.create(path, actor="tester") as archive:
        for kind, number in steps:
            take(archive, kind, number, documents)
            told[archive.history_head()[0]] = what_it_says(archive)
    before = path.read_bytes()
    for sequence, then in told.items():
        with sfm.open(path, as_of=sequence) as opened:
            assert what_it_says(opened) == then, f"as of {sequence}"
    assert path.read_bytes() == before


def test_before_an_event_turned_out_to_be_another_it_counts(tmp_path) -> None:
    at, name = datetime(2026, 5, 4, 11, 30), "UM16127_20260504123000.IDFW"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256)))
    event = testing.simulate_waveform(Random(4), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=at)
    told = {}
    with sfm.create(tmp_path / "q.sfm", actor="tester") as archive:
        archive.import_from(tmp_path / "in" / name)
        told[archive.history_head()[0]] = what_it_says(archive)
        sfm.correct(archive, 1, project="North", reason="typed wrong")
        told[archive.history_head()[0]] = what_it_says(archive)
        (tmp_path / "in" / f"{name}.TXT").write_bytes(testing.ascii_report(event, file_name="x"))
        archive.import_from(tmp_path / "in" / f"{name}.TXT")
        told[archive.history_head()[0]] = what_it_says(archive)
        sfm.withdraw_correction(archive, 1, reason="it was right")
        told[archive.history_head()[0]] = what_it_says(archive)
    assert [[row["event_id"] for row in said["list"]] for said in told.values()] == [[1], [1], [2], [2]]
    for sequence, then in told.items():
        with sfm.open(tmp_path / "q.sfm", as_of=sequence) as opened:
            assert what_it_says(opened) == then, f"as of {sequence}"


def test_of_what_is_changed_in_place_the_history_says_what_it_was(archive) -> None:
    """Only the pins are."""
    with sfm.open(archive.path, as_of=5) as then:
        assert str(then.pinned_encoder) == "blastware@2"
        assert {event.encoding for event in then.listing()} == {"ok"}
    with sfm.open(archive.path, as_of=6) as then:
        assert str(then.pinned_encoder) == "blastware@1"
        assert {event.encoding for event in then.listing()} == {"not yet blastware@1"}


def test_every_table_says_whose_samples_its_rows_concern() -> None:
    """A new one has to be thought of: rows that are taken over from the file would else be those of today."""
    with_sequence = {table.name for table in tables(schema_text()).values() if "sequence" in table.names}
    assert with_sequence == looking_back.CONCERNED.keys()


def test_what_no_later_change_concerns_is_not_decoded_again(archive, monkeypatch) -> None:
    archive.save(identity(0), OTHER_FRAMES)
    sfm.correct(archive, 2, project="another", reason="a slip")
    decoded: list[int] = []
    own = decoding.run_task

    def counted(task: Any, *more: Any, **named: Any) -> Any:
        decoded.append(task.event_id)
        return own(task, *more, **named)

    monkeypatch.setattr(decoding, "run_task", counted)
    told = []
    for as_of, expected in ((9, []), (8, [2]), (7, [1, 2]), (6, [1, 2, 3])):
        with sfm.open(archive.path, as_of=as_of) as then:
            told.append(what_it_says(then))
        assert sorted(decoded) == expected, as_of
        decoded.clear()
    monkeypatch.setattr(looking_back, "take_over", lambda *_: set())
    for as_of, said in zip((9, 8, 7, 6), told, strict=True):
        with sfm.open(archive.path, as_of=as_of) as then:
            assert what_it_says(then) == said
    assert len(decoded) == 4 + 4 + 3 + 3


# -- which change ---------------------------------------------------------------------------------------------------


def test_a_change_is_meant_by_its_number_its_hash_or_a_day(archive) -> None:
    heads = {row.sequence: row.sha256 for row in archive.history()}
    path, today = archive.path, datetime.now(UTC).date()
    assert counted(path, 3) == counted(path, "3") == (2, 3)
    for asked in (heads[2], heads[2][:8], f" {heads[2][:20].upper()}"):
        assert counted(path, asked) == (1, 2)
    # Whoever counts over midnight (UTC) made it yesterday.
    assert counted(path, today) == counted(path, today.isoformat()) == (3, 7)
    assert counted(path, date(9999, 12, 31)) == (3, 7)


def test_a_day_ends_at_midnight_in_utc(archive, tmp_path) -> None:
    path = tmp_path / "dated.sfm"
    archive.close()
    shutil.copy(archive.path, path)
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER history_is_never_changed")
    times = ("2026-05-30T08:00:00.000000Z", "2026-05-31T23:59:59.999999Z", "2026-06-01T00:00:00.000000Z")
    for sequence in range(1, 8):
        connection.execute("UPDATE history SET at_utc = ? WHERE sequence = ?", (times[min(sequence, 3) - 1], sequence))
    connection.execute(
        "CREATE TRIGGER history_is_never_changed BEFORE UPDATE ON history"
        " BEGIN SELECT raise(ABORT, 'rows of history are never changed'); END"
    )
    connection.close()
    assert counted(path, "2026-05-30") == (0, 1)
    assert counted(path, "2026-05-31") == (1, 2)
    assert counted(path, "2026-06-01") == (3, 7)
    with pytest.raises(sfm.NotFound, match="was made on 2026-05-30"):
        sfm.open(path, as_of="2026-05-29")


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (0, sfm.NotFound, "no change '0'; its last one is 7, with hash"),
        (8, sfm.NotFound, "no change '8'; its last one is 7"),
        (-1, sfm.UsageError, "names no change"),
        ("9" * 30, sfm.NotFound, "its last one is 7"),
        ("ffffffff", sfm.NotFound, "its last one is 7"),
        ("abcdef0", sfm.UsageError, "first eight or more digits"),
        ("", sfm.UsageError, "names no change"),
        ("٣", sfm.UsageError, "names no change"),
        ("2026-02-31", sfm.UsageError, "no day of the calendar"),
        ("2020-01-01", sfm.NotFound, "nothing was in it on 2020-01-01"),
        ("a" * 65, sfm.UsageError, "names no change"),
    ],
)
def test_a_change_that_is_not_there_is_refused(archive, asked, error, words) -> None:
    with pytest.raises(error, match=words):
        sfm.open(archive.path, as_of=asked)


def test_digits_that_may_be_a_number_or_a_hash_are_refused() -> None:
    connection = apsw.Connection(":memory:")
    columns = "sequence INTEGER PRIMARY KEY, at_utc TEXT, sha256 BLOB, action TEXT, event_id INTEGER"
    connection.execute(f"CREATE TABLE history ({columns})")
    for sequence, begin in ((1, "12345678"), (12345678, "ff"), (12345679, "0012345679"), (12345680, "12345679")):
        digest = bytes.fromhex(begin.ljust(64, "0"))
        connection.execute("INSERT INTO history VALUES (?, '2026-05-01', ?, 'save', 1)", (sequence, digest))

    def meant(text: str) -> int:
        return looking_back.moment_of(connection, Path("a.sfm"), text).sequence

    with pytest.raises(sfm.UsageError, match="may mean changes 1 and 12345678; give more digits"):
        meant("12345678")
    assert meant("123456780") == 1 and meant("12345680") == 12345680


# -- only read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda archive, folder: archive.review(1, false_trigger=False, notes="no"),
        lambda archive, folder: archive.rebuild(),
        lambda archive, folder: archive.save(identity(5), FRAMES),
        lambda archive, folder: archive.verify(),
        lambda archive, folder: archive.backup(folder / "copy.sfm"),
        lambda archive, folder: archive.seal(folder / "copy.sfm"),
        lambda archive, folder: archive.compact(),
        lambda archive, folder: sfm.pin_decoder(archive, "waveform@1"),
    ],
)
def test_what_needs_all_of_it_is_refused(archive, tmp_path, change) -> None:
    with sfm.open(archive.path, as_of=3) as then:
        assert then.read_only
        with pytest.raises(sfm.ReadOnlyArchive, match=r"as of change 3|was opened read-only"):
            change(then, tmp_path)
    assert not (tmp_path / "copy.sfm").exists()
    assert archive.history_head()[0] == 7 and archive.verify().ok


def test_a_file_or_an_event_that_came_later_is_not_there(archive) -> None:
    with sfm.open(archive.path, as_of=2) as then:
        with pytest.raises(sfm.EventNotFound):
            then.event(2)
        assert then.info().events == then.info().frame_revisions == 1
        assert [row.sequence for row in then.history()] == [1, 2] and then.broken_history() is None
        assert then.reviews() == [] and sfm.stated_settings(then) == []
        assert then.frames(1) == tuple(FRAMES)


def test_what_is_exported_is_what_would_have_been_then(archive, tmp_path) -> None:
    with sfm.open(archive.path, as_of=3) as then:
        done = then.export(tmp_path / "then")
    assert done.totals["written"] == 2
    assert done.handover.message == "no hand-over record was left: the archive is open as of change 3"


# -- wherever it lies -----------------------------------------------------------------------------------------------


def test_a_sealed_archive_and_a_copy_say_the_same(archive, tmp_path) -> None:
    archive.seal(tmp_path / "sealed.sfm")
    with sfm.open(archive.path, as_of=4) as then, sfm.open(tmp_path / "sealed.sfm", as_of=4) as sealed:
        assert what_it_says(then) | {"info": 0} == what_it_says(sealed) | {"info": 0}


@pytest.mark.posix("permissions of files")
def test_it_works_where_nothing_can_be_written(archive, tmp_path) -> None:
    archive.close()
    medium = tmp_path / "medium"
    medium.mkdir()
    shutil.copy(archive.path, medium / "a.sfm")
    (medium / "a.sfm").chmod(0o444)
    medium.chmod(0o555)
    try:
        assert counted(medium / "a.sfm", 3) == (2, 3)
        assert [entry.name for entry in medium.iterdir()] == ["a.sfm"]
    finally:
        medium.chmod(0o755)


def test_who_writes_beside_it_changes_nothing_of_it(archive) -> None:
    with sfm.open(archive.path, as_of=7) as then:
        before = what_it_says(then)
        archive.save(identity(9), FRAMES)
        archive.review(1, false_trigger=False, notes="thunder")
        archive.pin_encoder("blastware@3")
        assert what_it_says(then) == before
    assert counted(archive.path, 7) == (3, 7)


def test_every_thread_sees_the_same(archive) -> None:
    with sfm.open(archive.path, as_of=3) as then:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(what_it_says(then)))
        thread.start()
        thread.join()
        assert found == [what_it_says(then)]


@pytest.mark.parametrize("rules", [0, 99])
def test_of_rows_that_other_rules_made_none_is_taken(archive, rules) -> None:
    told = {}
    for sequence in (3, 7):
        with sfm.open(archive.path, as_of=sequence) as then:
            told[sequence] = what_it_says(then)
    archive.close()
    connection = apsw.Connection(str(archive.path))
    connection.execute("UPDATE event_summary SET rules = ?, ppv_nm_s = 5", (rules,))
    connection.execute("UPDATE event_computed SET numbers = '{}'")
    connection.execute("DELETE FROM event_peaks")
    connection.close()
    for sequence in (3, 7):
        with sfm.open(archive.path, as_of=sequence) as then:
            assert what_it_says(then) == told[sequence]


def test_without_the_decoder_that_was_pinned_no_other_stands_in(halved_decoder, archive, monkeypatch) -> None:
    sfm.pin_decoder(archive, halved_decoder)
    archive.close()
    monkeypatch.undo()
    for as_of, decoder in ((7, "waveform@1"), (8, halved_decoder)):
        with sfm.open(archive.path, as_of=as_of) as then, then.store.reading() as connection:
            found = connection.execute("SELECT DISTINCT decoder, why <> '' FROM event_computed").fetchall()
            assert found == [(decoder, 0)]
    connection = apsw.Connection(str(archive.path))
    connection.execute("UPDATE event_summary SET rules = 0")
    connection.close()
    with sfm.open(archive.path, as_of=8) as then, then.store.reading() as reading:
        assert reading.execute("SELECT DISTINCT decoder, why <> '' FROM event_computed").fetchall() == [("", 1)]


def test_another_decoder_by_which_a_report_fits_no_event_leaves_what_a_rebuild_makes(halved_decoder, archive) -> None:
    documents = count(1)
    for kind, number in (("twin", 5), ("twin", 6), ("own report", 5)):
        take(archive, kind, number, documents)
    sfm.pin_decoder(archive, halved_decoder)
    assert archive.rebuild(dry_run=True).changed == 0 and not archive.verify().damage
