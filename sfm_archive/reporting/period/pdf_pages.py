"""A job's report as a PDF: its pages, then the pages of the events that were chosen, in one numbering."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sfm_archive.base.progress import Progress, silent
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.pdf_document import PdfDocument
from sfm_archive.reporting.period.apart_pages import apart_pages, provenance_pages
from sfm_archive.reporting.period.blast_pages import blast_pages, event_text, share_pages
from sfm_archive.reporting.period.day_charts import day_charts
from sfm_archive.reporting.period.exceedance_pages import exceedance_pages
from sfm_archive.reporting.period.first_pages import point_pages, title_page
from sfm_archive.reporting.period.largest_pages import largest_pages
from sfm_archive.reporting.period.report import JobReport
from sfm_archive.reporting.period.wording import period_text
from sfm_archive.reporting.sheets import Sheets
from sfm_archive.reporting.stamp import stamped

_LEAST_ROOM = 80.0
"""mm that a part must have on the page where it begins."""


def job_sheets(report: JobReport, words: Language, paper: str, made_at: str, *, day_tables: bool = True) -> Sheets:
    """The report's own pages, still without their feet. `made_at`: UTC."""
    head = _name(report, words), period_text(words, report.period)
    foot = words.says("Made {moment} with {program}", moment=made_at, program=report.provenance.program)
    sheets = Sheets(paper, words, head, foot)
    title_page(sheets, report)
    days = partial(day_charts, tables=day_tables)
    for part in (
        point_pages, blast_pages, share_pages, exceedance_pages, largest_pages, days, apart_pages,
        provenance_pages,
    ):  # fmt: skip
        sheets.need(_LEAST_ROOM)
        part(sheets, report)
    return sheets


def _name(report: JobReport, words: Language) -> str:
    """On top of each page: the firm and the job."""
    firm = "" if report.firm is None else report.firm.name
    return " · ".join(filter(None, (firm, words.says("Vibration report: {job}", job=report.job.name))))


def job_report_pdf(
    report: JobReport,
    read: Callable[[int], JudgedEvent],
    words: Language,
    *,
    paper: str = "a4",
    made_at: str,
    day_tables: bool = True,
    progress: Progress = silent,
) -> tuple[bytes, str]:
    """The PDF, and the signs in it that no font of this computer has. `read` gives each event of `report.pages` when
    its page is drawn, and before that once to count its pages: memory holds one at a time. Raises BadInput for a logo
    that is no picture."""
    sheets = job_sheets(report, words, paper, made_at, day_tables=day_tables)
    events, on_top = report.pages, _name(report, words)
    total = len(sheets.pages)

    def pages_of(event_id: int) -> EventPages:
        return EventPages(read(event_id), paper, words, report=on_top, blast=event_text(words, report, event_id))

    for number, event_id in enumerate(events, start=1):
        total += pages_of(event_id).count
        progress(number // 2, len(events))
    document = PdfDocument(f"{words.says('Vibration report')}, {report.job.name}")
    missing: dict[str, None] = {}
    next_page = 1 + len(sheets.pages)
    as_of = report.provenance.as_of
    for page in sheets.finish(1, total):
        document.add(stamped(page, as_of))
        missing.update(page.missing)
    for number, event_id in enumerate(events, start=1):
        pages = pages_of(event_id)
        for page in pages.draw(next_page, total, made_at):
            document.add(stamped(page, as_of))
            missing.update(page.missing)
        next_page += pages.count
        progress(max(number, len(events) // 2), len(events))
    return document.finish(), "".join(missing)
