"""Whatever is changed in an archive behind its back, verify names it and goes on."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import Damaged, NotAnArchive, StorageFailed
from sfm_archive.storage.history import row_hash
from sfm_archive.verifying import VerifyFinding, VerifyReport, verify


def verified(path: Path, *, read_only: bool = True) -> VerifyReport:
    with sfm.open(path, read_only=read_only) as archive:
        return verify(archive)


def dump(path: Path) -> list[Any]:
    """Every row. The file's own bytes differ after each opening for writing: its header counts them."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    rows = [connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for (name,) in tables]
    connection.close()
    return rows


def codes(report: VerifyReport) -> dict[str, int | None]:
    return {finding.code: finding.event_id for finding in report.damage}


@pytest.mark.parametrize("read_only", [True, False])
def test_a_sound_archive_is_ok_and_everything_is_counted(quarry: Path, read_only: bool) -> None:
    before = dump(quarry)
    told: list[tuple[int, int]] = []
    with sfm.open(quarry, read_only=read_only) as archive:
        report = verify(archive, lambda done, total: told.append((done, total)))
        assert report.history_head == archive.history_head()[1]
    assert report.ok and report.findings == ()
    assert report.checked == {
        "events": 4,
        "frame revisions": 4,
        "file contents": 1,
        "received files": 2,
        "encodings": 5,
        "summaries": 4,
        "history rows": 7,
    }
    assert told[-1][0] == told[-1][1] == 4 + 4 + 4 + 1 + 2 + 7
    assert json.loads(json.dumps(to_plain(report)))["ok"] is True
    assert dump(quarry) == before


