"""A stream of A5 frames held against the event it claims to be: what is there, missing, doubled or too much.

Encoders, the importer and the archive all look at frames through `survey_stream`, so that they cannot disagree.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sfm_archive.errors import BadFrames
from sfm_archive.formats.event_file import (
    FILE_PREFIX,
    FOOTER_MARK,
    FOOTER_SIZE,
    Strt,
    find_second_headers,
    missing_footer,
    read_strt,
)
from sfm_archive.formats.findings import Finding, Severity
from sfm_archive.formats.frames import A5, A5Frame, LogicalFrame, logical_frame

_DESCRIBED_AT_MOST = 4 * 1024 * 1024
"""Bytes of memory laid out for reading names and dates; keys in hostile frames could ask for 4 GiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSurvey:
    """What a stream holds.

    `pieces`: each frame's logical view in the order received. `strt`: the header in the first piece, None where it
    does not open an event. `memory`: the event's bytes from start key to end key where they are all there and
    doubled ones agree, else None. `gaps`: half-open address ranges of the event that no frame brought. `conflict`:
    address at which two frames disagree. `findings`: everything odd, with device addresses as bounds; `second-header`
    alone counts in file offsets.
    """

    pieces: tuple[LogicalFrame, ...]
    strt: Strt | None
    memory: bytes | None
    gaps: tuple[tuple[int, int], ...]
    conflict: int | None
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether this is the event, all of it and nothing that contradicts it."""
        return self.memory is not None and all(finding.code != "second-header" for finding in self.findings)


_newest = threading.local()


def survey_stream(frames: Sequence[A5Frame]) -> StreamSurvey:
    """Survey frames in the order received.

    Codes of findings: `not-a5`, `length`, `checksum`, `unchecked`, `no-header`, `over-read`, `doubled-address`,
    `unequal-duplicate`, `gap`, `second-header`, `missing-footer`. Raises BadFrames when there are no frames or one
    is too short to hold a header.
    """
    # Saving asks for the same survey several times (completing, encoding, describing); a tuple of frozen frames
    # cannot change in between, so the newest answer of each thread is kept.
    known: tuple[Sequence[A5Frame], StreamSurvey] | None = getattr(_newest, "answer", None)
    if known is not None and known[0] is frames:
        return known[1]
    survey = _survey(frames)
    if type(frames) is tuple:
        _newest.answer = frames, survey
    return survey


def _survey(frames: Sequence[A5Frame]) -> StreamSurvey:
    if not frames:
        raise BadFrames("no A5 frames were given; an event needs at least one")
    findings: list[Finding] = []
    pieces = tuple(map(logical_frame, frames))
    _check_frames(frames, pieces, findings)
    strt = read_strt(pieces[0].content)
    if strt is None:
        findings.append(
            Finding(
                code="no-header",
                message="the first frame does not open an event (no type tag and STRT): its extent is unknown",
                severity=Severity.REFUSAL,
            )
        )
        return StreamSurvey(pieces=pieces, strt=None, memory=None, gaps=(), conflict=None, findings=tuple(findings))
    memory = _joined_if_consecutive(pieces, strt)
    gaps: tuple[tuple[int, int], ...] = ()
    conflict = None
    if memory is None:
        memory, gaps, conflict = _placed(pieces, strt, findings)
    if memory is not None:
        findings += find_second_headers(memory, len(FILE_PREFIX))
        if memory[-FOOTER_SIZE:][: len(FOOTER_MARK)] != FOOTER_MARK:
            findings.append(missing_footer())
    elif gaps and gaps[-1][1] == strt.end_key:
        findings.append(missing_footer())
    return StreamSurvey(pieces=pieces, strt=strt, memory=memory, gaps=gaps, conflict=conflict, findings=tuple(findings))


def readable_memory(survey: StreamSurvey) -> bytes:
    """Memory to read names and dates from: whole where it is, else laid out with zeros in the gaps.

    Never for output. Where two frames disagree the first one counts.
    """
    if survey.memory is not None:
        return survey.memory
    strt = survey.strt
    if strt is None or strt.event_size > _DESCRIBED_AT_MOST:
        return b"".join(piece.content for piece in survey.pieces)
    memory = bytearray(strt.event_size)
    for piece in reversed(survey.pieces):
        content, at = _inside(piece, strt)
        memory[at : at + len(content)] = content
    return bytes(memory)


def _check_frames(frames: Sequence[A5Frame], pieces: tuple[LogicalFrame, ...], findings: list[Finding]) -> None:
    unchecked = 0
    for number, (frame, piece) in enumerate(zip(frames, pieces, strict=True)):
        if frame.sub != A5:
            findings.append(Finding(code="not-a5", message=f"frame {number} has SUB {frame.sub:02X}, not A5"))
        if not piece.length_ok:
            findings.append(_at(piece, "length", f"frame {number} announces {piece.length} bytes, not as many came"))
        if piece.checksum_ok is None:
            unchecked += 1
        elif not piece.checksum_ok:
            findings.append(_at(piece, "checksum", f"frame {number} has a checksum that does not fit its bytes"))
    if unchecked:
        message = f"{unchecked} frame(s) of an old record lack their checksum byte and cannot be checked"
        findings.append(Finding(code="unchecked", message=message, severity=Severity.NOTE))


def _at(piece: LogicalFrame, code: str, message: str) -> Finding:
    end = piece.address + len(piece.content)
    return Finding(code=code, message=f"{message} (address {piece.address:08X})", start=piece.address, end=end)


def _joined_if_consecutive(pieces: tuple[LogicalFrame, ...], strt: Strt) -> bytes | None:
    """The usual, faultless stream: every piece begins where the one before ended."""
    expected = strt.start_key
    for piece in pieces:
        if piece.address != expected:
            return None
        expected += len(piece.content)
    return b"".join([piece.content for piece in pieces]) if expected == strt.end_key else None


def _inside(piece: LogicalFrame, strt: Strt) -> tuple[bytes, int]:
    """The part of a piece that lies in [start, end), and its offset from the start key."""
    at = piece.address - strt.start_key
    content = piece.content
    if at < 0:
        content, at = content[-at:], 0
    return content[: max(0, strt.event_size - at)], at


def _placed(
    pieces: tuple[LogicalFrame, ...], strt: Strt, findings: list[Finding]
) -> tuple[bytes | None, tuple[tuple[int, int], ...], int | None]:
    """Every piece at its address; findings for over-read, doubled and missing addresses."""
    seen: set[int] = set()
    conflict: int | None = None
    placed: list[tuple[int, bytes]] = []
    for number, piece in enumerate(pieces):
        content, at = _inside(piece, strt)
        if len(content) < len(piece.content):
            outside = "behind" if piece.address + len(piece.content) > strt.end_key else "before"
            text = f"frame {number} brings bytes from {outside} the event"
            findings.append(_at(piece, "over-read", text))
        if piece.address in seen:
            findings.append(_at(piece, "doubled-address", f"frame {number} brings an address a second time"))
        seen.add(piece.address)
        if content:
            placed.append((at, content))
    gaps = []
    parts: list[bytes] = []
    filled = 0
    # Stable sort: of two frames with one address the first received stays first.
    for at, content in sorted(placed, key=lambda part: part[0]):
        if at > filled:
            gaps.append((strt.start_key + filled, strt.start_key + at))
            filled = at
        if at < filled and conflict is None:
            conflict = _first_difference(parts, filled, at, content, strt.start_key)
        if at + len(content) > filled:
            parts.append(content[filled - at :])
            filled = at + len(content)
    if filled < strt.event_size:
        gaps.append((strt.start_key + filled, strt.end_key))
    for start, end in gaps:
        text = f"addresses {start:08X} to {end - 1:08X} of the event are missing ({end - start} bytes)"
        findings.append(Finding(code="gap", message=text, start=start, end=end))
    if conflict is not None:
        text = f"two frames disagree from address {conflict:08X} on"
        findings.append(Finding(code="unequal-duplicate", message=text, start=conflict, end=conflict + 1))
    whole = not gaps and conflict is None
    return (b"".join(parts) if whole else None), tuple(gaps), conflict


def _first_difference(parts: list[bytes], filled: int, at: int, content: bytes, start_key: int) -> int | None:
    """Address of the first byte at which `content`, placed at `at`, differs from what is laid out up to `filled`."""
    size = min(filled - at, len(content))
    tail: list[bytes] = []
    have = 0
    for part in reversed(parts):
        tail.append(part)
        have += len(part)
        if have >= filled - at:
            break
    laid = b"".join(reversed(tail))[have - (filled - at) :][:size]
    if laid == content[:size]:
        return None
    offset = next(
        (index for index, pair in enumerate(zip(laid, content, strict=False)) if pair[0] != pair[1]), len(laid)
    )
    return start_key + at + offset
