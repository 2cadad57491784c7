"""A job's report of a period in a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sfm_archive.analysing import recording_of
from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.exporting.handover import HandoverKind
from sfm_archive.exporting.noting import note_file
from sfm_archive.exporting.report import NOT_NOTED
from sfm_archive.files.writing import write_file
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.point_limits import BY_POINT
from sfm_archive.model.preferences import Preferred
from sfm_archive.model.selection import Selection
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.judged import JudgedEvent, judged_event
from sfm_archive.reporting.pdf_asked import checked_events, checked_pdf
from sfm_archive.reporting.period.making import MONTHS, NONE, period_report
from sfm_archive.reporting.period.report import JobReport
from sfm_archive.reporting.run import WrittenDrawing, without_font


def write_period_report(
    archive: Archive,
    target: Path,
    job: str,
    since: datetime,
    until: datetime,
    *,
    months: int = MONTHS,
    pages: Sequence[str] = (NONE,),
    number: str = "",
    measured_by: str = "",
    analysed_by: str = "",
    units: GeoUnit | None = None,
    preferred: Preferred | None = None,
    paper: str = "a4",
    language: str = "en",
    day_tables: bool = True,
    overwrite: bool = False,
    record: bool = True,
    progress: Progress = silent,
) -> tuple[JobReport, WrittenDrawing]:
    """The report as a PDF, and what it says; all of it of one state of the archive. Needs the extra `plots`.

    `paper`: `a4` or `letter`. `language`: the code of one that there is, `de` or `en`. `day_tables`: the numbers behind
    the charts of days, a line for each day of each point. The rest as for `period_report`.
    `record`: an archive that is open for writing keeps a hand-over record, with the PDF.
    Raises as that, UsageError for another file name or language and for too many pages of events, BadInput for a logo
    that is no picture, AlreadyExists, StorageFailed.
    """
    from sfm_archive.reporting.language import language as language_of
    from sfm_archive.reporting.period.pdf_pages import job_report_pdf

    checked_pdf(target)
    words = language_of(language)
    with archive.store.snapshot():
        report = period_report(
            archive, job, since, until, months=months, pages=pages, number=number, measured_by=measured_by,
            analysed_by=analysed_by, units=units, preferred=preferred, progress=progress,
        )  # fmt: skip
        checked_events(len(report.pages), "--pages")
        selection = Selection(points=tuple(point.point for point in report.points), since=since, until=until)
        limits = LimitWords((BY_POINT,))
        unit: GeoUnit = "mm/s" if report.unit == "mm/s" else "in/s"

        def read(event_id: int) -> JudgedEvent:
            return judged_event(archive, recording_of(archive, event_id, unit), limits, selection)

        data, missing = job_report_pdf(
            report, read, words, paper=paper, made_at=f"{words.moment(datetime.now(UTC))} UTC",
            day_tables=day_tables, progress=progress,
        )  # fmt: skip
    new = write_file(target, data, overwrite=overwrite)
    findings = (without_font(target.name, missing),) if missing else ()
    asked = {
        "job": report.job.job, "since": local_text(since), "until": local_text(until), "months": months,
        "pages": list(pages), "number": number, "measured_by": measured_by, "analysed_by": analysed_by,
        "units": report.unit, "paper": paper, "language": language, "day_tables": day_tables,
    }  # fmt: skip
    noted = NOT_NOTED
    if record:
        noted = note_file(archive, HandoverKind.JOB_REPORT, target, asked, data, report.provenance, made=new)
    written = WrittenDrawing(
        path=target, events=len(report.pages), size=len(data), new=new, findings=findings, handover=noted
    )
    return report, written