def flip(path: Path, table: str, where: str, at: int) -> None:
    """Flip a bit of a row's blob on the disk. SQLite leaves copies on pages it has split; all of them are flipped."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    (data,) = connection.execute(f"SELECT data FROM {table} WHERE {where}").fetchone()  # type: ignore[misc]
    connection.close()
    assert isinstance(data, bytes)
    old, new = data[:200], bytearray(data[:200])
    new[at] ^= 0x10
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, bytes(new)))


@pytest.mark.parametrize("at", [0, 3, 9, 60, 199])
@pytest.mark.parametrize(
    ("table", "where", "code"), [("frames", "event_id = 2", "frames"), ("file_piece", "1", "content")]
)
def test_a_flipped_bit_in_a_blob_is_found(quarry: Path, table: str, where: str, code: str, at: int) -> None:
    flip(quarry, table, where, at)
    report = verified(quarry)
    assert codes(report) == {code: 2}
    (finding,) = report.damage
    assert "backup" in finding.advice and finding.message
    if code == "frames":
        assert finding.subject == "frames revision 1" and "event file ODD.AB0" in finding.message
    else:
        assert finding.subject == "file ODD.AB0"
    # The others were looked at all the same.
    assert report.checked["frame revisions"] == 4 and report.checked["history rows"] == 7


def test_every_damaged_event_is_named(quarry: Path, alter: Any) -> None:
    alter(quarry, "UPDATE frames SET data = zeroblob(length(data))")
    report = verified(quarry)
    assert [finding.event_id for finding in report.damage if finding.code == "frames"] == [1, 2, 3, 4]
    # Event 4's received file is made from its frames, so it is gone with them.
    assert [finding.event_id for finding in report.damage if finding.code == "file"] == [4]


def test_swapped_frames_are_found_although_they_hash(quarry: Path, alter: Any) -> None:
    alter(
        quarry,
        "UPDATE frames SET (format_version, codec, sha256, logical_size, frame_count, data) ="
        " (SELECT format_version, codec, sha256, logical_size, frame_count, data FROM frames WHERE event_id = 2)"
        " WHERE event_id = 1",
    )
    found = verified(quarry).damage
    assert {(finding.code, finding.event_id) for finding in found} == {("encoding", 1), ("frames", 1)}
    assert any("history says" in finding.message for finding in found)


ALTERED = [
    ("UPDATE history SET actor = 'somebody else' WHERE sequence = 3", "history", "history row 3", None),
    ("UPDATE history SET detail = '{}' WHERE sequence = 3", "history", "history row 3", None),
    ("UPDATE history SET at_utc = '2020' WHERE sequence = 1", "history", "history row 1", None),
    ("UPDATE history SET sha256 = zeroblob(32) WHERE sequence = 2", "history", "history row 2", None),
    ("DELETE FROM history WHERE sequence = 6", "history", "history row 7", None),
    ("UPDATE event SET serial = 'BE11530' WHERE event_id = 2", "event", "identity", 2),
    ("UPDATE event SET recorded_at_local = '2026-05-02T00:00:01' WHERE event_id = 1", "event", "identity", 1),
    ("UPDATE encoding SET sha256 = randomblob(32) WHERE event_id = 1", "encoding",
     "blastware@2 of frames revision 1", 1),
    ("UPDATE encoding SET outcome = 'refused', sha256 = x'', size = 0 WHERE event_id = 1", "encoding",
     "blastware@2 of frames revision 1", 1),
    ("DELETE FROM encoding WHERE event_id = 1", "missing", "blastware@2 of frames revision 1", 1),
    ("DELETE FROM frames WHERE event_id = 1", "missing", "frames revision 1", 1),
    ("DELETE FROM frames WHERE event_id = 1", "reference", "table encoding", None),
    ("DELETE FROM event WHERE event_id = 1", "missing", "event", 1),
    ("DELETE FROM event WHERE event_id = 1", "reference", "table frames", None),
    ("DELETE FROM received_file WHERE name = 'ODD.AB0'", "missing", "event file ODD.AB0", 2),
    ("DELETE FROM file_content", "file", "event file ODD.AB0", 2),
    ("UPDATE received_file SET reproduced_by = '' WHERE name = 'OLD.AB0'", "file", "event file OLD.AB0", 4),
    ("UPDATE received_file SET reproduced_by = 'nonsense' WHERE name = 'OLD.AB0'", "file", "event file OLD.AB0", 4),
    ("UPDATE received_file SET reproduced_by = 'blastware@2' WHERE name = 'OLD.AB0'", "file", "event file OLD.AB0", 4),
    ("DELETE FROM event_file WHERE event_id = 4", "file", "event file OLD.AB0", None),
    ("INSERT INTO event VALUES (5, 3, 'BE1', '2026-01-01T00:00:00', 'unknown', 1, 'unknown')", "unrecorded", "event",
     5),
    ("DELETE FROM event_key WHERE event_id = 2", "missing", "start key", 2),
    ("UPDATE event_key SET start_key = 5 WHERE event_id = 2", "rows", "start key", 2),
    ("UPDATE event SET sequence = 4 WHERE event_id = 2", "event", "event", 2),
    ("INSERT INTO finding VALUES (2, 'odd', 'planted', 'note', 3)", "unrecorded", "finding odd", 2),
    ("INSERT INTO finding VALUES (2, 'odd', 'planted', 'note', 2)", "unrecorded", "finding odd", 2),
    ("INSERT INTO finding VALUES (2, 'odd', 'planted', 'note', 99)", "unrecorded", "finding odd", 2),
    ("INSERT INTO unit_time_zone VALUES ('BE11529', 1, 'Europe/Berlin', 3)", "unrecorded", "time zone of BE11529", 2),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "code", "subject", "event_id"), ALTERED)
def test_a_row_changed_by_another_tool_is_named(
    quarry: Path, alter: Any, statement: str, code: str, subject: str, event_id: int | None
) -> None:
    alter(quarry, statement)
    report = verified(quarry)
    found = {(finding.code, finding.subject, finding.event_id) for finding in report.damage}
    assert (code, subject, event_id) in found
    assert all(finding.message and finding.advice for finding in report.findings)


@pytest.mark.parametrize(
    ("statement", "subject", "carried", "listed"),
    [
        ("UPDATE event SET sequence = 4 WHERE event_id = 2", "event", 4, 3),
        ("UPDATE event SET sequence = 2 WHERE event_id = 2", "event", 2, 3),
        ("UPDATE frames SET sequence = 6 WHERE event_id = 4", "frames revision 1", 6, 5),
        ("UPDATE file_content SET sequence = 2 WHERE content_id = 1", "file content", 2, 3),
        ("UPDATE received_file SET sequence = 99 WHERE file_id = 1", "event file ODD.AB0", 99, 3),
    ],
)
def test_a_row_that_carries_another_change_is_not_called_lost(
    quarry: Path, alter: Any, statement: str, subject: str, carried: int, listed: int
) -> None:
    alter(quarry, statement)
    (finding,) = verified(quarry).damage
    assert finding.subject == subject
    assert finding.message == f"is there, but carries change {carried}; the history lists it in change {listed}"


def test_a_history_without_its_end_is_named_as_such(quarry: Path, alter: Any) -> None:
    alter(quarry, "DELETE FROM history WHERE sequence = 7")
    found = {(finding.subject, finding.message) for finding in verified(quarry).damage}
    assert (
        "the history",
        "ends at 6, rows carry change 7: its end was cut off, or another program added rows",
    ) in found
    assert ("event file OLD.AB0", "carries change 7, behind the end of the history") in found


@pytest.mark.parametrize("table", ["unit_time_zone", "handover", "left_out"])
def test_what_no_import_brings_back_is_taken_from_a_backup(
    quarry: Path, alter: Any, tmp_path: Path, table: str
) -> None:
    with sfm.open(quarry) as archive:
        archive.state_time_zone("BE11529", "Europe/Berlin")
        sfm.leave_out(archive, "5" * 64, reason="bench test")
        archive.export(tmp_path / "out", options=sfm.ExportOptions(manifest=True))
    alter(quarry, f"DELETE FROM {table}")
    (finding,) = [finding for finding in verified(quarry).damage if finding.code == "missing"]
    assert finding.advice == "take it from a backup"


def test_deleting_an_event_with_all_that_belongs_to_it_shows_in_the_history(quarry: Path, alter: Any) -> None:
    alter(
        quarry, *[f"DELETE FROM {table} WHERE event_id = 1" for table in ("encoding", "frames", "event_key", "event")]
    )
    report = verified(quarry)
    assert {(f.code, f.subject) for f in report.damage} == {
        ("missing", "event"),
        ("missing", "start key"),
        ("missing", "frames revision 1"),
        ("missing", "blastware@2 of frames revision 1"),
        ("derived", "summary"),
    }
    assert "BE11529 2026-05-01" in report.damage[0].message


def test_a_history_written_anew_shows_in_its_head(quarry: Path, alter: Any) -> None:
    before = verified(quarry)
    connection = apsw.Connection(str(quarry), flags=apsw.SQLITE_OPEN_READONLY)
    last: Any = connection.execute("SELECT * FROM history ORDER BY sequence DESC LIMIT 1").fetchone()
    ((previous,),) = connection.execute("SELECT sha256 FROM history ORDER BY sequence DESC LIMIT 1 OFFSET 1").fetchall()
    connection.close()
    fields = [*last[:7], last[7].hex(), previous.hex()]
    fields[2] = "somebody else"
    anew = f"actor = 'somebody else', sha256 = x'{row_hash(*fields)}'"
    alter(quarry, f"UPDATE history SET {anew} WHERE sequence = {last[0]}")
    after = verified(quarry)
    assert after.ok and after.history_head != before.history_head


def test_a_missing_encoder_is_a_note(quarry: Path, alter: Any) -> None:
    alter(
        quarry,
        "INSERT INTO encoding SELECT event_id, revision, 'acme', 7, sequence, outcome, sha256, size, findings,"
        " distribution, distribution_version FROM encoding WHERE family = 'blastware' AND version = 2",
    )
    report = verified(quarry)
    assert {(f.code, f.subject) for f in report.damage} == {("unrecorded", "acme@7 of frames revision 1")}
    assert [(note.code, note.subject) for note in report.notes] == [("not-checked", "encoder acme@7")]
    assert "4 recorded encoding(s)" in report.notes[0].message


def test_a_pin_without_records_is_a_note_and_stays_one(quarry: Path) -> None:
    with sfm.open(quarry) as archive:
        archive.pin_encoder("blastware@1")
        before = archive.history_head()
        report = verify(archive)
        assert archive.history_head() == before
    assert report.ok and [(note.code, note.subject) for note in report.notes] == [("no-record", "encoder blastware@1")]
    assert "3 revision(s)" in report.notes[0].message


def test_a_removed_record_of_a_received_file_is_not_written_again(quarry: Path, alter: Any) -> None:
    alter(quarry, "DELETE FROM encoding WHERE version = 1")
    before = dump(quarry)
    report = verified(quarry, read_only=False)
    assert [(f.code, f.event_id) for f in report.damage] == [("missing", 4)]
    assert dump(quarry) == before


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of many pages, so that a damaged one leaves much that is good."""
    from datetime import datetime, timedelta

    from sfm_archive import testing

    random = Random(8)
    path = tmp_path_factory.mktemp("large") / "large.sfm"
    with sfm.create(path) as archive, archive.batch():
        for number in range(400):
            at = datetime(2026, 1, 1) + timedelta(hours=number)
            event = testing.simulate_histogram(random, count=20, serial="BE11529", recorded_at=at)
            report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=f"R{number}.TXT", data=random.randbytes(300))
            known = sfm.Event(serial=event.serial, recorded_at=at, record_type=event.record_type)
            archive.save(known, testing.read_out(event), files=(report,))
    return path


