"""The halves of an event joined: parts of captures that waited, with the event that they are of.

Frames without the one that opens their event belong to the one event that lacks just their addresses, and whose end
they reach or which they make whole. Where two captures overlap, frames that both have are the same in both; one that
differs says that they are not of one download, and nothing is joined. Nothing that they say of unit and time may
contradict it (`one_download`), and the event says that it was put together. A 0C record belongs to the one event of its
key and time. What is joined is another revision; nothing that was kept is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import ids_at
from sfm_archive.archive.reading import given_serials, waiting_parts_of
from sfm_archive.archive.saving import attach, save
from sfm_archive.errors import BadFrames, BadInput, Damaged, UsageError
from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.formats.blastware.streams import StreamSurvey, survey_stream
from sfm_archive.importing.found import found_event, values_in
from sfm_archive.importing.one_download import Piece, contradiction, does_not_decode, joined_finding
from sfm_archive.importing.parts import content_of, everything_in, kept_capture, reach
from sfm_archive.importing.prepare import Preparer
from sfm_archive.importing.sample_findings import SampleFindings
from sfm_archive.model.events import Event
from sfm_archive.model.findings import CONTESTED, JOINED_CAPTURES, Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.received import FileKind
from sfm_archive.model.timestamps import local_text
from sfm_archive.plugins.importers import ImportedEvent
from sfm_archive.storage import encodings, events, files, frames
from sfm_archive.storage.waiting_parts import WaitingPart

_LARGEST_EVENT = 1 << 24
"""Bytes behind a start key within which an event's frames are looked for; no unit has so much memory."""


class _Part(Piece):
    """A part that waits, in its file."""

    @property
    def waits(self) -> WaitingPart:
        return WaitingPart(self.file.sha256, self.content.at_byte)

    @cached_property
    def reach(self) -> tuple[int, int]:
        return reach(self.content.frames)


