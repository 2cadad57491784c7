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
    fields = [row.sequence, row.at_utc, row.actor, row.tool, row.action, row.event_id, row.detail, row.previous_sha256]
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


def test_a_save_says_what_was_added(tmp_path: Path) -> None:
    event = testing.simulate_histogram(Random(2), count=5, serial="BE11529", start_key=0x0111_2238)
    frames = testing.read_out(event)
    with sfm.create(tmp_path / "a.sfm") as archive:
        file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="a.txt", data=b"x")
        archive.save(sfm.Event(serial="BE11529", recorded_at=event.recorded_at), frames, names=["n"], files=[file])
        detail = json.loads(archive.history(1)[0].detail)
        revision = archive.revisions(1)[0]
        record = archive.encodings(1)[0]
        with archive.store.reading() as connection:
            query = "SELECT data FROM file_content WHERE sha256 = ?"
            ((stored,),) = connection.execute(query, (file.sha256,)).fetchall()
    assert detail == {
        "event": {
            "serial": "BE11529",
            "recorded_at_local": event.recorded_at.isoformat(),
            "start_key": "01112238",
            "record_type": "histogram",
        },
        "frames": {"revision": 1, "sha256": revision.sha256, "count": len(frames)},
        "encoding": {"encoder": "blastware@2", "outcome": "encoded", "sha256": record.sha256},
        "names": ["n"],
        "files": [
            {
                "kind": "report",
                "name": "a.txt",
                "folder": "",
                "sha256": file.sha256,
                "stored_sha256": hashlib.sha256(stored).hexdigest(),
            }
        ],
        "rows_sha256": detail["rows_sha256"],
    }
    assert re.fullmatch(r"[0-9a-f]{64}", detail["rows_sha256"])


def test_very_long_histories_are_read_whole(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        with archive.batch():
            for number in range(2100):
                archive.pin_encoder(f"blastware@{1 + number % 2}")
        rows = archive.history()
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == 2101
