"""An archive with events of two units whose windows the tests state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.testing import read_out, simulate_histogram, simulate_waveform

UNIT, OTHER = "BE11529", "BE14036"


def save_waveform(archive: sfm.Archive, at: datetime, serial: str = UNIT) -> int:
    """A blast; its id."""
    made = simulate_waveform(Random(at.minute), seconds=0.5, serial=serial, recorded_at=at, loudness="quiet")
    return archive.save(sfm.Event(serial=serial, recorded_at=at), read_out(made)).event_id


def save_histogram(archive: sfm.Archive, at: datetime, count: int, serial: str = UNIT) -> int:
    """A histogram of intervals of 300 s; its id."""
    made = simulate_histogram(Random(at.minute), count=count, serial=serial, recorded_at=at, interval_seconds=300)
    event = sfm.Event(serial=serial, recorded_at=at, record_type=sfm.RecordType.HISTOGRAM)
    return archive.save(event, read_out(made)).event_id


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    """With the jobs North (points Church, School) and South (point Church)."""
    with sfm.create(tmp_path / "quarry.sfm") as made:
        sfm.add_job(made, "North", zone="Europe/Berlin")
        sfm.add_point(made, "North", "Church")
        sfm.add_point(made, "North", "School")
        sfm.add_job(made, "South")
        sfm.add_point(made, "South", "Church")
        yield made
