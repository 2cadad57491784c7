"""Files that are kept with several events and are of one: which of them count for an event.

Two start keys are two events, also where a unit's clock shows the same second twice. A report prints no key. So it is
joined to each of them, whichever came first, and counts for the one whose samples give its numbers, or of which a
person says that it is; for the others, or for all, a row of `report_in_doubt` says why it does not. A Micromate's
binary of whose name reports say two times counts for all their events, until a person says of which one it is; where
only one event that has it has a report of its name, it counts for that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.report_order import places
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import SfmError
from sfm_archive.formats.micromate.names import are_of_two, event_files_meant
from sfm_archive.model.decode_settings import settings_from
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource, from_source
from sfm_archive.model.received import FileKind
from sfm_archive.storage import encodings, events, files, readings, report_decisions, values
from sfm_archive.storage.doubts import LAST_PLACE, DoubtRow, put, siblings
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.report_decisions import ReportDecision

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.archive.decoding import Task
    from sfm_archive.plugins.registry import RegisteredDecoder
    from sfm_archive.storage.writing import Writing

_REPORT = FileKind.REPORT.value
_OF_A_NAME = (FileKind.EVENT_FILE.value, FileKind.COPY.value)
"""Files that say nothing of their event but by their names."""


def share_reports(writing: Writing, event_id: int) -> set[int]:
    """Join every report of the events that share unit, second and kind with this one to all of them, with its values
    and what was noticed about it, inside the transaction that added the event or a report; not to one whose files its
    own name contradicts. Gives all of these events; none where it is alone."""
    connection = writing.connection
    group = siblings(connection, [event_id]).get(event_id, [])
    received = files.of_kind(connection, group, _REPORT)
    documents = readings.of_events(connection, group, in_doubt=True) if received else {}
    called = {one: [file.name for file in files.of_event(connection, one)] for one in group} if received else {}
    for owner, file in ((one, file) for one in group for file in received.get(one, ())):
        for other in group:
            if are_of_two([file.name], called[other]) or not files.link(writing, other, file.file_id):
                continue
            for document in documents.get(owner, ()):
                if document.origin_sha256 == file.sha256 and document.source is ValueSource.REPORT:
                    values.add(writing, other, document)
            for finding in encodings.findings_of(connection, owner):
                if file.name in finding.message:  # what is noticed about a document names it
                    encodings.add_finding(writing, other, finding)
    return set(group)


def doubts_of(archive: Archive, connection: Any, event_ids: Sequence[int]) -> dict[int, tuple[DoubtRow, ...]]:
    """The reports of several events that do not count for them, with why; events without any are left out."""
    groups = siblings(connection, event_ids)
    decisions = report_decisions.that_count(connection)
    several = files.with_several(connection, event_ids, _REPORT)
    named = _named_for_others(connection, event_ids, decisions)
    out_of_order = _behind_later_ones(connection, event_ids)
    if not groups and not decisions and not several and not named:
        return {event_id: tuple(sorted(rows)) for event_id, rows in out_of_order.items()}
    concerned = event_ids if decisions else sorted({*groups, *several})
    received = files.of_kind(connection, concerned, _REPORT)
    in_groups = files.of_kind(connection, {one for group in groups.values() for one in group}, _REPORT)
    hashes = {one: {file.sha256 for file in held} for one, held in in_groups.items()}
    documents = readings.of_events(connection, sorted(several), in_doubt=True) if several else {}
    fitting = _Fitting(archive, connection)
    said_of = _decided_for_others(connection, event_ids, decisions)
    for event_id, own in named.items():
        said_of.setdefault(event_id, []).extend(own)
    for event_id, files_of in received.items():
        group = groups.get(event_id, [event_id])
        sharing = {file: [one for one in group if file.sha256 in hashes.get(one, ())] for file in _each_once(files_of)}
        said = ((file, _why_not(file, event_id, with_it, decisions, fitting)) for file, with_it in sharing.items())
        rows = [DoubtRow(file.sha256, why) for file, why in said if why]
        if event_id in several:
            rows += _places(event_id, files_of, rows, documents.get(event_id, ()), decisions, fitting)
        said_of.setdefault(event_id, []).extend(rows)
    for event_id, rows in out_of_order.items():
        said_of.setdefault(event_id, []).extend(rows)
    return {event_id: tuple(sorted(set(rows))) for event_id, rows in said_of.items() if rows}


def _decided_for_others(
    connection: Any, event_ids: Sequence[int], decisions: dict[str, ReportDecision]
) -> dict[int, list[DoubtRow]]:
    """The files of events of which people said that they are another's."""
    held = files.of_bytes(connection, event_ids, decisions) if decisions else {}
    return {
        event_id: [
            DoubtRow(file.sha256, _decided(file, decided))
            for file in _each_once(own)
            if file.kind != _REPORT and (decided := decisions[file.sha256]).event_id != event_id
        ]
        for event_id, own in held.items()
    }


