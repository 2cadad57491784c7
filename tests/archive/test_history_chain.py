"""The history: every change in order, each bound to the one before."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from random import Random

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.saving import keep_waiting
from sfm_archive.storage.history import HistoryRow


def hash_as_documented(row: HistoryRow) -> str:
    """schema.sql: the UTF-8 text of a JSON array, written here a second time."""
    fields = [
        row.sequence, row.at_utc, row.actor, row.tool, row.action, row.event_id, row.detail, row.rows,
        row.previous_sha256,
    ]  # fmt: skip
    text = "[" + ",".join(json.dumps(field, ensure_ascii=False) for field in fields) + "]"
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_each_row_is_bound_to_the_one_before(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm", actor='Zoë \u2603 "quoted"') as archive:
        for event in testing.simulate_memory(Random(1), 4, "BE11529", histograms=1.0):
            archive.save(sfm.Event(serial="BE11529", recorded_at=event.recorded_at), testing.read_out(event))
        archive.pin_encoder("blastware@1")
        keep_waiting(
            archive.store, sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="später.txt", data=b"x"), archive.actor
        )
        rows = archive.history()
        info = archive.info()
    assert [row.sequence for row in rows] == list(range(1, 8))
    assert [row.action for row in rows] == ["create", "save", "save", "save", "save", "pin encoder", "keep file"]
    previous = "0" * 64
    for row in rows:
        assert row.previous_sha256 == previous
        assert row.sha256 == hash_as_documented(row)
        previous = row.sha256
    assert (info.history_length, info.history_head) == (7, previous)
    assert {row.actor for row in rows} == {'Zoë \u2603 "quoted"'}
    assert "später.txt" in rows[-1].detail
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", row.at_utc) for row in rows)
    assert all(row.tool.startswith("sfm-archive ") for row in rows)


def test_the_newest_changes_alone_are_the_end_of_all_of_them(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        for number in range(5):
            archive.save(sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 12, number)), names=["n"])
            archive.state_time_zone(f"BE{number + 1}", "Europe/Berlin")
        read: list[str] = []
        archive.store.connection.exec_trace = lambda cursor, sql, values: read.append(sql) or True
        assert len(archive.history(limit=2)) == 2
        archive.store.connection.exec_trace = None
        assert len(read) == 1 and read[0].endswith("LIMIT ?"), "no more is read than is asked for"
        for event_id in (None, 0, 3, 9):
            everything = archive.history(event_id)
            for limit in (1, 2, 100):
                assert archive.history(event_id, limit) == everything[-limit:]


def test_a_save_says_what_its_rows_cannot_and_lists_them_by_their_hashes(tmp_path: Path) -> None:
    event = testing.simulate_histogram(Random(2), count=5, serial="BE11529", start_key=0x0111_2238)
    frames = testing.read_out(event)
    with sfm.create(tmp_path / "a.sfm") as archive:
        file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="a.txt", data=b"x")
        archive.save(sfm.Event(serial="BE11529", recorded_at=event.recorded_at), frames, names=["n"], files=[file])
        (row,) = archive.history(1)
        revision = archive.revisions(1)[0]
        with archive.store.reading() as connection:
            stored = connection.execute("SELECT data FROM frames").fetchall()
            ((packed,),) = connection.execute("SELECT data FROM file_piece").fetchall()
    assert json.loads(row.detail) == {
        "event": ["BE11529", event.recorded_at.isoformat(), "histogram", "01112238", "unknown"],
        "files": [["report", "a.txt"]],
    }
    assert [entry.table for entry in row.listed] == [
        "event", "event_key", "event_name", "frames", "file_content", "received_file", "event_file", "encoding",
    ]  # fmt: skip

    def hashed(*fields: object) -> bytes:
        """docs/format.md, "Rows of a change", written here a second time."""
        text = "[" + ",".join(json.dumps(field, ensure_ascii=False, separators=(",", ":")) for field in fields) + "]"
        return hashlib.sha256(text.encode()).digest()

    def of_bytes(data: object) -> str:
        assert isinstance(data, bytes)
        return hashlib.sha256(data).hexdigest()

    own = bytes.fromhex(revision.sha256)
    ((data,),) = stored
    columns = [1, 1, row.sequence, 1, "zstd", of_bytes(own), revision.logical_size, len(frames), 1, of_bytes(data)]
    pieces = [[1, "zstd", of_bytes(packed)]]
    content = [1, row.sequence, of_bytes(bytes.fromhex(file.sha256)), 1, 1]
    expected = {
        "event": hashed("event", 1, row.sequence, "BE11529", event.recorded_at.isoformat(), "histogram", 1, "unknown"),
        "event_key": hashed("event_key", 1, row.sequence, 0x0111_2238),
        "event_name": hashed("event_name", 1, 1, row.sequence, "n"),
        "frames": hashed("frames", *columns),
        "file_content": hashed("file_content", *content, pieces),
        "event_file": hashed("event_file", 1, 1, row.sequence),
    }
    listed = {entry.table: entry.sha256 for entry in row.listed}
    assert {table: listed[table] for table in expected} == expected


def test_very_long_histories_are_read_whole(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        with archive.batch():
            for number in range(2100):
                archive.pin_encoder(f"blastware@{1 + number % 2}")
        rows = archive.history()
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == 2101
