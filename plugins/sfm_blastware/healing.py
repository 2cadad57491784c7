"""Which frames of a faulty stream are proved wrong, and why."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sfm_archive.plugins.api import (
    A5,
    EVENT_HEADER,
    A5Frame,
    BadFrames,
    Finding,
    LogicalFrame,
    Strt,
    logical_frame,
    read_strt,
)


class _Piece(NamedTuple):
    """A frame with its place in the stream. `sound`: length and checksum fit, as far as the record can tell."""

    number: int
    frame: A5Frame
    logical: LogicalFrame
    sound: bool


def heal(frames: Sequence[A5Frame]) -> tuple[tuple[A5Frame, ...], tuple[Finding, ...]]:
    """The frames that can be right, in the order received, and a finding for each one that was left out.

    Raises BadFrames when no frame is long enough to have content.
    """
    pieces, left_out = _readable(frames)
    strt = _own_header(pieces)
    if strt is not None:
        placed = []
        for piece in pieces:
            reason = _misplaced(piece, strt)
            if reason is None:
                placed.append(piece)
            else:
                left_out.append(reason)
        pieces, outvoted = _without_contradicted(placed)
        left_out += outvoted
    return tuple(piece.frame for piece in pieces), tuple(left_out)


def _readable(frames: Sequence[A5Frame]) -> tuple[list[_Piece], list[Finding]]:
    """A5 frames that have content, and what is left out because it is none."""
    # Records of before the checksum byte was kept have 0 in all frames. In any other record a 0 that does not fit is
    # a checksum that does not fit.
    recorded = any(frame.chk_byte for frame in frames)
    pieces: list[_Piece] = []
    left_out: list[Finding] = []
    unreadable: BadFrames | None = None
    for number, frame in enumerate(frames):
        if frame.sub != A5:
            text = f"frame {number} has SUB {frame.sub:02X}: it brings none of the event's memory and is left out"
            left_out.append(Finding(code="left-out", message=text))
            continue
        try:
            logical = logical_frame(frame)
        except BadFrames as error:
            unreadable = error
            text = f"frame {number} is too short to hold a header and is left out; other findings do not count it"
            left_out.append(Finding(code="left-out", message=text))
            continue
        fits = logical.checksum_ok or (logical.checksum_ok is None and not recorded)
        pieces.append(_Piece(number, frame, logical, logical.length_ok and bool(fits)))
    if not pieces:
        raise unreadable or BadFrames("no A5 frames were given; an event needs at least one")
    return pieces, left_out


def _own_header(pieces: Sequence[_Piece]) -> Strt | None:
    """The header of the event that this stream is of: the first one that stands at the address it names, before all
    one whose frame is sound; else what the first frame opens."""
    opening = ((piece, read_strt(piece.logical.content)) for piece in pieces)
    at_home = [(piece, strt) for piece, strt in opening if strt is not None and piece.logical.address == strt.start_key]
    at_home.sort(key=lambda pair: not pair[0].sound)
    return at_home[0][1] if at_home else read_strt(pieces[0].logical.content)


def _misplaced(piece: _Piece, strt: Strt) -> Finding | None:
    """The finding for a frame whose content says itself that it lies elsewhere.

    A header names its own address, so it is proof. Samples that spell a tag and STRT are not: they bring the event's
    own keys, or stand first in a frame with keys that are possible, as good as never.
    """
    address, content = piece.logical.address, piece.logical.content
    at = content.find(EVENT_HEADER)
    while at != -1:
        found = read_strt(content, at)
        own = found is not None and (found.start_key, found.end_key) == (strt.start_key, strt.end_key)
        if own and address + at != strt.start_key:
            return _left_out(piece, f"brings the event's own header at address {address + at:08X}")
        if found is not None and at == 0 and found.start_key != address and strt.start_key < address < strt.end_key:
            return _left_out(piece, f"brings the header of an event at {found.start_key:08X} at address {address:08X}")
        at = content.find(EVENT_HEADER, at + 1)
    return None


def _without_contradicted(pieces: Sequence[_Piece]) -> tuple[list[_Piece], list[Finding]]:
    """All sound frames, and of the others those that no sound one contradicts."""
    sound = _Memory(piece.logical for piece in pieces if piece.sound)
    kept: list[_Piece] = []
    left_out: list[Finding] = []
    for piece in pieces:
        if piece.sound or sound.agrees(piece.logical):
            kept.append(piece)
        else:
            what = "checksum" if piece.logical.length_ok else "length"
            left_out.append(_left_out(piece, f"has a {what} that does not fit and disagrees with frames that do fit"))
    return kept, left_out


class _Memory:
    """Bytes at addresses, from frames that may overlap. Holds only what the frames brought: keys of hostile frames
    can claim 4 GiB."""

    def __init__(self, frames: Iterable[LogicalFrame]) -> None:
        self._starts: list[int] = []
        self._runs: list[bytearray] = []
        for frame in sorted(frames, key=lambda frame: frame.address):
            end = self._starts[-1] + len(self._runs[-1]) if self._runs else -1
            if frame.address > end:
                self._starts.append(frame.address)
                self._runs.append(bytearray(frame.content))
            else:
                self._runs[-1] += frame.content[end - frame.address :]

    def agrees(self, frame: LogicalFrame) -> bool:
        """Whether the frame brings the same bytes for every address that is held."""
        end = frame.address + len(frame.content)
        for index in range(max(0, bisect_right(self._starts, frame.address) - 1), len(self._runs)):
            start, run = self._starts[index], self._runs[index]
            if start >= end:
                break
            first, last = max(start, frame.address), min(start + len(run), end)
            mine = frame.content[first - frame.address : last - frame.address] if first < last else b""
            if mine != run[first - start : max(first, last) - start]:
                return False
        return True


def _left_out(piece: _Piece, reason: str) -> Finding:
    address = piece.logical.address
    text = f"frame {piece.number} {reason}; it is left out"
    return Finding(code="left-out", message=text, start=address, end=address + len(piece.logical.content))