def _named_for_others(
    connection: Any, event_ids: Sequence[int], decisions: dict[str, ReportDecision]
) -> dict[int, list[DoubtRow]]:
    """The files of events that have no report of their name, where another event that has the file has one."""
    found: dict[int, list[DoubtRow]] = {}
    for event_id, file in files.shared(connection, event_ids, _OF_A_NAME):
        meant = {*event_files_meant(without_copy_mark(file.name))}
        owners = files.events_of(connection, file.file_id) if meant and file.sha256 not in decisions else []
        received = files.of_kind(connection, owners, _REPORT)
        named = [
            one
            for one in owners
            if any(meant.intersection(event_files_meant(without_copy_mark(row.name))) for row in received.get(one, ()))
        ]
        if named and event_id not in named:
            told = f"{file.name} is of event {', '.join(map(str, named))}, whose report has its name"
            found.setdefault(event_id, []).append(DoubtRow(file.sha256, told))
    return found


def _decided(file: FileRow, decided: ReportDecision) -> str:
    return f"{file.name} is of event {decided.event_id}, as {decided.decided_by} decided: {decided.reason}"


def _behind_later_ones(connection: Any, event_ids: Sequence[int]) -> dict[int, list[DoubtRow]]:
    """Of events with documents or decisions that were merged: those that were made before others of their source, and
    came behind them. They count behind these. Reports have an order of their own."""
    found: dict[int, list[DoubtRow]] = {}
    for (event_id, _), in_receipt in readings.with_merged(connection, event_ids).items():
        in_time = sorted(in_receipt, key=lambda one: one.at_utc)  # of one time in the order of receipt
        if in_time != in_receipt:
            places = {one.origin_sha256: place for place, one in enumerate(reversed(in_time), start=1)}
            rows = [DoubtRow(sha256, "", min(place, LAST_PLACE)) for sha256, place in places.items() if place > 1]
            found.setdefault(event_id, []).extend(rows)
    return {event_id: list({row.sha256: row for row in rows}.values()) for event_id, rows in found.items()}


def keep_doubts(archive: Archive, connection: Any, event_ids: Sequence[int]) -> None:
    """Write them. Whether a report counts tells what other events rest on: who makes the rows of many anew does this
    for all of them first."""
    found = doubts_of(archive, connection, event_ids)
    for event_id in event_ids:
        put(connection, event_id, found.get(event_id, ()))


def _places(
    event_id: int,
    received: Sequence[FileRow],
    doubted: Sequence[DoubtRow],
    documents: Sequence[ReadingSet],
    decisions: dict[str, ReportDecision],
    fitting: _Fitting,
) -> list[DoubtRow]:
    """In which order the reports of an event count of which nothing says that they are another's."""
    others = {row.sha256 for row in doubted}
    counting = [file for file in _each_once(received) if file.sha256 not in others]
    own = {sha256: one for sha256, one in decisions.items() if one.event_id == event_id}
    oldest_first = sorted(documents, key=lambda one: one.whole)
    return places(counting, oldest_first, own, lambda file: bool(fitting.of(file, [event_id])))


