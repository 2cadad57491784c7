"""Events of an archive, drawn: a PDF report or a picture in a file, a sketch for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sfm_archive.analysing import recording_of
from sfm_archive.archive import Archive
from sfm_archive.archive.listing import level_answers, level_counts, names_of_points
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import EventNotFound, UsageError
from sfm_archive.exporting.handover import HandoverKind
from sfm_archive.exporting.noting import note_file, provenance_to_note
from sfm_archive.exporting.report import NOT_NOTED, Noted
from sfm_archive.files.writing import write_file
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.asked_level import LevelCounts
from sfm_archive.model.findings import Finding
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.where_recorded import name_at
from sfm_archive.reporting.judged import JudgedEvent, judged_event
from sfm_archive.reporting.pdf_asked import checked_events, checked_pdf

_MOST_SIGNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDrawing:
    """A report or picture in a file: of how many events, its size in bytes, and whether it was not there before.
    `findings`: what could not be drawn as it was typed, each naming its event. `levels`: where a level was asked for,
    how many events reach it. `handover`: what became of its record."""

    path: Path
    events: int
    size: int
    new: bool
    findings: tuple[Finding, ...] = ()
    levels: LevelCounts | None = None
    handover: Noted = NOT_NOTED


def write_report(
    archive: Archive,
    target: Path,
    selection: Selection = EVERYTHING,
    *,
    limits: Sequence[str] = (),
    units: GeoUnit | None = None,
    airblast: str | None = None,
    judge: str = "both",
    paper: str = "a4",
    language: str = "en",
    overwrite: bool = False,
    record: bool = True,
    progress: Progress = silent,
) -> WrittenDrawing:
    """A PDF with a page for each selected event, and a table in front where there are several. Needs the extra `plots`.

    `units`: of all velocities, what a document printed in the other one is quoted; without it, that of most of the
    reports. `limits`: names of curves, velocities, or files with curves; without any, those that are usual for the
    unit. `airblast`: the limit of the peak level in words, as `airblast_from` says. `judge`: what decides of a
    waveform, `both`, `peak` or `record`. `paper`: `a4` or `letter`. `language`: the code of one that there is, `de` or
    `en`. `record`: an archive that is open for writing keeps a hand-over record, with the PDF. Raises UsageError for
    another file name, curve or language, or for too many events, EventNotFound where no event is selected,
    AlreadyExists, StorageFailed.
    """
    from sfm_archive.reporting.language import language as language_of
    from sfm_archive.reporting.pdf_report import pdf_report

    said_in = language_of(language)
    checked_pdf(target)
    with archive.store.snapshot():
        event_ids = [row.event_id for row in archive.events(selection)]
        if not event_ids:
            raise EventNotFound(f"{archive.path} holds no event, so there is nothing to report; import some first")
        summary = command_line("sfm", "summary", archive.path)
        checked_events(len(event_ids), f"--since, --until, --serial and --type, or see {summary}")
        unit = unit_of_most_reports(archive, selection) if units is None else units
        levels = level_counts(archive, selection)
        answers = level_answers(archive, selection, event_ids) if levels is not None else {}
        words = LimitWords(limits, airblast, judge)
        data, missing = pdf_report(
            event_ids,
            lambda event_id: judged_event(archive, recording_of(archive, event_id, unit), words, selection),
            paper=paper,
            made_at=f"{said_in.moment(datetime.now(UTC))} UTC",
            as_of=archive.as_of,
            selection=selection,
            points={number: name_at(*names) for number, names in names_of_points(archive).items()},
            levels=levels,
            answers=answers,
            words=said_in,
            progress=progress,
        )
        made_of = provenance_to_note(archive, event_ids)
    new = write_file(target, data, overwrite=overwrite)
    findings = tuple(without_font(f"event {event_id}", signs) for event_id, signs in missing.items())
    asked = {
        "selection": selection.as_dict(), "limits": list(limits), "airblast": airblast, "judge": judge, "units": units,
        "paper": paper, "language": language,
    }  # fmt: skip
    noted = NOT_NOTED
    if record:
        noted = note_file(archive, HandoverKind.REPORT, target, asked, data, made_of, made=new)
    return WrittenDrawing(
        path=target,
        events=len(event_ids),
        size=len(data),
        new=new,
        findings=findings,
        levels=levels,
        handover=noted,
    )


def write_plot(
    archive: Archive,
    event: int | str,
    target: Path,
    *,
    limits: Sequence[str] = (),
    units: GeoUnit | None = None,
    airblast: str | None = None,
    judge: str = "both",
    fft: bool = False,
    language: str = "en",
    overwrite: bool = False,
) -> WrittenDrawing:
    """One event, by id or file name, as a .png, .svg or .pdf; the rest as for `write_report`, without `units` that of
    its own documents. Needs the extra `plots`.

    `fft`: with each channel's amplitude spectrum. Raises EventNotFound, AlreadyExists, StorageFailed, UsageError for
    another kind of file or an event that cannot be decoded, Damaged where its stored bytes are.
    """
    from sfm_archive.reporting.event_figure import plot_event
    from sfm_archive.reporting.language import language as language_of
    from sfm_archive.reporting.style import FORMATS

    said_in = language_of(language)

    kind = target.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise UsageError(f"{target}: a plot is written as .png, .svg or .pdf; name the file so")
    drawn = _event(archive, event, units, LimitWords(limits, airblast, judge))
    data, missing = plot_event(drawn, kind, fft=fft, words=said_in)
    new = write_file(target, data, overwrite=overwrite)
    findings = (without_font(f"event {drawn.recording.event_id}", missing),) if missing else ()
    return WrittenDrawing(path=target, events=1, size=len(data), new=new, findings=findings)


def without_font(what: str, signs: str) -> Finding:
    """A finding on signs that no font has. `what`: they stand in."""
    from sfm_archive.reporting.lettering import UNKNOWN_SIGN

    named = ", ".join(f"{sign} U+{ord(sign):04X}" for sign in signs[:_MOST_SIGNS])
    more = f" and {len(signs) - _MOST_SIGNS:,} more" if len(signs) > _MOST_SIGNS else ""
    message = (
        f"{what}: no font of this computer has {named}{more}; {UNKNOWN_SIGN} stands for them. Install a font "
        "that has them, such as Noto Sans CJK for Chinese, Japanese and Korean, and draw it again"
    )
    return Finding(code="no-font", message=message)


def sketch_event(
    archive: Archive,
    event: int | str,
    width: int = 80,
    *,
    limits: Sequence[str] = (),
    units: GeoUnit | None = None,
    airblast: str | None = None,
    judge: str = "both",
    fft: bool = False,
) -> str:
    """One event, by id or file name, for a terminal of `width` columns: its traces, and below them the numbers and what
    the limits say, as for `write_report`; with `fft` also each channel's dominant frequency.

    Raises EventNotFound, and UsageError for an event that cannot be decoded, Damaged where its stored bytes are.
    """
    from sfm_archive.reporting.terminal import sketch

    drawn = _event(archive, event, units, LimitWords(limits, airblast, judge))
    return f"{drawn.recording.title}  {drawn.recording.name}\n{sketch(drawn, width, fft=fft)}"


def _event(archive: Archive, event: int | str, unit: GeoUnit | None, words: LimitWords) -> JudgedEvent:
    return judged_event(archive, recording_of(archive, archive.find(str(event)), unit), words)
