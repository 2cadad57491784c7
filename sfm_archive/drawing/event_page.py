"""The page of one event: everything that a reader of both sides of a claim asks for, on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import AirblastVerdict, ChannelVerdict, airblast_of, intervals_over, verdicts_of
from sfm_archive.drawing.chart import draw_chart, line_colour, line_style, outcome_colour
from sfm_archive.drawing.event_figure import airblast_text, draw_record, limit_text
from sfm_archive.drawing.page import MARGIN, Cell, Page, text_width
from sfm_archive.drawing.style import ALARM, COLOURS, FAINT, INK, MARKERS
from sfm_archive.drawing.words import (
    CHANNEL_NAMES,
    QUANTITY_NAMES,
    full_text,
    level_text,
    number_text,
    recorded_text,
    utc_text,
)
from sfm_archive.formats.readings import CHANNELS, Reading, ValueState
from sfm_archive.waveforms import DECODER, Curve

_NOTE_NAMES = {
    "project": "Project",
    "client": "Client",
    "location": "Location",
    "user_name": "User name",
    "operator": "Operator",
    "setup": "Setup",
    "general": "Notes",
}
_GEOPHONE_ROWS = ("ppv", "zc_frequency", "time_of_peak", "peak_acceleration", "peak_displacement")
_CHECK_ROWS = ("test_frequency", "test_ratio", "test_amplitude", "test_results")
_MARK = " *"


def event_page(recording: Recording, curves: Sequence[Curve], *, paper: str, number: str, made_at: str) -> Figure:
    """The page, to be drawn inside `styled`. `number`: such as `2 / 7`. `made_at`: UTC, for the footer."""
    page = Page(paper)
    y = _header(page, recording)
    y = _facts(page, recording, y)
    y = _numbers(page, recording, y + 2.5)
    bottom = page.height - 24.5
    chart_height = 50.0
    plot_height = bottom - chart_height - 17.5 - y - 8.5
    page.heading(y + 3.5, "Recording" if recording.histogram is None else "Peaks of each interval")
    if recording.traces is None and recording.histogram is None:
        reason = f"Not shown: {recording.why_not}"
        page.paragraph(MARGIN, y + 10, reason, most=page.right - MARGIN, size=8, colour=ALARM)
    else:
        place = page.grid(MARGIN + 17, y + 8.5, page.right - MARGIN - 17, plot_height)
        draw_record(page.figure, place, recording)
    _compliance(page, recording, curves, bottom - chart_height - 1.5, chart_height)
    _footer(page, recording, number, made_at)
    return page.figure


def _header(page: Page, recording: Recording) -> float:
    kind = {"waveform": "Waveform", "histogram": "Histogram"}.get(recording.event.record_type.value, "Vibration")
    page.text(MARGIN, 19, f"{kind} event report", size=15, bold=True)
    page.text(page.right, 15.5, recording.event.serial, size=11, bold=True, align="right")
    page.text(page.right, 20, recording.name or "no file name", size=8, colour=FAINT, align="right")
    page.rule(22.5, heavy=True)
    return 28.0


def _facts(page: Page, recording: Recording, y: float) -> float:
    middle = page.width / 2 + 2
    left = [
        ("Recorded (device-local)", recorded_text(recording)),
        ("Recorded (UTC, derived)", utc_text(recording)),
        ("Time zone", "unknown" if recording.zone == "unknown" else recording.zone),
        *([("Trigger", _trigger(recording))] if recording.histogram is None else []),
    ]
    if recording.provenance.decoder:
        settings = recording.settings
        left.append(("Geophone range", f"{settings.range:g} in/s{_assumed(recording, 'geophone range')}"))
        left.append(("Sample rate", f"{settings.rate:g} per second{_assumed(recording, 'sample rate')}"))
    if recording.traces is not None:
        seconds = recording.traces.size / recording.traces.sample_rate
        before = recording.traces.pretrigger / recording.traces.sample_rate
        text = f"{seconds:.3f} s, {before:.3f} s pre-trigger{_assumed(recording, 'pre-trigger')}"
        left.append(("Length", text))
    elif recording.histogram is not None:
        each = "" if recording.interval is None else f" of {recording.interval.total_seconds():g} s"
        left.append(("Length", f"{recording.histogram.size:,} stored intervals{each}"))
    for label, quantity in (("Battery", "battery"), ("Calibration", "calibration")):
        known = recording.said(quantity)
        if known is not None and full_text(known[0]) != "–":
            left.append((label, known[0].text or full_text(known[0])))
    right = [(_NOTE_NAMES[name], text) for name, text in recording.notes] or [("Notes", "none recorded")]
    ends = [
        page.pairs(MARGIN, y, left, label=36, most=middle - MARGIN - 5),
        page.pairs(middle, y, right[:8], label=20, most=page.right - middle),
    ]
    return max(ends)


def _assumed(recording: Recording, what: str) -> str:
    return " (assumed)" if what in recording.settings.assumed else ""


def _trigger(recording: Recording) -> str:
    parts = []
    trigger = recording.said("trigger")
    if trigger is not None and trigger[0].text.strip():
        parts.append(trigger[0].text.strip())
    for name, quantity in (("geophones", "geo_trigger_level"), ("microphone", "mic_trigger_level")):
        level = recording.said(quantity)
        if level is not None and full_text(level[0]) != "–":
            parts.append(f"{name} {full_text(level[0])}")
    return ", ".join(parts) or "not stated"


def _numbers(page: Page, recording: Recording, y: float) -> float:
    """The table of numbers, each with its unit and state; what was computed is marked."""
    page.heading(y, "Numbers")
    places = [(MARGIN, "left"), *((page.right - back, "right") for back in (96.0, 64.0, 32.0, 0.0))]
    rows: list[list[Cell | str]] = []
    for quantity in (*_GEOPHONE_ROWS, *_CHECK_ROWS):
        cells = [_cell(recording, quantity, channel) for channel in CHANNELS]
        if any(cell.text != "–" for cell in cells):
            unit = _unit(recording, quantity)
            rows.append([f"{QUANTITY_NAMES[quantity]}{f', {unit}' if unit else ''}", *cells])
    level = recording.best("pspl", "MicL") or recording.best("pspl")
    if level is not None:
        text = level_text(level[0]) + (_MARK if level[1] == DECODER else "")
        rows.append([QUANTITY_NAMES["pspl"], "", "", "", Cell(text, _colour(level[0]), bold=True)])
    titles = ["", *(CHANNEL_NAMES[channel] for channel in CHANNELS)]
    y = page.table(y + 5.2, places, titles, rows, step=4.1)
    vector = recording.best("pvs")
    if vector is not None and full_text(vector[0]) != "–":
        reading, source = vector
        time = recording.best("pvs_time")
        at = "" if time is None or full_text(time[0]) == "–" else f" at {time[0].text or full_text(time[0])}"
        page.text(MARGIN, y, "Peak vector sum", size=7.5)
        text = f"{full_text(reading)}{at}{_MARK if source == DECODER else ''}"
        page.text(page.right - 96.0, y, text, size=7.5, bold=True, colour=_colour(reading), align="right")
        y += 4.1
    sources = sorted({source for source, readings in recording.reported if _measures(readings)})
    note = f"* computed from the samples by {DECODER}."
    note += f" Without mark: as the {' and the '.join(sources)} says." if sources else " No document reports values."
    y = page.paragraph(MARGIN, y + 0.2, note, most=page.right - MARGIN, size=6.5)
    differing = [difference.sentence() for difference in recording.differences]
    if differing:
        more = f"; and {len(differing) - 3} more" if len(differing) > 3 else ""
        text = f"Beyond rounding: {'; '.join(differing[:3])}{more}."
        y = page.paragraph(MARGIN, y + 0.3, text, most=page.right - MARGIN, size=6.5, colour=ALARM)
    return y


def _measures(readings: Sequence[Reading]) -> bool:
    return any(reading.quantity in ("ppv", "pspl", "pvs", "zc_frequency") for reading in readings)


def _cell(recording: Recording, quantity: str, channel: str) -> Cell:
    found = recording.best(quantity, channel)
    if found is None:
        return Cell("–", FAINT)
    reading, source = found
    text = number_text(reading)
    if reading.number is None and reading.state is ValueState.OK:
        text = reading.text or "–"
    if text == "–":
        return Cell(text, FAINT)
    unit = _unit(recording, quantity)
    if reading.number is not None and reading.unit and _plain(reading.unit) != unit:
        text = full_text(reading)
    return Cell(text + (_MARK if source == DECODER else ""), _colour(reading), bold=quantity == "ppv")


def _unit(recording: Recording, quantity: str) -> str:
    """The unit of a row: that of its first value that has one."""
    for channel in CHANNELS:
        found = recording.best(quantity, channel)
        if found is not None and found[0].unit and found[0].number is not None:
            return _plain(found[0].unit)
    return ""


def _plain(unit: str) -> str:
    return "s" if unit == "sec" else unit


def _colour(reading: Reading) -> str:
    failed = reading.text.strip().lower() == "failed"
    return ALARM if reading.state is ValueState.OVER_RANGE or failed else INK


def _compliance(page: Page, recording: Recording, curves: Sequence[Curve], top: float, height: float) -> None:
    page.heading(top - 4.5, "Peaks over frequency, and limits")
    verdicts = verdicts_of(recording, curves)
    draw_chart(page.axes(MARGIN + 11, top, 86, height - 8), recording, curves, verdicts, legend=False)
    x, y = MARGIN + 101, top + 2.5
    airblast = airblast_of(recording)
    rows = (airblast is not None) + len(verdicts) + len(curves) * (2.4 if recording.histogram is not None else 1.4) + 1
    step = min(3.7, (height - 3) / rows)
    if step < 2.5:
        lines = 2.5 * len(curves) + (airblast is not None)
        y, size = _compact(page, recording, curves, verdicts, x, y, (height - 3) / lines)
        _airblast(page, airblast, x, y, size)
        return
    size = min(7.0, step * 2.1)
    if not verdicts:
        page.text(x, y, "no peaks to compare", size=size, colour=FAINT)
    for place, curve in enumerate(curves if verdicts else ()):
        page.sample(x, y - step * 0.25, colour=line_colour(place), style=line_style(place))
        page.text(x + 9, y, curve.title, size=size, bold=True, most=page.right - x - 9)
        y += step
        for found in (v for v in verdicts if v.curve.name == curve.name):
            _verdict(page, found, x, y, size)
            y += step
        if recording.histogram is not None:
            over = intervals_over(recording, curve)
            text = f"{over:,} of {recording.histogram.size:,} intervals above it"
            page.text(x + 4, y, text, size=size - 0.3, colour=ALARM if over else FAINT)
            y += step
        y += step * 0.4
    if airblast is not None:
        y += 0.0 if verdicts else step
        _airblast(page, airblast, x, y, size)
        y += step
    sources = [source for found in verdicts for source in (found.ppv_source, found.frequency_source)]
    if DECODER in [*sources, "" if airblast is None else airblast.source]:
        page.text(x, y, "with values computed from the samples", size=5.8, colour=FAINT)


def _compact(
    page: Page,
    recording: Recording,
    curves: Sequence[Curve],
    verdicts: Sequence[ChannelVerdict],
    x: float,
    y: float,
    step: float,
) -> tuple[float, float]:
    """Two lines for each of many curves. The place below them, and the size of the letters."""
    step = min(step, 3.7)
    size = min(6.8, step * 1.9)
    for place, curve in enumerate(curves):
        page.sample(x, y - step * 0.25, colour=line_colour(place), style=line_style(place))
        room = 24 if recording.histogram is not None else 0
        page.text(x + 9, y, curve.title, size=size, bold=True, most=page.right - x - 9 - room)
        if recording.histogram is not None:
            over = intervals_over(recording, curve)
            page.text(page.right, y, f"{over:,} intervals above", size=size - 0.5, colour=FAINT, align="right")
        y += step
        at = x + 9
        for found in (v for v in verdicts if v.curve.name == curve.name):
            text = f"{found.channel} {found.verdict.outcome.value}"
            page.text(at, y, text, size=size, colour=outcome_colour(found.verdict.outcome))
            at += 24
        y += step * 1.5
    return y, size


def _airblast(page: Page, found: AirblastVerdict | None, x: float, y: float, size: float) -> None:
    if found is not None:
        colour = outcome_colour(found.outcome)
        text = airblast_text(found)
        size = min(size, 0.98 * size * (page.right - x) / text_width(text, size))
        page.text(x, y, text, size=size, colour=colour)


def _verdict(page: Page, found: ChannelVerdict, x: float, y: float, size: float) -> None:
    page.sample(x + 1, y - size * 0.12, colour=COLOURS[found.channel], marker=MARKERS[found.channel])
    page.text(x + 4, y, found.channel, size=size)
    page.text(x + 12, y, f"{full_text(found.ppv)} at {_frequency(found.frequency)}", size=size, most=34)
    page.text(page.right - 14, y, limit_text(found), size=size - 0.3, colour=FAINT, align="right")
    colour = outcome_colour(found.verdict.outcome)
    page.text(page.right, y, found.verdict.outcome.value, size=size, colour=colour, align="right")


def _frequency(reading: Reading) -> str:
    return "unknown Hz" if reading.state is ValueState.ABSENT else full_text(reading)


def _footer(page: Page, recording: Recording, number: str, made_at: str) -> None:
    origin = recording.provenance
    page.rule(page.height - 21.5)
    how = f"Decoded with {origin.decoder} from" if origin.decoder else "Not decoded:"
    where = f"{origin.source or 'no bytes'}" + (f", SHA-256 {origin.source_sha256}" if origin.source_sha256 else "")
    lines = [f"Archive {origin.archive}, event {recording.event_id}.  {how} {where}"]
    if origin.encoder:
        lines.append(
            f"Event file {recording.name} by {origin.encoder} ({origin.encoder_from}), "
            f"SHA-256 {origin.event_file_sha256}"
        )
    else:
        lines.append("No event file is recorded to have been encoded from these frames")
    lines.append(
        f"Made {made_at} with {origin.tool}.  Not made or approved by Instantel; which rules rest on derived facts: "
        "docs/waveforms.md"
    )
    y = page.height - 18
    for line in lines:
        page.text(MARGIN, y, line, size=5.6, colour=FAINT, most=page.right - MARGIN)
        y += 2.7
    page.text(page.right, page.height - 8.5, f"page {number}", size=6.5, colour=FAINT, align="right")