def _each_once(received: Sequence[FileRow]) -> list[FileRow]:
    return list({file.sha256: file for file in received}.values())


def _why_not(
    file: FileRow, event_id: int, group: list[int], decisions: dict[str, ReportDecision], fitting: _Fitting
) -> str:
    """Why a report does not count for an event; '' where it does."""
    decided = decisions.get(file.sha256)
    if decided is not None:
        return "" if decided.event_id == event_id else _decided(file, decided)
    if len(group) < 2:
        return ""
    fits = fitting.of(file, group)
    if len(fits) == 1:
        told = f"{file.name} has the numbers of event {fits[0]}, which has the same unit, time and type"
        return "" if fits[0] == event_id else told
    listed = ", ".join(map(str, group[:-1]))
    return (
        f"{file.name} fits events {listed} and {group[-1]}, which have one unit, time and type; it counts for none of "
        "them until its numbers are those of only one's samples, or sfm join says whose it is"
    )


class _Fitting:
    """Of events that share unit, second and kind, those whose own samples give the numbers of a report."""

    def __init__(self, archive: Archive, connection: Any) -> None:
        self._archive, self._connection = archive, connection
        self._known: dict[tuple[str, tuple[int, ...]], list[int]] = {}

    def of(self, file: FileRow, group: list[int]) -> list[int]:
        """Their ids; none where nobody can tell."""
        place = file.sha256, tuple(group)
        if place not in self._known:
            self._known[place] = self._found(file.sha256, group)
        return self._known[place]

    def _found(self, sha256: str, group: list[int]) -> list[int]:
        from sfm_archive.archive.decode_sources import decoder_of, tasks  # here: most saves need none of this

        archive = self._archive
        documents = readings.of_events(self._connection, group, in_doubt=True)
        try:
            decoder = decoder_of(archive)
        except SfmError:
            return []  # without the decoder nobody can tell
        found = []
        for task in tasks(archive, list(events.of_ids(self._connection, group))):
            own = documents.get(task.event_id, [])
            printed = [one for one in own if one.origin_sha256 == sha256 and one.source is ValueSource.REPORT]
            said = [value for one in reversed(printed) for value in one.readings]
            compared = _compared(task, said, own, decoder)
            if compared and all(compared):
                found.append(task.event_id)
        return found


def has_other_numbers(archive: Archive, event_id: int, said: Sequence[Reading]) -> bool:
    """Whether numbers that a report prints are others than those of an event's own samples; False where nobody can
    tell. `said`: the report's values."""
    from sfm_archive.archive.decode_sources import decoder_of, tasks  # here: most saves need none of this

    with archive.store.reading() as connection:
        own = readings.of_events(connection, [event_id], in_doubt=True).get(event_id, [])
        rows = list(events.of_ids(connection, [event_id]))
    try:
        decoder = decoder_of(archive)
    except SfmError:
        return False
    printed = [from_source(one, ValueSource.REPORT) for one in said]
    return any(not all(_compared(task, printed, own, decoder)) for task in tasks(archive, rows))


def _compared(task: Task, said: Sequence[Reading], own: Sequence[ReadingSet], decoder: RegisteredDecoder) -> list[bool]:
    """Of each number that a report prints (`said`) and the samples of an event give too, whether they agree. `own`: all
    documents of the event."""
    from sfm_archive.archive.decoding import best_source
    from sfm_archive.waveforms import compare_quantities

    others = [one for one in own if one.source not in (ValueSource.REPORT, ValueSource.DECODER)]
    # Its settings as they would be if it counted, whether it does or not: the answer must not depend on it.
    settings = settings_from(readings.in_order([*said, *(value for one in others for value in one.readings)]))
    decoded = best_source(replace(task, settings=settings, reports=()), decoder).decoded
    if decoded is None or not decoded.says_something:
        return []
    return [one.agrees for one in compare_quantities(decoded.quantities, said)]
