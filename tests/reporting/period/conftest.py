"""An archive with a job of two points, to which tests add events with the values of a report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.testing import read_out, simulate_histogram
from sfm_archive.testing.histograms import HistogramInterval

UNIT, OTHER = "BE11529", "BE14036"
SINCE, UNTIL = datetime(2026, 5, 1), datetime(2026, 6, 1)
_ORIGINS = count()

TOLD = (
    Reading(quantity="geo_range", number=10.0, unit="in/s", text="10.000 in/s"),
    Reading(quantity="sample_rate", number=1024.0, unit="sps", text="1024 sps"),
)
"""Settings as a document tells them, so that no number rests on an assumed one."""


def save_report(
    archive: sfm.Archive,
    at: datetime,
    peaks: tuple[float, float, float],
    hz: float | None = 20.0,
    *,
    serial: str = UNIT,
    trigger: float | None = None,
    level_db: float | None = None,
    mic_trigger_db: float | None = None,
    record_type: sfm.RecordType = sfm.RecordType.WAVEFORM,
) -> int:
    """A waveform that is known by its report: peaks of Tran, Vert and Long in mm/s, all at one frequency. Its id. A
    histogram that is known so has no end."""
    readings = [*TOLD]
    for channel, peak in zip(("Tran", "Vert", "Long"), peaks, strict=True):
        readings.append(Reading(quantity="ppv", channel=channel, number=peak, unit="mm/s", text=f"{peak:.2f} mm/s"))
        if hz is not None:
            text = f"{hz:.1f} Hz"
            readings.append(Reading(quantity="zc_frequency", channel=channel, number=hz, unit="Hz", text=text))
    if trigger is not None:
        text = f"{trigger:.3f} mm/s"
        readings.append(Reading(quantity="geo_trigger_level", number=trigger, unit="mm/s", text=text))
    for quantity, channel, db in (("pspl", "MicL", level_db), ("mic_trigger_level", "", mic_trigger_db)):
        if db is not None:
            text = f"{db:.1f} dB(L)"
            readings.append(Reading(quantity=quantity, channel=channel, number=db, unit="dB(L)", text=text))
    event = sfm.Event(serial=serial, recorded_at=at, record_type=record_type)
    return archive.save(event, readings=[_document(readings)]).event_id


def save_histogram(
    archive: sfm.Archive,
    at: datetime,
    intervals: list[HistogramInterval],
    *,
    serial: str = UNIT,
    trigger: float | None = None,
    seconds: int = 300,
) -> int:
    """A histogram with samples, of known range and rate; its id."""
    made = simulate_histogram(Random(1), intervals=intervals, interval_seconds=seconds, serial=serial, recorded_at=at)
    readings = [*TOLD]
    if trigger is not None:
        text = f"{trigger:.3f} mm/s"
        readings.append(Reading(quantity="geo_trigger_level", number=trigger, unit="mm/s", text=text))
    event = sfm.Event(serial=serial, recorded_at=at, record_type=sfm.RecordType.HISTOGRAM)
    return archive.save(event, read_out(made), readings=[_document(readings)]).event_id


def quiet(count: int, peak: int = 2, half: int = 10) -> list[HistogramInterval]:
    """Intervals that are all the same: counts, and a half period in samples."""
    return [HistogramInterval(peak, half, 1, half, 1, half, 1, half)] * count


def _document(readings: list[Reading]) -> ReadingSet:
    return ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{next(_ORIGINS):064x}", readings=tuple(readings))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    """The unit at North/Church from May on, where 5 to 20 mm/s hold; nobody at North/School."""
    with sfm.create(tmp_path / "quarry.sfm", actor="firm") as made:
        save_report(made, datetime(2020, 1, 1), (0.1, 0.1, 0.1))
        sfm.add_job(made, "North", client="Rock Ltd", units="mm/s", zone="Europe/Berlin")
        sfm.add_point(made, "North", "Church", coordinates="47.0,8.0")
        sfm.add_point(made, "North", "School", coordinates="47.0,8.01")
        sfm.limit_point(made, "North/Church", limits=["din-4150-3-line-2"], airblast="120dB")
        sfm.place(made, UNIT, at="North/Church", since=datetime(2025, 1, 1))
        yield made


def report_of(archive: sfm.Archive, since: datetime = SINCE, until: datetime = UNTIL, **more: object) -> sfm.JobReport:
    """Of the job North."""
    return sfm.period_report(archive, "North", since, until, **more)  # type: ignore[arg-type]


def add_blast(archive: sfm.Archive, at: datetime, *events: int) -> int:
    """A blast of the job North, with events confirmed for it; its number."""
    sfm.add_blast(archive, "North", at, name=f"B {at:%d}", charge="120 kg", coordinates="47.0,8.1")
    number = max(one.blast for one in sfm.list_blasts(archive).blasts)
    if events:
        sfm.confirm_blast(archive, number, list(events))
    return number
