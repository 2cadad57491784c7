"""The table in front of a report of several events: one line each, on pages across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import AIRBLAST, AirblastVerdict, airblast_of, curves_from, verdicts_of, worst
from sfm_archive.drawing.event_facts import FALSE_TRIGGER, is_false_trigger
from sfm_archive.drawing.page import MARGIN, PAPERS, Cell, Page, fitted
from sfm_archive.drawing.style import ALARM, FAINT, INK
from sfm_archive.drawing.verdicts import outcome_colour
from sfm_archive.drawing.words import full_text
from sfm_archive.formats.magnitudes import as_level, magnitude
from sfm_archive.formats.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.results import ValueSource
from sfm_archive.version import TOOL
from sfm_archive.waveforms import DECODER, Outcome

_SIZE, _STEP = 7.0, 4.5
_TOP, _BOTTOM = 48.0, 14.0
_COMPUTED_MARK = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """One event in the table: values with their sources, as they count; `vibration`: the worst of all curves."""

    event_id: int
    recorded: str
    serial: str
    name: str
    kind: str
    location: str
    peak: tuple[Reading, str] | None
    channel: str
    frequency: tuple[Reading, str] | None
    vector: tuple[Reading, str] | None
    level: tuple[Reading, str] | None
    vibration: Outcome | None
    airblast: AirblastVerdict | None

    @property
    def over_range(self) -> bool:
        """Whether a geophone or the microphone is at its rail."""
        return any(found is not None and found[0].state is ValueState.OVER_RANGE for found in (self.peak, self.level))


def line_of(recording: Recording, limits: Sequence[str]) -> Line:
    """The event's line: its greatest channel, its levels, and what the limits say."""
    peak, channel = None, ""
    for name in GEO_CHANNELS:
        found = recording.best("ppv", name)
        if found is not None and magnitude(found[0]) > magnitude(None if peak is None else peak[0]):
            peak, channel = found, name
    marked = FALSE_TRIGGER if is_false_trigger(recording) else ""
    return Line(
        event_id=recording.event_id,
        recorded=f"{recording.event.recorded_at:%Y-%m-%d %H:%M:%S}",
        serial=recording.event.serial,
        name=recording.name if recording.provenance.source else "",
        kind=recording.event.record_type.value,
        location=" · ".join(text for text in (marked, dict(recording.notes).get("location", "")) if text),
        peak=peak,
        channel=channel,
        frequency=recording.best("zc_frequency", channel) if channel else None,
        vector=recording.best("pvs"),
        level=recording.best("pspl", "MicL") or recording.best("pspl"),
        vibration=worst(verdicts_of(recording, curves_from(limits, recording.settings.unit))),
        airblast=airblast_of(recording),
    )


def lines_on_a_page(paper: str) -> int:
    """How many events one page holds."""
    across = min(PAPERS[paper])
    return int((across - _TOP - _BOTTOM) / _STEP)


