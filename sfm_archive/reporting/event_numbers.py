"""The table of numbers of an event's page: each with its unit, its state and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.model.magnitudes import level_of, vector_sum_of
from sfm_archive.model.one_unit import printed_in_another_unit
from sfm_archive.model.peak_text import by_size
from sfm_archive.model.reading_text import (
    ASSUMED_RANGE_NOTE,
    ASSUMED_RANGE_SIGN,
    NOT_RECORDED,
    number_text,
    plain_unit,
    reading_text,
)
from sfm_archive.model.readings import CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.page import MARGIN, Cell, Page
from sfm_archive.reporting.style import ALARM, FAINT, INK
from sfm_archive.reporting.words import (
    QUANTITY_NAMES,
    difference_text,
    level_text,
    peak_interval,
    says_nothing,
)

_GEOPHONE_ROWS = ("ppv", "zc_frequency", "time_of_peak", "peak_acceleration", "peak_displacement")
_CHECK_ROWS = ("test_frequency", "test_ratio", "test_amplitude", "test_results")
_MEASURED = (*_GEOPHONE_ROWS, "pspl", "pvs")
_COMPUTED_MARK = " *"
_MARKS = ("", " †", " ‡", " §", " ¶")
"""Behind a value: none for the document that counts first, then one for each further one."""

_NOTE_SIZE = 6.5
_MOST_DIFFERENCES = 3


class Numbers:
    """The rows of an event's table and the notes below it."""

    def __init__(self, event: JudgedEvent, width: float) -> None:
        """`width`: of the table in mm."""
        recording = event.recording
        self._event, self._recording, self._width = event, recording, width
        sources = list(dict.fromkeys(one.source for one in recording.reported if one.source and _measures(one)))
        self._marks: dict[ValueSource | None, str] = {
            source: _MARKS[min(place, len(_MARKS) - 1)] for place, source in enumerate(sources)
        }
        self._marks[ValueSource.DECODER] = _COMPUTED_MARK
        self.rows = self._table_rows()
        self.notes = [*self._source_notes(sources), *self._warnings()]

    def draw(self, page: Page, y: float) -> float:
        """Heading, table and notes; where the next thing can stand."""
        page.heading(y, "Numbers")
        places = [(MARGIN, "left"), *((page.right - back, "right") for back in (96.0, 64.0, 32.0, 0.0))]
        titles = ["", *(page.language.channel(channel) for channel in CHANNELS)]
        y = page.table(y + 5.2, places, titles, self.rows)
        for text, colour in self.notes:
            y = page.paragraph(MARGIN, y + 0.1, text, most=self._width, size=_NOTE_SIZE, colour=colour)
        return y

    def _table_rows(self) -> list[list[Cell | str]]:
        recording = self._recording
        rows: list[list[Cell | str]] = []
        for quantity in (*_GEOPHONE_ROWS, *_CHECK_ROWS):
            cells = [self._cell(quantity, channel) for channel in CHANNELS]
            if any(cell.text != "–" for cell in cells):
                unit = self._unit(quantity)
                rows.append([f"{QUANTITY_NAMES[quantity]}{f', {unit}' if unit else ''}", *cells])
            elif quantity == "time_of_peak" and recording.histogram is not None:
                rows += self._peak_intervals()
        if not any(recording.said(quantity, channel) for quantity in _CHECK_ROWS for channel in CHANNELS):
            rows.append(["Sensor check", *[Cell(NOT_RECORDED, FAINT)] * len(CHANNELS)])
        return [*rows, self._level(), self._vector_sum()]

    def _level(self) -> list[Cell | str]:
        found = level_of(self._recording.values)
        if found is None or found.state is ValueState.ABSENT:
            traces = self._recording.traces
            has_none = traces is not None and "MicL" not in traces.channels
            why = "no pressure" if self._recording.provenance.decoder and not has_none else NOT_RECORDED
            cell = Cell(found.text.strip() or why if found else why, FAINT)
        else:
            cell = Cell(level_text(found) + self._mark(found), _colour(found), bold=True)
        return [QUANTITY_NAMES["pspl"], "", "", "", cell]

    def _vector_sum(self) -> list[Cell | str]:
        vector, told = vector_sum_of(self._recording.values), self._recording.best("pvs")
        if vector is None or vector.state is ValueState.ABSENT:
            why = NOT_RECORDED if vector is None or vector.source is not ValueSource.DECODER else "not computed"
            return [QUANTITY_NAMES["pvs"], Cell(why, FAINT), "", "", ""]
        time = self._recording.best("pvs_time")
        text = reading_text(vector) + self._mark(vector)
        if told is not None and told.number is not None and told.state is not vector.state:
            # It is at least its largest channel, whatever was printed or computed beside that.
            text += f"  ({told.source}: {reading_text(told)})"
        if time is not None and time.state is not ValueState.ABSENT:
            text += f"  at {reading_text(time)}{self._mark(time) if time.source is not vector.source else ''}"
        # Below the first column it would run into the name: it stands below the second, as wide as it is.
        return [QUANTITY_NAMES["pvs"], "", Cell(text, _colour(vector), bold=True), "", ""]

    def _peak_intervals(self) -> list[list[Cell | str]]:
        """Of a histogram, when each channel's peak was: the stored interval that holds it."""
        found = [peak_interval(self._recording, channel) for channel in CHANNELS]
        if not any(found):
            return []
        if self._recording.interval is None:
            texts = ["–" if interval is None else f"{interval.place + 1:,}{_COMPUTED_MARK}" for interval in found]
            return [["Number of the peak's interval", *texts]]
        days = [f"{i.start:%Y-%m-%d}{_COMPUTED_MARK}" if i is not None and i.start else "–" for i in found]
        clocks = ["–" if i is None else f"{i.clock}{_COMPUTED_MARK}" for i in found]
        return [["Date of peak", *days], ["Time of peak (its interval)", *clocks]]

    def _cell(self, quantity: str, channel: str) -> Cell:
        reading = self._recording.best(quantity, channel)
        if reading is None or says_nothing(reading):
            return Cell("–", FAINT)
        text = number_text(reading)
        if reading.state is ValueState.ABSENT:
            return Cell(text + self._mark(reading), FAINT)
        if reading.number is not None and reading.unit and plain_unit(reading.unit) != self._unit(quantity):
            text = reading_text(reading)
        elif printed := printed_in_another_unit(reading):
            text = f"{number_text(by_size(reading))} ({printed})"
        if quantity == "ppv" and self._event.rests_on_assumed_range(channel):
            text = ASSUMED_RANGE_SIGN + text
        return Cell(text + self._mark(reading), _colour(reading), bold=quantity == "ppv")

    def _unit(self, quantity: str) -> str:
        """The unit of a row: that of its first value that has one."""
        for channel in CHANNELS:
            found = self._recording.best(quantity, channel)
            if found is not None and found.unit:
                return plain_unit(found.unit)
        return self._recording.settings.unit if quantity == "ppv" else ""

    def _mark(self, reading: Reading) -> str:
        return self._marks.get(reading.source, "")

    def _source_notes(self, sources: Sequence[ValueSource]) -> list[tuple[str, str]]:
        recording = self._recording
        parts = []
        for place, source in enumerate(sources):
            parts.append(f"{_MARKS[place].strip() or 'Without mark'}: as the {source} says.")
        if recording.provenance.decoder:
            of = "samples" if recording.histogram is None else "stored intervals"
            parts.append(f"*: computed from the {of} by {recording.provenance.decoder}.")
        if any(printed_in_another_unit(one) for one in recording.values.values()):
            parts.append("In brackets: as it was printed, in another unit.")
        if self._event.has_assumed_peaks:
            parts.append(f"{ASSUMED_RANGE_NOTE}.")
        if not sources:
            parts.append("No document reports values.")
        parts += self._why_no_frequency()
        displacements = [recording.best("peak_displacement", channel) for channel in CHANNELS]
        if any(one is not None and one.source is ValueSource.DECODER for one in displacements):
            parts.append(
                "Displacement *: whether a sample of zero parts half waves is open; of motion of a few counts the "
                "value can differ by up to 2.27 times."
            )
        return [(" ".join(parts), FAINT)]

    def _why_no_frequency(self) -> list[str]:
        recording = self._recording
        if recording.traces is None:
            return []
        found = {channel: recording.found("zc_frequency", channel) for channel in CHANNELS}
        absent = [name for name, one in found.items() if one is not None and one.state is ValueState.ABSENT]
        parts = []
        if any(name in recording.traces.channels for name in absent):
            parts.append("N/A: the record cuts the half wave of the peak, or nothing moved.")
        if any(name not in recording.traces.channels for name in absent):  # levels are no trace
            parts.append("N/A of the microphone: its samples are levels in dB(L), which have no sign.")
        return parts

    def _warnings(self) -> list[tuple[str, str]]:
        recording = self._recording
        notes = []
        differing = [difference_text(difference) for difference in recording.differences]
        if differing:
            more = len(differing) - _MOST_DIFFERENCES
            text = f"Beyond rounding: {'; '.join(differing[:_MOST_DIFFERENCES])}{f'; and {more} more' * (more > 0)}."
            notes.append((text, ALARM))
        odd = recording.warnings
        if odd:
            notes.append((f"Decoding: {'; '.join(odd[:2])}{f'; and {len(odd) - 2} more' * (len(odd) > 2)}.", ALARM))
        return notes


def _measures(reading: Reading) -> bool:
    return reading.quantity in _MEASURED or reading.quantity in _CHECK_ROWS


def _colour(reading: Reading) -> str:
    failed = reading.text.strip().lower() == "failed"
    return ALARM if reading.state is ValueState.OVER_RANGE or failed else INK