@pytest.mark.parametrize("tables", [4, pytest.param(40, marks=pytest.mark.long)])
def test_a_damaged_page_costs_only_what_lies_on_it(tables: int, large: Path, tmp_path: Path) -> None:
    sound = verified(large)
    assert sound.ok and sound.checked["frame revisions"] == 400
    connection = apsw.Connection(str(large), flags=apsw.SQLITE_OPEN_READONLY)
    size: int = connection.pragma("page_size")
    pages: Any = (
        connection.execute(
            "SELECT name, min(pageno), max(pageno), count(*) FROM dbstat WHERE pagetype = 'leaf' GROUP BY name"
        ).fetchall()
        if "ENABLE_DBSTAT_VTAB" in apsw.compile_options
        else []
    )
    connection.close()
    if not pages:
        pytest.skip("this SQLite tells no page numbers")
    large_ones = [page for page in pages if page[3] >= 4 and page[0] != "sqlite_schema"]
    for name, first, last, _ in Random(3).sample(large_ones, min(tables, len(large_ones))):
        path = tmp_path / f"{name}.sfm"
        shutil.copy(large, path)
        data = bytearray(path.read_bytes())
        page = (first + last) // 2
        data[(page - 1) * size : page * size] = b"\xa5" * size
        path.write_bytes(data)
        report = verified(path)
        assert not report.ok, name
        assert report.checked["frame revisions"] > 250, (name, report.checked)
        assert report.checked["history rows"] > 250, (name, report.checked)


