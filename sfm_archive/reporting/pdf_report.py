"""A PDF of event pages, with a table of all of them in front where there are several, or a
level was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sfm_archive.archive.looking_back import AsOf
from sfm_archive.base.counting import counted
from sfm_archive.base.progress import Progress, silent
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts
from sfm_archive.model.selection import Selection
from sfm_archive.reporting.event_lines import line_of
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.events_table import EventsTable
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.page import MARGIN, Page
from sfm_archive.reporting.pdf_document import PdfDocument
from sfm_archive.reporting.style import INK

_STAMP_SIZE = 6.5
_STAMP_Y = 8.5
"""Above what any page has, in mm."""


def pdf_report(
    event_ids: Sequence[int],
    read: Callable[[int], JudgedEvent],
    *,
    paper: str = "a4",
    made_at: str,
    as_of: AsOf | None,
    selection: Selection,
    points: Mapping[int, str],
    levels: LevelCounts | None,
    answers: Mapping[int, tuple[LevelAnswer, str]],
    progress: Progress = silent,
) -> tuple[bytes, dict[int, str]]:
    """The report of these events, a page each, two where one is too small, and by event the signs that no font of this
    computer has. `read` gives each event when its page is drawn. `selection`: what was asked for, `points`: as
    JOB/POINT by number, and `levels`, what the events say to a level in it, `answers` of each event, with what leaves
    it undecided: said in front. `as_of`: the change behind which the archive was looked at, said on every page."""
    title = "Vibration event report" if len(event_ids) == 1 else f"Vibration report, {counted(len(event_ids), 'event')}"
    # The table and the number of pages stand in front and need every event, so that each is read twice: memory holds
    # one at a time.
    document = PdfDocument(title)
    missing: dict[int, str] = {}
    lines, total = [], 0
    for event_id in event_ids:
        event = read(event_id)
        lines.append(line_of(event))
        total += EventPages(event, paper).count
        progress(len(lines) // 2, len(event_ids))
    next_page = 1
    # A table of one says how many events a level leaves undecided or left out.
    if len(lines) > 1 or levels is not None or selection.limit_counts is not None:
        table = EventsTable(lines, paper, selection, levels, answers, points)
        total += table.count
        for page in table.draw(total, made_at):
            document.add(_stamped(page, as_of))
        next_page += table.count
    for number, event_id in enumerate(event_ids, start=1):
        pages = EventPages(read(event_id), paper)
        for page in pages.draw(next_page, total, made_at):
            document.add(_stamped(page, as_of))
            if page.missing:
                missing[event_id] = "".join(dict.fromkeys((*missing.get(event_id, ""), *page.missing)))
        next_page += pages.count
        progress(max(number, len(event_ids) // 2), len(event_ids))
    return document.finish(), missing


def _stamped(page: Page, as_of: AsOf | None) -> Page:
    """A page that says which state of the archive it tells, where that is not the newest."""
    if as_of is not None:
        most = page.right - MARGIN
        page.paragraph(MARGIN, _STAMP_Y, f"A{as_of.told[1:]}", most=most, size=_STAMP_SIZE, colour=INK, lines=2)
    return page
