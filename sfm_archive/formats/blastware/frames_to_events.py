"""Which A5 frames of a capture are of one event (docs/facts.md, "Which frames are whose")."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from sfm_archive.formats.blastware.event_file import Strt, read_opener
from sfm_archive.formats.blastware.frames import LogicalFrame
from sfm_archive.model.frames import A5Frame

_MOST_PARTS = 1000
"""Parts of one capture; frames beyond are together the last one. No download comes in so many pieces."""

_MOST_ASKED = 8
"""Events before the last opened one that a frame can belong to: more at once nobody downloads, and a hostile capture
must not make each frame ask them all."""


class Covered:
    """Addresses that frames brought, as ranges that neither touch nor overlap."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        """Cover a half-open range."""
        first, last = bisect_left(self._ends, start), bisect_right(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def meets(self, start: int, end: int) -> bool:
        """Whether any address of the range is covered."""
        at = bisect_right(self._ends, start)
        return at < len(self._starts) and self._starts[at] < end

    def holds(self, start: int, end: int) -> bool:
        """Whether every address of the range is covered."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and self._ends[at] >= end


@dataclass(slots=True)
class OpenedEvent:
    """An event of a capture, while its frames come in: each with its number in the capture."""

    strt: Strt
    offset: int
    reached: int
    numbered: list[tuple[int, A5Frame]] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)
    _covered: Covered = field(default_factory=Covered)

    @property
    def frames(self) -> list[A5Frame]:
        """In the order received."""
        return [frame for _, frame in self.numbered]

    @property
    def is_finished(self) -> bool:
        """Whether its end was reached; where the keys are not possible, nothing tells it."""
        return self.strt.is_possible and self.reached >= self.strt.end_key

    @property
    def is_whole(self) -> bool:
        """Whether frames brought every address of its range."""
        return self.strt.is_possible and self._covered.holds(self.strt.start_key, self.strt.end_key)

    def holds(self, address: int) -> bool:
        """Whether the address lies in its range."""
        return self.strt.start_key <= address < self.strt.end_key

    def lacks(self, piece: LogicalFrame) -> bool:
        """Whether the frame begins in its range and no frame brought any of these addresses."""
        return self.holds(piece.address) and not self._covered.meets(piece.address, piece.address + len(piece.content))

    def takes(self, stored: A5Frame, piece: LogicalFrame) -> bool:
        """Whether a frame that opens no event can be this one's, where no other event's range tells whose it is.

        Behind the event's end only what goes on without a hole is (old downloads over-read, and an end key can be too
        near); once the end was reached, only what is still lacking, or a repeat of the last frame. Everything else is
        another event's, whose own header was lost.
        """
        if not self.strt.is_possible:
            return True
        if piece.address >= self.strt.end_key and piece.address not in self._seen:
            return piece.address <= self.reached
        return not self.is_finished or self.lacks(piece) or stored == self.numbered[-1][1]

    def add(self, number: int, stored: A5Frame, piece: LogicalFrame) -> None:
        """Take the frame with this number of the capture."""
        end = piece.address + len(piece.content)
        self.numbered.append((number, stored))
        self._seen.add(piece.address)
        self._covered.add(piece.address, end)
        self.reached = max(self.reached, end)


@dataclass(slots=True)
class LoosePart:
    """Frames that no event of the capture takes, one behind the other in memory. `end`: address behind the last."""

    offset: int
    end: int
    frames: list[A5Frame]


@dataclass(frozen=True, slots=True)
class _Loose:
    number: int
    offset: int
    stored: A5Frame
    piece: LogicalFrame


class FramesToEvents:
    """Gives each A5 frame of a capture to an event.

    A frame that begins with type tag and STRT opens an event, whatever its keys. Inside an event that is not at its end
    it does not where it repeats the event's keys (the 0x1000 fault of old downloads, or a download that was restarted),
    or stands at an address that is not its own start key: samples can spell a header. Any other frame belongs to the
    last opened event where its range holds the frame's address; else to the one event before it that lacks these
    addresses; where none or several do, to the last opened, if that can take it. Frames that none takes are parts of
    events whose opening frame is missing; of these `give_late_ones` gives to an event what it still lacks.
    """

    def __init__(self) -> None:
        self.events: list[OpenedEvent] = []
        self.count = 0
        self._loose: list[_Loose] = []

    def add(self, offset: int, stored: A5Frame, piece: LogicalFrame) -> None:
        """Take the next frame of the capture, which stands at the byte `offset`."""
        number, self.count = self.count, self.count + 1
        strt = self._opens(piece)
        if strt is not None:
            self.events.append(OpenedEvent(strt, offset, strt.start_key))
            self.events[-1].add(number, stored, piece)
            return
        event = self._event_of(stored, piece)
        if event is None:
            self._loose.append(_Loose(number, offset, stored, piece))
        else:
            event.add(number, stored, piece)

    def give_late_ones(self) -> None:
        """Give frames that came before their event opened to the one event whose range holds them and lacks them."""
        if not self._loose:
            return
        lacking = [event for event in self.events if event.strt.is_possible and not event.is_whole][-_MOST_ASKED:]
        left = []
        for one in self._loose:
            fits = [event for event in lacking if event.lacks(one.piece)]
            if len(fits) == 1:
                fits[0].add(one.number, one.stored, one.piece)
            else:
                left.append(one)
        for event in lacking:
            event.numbered.sort(key=lambda pair: pair[0])
        self._loose = left

    def parts(self) -> list[LoosePart]:
        """The frames that are no event's, those together that follow each other in the capture and in memory; of very
        many pieces the rest together."""
        parts: list[LoosePart] = []
        before = -2
        for one in self._loose:
            end = one.piece.address + len(one.piece.content)
            goes_on = parts and one.number == before + 1 and parts[-1].end == one.piece.address
            if goes_on or len(parts) == _MOST_PARTS:
                parts[-1].frames.append(one.stored)
                parts[-1].end = end
            else:
                parts.append(LoosePart(one.offset, end, [one.stored]))
            before = one.number
        return parts

    def _opens(self, piece: LogicalFrame) -> Strt | None:
        strt = read_opener(piece.content)
        current = self.events[-1] if self.events else None
        if strt is None or current is None or current.is_finished:
            return strt
        if (strt.start_key, strt.end_key) == (current.strt.start_key, current.strt.end_key):
            return None
        # In the middle of an event, samples can spell a header; a header stands at the address that it names.
        return strt if piece.address == strt.start_key else None

    def _event_of(self, stored: A5Frame, piece: LogicalFrame) -> OpenedEvent | None:
        if not self.events:
            return None
        last = self.events[-1]
        if not (last.holds(piece.address) and last.takes(stored, piece)):
            lacking = [event for event in self.events[-_MOST_ASKED - 1 : -1] if event.lacks(piece)]
            if len(lacking) == 1:
                return lacking[0]
        return last if last.takes(stored, piece) else None
