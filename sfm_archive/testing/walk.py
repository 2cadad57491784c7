"""Reading an event out of the unit's memory, as current and as older programs do.

Layout: docs/facts.md, "The walk". Where the event's length is a multiple of the step there is no
residue; the last full frame then closes the walk (open: what a unit does there; nobody has published such
an event).
"""

from __future__ import annotations

from sfm_archive.model.frames import A5Frame
from sfm_archive.testing.link import a5_payload, stored_frame, wire_frame
from sfm_archive.testing.memory import SimulatedEvent

STEP = 0x200
OLD_STEP = 0x400


def wire_read_out(event: SimulatedEvent, step: int = STEP) -> list[bytes]:
    """The frames on the wire: one each `step` bytes from the start key, the last shorter by what is
    missing.
    """
    starts = range(event.start_key, event.end_key, step)
    return [wire_frame(a5_payload(start, event.read(start, min(step, event.end_key - start)))) for start in starts]


def read_out(event: SimulatedEvent, step: int = STEP) -> list[A5Frame]:
    """The stored frames of a whole download; 17 for the published event with end offset 0x21F2."""
    return [stored_frame(wire) for wire in wire_read_out(event, step)]


def old_wire_read_out(event: SimulatedEvent, beyond: int = 1, step: int = OLD_STEP) -> list[bytes]:
    """As `wire_read_out`, but every frame has full length, the one across the event's end too, and `beyond`
    more follow it.
    """
    count = -(-len(event.memory) // step) + beyond
    starts = range(event.start_key, event.start_key + count * step, step)
    return [wire_frame(a5_payload(start, event.read(start, step))) for start in starts]


def old_read_out(event: SimulatedEvent, beyond: int = 1, step: int = OLD_STEP) -> list[A5Frame]:
    """The stored frames of a download of before 2026-05-01, which ran past the event's end."""
    return [stored_frame(wire) for wire in old_wire_read_out(event, beyond, step)]
