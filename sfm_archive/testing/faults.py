"""Faulty streams that exist in old archives or that a link can give: frames in, frames out, nothing else
changed.

Each function is pure; those that draw take the generator. `position` counts from 0 in the list. The faults
themselves are named in docs/facts.md and docs/facts.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from sfm_archive.model.frames import A5Frame
from sfm_archive.testing.link import a5_frame, address_of, content_of
from sfm_archive.testing.memory import EVENT_TAG, SimulatedEvent, simulate_waveform
from sfm_archive.testing.motion import Motion, synthetic_motion
from sfm_archive.testing.walk import OLD_STEP, old_read_out

Frames = Sequence[A5Frame]

_SPECIAL = frozenset(b"\x02\x03\x04\x10")
_HEADER_END = 20
"""Behind a stored frame's header however much of it was escaped: flipping bytes from here on changes
content only.
"""


def over_read(event: SimulatedEvent, beyond: int = 2, step: int = OLD_STEP) -> list[A5Frame]:
    """A download that ran past the event's end: the gap and the next event follow."""
    return old_read_out(event, beyond, step)


def doubled_start(frames: Frames, *, at: int = 0x1000, echo_start: bool = True) -> list[A5Frame]:
    """The 0x1000 bug: the request for offset `at` got the content of the start address; what lies at `at`
    is missing.

    `echo_start`: the reply echoes the start address, as a unit would that understood the request so;
    otherwise it echoes the address asked for, and only the content is wrong. Raises ValueError when no
    frame starts at `at`.
    """
    first = frames[0]
    start = address_of(first)
    position = _position_of(frames, start + at)
    wrong = first if echo_start else a5_frame(start + at, content_of(first))
    return [*frames[:position], wrong, *frames[position + 1 :]]


def missing_frame(frames: Frames, position: int) -> list[A5Frame]:
    """One frame lost: a gap in the addresses (at the end: no footer)."""
    kept = list(frames)
    del kept[position]
    return kept


def missing_closing(frames: Frames) -> list[A5Frame]:
    """The closing frame never came: the event has no footer."""
    return missing_frame(frames, -1)


def repeated_frame(frames: Frames, position: int) -> list[A5Frame]:
    """One frame received twice, equal."""
    return [*frames[: position + 1], *frames[position:]]


def conflicting_frame(frames: Frames, position: int, random: Random) -> list[A5Frame]:
    """One address received twice, unequal, both with a sum that fits: nobody can say which is right."""
    frame = frames[position]
    content = bytearray(content_of(frame))
    content[random.randrange(len(content))] ^= random.randrange(1, 256)
    other = a5_frame(address_of(frame), bytes(content))
    return [*frames[: position + 1], other, *frames[position + 1 :]]


def corrupted_byte(frames: Frames, position: int, random: Random) -> list[A5Frame]:
    """One content byte changed on the way; the length still fits, the sum no longer does.

    Escapes and the bytes behind them stay whole: otherwise the length would tell. Raises ValueError when
    the frame has no other byte.
    """
    frame = frames[position]
    data = bytearray(frame.data)
    plain = [at for at in range(_HEADER_END, len(data)) if data[at] not in _SPECIAL]
    if not plain:
        raise ValueError(f"frame {position} has no content byte that could change alone")
    at = random.choice(plain)
    data[at] = random.choice([byte for byte in range(256) if byte not in _SPECIAL and byte != data[at]])
    collapsed = bytes((0x00, 0x10, frame.sub, frame.page_hi, frame.page_lo)) + data
    damaged = frame._replace(data=bytes(data), checksum_valid=sum(collapsed) & 0xFF == frame.chk_byte)
    return [*frames[:position], damaged, *frames[position + 1 :]]


def truncated_frame(frames: Frames, position: int, random: Random) -> list[A5Frame]:
    """One frame that lost its end; its length no longer fits, and its checksum is whatever byte came last."""
    frame = frames[position]
    cut = random.randrange(_HEADER_END + 1, len(frame.data))
    damaged = frame._replace(data=frame.data[:cut], chk_byte=frame.data[cut], checksum_valid=False)
    return [*frames[:position], damaged, *frames[position + 1 :]]


def out_of_order(frames: Frames, random: Random) -> list[A5Frame]:
    """All frames, none in doubt, in another order. Raises ValueError for fewer than two frames."""
    if len(frames) < 2:
        raise ValueError("one frame has no order")
    shuffled = list(frames)
    while shuffled == list(frames):
        random.shuffle(shuffled)
    return shuffled


def without_checksums(frames: Frames) -> list[A5Frame]:
    """As records of before the checksum byte was kept read today: 0 and True."""
    return [frame._replace(chk_byte=0, checksum_valid=True) for frame in frames]


def restarted(frames: Frames, after: int) -> list[A5Frame]:
    """A download torn after `after` frames and started again from the beginning, all kept."""
    return [*frames[:after], *frames]


def wrong_end_key(frames: Frames, shift: int) -> list[A5Frame]:
    """STRT names another end than where the event ends, by `shift` bytes; the first frame's sum fits."""
    content = bytearray(content_of(frames[0]))
    end = int.from_bytes(content[10:14], "big") + shift
    content[10:14] = end.to_bytes(4, "big")
    return [a5_frame(address_of(frames[0]), bytes(content)), *frames[1:]]


def header_in_samples(random: Random, **given: Any) -> SimulatedEvent:
    """A good event whose samples happen to look like a type tag and STRT: the rule that strips a second
    header out of the body removes 25 bytes of data here.

    `given` as in simulate_waveform, without `motion`.
    """
    quiet = synthetic_motion(random, loudness="quiet")
    look_alike = EVENT_TAG + b"STRT"
    tran = list(quiet.tran)
    at = 2 + 4 * random.randrange(20, 100)  # on the grid of four deltas, so that all eight share one block
    for byte, position in zip(look_alike, range(at, at + len(look_alike)), strict=True):
        tran[position] = tran[position - 1] + byte
    shift = tran[at + len(look_alike) - 1] - tran[at + len(look_alike)]
    # The rest of the segment goes on from the new level, with its first delta 0: no other block is disturbed.
    for position in range(at + len(look_alike), 512):
        tran[position] += shift
    motion = Motion(
        sample_rate=quiet.sample_rate,
        pretrigger=quiet.pretrigger,
        tran=tran,
        vert=quiet.vert,
        long=quiet.long,
        micl=quiet.micl,
    )
    return simulate_waveform(random, motion=motion, **given)


def _position_of(frames: Frames, address: int) -> int:
    for position, frame in enumerate(frames):
        if address_of(frame) == address:
            return position
    raise ValueError(f"no frame starts at address {address:08X}")
