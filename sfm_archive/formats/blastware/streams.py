"""A stream of A5 frames compared with the event it claims to be: what is there, missing, doubled or too much.

Encoders, the importer and the archive all look at frames through `survey_stream`, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfm_archive.errors import BadFrames
from sfm_archive.formats.blastware.event_file import (
    FILE_PREFIX,
    FOOTER_MARK,
    FOOTER_SIZE,
    GAP_BYTE,
    Strt,
    ends_with_footer,
    find_second_headers,
    missing_footer,
    no_extent,
    read_opener,
)
from sfm_archive.formats.blastware.frames import A5, LogicalFrame, logical_frame
from sfm_archive.formats.blastware.layout import common_prefix
from sfm_archive.model.findings import NOT_WHOLE, Finding, Severity
from sfm_archive.model.frames import A5Frame

_GAP_SHOWN = 1024
"""Bytes that stand for a longer gap where memory is laid out for reading names and dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSurvey:
    """What a stream holds.

    `pieces`: each frame's logical view in the order received. `opener`: the header of the event, whatever its keys;
    None where no piece opens an event. `strt`: the same where its keys are possible, else None. `memory`: the event's
    bytes from start key to end key where they are all there and doubled ones agree, else None. `gaps`: half-open
    address ranges of the event that no frame brought. `conflict`: address at which two frames disagree. `findings`:
    everything odd, with device addresses as bounds; `second-header` alone counts in file offsets.
    """

    pieces: tuple[LogicalFrame, ...]
    opener: Strt | None
    strt: Strt | None
    memory: bytes | None
    gaps: tuple[tuple[int, int], ...]
    conflict: int | None
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether this is the event, all of it and nothing that contradicts it."""
        return self.has_its_extent and all(finding.code not in _CONTRADICTIONS for finding in self.findings)

    @property
    def has_its_extent(self) -> bool:
        """Whether the bytes from start key to end key are all there, and the event ends where its header says."""
        codes = {finding.code for finding in self.findings}
        return self.memory is not None and not codes >= _GOES_ON


_CONTRADICTIONS = frozenset({"second-header", "checksum", "length"})
"""Findings with which bytes that lie at every address still are not known to be the event's."""

_GOES_ON = frozenset({"over-read", "missing-footer"})
"""Both of them: the event's memory does not end where its header says, and frames behind that go on with it."""


class SurveyedFrames(tuple[A5Frame, ...]):
    """Frames in the order received, together with their survey: who is handed both need not make it again."""

    survey: StreamSurvey


def surveyed(frames: Sequence[A5Frame]) -> tuple[A5Frame, ...]:
    """The frames with their survey; without one where they cannot be surveyed, and `survey_stream` says why."""
    if isinstance(frames, SurveyedFrames):
        return frames
    held = SurveyedFrames(frames)
    try:
        held.survey = _survey(held)
    except BadFrames:
        return tuple(frames)
    return held


def survey_stream(frames: Sequence[A5Frame]) -> StreamSurvey:
    """Survey frames in the order received.

    Codes of findings: `not-a5`, `length`, `checksum`, `unchecked`, `no-header`, `over-read`, `doubled-address`,
    `out-of-order`, `unequal-duplicate`, `gap`, `second-header`, `missing-footer`. Raises BadFrames when there are no
    frames or one is too short to hold a header.
    """
    return frames.survey if isinstance(frames, SurveyedFrames) else _survey(frames)


def _survey(frames: Sequence[A5Frame]) -> StreamSurvey:
    if not frames:
        raise BadFrames("no A5 frames were given; an event needs at least one")
    findings: list[Finding] = []
    pieces = tuple(map(logical_frame, frames))
    _check_frames(frames, pieces, findings)
    opener = _header(pieces, possible=False)
    strt = opener if opener is None or opener.is_possible else _header(pieces, possible=True)
    if strt is None:
        findings.append(no_extent(opener, "no frame opens an event (no type tag and STRT)"))
        return StreamSurvey(
            pieces=pieces, opener=opener, strt=None, memory=None, gaps=(), conflict=None, findings=tuple(findings)
        )
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
    return StreamSurvey(
        pieces=pieces,
        opener=strt,
        strt=strt,
        memory=memory,
        gaps=gaps,
        conflict=conflict,
        findings=tuple(findings),
    )


