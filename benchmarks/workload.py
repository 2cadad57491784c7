"""The events both ways of keeping are measured on: simulated, seeded, the mix of a production archive."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.testing import read_out, simulate_histogram, simulate_waveform

UNITS = 40
HISTOGRAM_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Job:
    """One event to keep."""

    event: Event
    frames: tuple[A5Frame, ...]


def simulated_jobs(count: int, seed: int = 20260501) -> list[Job]:
    """95 % histograms of 150 to 300 intervals and 5 % three-second waveforms, from 40 units."""
    random = Random(seed)
    serials = [f"BE{number}" for number in random.sample(range(1000, 24000), UNITS)]
    jobs = []
    for _ in range(count):
        serial = random.choice(serials)
        if random.random() < HISTOGRAM_SHARE:
            simulated = simulate_histogram(random, serial=serial, count=random.randint(150, 300))
        else:
            simulated = simulate_waveform(random, serial=serial, seconds=3.0, sample_rate=1024)
        event = Event(
            serial=simulated.serial,
            recorded_at=simulated.recorded_at,
            record_type=simulated.record_type,
            start_key=simulated.start_key,
        )
        jobs.append(Job(event, tuple(read_out(simulated))))
    return jobs
