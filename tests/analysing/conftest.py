"""A small archive from the simulator: waveforms loud and quiet, histograms, a torn download, a file without frames."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from sfm_archive import Archive, Event, FileKind, ReceivedFile
from sfm_archive.formats.reports.blastware_text import read_report_header
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource
from sfm_archive.testing import (
    SimulatedEvent,
    ascii_report,
    blastware_file,
    missing_frame,
    read_out,
    simulate_histogram,
    simulate_waveform,
)

START = datetime(2026, 5, 1, 12, 0, 0)


@dataclass(frozen=True)
class Simulated:
    """An archive and what was put into it, by event id."""

    path: Path
    events: dict[int, SimulatedEvent]
    torn: int
    file_only: int
    reported: int


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    random = Random(14)
    path = tmp_path_factory.mktemp("analysing") / "site.sfm"
    events: dict[int, SimulatedEvent] = {}
    with Archive.create(path, actor="tester") as archive:

        def identity(event: SimulatedEvent, number: int) -> Event:
            return Event(
                serial="BE11529",
                recorded_at=START + timedelta(hours=number),
                record_type=event.record_type,
                start_key=event.start_key,
            )

        for number, loudness in enumerate(("quiet", "ordinary", "loud", "clipped", "flat")):
            event = simulate_waveform(random, seconds=1.0, sample_rate=1024, loudness=loudness)
            events[archive.save(identity(event, number), read_out(event)).event_id] = event
        for number in (5, 6):
            event = simulate_histogram(random, count=60)
            events[archive.save(identity(event, number), read_out(event)).event_id] = event
        event = simulate_waveform(random, seconds=2.0, sample_rate=1024, loudness="ordinary")
        torn = archive.save(identity(event, 7), missing_frame(read_out(event), 1)).event_id
        event = simulate_waveform(random, seconds=1.0, sample_rate=1024, loudness="ordinary")
        file = ReceivedFile(kind=FileKind.EVENT_FILE, name="M529LK44.AB0", data=blastware_file(event))
        file_only = archive.save(identity(event, 8), files=[file]).event_id
        events[file_only] = event
        event = simulate_waveform(random, seconds=1.0, sample_rate=2048, loudness="ordinary")
        text = ascii_report(event, file_name="M529LK44.AB0")
        said = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=read_report_header(text).readings)
        report = ReceivedFile(kind=FileKind.REPORT, name="M529LK44_AB0_ASCII.TXT", data=text)
        saved = archive.save(identity(event, 9), read_out(event), files=[report], readings=[said])
        events[saved.event_id] = event
    return Simulated(path, events, torn, file_only, saved.event_id)


@pytest.fixture
def site(made: Simulated, tmp_path: Path) -> Simulated:
    """A copy that a test may change."""
    path = tmp_path / "site.sfm"
    path.write_bytes(made.path.read_bytes())
    return Simulated(path, made.events, made.torn, made.file_only, made.reported)