@dataclass(frozen=True, kw_only=True)
class _Torn:
    """An event that lacks frames: one that waits itself (`part`), or one of the archive (`event`, `event_id`).
    `names`: the captures that it was received in."""

    content: ImportedEvent
    survey: StreamSurvey
    names: tuple[str, ...]
    part: _Part | None = None
    event: Event | None = None
    event_id: int = 0

    @property
    def name(self) -> str:
        return f"event {self.event_id}" if self.part is None else self.part.name

    @cached_property
    def _contents(self) -> dict[int, bytes]:
        return {piece.address: piece.content for piece in self.survey.pieces}

    def new_frames(self, part: _Part) -> tuple[A5Frame, ...]:
        """Those of a part's frames at addresses at which the event has none."""
        return tuple(one for one in part.content.frames if logical_frame(one).address not in self._contents)

    def first_difference(self, part: _Part) -> int | None:
        """The lowest address at which a frame of a part has other bytes than the event's own; None without any."""
        pieces = map(logical_frame, part.content.frames)
        differing = (one.address for one in pieces if self._contents.get(one.address, one.content) != one.content)
        return min(differing, default=None)

    def lacks(self, part: _Part) -> bool:
        """Whether the event lacks some of the part's frames and has the addresses of all others."""
        new = self.new_frames(part)
        return bool(new) and all(self._is_missing(*reach([one])) for one in new)

    def contradiction(self, parts: Sequence[_Part]) -> str:
        """Why these parts are not of this event, in words; '' where nothing that they say of unit and time does."""
        opener = self.survey.opener
        pieces = [*([] if self.part is None else [self.part]), *parts]
        serial, at = (None, None) if self.event is None else (self.event.serial, self.event.recorded_at)
        return contradiction(0 if opener is None else opener.start_key, serial, at, pieces)

    def why_not(self, part: _Part) -> str:
        """Why a part is not of this event, in words; '' where nothing says so. Where addresses alone tie the two,
        samples that break off do."""
        found = self.contradiction([part])
        shares = len(self.new_frames(part)) < len(part.content.frames)
        if found or shares or (self.event is not None and part.says.serial) or self._is_of_its_time(part):
            return found
        if len(part.content.frames) == 1 and part.says.recorded_at is not None:
            return "it is the closing frame alone, in which nothing shows whose it is"
        return does_not_decode(survey_stream(_in_order(self, [part])))

    def _is_of_its_time(self, part: _Part) -> bool:
        own = self.event or self.part
        return own is not None and own.recorded_at is not None and own.recorded_at == part.recorded_at

    def _is_missing(self, start: int, end: int) -> bool:
        return any(first <= start and end <= behind for first, behind in self.survey.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A capture of which a part was joined: its hash, the event, whether that is new, and what was noticed of it."""

    sha256: str
    event_id: int
    created: bool = False
    revised: bool = False
    findings: tuple[Finding, ...] = ()


def join_halves(
    archive: Archive, preparer: Preparer, of_this_import: frozenset[str], samples: SampleFindings
) -> list[Joined]:
    """Join every part that waits and whose event is known now; one record for each capture and event.

    `of_this_import`: hashes of the files of this import: the serial that its user gave is used for events in them.
    `samples`: is told of each event before it is changed.
    """
    waiting = _waiting(archive)
    joined, waiting = _as_they_are(archive, waiting)
    torn, loose = _torn_and_loose(archive, waiting)
    by_event: dict[int, list[_Part]] = {}
    for part in loose:
        lacking = [number for number, one in enumerate(torn) if one.lacks(part) and not one.why_not(part)]
        if len(lacking) == 1 and torn[lacking[0]].first_difference(part) is None:
            by_event.setdefault(lacking[0], []).append(part)
    made: list[Joined] = []
    for number, parts in by_event.items():
        own = _of_one_event(torn[number], parts)
        made += _put_together(archive, preparer, torn[number], own, of_this_import, samples)
    _contest(archive, loose, samples)
    # A record can be of an event that has only now been made of its halves.
    return [*joined, *made, *(_as_they_are(archive, _waiting(archive))[0] if made else ())]


def _contest(archive: Archive, loose: Sequence[_Part], samples: SampleFindings) -> None:
    """Say so of events that were put together by addresses alone, where a part that came later fits as well."""
    for part in loose:
        for event_id in _joined_to_another(archive, part):
            message = (
                f"{part.name} has other frames for addresses at which this event was put together, and fits as well: "
                "nothing shows which are its own, so no number of them counts. Download the event again"
            )
            samples.before_change_of(event_id)
            attach(archive, event_id, [part.file.received], [], [Finding(code=CONTESTED, message=message)])


def _joined_to_another(archive: Archive, part: _Part) -> list[int]:
    """Events that were put together of captures by addresses alone, where this part, with other frames, would have been
    joined to the capture that opens the event."""
    with archive.store.reading() as connection:
        around = frames.whole_events_around(connection, *part.reach)
        told = encodings.with_finding(connection, around, JOINED_CAPTURES)
    return [event_id for event_id in around if event_id in told and _fits_as_well(archive, event_id, part)]


def _fits_as_well(archive: Archive, event_id: int, part: _Part) -> bool:
    if (JOINED_CAPTURES, Severity.WARNING) not in {(one.code, one.severity) for one in archive.findings(event_id)}:
        return False
    try:
        if set(part.content.frames) <= set(archive.frames(event_id)):
            return False
        captures = [kept_capture(archive, one) for one in archive.files(event_id) if one.kind == FileKind.CAPTURE.value]
        contents = [(file, content_of(file)) for file in captures if file is not None]
    except (BadInput, Damaged):
        return False
    opened = (
        _of_capture(_Part(file=file, content=one, whole_file=content))
        for file, content in contents
        for one in everything_in(content)
        if one.frames and survey_stream(one.frames).opener is not None
    )
    return any(torn is not None and torn.lacks(part) and not torn.why_not(part) for torn in opened)


def contradicting_halves(archive: Archive) -> dict[str, str]:
    """Of captures with frames that would complete an event and are not joined, since they contradict it or one of them
    differs from that event's own, why; by their hash."""
    torn, loose = _torn_and_loose(archive, _waiting(archive))
    found = {}
    for part in loose:
        for event_id in _joined_to_another(archive, part):
            found[part.file.sha256] = (
                f"its frames fit event {event_id} as well, which was put together with others by addresses alone; no "
                "number of that event counts. Download the event again"
            )
        lacking = [one for one in torn if one.lacks(part)]
        fits = [one for one in lacking if not one.why_not(part)]
        for one in fits or lacking:
            why, at = one.why_not(part), one.first_difference(part)
            if why:
                told = f"its frames are not joined to those of {one.name}, which lacks these addresses: {why}"
                found[part.file.sha256] = f"{told}. Start keys are used again after an erase; download the event again"
            elif at is not None:
                found[part.file.sha256] = (
                    f"its frame at address {at:08X} has other bytes than that of {one.name}, which lacks the frames "
                    "behind it; both are kept, and nothing is joined. Download the event again"
                )
    return found


def _of_one_event(torn: _Torn, parts: Sequence[_Part]) -> list[_Part]:
    """Those of the parts that an event lacks which can be its own beside each other: without those that the rest
    contradicts, and none where nothing says which of them is wrong."""
    telling = [part for part in parts if part.says.recorded_at is not None]
    fitting = [part for part in parts if part in telling or not torn.contradiction([*telling, part])]
    if torn.contradiction(fitting):
        return []
    contents: dict[int, bytes] = {}
    for part in fitting:
        for piece in map(logical_frame, part.content.frames):
            if contents.setdefault(piece.address, piece.content) != piece.content:
                return []
    return fitting


def _as_they_are(archive: Archive, waiting: Sequence[_Part]) -> tuple[list[Joined], list[_Part]]:
    """Parts joined to events that have them already, or whose records they are; and those that wait on."""
    joined: list[Joined] = []
    left: list[_Part] = []
    held = _held_whole(archive, waiting)
    for part in waiting:
        event_id = _joined_as_it_is(archive, part, held.get(part.waits, []))
        if event_id:
            joined.append(Joined(sha256=part.file.sha256, event_id=event_id))
        else:
            left.append(part)
    return joined, left


def _torn_and_loose(archive: Archive, waiting: Sequence[_Part]) -> tuple[list[_Torn], list[_Part]]:
    """Events that lack frames, and parts without the frame that opens theirs."""
    loose = [part for part in waiting if part.content.frames and not _is_opened(part)]
    if not loose:
        return [], []
    opened = (_of_capture(part) for part in waiting if part.content.frames and _is_opened(part))
    return [one for one in (*opened, *_of_archive(archive, loose)) if one is not None], loose


def _waiting(archive: Archive) -> list[_Part]:
    found: list[_Part] = []
    known: dict[str, set[int]] = {}
    given = given_serials(archive.store)
    for sha256, at_byte in waiting_parts_of(archive.store):
        known.setdefault(sha256, set()).add(at_byte)
    for sha256, at_bytes in known.items():
        with archive.store.reading() as connection:
            rows = files.with_bytes(connection, sha256)
        try:
            file = kept_capture(archive, rows[0]) if rows else None
            content = None if file is None else content_of(file)
        except (BadInput, Damaged):
            continue  # `sfm waiting` names it
        if file is not None and content is not None:
            parts = (one for one in everything_in(content) if one.at_byte in at_bytes)
            own = (_Part(file=file, content=one, whole_file=content, given=given.get(sha256)) for one in parts)
            found += [part for part in own if _is_readable(part)]
    return found


def _is_readable(part: _Part) -> bool:
    try:
        return not part.content.frames or bool(part.reach)
    except BadFrames:
        return False


def _is_opened(part: _Part) -> bool:
    return survey_stream(part.content.frames).opener is not None


def _of_capture(part: _Part) -> _Torn | None:
    survey = survey_stream(part.content.frames)
    return _Torn(content=part.content, survey=survey, part=part, names=(part.name,)) if survey.gaps else None


def _of_archive(archive: Archive, loose: Sequence[_Part]) -> list[_Torn | None]:
    """Events of the archive without a whole revision that can lack any of these parts."""
    found: dict[int, _Torn | None] = {}
    for part in loose:
        start, says = part.reach[0], part.says
        recorded_at = "" if says.recorded_at is None else local_text(says.recorded_at)
        with archive.store.reading() as connection:
            lowest = max(0, start - _LARGEST_EVENT)
            ids = frames.events_with_holes(connection, lowest, start, says.serial or "", recorded_at)
        for event_id in ids:
            if event_id not in found:
                found[event_id] = _of_event(archive, event_id)
    return list(found.values())


def _of_event(archive: Archive, event_id: int) -> _Torn | None:
    try:
        held = archive.frames(event_id)
        survey = survey_stream(held)
    except (BadInput, Damaged):
        return None
    content = ImportedEvent(frames=held)
    if not survey.gaps:
        return None
    event = archive.event(event_id).event()
    names = tuple(dict.fromkeys(one.name for one in archive.files(event_id) if one.kind == FileKind.CAPTURE.value))
    return _Torn(content=content, survey=survey, event=event, event_id=event_id, names=names)


def _held_whole(archive: Archive, waiting: Sequence[_Part]) -> dict[WaitingPart, list[int]]:
    """For parts with frames the events that are there whole and have every one of these frames."""
    around: dict[int, list[_Part]] = {}
    with archive.store.reading() as connection:
        for part in waiting:
            for event_id in frames.whole_events_around(connection, *part.reach) if part.content.frames else ():
                around.setdefault(event_id, []).append(part)
    found: dict[WaitingPart, list[int]] = {}
    for event_id, parts in around.items():
        try:
            own = set(archive.frames(event_id))
        except (BadInput, Damaged):
            continue
        for part in parts:
            if own.issuperset(part.content.frames):
                found.setdefault(part.waits, []).append(event_id)
    return found


def _joined_as_it_is(archive: Archive, part: _Part, held: list[int]) -> int:
    """The event of the archive that has all of a part already (`held`: those that have it whole), or whose record it
    is; 0 for none or several."""
    content = part.content
    if not content.frames:
        if content.start_key is None or content.recorded_at is None:
            return 0
        with archive.store.reading() as connection:
            ids = events.with_key_at(connection, content.start_key, local_text(content.recorded_at))
        readings = [values_in(content, part.file)] if content.readings else []
    elif held or part.says.serial is None or part.says.recorded_at is None:
        readings, ids = [], held or _held_torn(archive, part)
    else:
        readings = []
        ids = [
            event_id
            for event_id in ids_at(archive.store, part.says.serial, part.says.recorded_at)
            if archive.event(event_id).revision and set(content.frames) <= set(archive.frames(event_id))
        ]
    if len(ids) != 1:
        return 0
    attach(archive, ids[0], [part.file.received], readings, content.findings, [part.waits])
    return ids[0]


def _held_torn(archive: Archive, part: _Part) -> list[int]:
    """The events that are not there whole and have every frame of a part, the one that opens it among them."""
    opener = survey_stream(part.content.frames).opener
    if opener is None:
        return []
    with archive.store.reading() as connection:
        ids = frames.events_with_holes(connection, opener.start_key, opener.start_key, "", "")
    known = [(one, archive.event(one).event()) for one in ids]
    fitting = [one for one, own in known if not contradiction(opener.start_key, own.serial, own.recorded_at, [part])]
    with suppress(BadInput, Damaged):
        return [one for one in fitting if set(part.content.frames) <= set(archive.frames(one))]
    return []


def _in_order(torn: _Torn, parts: Sequence[_Part]) -> tuple[A5Frame, ...]:
    """The frames as one download would have brought them: by address where each piece was received so, for the order
    in which the pieces came says nothing; else the parts behind the event's own frames."""
    frames_of = [torn.content.frames]
    known = {logical_frame(frame).address for frame in torn.content.frames}
    for part in parts:
        own = tuple(frame for frame in torn.new_frames(part) if logical_frame(frame).address not in known)
        known |= {logical_frame(frame).address for frame in own}
        frames_of.append(own)
    places = [[logical_frame(frame).address for frame in own] for own in frames_of]
    together = [frame for own in frames_of for frame in own]
    if any(own != sorted(set(own)) for own in places):
        return tuple(together)
    addresses = [address for own in places for address in own]
    return tuple(together[at] for at in sorted(range(len(together)), key=addresses.__getitem__))


def _put_together(
    archive: Archive,
    preparer: Preparer,
    torn: _Torn,
    parts: Sequence[_Part],
    of_this_import: frozenset[str],
    samples: SampleFindings,
) -> list[Joined]:
    """Save an event with parts that it lacks, if they are proved its own and its identity is known."""
    if not parts:
        return []
    ordered = sorted(parts, key=lambda part: part.reach)
    together = _in_order(torn, ordered)
    survey = survey_stream(together)
    opener = survey.opener
    if opener is None or not (survey.whole or ordered[-1].reach[1] == opener.end_key):
        return []
    pieces = [*([] if torn.part is None else [torn.part]), *ordered]
    by_hash = {piece.file.sha256: piece.file for piece in pieces}
    captures = tuple(by_hash.values())
    names = tuple(dict.fromkeys((*torn.names, *(piece.name for piece in ordered))))
    shared = len(torn.content.frames) + sum(len(part.content.frames) for part in ordered) - len(together)
    finding = joined_finding(names, pieces, shared, torn.event)
    if finding.severity is Severity.WARNING and does_not_decode(survey):
        return []  # `sfm waiting` says so
    content = replace(torn.content, frames=together, findings=(*torn.content.findings, finding))
    own = of_this_import & by_hash.keys()
    asked = replace(preparer, options=preparer.options if own else replace(preparer.options, serial=None))
    if torn.event is not None:
        content = replace(
            content,
            serial=torn.event.serial,
            recorded_at=torn.event.recorded_at,
            record_type=torn.event.record_type,
            start_key=torn.event.start_key,
        )
    try:
        prepared = asked.event(found_event(content, captures[0], None, captures))
    except (BadInput, UsageError):
        return []  # nothing tells its serial or time yet; `sfm waiting` says so
    settled = [part.waits for part in ordered]
    if torn.part is not None:
        settled.append(torn.part.waits)
    samples.before(prepared.to_save.event)
    saved = save(archive, replace(prepared.to_save, parts=tuple(settled)))
    return [
        Joined(
            sha256=sha256,
            event_id=saved.event_id,
            created=saved.created and not number,
            revised=saved.new_revision and not saved.created and not number,
            findings=prepared.findings,
        )
        for number, sha256 in enumerate(by_hash)
    ]
