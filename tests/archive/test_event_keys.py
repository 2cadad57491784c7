"""Start keys: two are two events, and an event that is known without one learns it by a row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import sfm_archive as sfm

AT = datetime(2026, 5, 1, 13, 16, 34)


def event(start_key: int | None = None, record_type: sfm.RecordType = sfm.RecordType.WAVEFORM) -> sfm.Event:
    return sfm.Event(serial="BE11529", recorded_at=AT, record_type=record_type, start_key=start_key)


@pytest.mark.parametrize(
    ("arrivals", "ids", "keys"),
    [
        ([None, None], [1, 1], [""]),
        ([5, 5], [1, 1], ["00000005"]),
        ([None, 5, 5, None], [1, 1, 1, 1], ["00000005"]),
        ([5, None, 5], [1, 1, 1], ["00000005"]),
        ([5, 6], [1, 2], ["00000005", "00000006"]),
        ([None, 5, 6], [1, 1, 2], ["00000005", "00000006"]),
        ([5, 6, None, None], [1, 2, 3, 3], ["00000005", "00000006", ""]),
        ([5, 6, None, 7, None], [1, 2, 3, 3, 4], ["00000005", "00000006", "00000007", ""]),
        ([0, 0xFFFF_FFFF, 0], [1, 2, 1], ["00000000", "FFFFFFFF"]),
    ],
)
def test_which_event_an_arrival_is(tmp_path: Path, arrivals: list[int | None], ids: list[int], keys: list[str]) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        assert [archive.save(event(key)).event_id for key in arrivals] == ids
        assert [row.start_key for row in archive.events()] == keys
        before = archive.history_head()
        for row in list(archive.events()):
            assert not archive.save(row.event()).changed
        assert archive.history_head() == before
        assert archive.verify().ok


def test_learning_a_key_changes_no_row_and_stands_in_the_history(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        saved = archive.save(event())
        learned = archive.save(event(0x0111_2238))
        assert learned.event_id == saved.event_id and learned.changed and not learned.created
        first, second = archive.history(1)
        assert [entry.table for entry in first.listed] == ["event"]
        assert [entry.table for entry in second.listed] == ["event_key"]
        assert archive.event(1).received_at_utc == first.at_utc


def test_another_kind_of_record_is_another_event(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        assert archive.save(event(5)).event_id != archive.save(event(5, sfm.RecordType.HISTOGRAM)).event_id
