"""What was noticed about an event: when it was received, in its samples, and of its files."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

from sfm_archive.base.texts import without_copy_mark
from sfm_archive.model.findings import NAME_OF_SEVERAL, Finding
from sfm_archive.model.received import FileKind
from sfm_archive.storage import computed, doubts, encodings, files, report_decisions
from sfm_archive.storage.doubts import DoubtRow
from sfm_archive.storage.files import FileRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def findings_that_hold(connection: Any, event_id: int) -> list[Finding]:
    """The findings of an event but for those that a decision on one of its files (`sfm join`) answers: that the file is
    of several events, and what is said of a file that is another event's."""
    found = encodings.findings_of(connection, event_id)
    decided = report_decisions.that_count(connection)
    if not decided:
        return found
    own = files.of_event(connection, event_id)
    others = {one.sha256 for one in doubts.rows_of(connection, [event_id]).get(event_id, ()) if not one.counts}
    answered = _names(file for file in own if file.sha256 in decided)
    answered -= _names(file for file in own if file.sha256 not in decided)
    gone = _names(file for file in own if file.sha256 in others and file.sha256 in decided)
    gone -= _names(file for file in own if file.sha256 not in others)
    unlike = _sizes(file for file in own if file.sha256 in others and file.sha256 in decided)
    unlike -= _sizes(file for file in own if file.sha256 not in others)
    return [
        one
        for one in found
        if not (one.code == NAME_OF_SEVERAL and one.message.startswith(tuple(answered)))
        and not (one.code == "name-contradiction" and one.message.startswith(tuple(gone)))
        and not (one.code == "differs-from-kept" and any(each in one.message for each in unlike))
    ]


def is_decided(archive: Archive, sha256: str) -> bool:
    """Whether a person said of which event the file with these bytes is."""
    with archive.store.reading() as connection:
        return sha256 in report_decisions.that_count(connection)


def noticed_of(archive: Archive, event_id: int) -> tuple[Finding, ...]:
    """What decoding noticed of an event's samples, and which of its files do not count for it."""
    with archive.store.reading() as connection:
        row = computed.of_events(connection, [event_id]).get(event_id)
        doubted = doubts.rows_of(connection, [event_id]).get(event_id, ())
        held = files.of_bytes(connection, [event_id], (one.sha256 for one in doubted)) if doubted else {}
    of_reports = {file.sha256 for file in held.get(event_id, ()) if file.kind == FileKind.REPORT}
    in_doubt = tuple(Finding(code=_code(one, of_reports), message=one.why) for one in doubted if one.why)
    return in_doubt if row is None else (*row.noticed(event_id), *in_doubt)


def _code(doubt: DoubtRow, of_reports: Container[str]) -> str:
    """`of_reports`: the hashes of the event's reports."""
    if doubt.counts:
        return "reports-differ"
    return "report-in-doubt" if doubt.sha256 in of_reports else "file-of-another"


def doubted_reports(archive: Archive, event_id: int) -> set[str]:
    """The hashes of an event's reports that do not count for it."""
    with archive.store.reading() as connection:
        found = doubts.rows_of(connection, [event_id]).get(event_id, ())
    return {doubt.sha256 for doubt in found if not doubt.counts}


def _names(rows: Iterable[FileRow]) -> set[str]:
    """As findings begin that are of one of these files."""
    return {f"{file.name} " for file in rows}


def _sizes(rows: Iterable[FileRow]) -> set[str]:
    """As the finding of two unlike files has each of them."""
    return {f"{without_copy_mark(file.name)} ({file.size:,} bytes)" for file in rows}
