"""A PDF of event pages, with a table of all of them in front where there are several."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.backends.backend_pdf import PdfPages

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import curves_from, verdicts_of, worst
from sfm_archive.drawing.chart import outcome_colour
from sfm_archive.drawing.event_page import event_page
from sfm_archive.drawing.page import MARGIN, Cell, Page, fitted
from sfm_archive.drawing.style import ALARM, FAINT, INK, styled
from sfm_archive.drawing.words import full_text, level_text
from sfm_archive.formats.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.progress import Progress, silent
from sfm_archive.version import TOOL
from sfm_archive.waveforms import Outcome

_ROWS = 48
_RANK = {ValueState.OVER_RANGE: 3, ValueState.ABOVE_LIMIT: 2, ValueState.OK: 1, ValueState.BELOW_THRESHOLD: 0}
_TO_MM = {"in/s": 25.4, "mm/s": 1.0}


@dataclass(frozen=True, slots=True)
class _Line:
    """One event in the table of all."""

    event_id: int
    recorded: str
    serial: str
    kind: str
    location: str
    peak: Reading | None
    channel: str
    frequency: Reading | None
    vector: Reading | None
    level: Reading | None
    outcome: Outcome | None


def pdf_report(
    event_ids: Sequence[int],
    read: Callable[[int], Recording],
    *,
    limits: Sequence[str] = (),
    paper: str = "a4",
    made_at: str,
    progress: Progress = silent,
) -> bytes:
    """The report of these events, one page each; `read` gives each recording when its page is drawn."""
    buffer = io.BytesIO()
    lines: list[_Line] = []
    summary_pages = -(-len(event_ids) // _ROWS) if len(event_ids) > 1 else 0
    total = summary_pages + len(event_ids)
    title = "Vibration event report" if len(event_ids) == 1 else f"Vibration report, {len(event_ids)} events"
    metadata = {"Title": title, "Creator": TOOL, "CreationDate": None}
    # The table comes first and needs every event, so that each is read twice: memory holds one at a time.
    with styled(), PdfPages(buffer, metadata=metadata) as pdf:
        if summary_pages:
            for event_id in event_ids:
                recording = read(event_id)
                lines.append(_line(recording, limits))
                progress(len(lines) // 2, len(event_ids))
            for number in range(summary_pages):
                part = lines[number * _ROWS : (number + 1) * _ROWS]
                page = _summary_page(part, lines, limits, paper, f"{number + 1} / {total}", made_at)
                pdf.savefig(page.figure)
        for number, event_id in enumerate(event_ids, start=1):
            recording = read(event_id)
            curves = curves_from(limits, recording.settings.unit)
            label = f"{summary_pages + number} / {total}"
            pdf.savefig(event_page(recording, curves, paper=paper, number=label, made_at=made_at))
            progress(max(number, len(event_ids) // 2), len(event_ids))
    return buffer.getvalue()


def _line(recording: Recording, limits: Sequence[str]) -> _Line:
    peak, channel = None, ""
    for name in GEO_CHANNELS:
        found = recording.best("ppv", name)
        if found is not None and found[0].state in _RANK and _size(found[0]) > _size(peak):
            peak, channel = found[0], name
    frequency = recording.best("zc_frequency", channel) if channel else None
    vector = recording.best("pvs")
    level = recording.best("pspl", "MicL") or recording.best("pspl")
    verdicts = verdicts_of(recording, curves_from(limits, recording.settings.unit))
    return _Line(
        event_id=recording.event_id,
        recorded=f"{recording.event.recorded_at:%Y-%m-%d %H:%M:%S}",
        serial=recording.event.serial,
        kind=recording.event.record_type.value,
        location=next((text for name, text in recording.notes if name == "location"), ""),
        peak=peak,
        channel=channel,
        frequency=None if frequency is None else frequency[0],
        vector=None if vector is None else vector[0],
        level=None if level is None else level[0],
        outcome=worst(verdicts),
    )


def _size(reading: Reading | None) -> tuple[int, float]:
    if reading is None:
        return (-1, 0.0)
    return _RANK.get(reading.state, -1), (reading.number or 0.0) * _TO_MM.get(reading.unit, 1.0)


def _summary_page(
    part: Sequence[_Line], lines: Sequence[_Line], limits: Sequence[str], paper: str, number: str, made_at: str
) -> Page:
    page = Page(paper)
    page.text(MARGIN, 19, "Vibration report", size=15, bold=True)
    first, last = min(line.recorded for line in lines), max(line.recorded for line in lines)
    units = sorted({line.serial for line in lines})
    page.text(page.right, 15.5, f"{len(lines):,} events of {len(units):,} units", size=9, bold=True, align="right")
    page.text(page.right, 20, f"{first[:10]} to {last[:10]}, device-local", size=8, colour=FAINT, align="right")
    page.rule(22.5, heavy=True)
    over = sum(line.outcome is Outcome.EXCEEDED for line in lines)
    rail = sum(line.peak is not None and line.peak.state is ValueState.OVER_RANGE for line in lines)
    units_used = sorted({line.peak.unit for line in lines if line.peak is not None and line.peak.unit}) or ["in/s"]
    curves = list(dict.fromkeys(c.title for unit in units_used for c in curves_from(limits, unit)))
    text = f"Above a limit: {over:,}.  Over range: {rail:,}.  Limits: {'; '.join(curves)}."
    y = page.paragraph(MARGIN, 28, text, most=page.right - MARGIN, size=7.5, colour=ALARM if over or rail else INK)
    places = [
        (MARGIN + 8, "right"), (MARGIN + 11, "left"), (MARGIN + 43, "left"), (MARGIN + 58, "left"),
        (MARGIN + 76, "left"), (MARGIN + 119, "right"), (MARGIN + 132, "right"), (MARGIN + 148, "right"),
        (MARGIN + 164, "right"), (page.right, "right"),
    ]  # fmt: skip
    titles = ["id", "recorded", "unit", "type", "location", "PPV", "ZC freq.", "vector sum", "PSPL", "limits"]
    rows = [_cells(line) for line in part]
    page.table(y + 3, places, titles, rows, size=6.3, step=4.4)
    page.text(MARGIN, page.height - 8.5, f"Made {made_at} with {TOOL}", size=5.6, colour=FAINT)
    page.text(page.right, page.height - 8.5, f"page {number}", size=6.5, colour=FAINT, align="right")
    return page


def _cells(line: _Line) -> list[Cell | str]:
    peak = Cell("–", FAINT)
    if line.peak is not None:
        at_rail = line.peak.state is ValueState.OVER_RANGE
        peak = Cell(f"{line.channel} {full_text(line.peak)}", ALARM if at_rail else INK, bold=True)
    outcome = Cell("–", FAINT)
    if line.outcome is not None:
        outcome = Cell(line.outcome.value, outcome_colour(line.outcome))
    texts = ["–" if value is None else full_text(value) for value in (line.frequency, line.vector)]
    texts.append("–" if line.level is None else level_text(line.level).partition("  (")[0])
    location = fitted(" ".join(line.location.split()), 21, 6.3)
    return [str(line.event_id), line.recorded, line.serial, line.kind, location, peak, *texts, outcome]