def memory_to_decode(survey: StreamSurvey) -> bytes | None:
    """The event's bytes that numbers are computed of; None where it is not known that these are all of them.

    They are those at their addresses; where the addresses begin again at 0000 behind FFFF, those in the order received,
    if they are as many as the header says and end in the footer: the bytes of the event file that `blastware@1` makes.
    Encoders that place content by its address do not take the latter: what a unit does past 64 KiB is open.
    """
    if survey.memory is not None:
        return survey.memory if survey.whole else None
    strt, contradictions = survey.strt, _CONTRADICTIONS.intersection(one.code for one in survey.findings)
    if strt is None or contradictions or not _wraps(survey.pieces, strt):
        return None
    received = b"".join(piece.content for piece in survey.pieces)
    return received if ends_with_footer(received) and not find_second_headers(received, 0) else None


def _wraps(pieces: tuple[LogicalFrame, ...], strt: Strt) -> bool:
    """Whether every piece begins where the one before ended, by the low half of the address alone, from the start key
    on and for as many bytes as the header says."""
    expected = strt.start_key
    for piece in pieces:
        if piece.address != strt.start_key & 0xFFFF_0000 | expected & 0xFFFF:
            return False
        expected += len(piece.content)
    return expected == strt.end_key


def not_whole(survey: StreamSurvey) -> tuple[Finding, ...]:
    """What the header of an event says of its extent, beside what frames brought, where these are not it."""
    opener = survey.opener
    if survey.has_its_extent or opener is None:
        return ()
    brought = sum(len(piece.content) for piece in survey.pieces)
    said = (
        f"its header says that it starts at {opener.start_key:08X} and ends at {opener.end_key:08X}, and "
        f"{len(survey.pieces)} frame(s) bring {brought:,} bytes"
    )
    message = f"the frames are not the whole event: {said}; they are kept in the order received"
    if memory_to_decode(survey) is not None:
        message = (
            f"the addresses of the frames begin again at 0000 behind FFFF, and whether a unit counts so is not known: "
            f"{said}, just these, up to a footer. They are kept in the order received, and numbers are computed of "
            "them in this order, as of an event file with the same bytes"
        )
    return (Finding(code=NOT_WHOLE, message=message, start=opener.start_key, end=opener.start_key + brought),)


def readable_memory(survey: StreamSurvey) -> bytes:
    """Memory to read names and dates from: whole where it is, else laid out with its gaps shortened.

    Where that does not end in a footer, and the contents in the order received do, these: addresses wrapped, or the end
    key is another. Never for output. What frames brought is all that costs memory: keys in hostile frames can claim an
    event of 4 GiB. Where two frames disagree the one at the lower address counts, of two at one address the first.
    """
    laid = _laid_out(survey)
    if ends_with_footer(laid):
        return laid
    pieces = survey.pieces
    first = _place_of_opener(pieces, survey.opener)
    received = b"".join(piece.content for piece in (*pieces[first : first + 1], *pieces[:first], *pieces[first + 1 :]))
    ends = ends_with_footer(received) and not find_second_headers(received, 0)
    return received if survey.strt is None or ends else laid


def _place_of_opener(pieces: tuple[LogicalFrame, ...], opener: Strt | None) -> int:
    for place, piece in enumerate(pieces):
        if opener is not None and read_opener(piece.content) == opener:
            return place
    return 0


def _laid_out(survey: StreamSurvey) -> bytes:
    if survey.memory is not None:
        return survey.memory
    strt = survey.strt
    if strt is None:
        return b""
    parts: list[bytes] = []
    filled = 0
    for content, at in sorted((_inside(piece, strt) for piece in survey.pieces), key=lambda part: part[1]):
        if not content:
            continue
        if at > filled:
            parts.append(_gap(at - filled))
            filled = at
        if at + len(content) > filled:
            parts.append(content[filled - at :])
            filled = at + len(content)
    missing = strt.event_size - filled
    # A footer of which the end is missing must not read as one that ends in zeros.
    parts.append(GAP_BYTE * missing if missing <= FOOTER_SIZE else _gap(missing))
    return b"".join(parts)