def table_page(
    part: Sequence[Line], lines: Sequence[Line], limits: Sequence[str], paper: str, number: str, made_at: str
) -> Page:
    """A page with the lines of `part`, out of all `lines`, to be drawn inside `styled`."""
    height, width = sorted(PAPERS[paper])
    page = Page(width, height)
    page.text(MARGIN, 17, "Vibration report", size=15, bold=True)
    first, last = min(line.recorded for line in lines), max(line.recorded for line in lines)
    units = {line.serial for line in lines}
    text = f"{len(lines):,} events of {len(units):,} unit{'s' * (len(units) != 1)}"
    page.text(page.right, 13, text, size=9, bold=True, align="right")
    page.text(page.right, 17.5, f"{first[:10]} to {last[:10]}, device-local", size=8, colour=FAINT, align="right")
    page.rule(20, heavy=True)
    _outcomes(page, lines, limits)
    # Right ends of the numbers, counted from the right margin, so that the location takes what is left.
    ends = {"PPV": 97.0, "ZC freq.": 82.0, "vector sum": 61.0, "PSPL": 40.0, "vibration": 19.0, "airblast": 0.0}
    starts = {"recorded": 11.0, "unit": 41.0, "event file": 57.0, "type": 83.0, "location": 99.0}
    places = [(MARGIN + 8, "right"), *((MARGIN + start, "left") for start in starts.values())]
    places += [(page.right - end, "right") for end in ends.values()]
    room = (page.right - ends["PPV"]) - (MARGIN + starts["location"]) - 27.5
    rows = [_cells(line, room) for line in part]
    page.table(_TOP - 5, places, ["id", *starts, *ends], rows, size=_SIZE, step=_STEP)
    note = f"{_COMPUTED_MARK} computed by {DECODER}; without mark as a document reports.  Made {made_at} with {TOOL}"
    page.text(MARGIN, page.height - 7.5, note, size=6.2, colour=FAINT)
    page.text(page.right, page.height - 7.5, f"page {number}", size=7, colour=FAINT, align="right")
    return page


def _outcomes(page: Page, lines: Sequence[Line], limits: Sequence[str]) -> None:
    """How many events are above what, in words and with the limits named."""
    units = sorted({line.peak[0].unit for line in lines if line.peak is not None and line.peak[0].unit}) or ["in/s"]
    titles = dict.fromkeys(curve.title for unit in units for curve in curves_from(limits, unit))
    airblast = [line.airblast.outcome for line in lines if line.airblast is not None]
    limit = f"{AIRBLAST.limit_db:g} {AIRBLAST.response}, OSMRE 30 CFR 816.67(b), microphone from 2 Hz on (assumed)"
    y = _outcome_line(page, 25.5, "Vibration", [line.vibration for line in lines], "; ".join(titles))
    y = _outcome_line(page, y, "Airblast", airblast, limit)
    rail = sum(line.over_range for line in lines)
    page.text(MARGIN, y, f"Over range: {rail:,}", size=7.5, bold=True, colour=ALARM if rail else INK)


def _outcome_line(page: Page, y: float, name: str, outcomes: Sequence[Outcome | None], against: str) -> float:
    over = sum(outcome is Outcome.EXCEEDED for outcome in outcomes)
    open_ = sum(outcome is Outcome.UNDECIDED for outcome in outcomes)
    text = f"{name}: {over:,} exceeded, {open_:,} undecided"
    page.text(MARGIN, y, text, size=7.5, bold=True, colour=ALARM if over else INK)
    return page.paragraph(MARGIN + 62, y, against, most=page.right - MARGIN - 62, lines=2) + 0.8


def _cells(line: Line, room: float) -> list[Cell | str]:
    return [
        str(line.event_id),
        line.recorded,
        line.serial,
        line.name or "–",
        line.kind,
        fitted(" ".join(line.location.split()), room, _SIZE),
        _value(line.peak, before=f"{line.channel} ", bold=True),
        _value(line.frequency),
        _value(line.vector),
        _value(None if line.level is None else (as_level(line.level[0]), line.level[1])),
        _outcome(line.vibration),
        _outcome(None if line.airblast is None else line.airblast.outcome),
    ]


def _value(found: tuple[Reading, str] | None, *, before: str = "", bold: bool = False) -> Cell:
    if found is None:
        return Cell("–", FAINT)
    reading, source = found
    if reading.state is ValueState.ABSENT:
        return Cell(full_text(reading), FAINT)
    mark = _COMPUTED_MARK if source == ValueSource.DECODER else ""
    colour = ALARM if reading.state is ValueState.OVER_RANGE else INK
    return Cell(f"{before}{full_text(reading)}{mark}", colour, bold=bold)


def _outcome(outcome: Outcome | None) -> Cell:
    return Cell("–", FAINT) if outcome is None else Cell(outcome.value, outcome_colour(outcome))
