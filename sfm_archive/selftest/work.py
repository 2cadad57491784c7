"""What the trials do with an archive: events to save, and one day's work in steps.

A step is one call that has returned; most of them are one transaction. The trials cut, break or kill in the midst of
them and look at what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import sfm_archive as sfm
from sfm_archive.archive.saving import keep_waiting
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.testing import ascii_report, read_out, simulate_histogram
from sfm_archive.testing.memory import SimulatedEvent

Step = Callable[[sfm.Archive], None]


class NamedStep(NamedTuple):
    """A step, and what reports call it."""

    name: str
    run: Step


@dataclass(frozen=True, slots=True)
class Job:
    """One simulated event to save."""

    simulated: SimulatedEvent
    event: Event
    frames: tuple[A5Frame, ...]

    def save(self, archive: sfm.Archive) -> sfm.Saved:
        """With everything that came beside it."""
        return archive.save(self.event, self.frames, files=[self.report])

    @property
    def report(self) -> sfm.ReceivedFile:
        """The unit's report about it."""
        name = f"{self.event.serial}.TXT"
        return sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=name, data=ascii_report(self.simulated, file_name=name))


def job(seed: object, intervals: int = 40) -> Job:
    """The event of a seed: always the same one."""
    random = Random(f"event {seed}")
    simulated = simulate_histogram(random, count=intervals)
    event = Event(
        serial=simulated.serial,
        recorded_at=simulated.recorded_at,
        record_type=simulated.record_type,
        start_key=simulated.start_key,
    )
    return Job(simulated, event, tuple(read_out(simulated)))


def a_days_work(seed: object = 0) -> list[NamedStep]:
    """Every kind of change that an archive knows, once."""
    first, second, torn, *many = (job(f"{seed} {number}") for number in range(7))
    late = sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name="LATE.JSON", data=b'{"late": true}' * 40)
    early = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="EARLY.TXT", data=Random(f"{seed}").randbytes(3000))

    def batch(archive: sfm.Archive) -> None:
        with archive.batch():
            for one in many:
                one.save(archive)

    def failing_batch(archive: sfm.Archive) -> None:
        try:
            with archive.batch():
                job(f"{seed} never").save(archive)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass

    return [
        NamedStep("save", lambda archive: _done(first.save(archive))),
        NamedStep("save again", lambda archive: _done(first.save(archive))),
        NamedStep("save another", lambda archive: _done(second.save(archive))),
        NamedStep("save torn frames", lambda archive: _done(archive.save(torn.event, torn.frames[:-2]))),
        NamedStep("revision", lambda archive: _done(torn.save(archive))),
        NamedStep("late file", lambda archive: _done(archive.attach(1, [late]))),
        NamedStep("waiting file", lambda archive: _done(keep_waiting(archive.store, early, archive.actor))),
        NamedStep("pin another encoder", lambda archive: archive.pin_encoder("blastware@1")),
        NamedStep("encode", lambda archive: _done(archive.encode(1))),
        NamedStep("batch", batch),
        NamedStep("batch taken back", failing_batch),
    ]


def _done(_: object) -> None:
    """A step gives nothing back."""