def _gap(size: int) -> bytes:
    """What stands for missing bytes. A NUL at either edge would end a text, and half of a serial would be another
    unit's serial."""
    return GAP_BYTE * size if size < 3 else GAP_BYTE + bytes(min(size, _GAP_SHOWN) - 2) + GAP_BYTE


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


def _header(pieces: tuple[LogicalFrame, ...], *, possible: bool) -> Strt | None:
    """The event's header: in the first piece, or, where frames came out of order, in the first one that opens an
    event at the address it echoes. `possible`: one whose keys cannot be is none."""
    for number, piece in enumerate(pieces):
        strt = read_opener(piece.content)
        if strt is None or (possible and not strt.is_possible):
            continue
        if number == 0 or piece.address == strt.start_key:
            return strt
    return None


def _placed(
    pieces: tuple[LogicalFrame, ...], strt: Strt, findings: list[Finding]
) -> tuple[bytes | None, tuple[tuple[int, int], ...], int | None]:
    """Every piece at its address; findings for over-read, doubled, disordered and missing addresses."""
    placed = _sorted_pieces(pieces, strt, findings)
    gaps: list[tuple[int, int]] = []
    conflict: int | None = None
    laid, begin, filled = bytearray(), 0, 0
    for at, content in placed:
        if at > filled:
            gaps.append((strt.start_key + filled, strt.start_key + at))
            # Pieces that follow begin at `at` or behind it: what was laid out before the gap is not needed again.
            laid, begin, filled = bytearray(), at, at
        shared = content[: filled - at]
        if conflict is None and laid[at - begin : at - begin + len(shared)] != shared:
            conflict = strt.start_key + at + common_prefix(laid[at - begin :], shared)
        laid += content[filled - at :]
        filled = max(filled, at + len(content))
    if filled < strt.event_size:
        gaps.append((strt.start_key + filled, strt.end_key))
    for start, end in gaps:
        text = f"addresses {start:08X} to {end - 1:08X} of the event are missing ({end - start} bytes)"
        findings.append(Finding(code="gap", message=text, start=start, end=end))
    if conflict is not None:
        text = f"two frames disagree from address {conflict:08X} on"
        findings.append(Finding(code="unequal-duplicate", message=text, start=conflict, end=conflict + 1))
    whole = not gaps and conflict is None
    return (bytes(laid) if whole else None), tuple(gaps), conflict


def _sorted_pieces(pieces: tuple[LogicalFrame, ...], strt: Strt, findings: list[Finding]) -> list[tuple[int, bytes]]:
    """Offset and content of every piece inside the event, by address, of equal ones the first received first."""
    placed: list[tuple[int, int, bytes]] = []
    seen: set[int] = set()
    doubled: set[int] = set()
    disordered: int | None = None
    highest = -1
    for number, piece in enumerate(pieces):
        content, at = _inside(piece, strt)
        if len(content) < len(piece.content):
            outside = "behind" if piece.address + len(piece.content) > strt.end_key else "before"
            findings.append(_at(piece, "over-read", f"frame {number} brings bytes from {outside} the event"))
        if not piece.content:
            continue
        if piece.address in seen:
            doubled.add(number)
        elif piece.address < highest and disordered is None:
            disordered = number
        seen.add(piece.address)
        highest = max(highest, piece.address)
        if content:
            placed.append((at, number, content))
    placed.sort(key=lambda part: part[:2])
    filled = 0
    for at, number, content in placed:
        if at < filled:
            doubled.add(number)
        filled = max(filled, at + len(content))
    findings += [
        _at(pieces[number], "doubled-address", f"frame {number} brings addresses a second time")
        for number in sorted(doubled)
    ]
    if disordered is not None:
        text = f"frame {disordered} came behind frames of higher addresses: the frames are not in the order of memory"
        findings.append(_at(pieces[disordered], "out-of-order", text))
    return [(at, content) for at, _, content in placed]