@pytest.mark.parametrize("files", [12, pytest.param(20, marks=pytest.mark.long)])
def test_random_damage_never_ends_a_verification(files: int, large: Path, tmp_path: Path) -> None:
    """Refused at opening or reported: nothing else, whatever the disk did."""
    random = Random(99)
    good = large.read_bytes()
    found = 0
    for number in range(files):
        data = bytearray(good)
        for _ in range(random.choice((1, 1, 5, 50))):
            at = random.randrange(100, len(data))
            if random.random() < 0.5:
                data[at] ^= 1 << random.randrange(8)
            else:
                data[at : at + 512] = random.randbytes(min(512, len(data) - at))
        path = tmp_path / f"{number}.sfm"
        path.write_bytes(data)
        try:
            report = verified(path)
        except (Damaged, NotAnArchive, StorageFailed):
            found += 1
            continue
        found += not report.ok
        for finding in report.findings:
            assert isinstance(finding, VerifyFinding) and finding.message and finding.advice and to_plain(finding)
        path.unlink()
    # A flip can fall on unused bytes, or on a text that nothing vouches for.
    assert found > files * 2 // 3
    assert hashlib.sha256(good).digest() == hashlib.sha256(large.read_bytes()).digest()


@pytest.mark.parametrize(
    ("change", "reason"), [("action = 'shred'", "knows no action 'shred'"), ("detail = '{\"a\":1}'", "a is unknown")]
)
def test_a_change_that_no_record_says_is_named_although_the_chain_holds(
    quarry: Path, alter: Any, change: str, reason: str
) -> None:
    alter(quarry, f"UPDATE history SET {change} WHERE sequence = 7")
    connection = apsw.Connection(str(quarry))
    row: Any = connection.execute("SELECT * FROM history WHERE sequence = 7").fetchone()
    before: Any = connection.execute("SELECT sha256 FROM history WHERE sequence = 6").fetchone()
    connection.close()
    own = row_hash(*row[:7], row[7].hex(), before[0].hex())
    alter(quarry, f"UPDATE history SET sha256 = x'{own}' WHERE sequence = 7")
    report = verified(quarry)
    (found,) = [finding for finding in report.damage if finding.subject == "history row 7"]
    assert found.code == "unreadable" and reason in found.message


def test_an_index_that_somebody_added_is_a_note(quarry: Path) -> None:
    connection = apsw.Connection(str(quarry))
    connection.execute("CREATE INDEX by_browser ON event (serial)")
    connection.close()
    report = verified(quarry)
    assert report.ok and ("added-index", "index by_browser") in [(note.code, note.subject) for note in report.notes]


def test_a_report_for_two_events_far_apart_is_found_with_both(tmp_path):
    """It came with the one, and its change wrote the link of the other too, which many others lie between."""
    at = datetime(2026, 5, 1, 12)
    with sfm.create(tmp_path / "siblings.sfm") as archive:
        of_one = {"serial": "BE1", "recorded_at": at, "record_type": sfm.RecordType.WAVEFORM}
        archive.save(sfm.Event(**of_one, start_key=1))
        with archive.batch():
            for second in range(1200):
                archive.save(sfm.Event(serial="BE2", recorded_at=at + timedelta(seconds=second)))
        report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="report.txt", data=b"a report")
        archive.save(sfm.Event(**of_one, start_key=2), files=[report])
        assert archive.verify().findings == ()
