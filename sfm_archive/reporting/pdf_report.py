"""A PDF of event pages, with a table of all of them in front where there are several, or a
level was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sfm_archive.archive.looking_back import AsOf
from sfm_archive.base.progress import Progress, silent
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts
from sfm_archive.model.selection import Selection
from sfm_archive.reporting.event_lines import line_of
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.events_table import EventsTable
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.pdf_document import PdfDocument
from sfm_archive.reporting.stamp import stamped


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
    words: Language,
    progress: Progress = silent,
) -> tuple[bytes, dict[int, str]]:
    """The report of these events, a page each, two where one is too small, and by event the signs that no font of this
    computer has. `read` gives each event when its page is drawn. `selection`: what was asked for, `points`: as
    JOB/POINT by number, and `levels`, what the events say to a level in it, `answers` of each event, with what leaves
    it undecided: said in front. `as_of`: the change behind which the archive was looked at, said on every page."""
    title = words.says("Vibration event report")
    if len(event_ids) > 1:
        title = f"{words.says('Vibration report')}, {words.says('{count} events', count=len(event_ids))}"
    # The table and the number of pages stand in front and need every event, so that each is read twice: memory holds
    # one at a time.
    document = PdfDocument(title)
    missing: dict[int, str] = {}
    lines, total = [], 0
    for event_id in event_ids:
        event = read(event_id)
        lines.append(line_of(event, words))
        total += EventPages(event, paper, words).count
        progress(len(lines) // 2, len(event_ids))
    next_page = 1
    # A table of one says how many events a level leaves undecided or left out.
    if len(lines) > 1 or levels is not None or selection.limit_counts is not None:
        table = EventsTable(lines, paper, selection, levels, answers, points, words)
        total += table.count
        for page in table.draw(total, made_at):
            document.add(stamped(page, as_of))
        next_page += table.count
    for number, event_id in enumerate(event_ids, start=1):
        pages = EventPages(read(event_id), paper, words)
        for page in pages.draw(next_page, total, made_at):
            document.add(stamped(page, as_of))
            if page.missing:
                missing[event_id] = "".join(dict.fromkeys((*missing.get(event_id, ""), *page.missing)))
        next_page += pages.count
        progress(max(number, len(event_ids) // 2), len(event_ids))
    return document.finish(), missing
