"""Reports that an archive keeps: what became of their bytes, and of their records, is never silent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import Damaged, NotFound
from sfm_archive.exporting import export_events
from sfm_archive.model.selection import Selection

OF_THE_FIRST = "SELECT content_id FROM file_content, handover WHERE {column} = sha256 AND handover_id = 1"


@pytest.fixture
def sent(archive, keep, simulate, tmp_path: Path) -> bytes:
    """The report of event 1 that was handed over first; event 2 went out as a file."""
    for month in (1, 2):
        event = simulate(recorded_at=datetime(2026, month, 1), waveform=True)
        keep(event, testing.read_out(event))
    written = sfm.write_report(archive, tmp_path / "may.pdf", Selection(event_ids=(1,)))
    assert (written.handover.number, written.handover.new, written.handover.message) == (1, True, "")
    assert export_events(archive, tmp_path / "out", Selection(event_ids=(2,))).handover.number == 2
    archive.close()
    return (tmp_path / "may.pdf").read_bytes()


def test_a_report_is_kept_byte_for_byte_and_named_by_the_history(archive, sent) -> None:
    with sfm.open(archive.path, read_only=True) as opened:
        assert sfm.kept_bytes(opened, 1) == sent
        (row,) = [row for row in opened.history() if '"kind":"report"' in row.detail.replace(" ", "")]
        assert [entry.table for entry in row.listed] == ["file_content", "file_content", "handover"]
        assert opened.verify().ok
        with pytest.raises(NotFound, match="--like 2 makes the folder again"):
            sfm.kept_bytes(opened, 2)


def test_a_report_whose_bytes_are_damaged_is_named_and_not_given_back(archive, sent, alter) -> None:
    which = OF_THE_FIRST.format(column="kept_sha256")
    alter(archive.path, f"UPDATE file_piece SET data = x'00' WHERE content_id = ({which})")
    with sfm.open(archive.path) as opened:
        with pytest.raises(Damaged, match="hand-over 1"):
            sfm.kept_bytes(opened, 1)
        assert "file of hand-over 1" in str(opened.verify().findings)
        assert [one.number for one in sfm.find_handovers(opened, event=1).handovers] == [1]


def test_a_record_that_cannot_be_read_may_name_any_event(archive, sent, alter) -> None:
    which = OF_THE_FIRST.format(column="record_sha256")
    alter(archive.path, f"UPDATE file_piece SET data = x'00' WHERE content_id = ({which})")
    with sfm.open(archive.path) as opened:
        found = sfm.find_handovers(opened, event=2)
        assert ([one.number for one in found.handovers], found.unreadable) == ([2], [1])
        assert "record of hand-over 1" in str(opened.verify().findings)
        assert sfm.kept_bytes(opened, 1) == sent


def test_salvage_brings_kept_reports_over(archive, sent, alter, tmp_path: Path) -> None:
    alter(archive.path, "UPDATE encoding SET sha256 = zeroblob(32) WHERE event_id = 2")
    sfm.salvage(archive.path, tmp_path / "saved.sfm")
    with sfm.open(tmp_path / "saved.sfm") as opened:
        assert sfm.kept_bytes(opened, 1) == sent
        assert [one.number for one in sfm.find_handovers(opened, event=1).handovers] == [1]


def test_an_archive_that_can_no_longer_be_written_gives_the_report_and_says_so(archive, sent) -> None:
    target = archive.path.with_name("june.pdf")
    with sfm.open(archive.path) as opened:
        opened.store.connection.execute("PRAGMA query_only = 1")
        written = sfm.write_report(opened, target, Selection(event_ids=(1,)))
    assert target.stat().st_size == written.size
    assert "no hand-over record was left: " in written.handover.message
