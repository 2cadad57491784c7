"""The table of numbers of an event's page: each with its unit, its state and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.model.findings import Severity
from sfm_archive.model.magnitudes import level_of, vector_sum_of
from sfm_archive.model.one_unit import printed_in_another_unit
from sfm_archive.model.peak_text import by_size
from sfm_archive.model.reading_text import (
    ASSUMED_RANGE_NOTE,
    ASSUMED_RANGE_SIGN,
    number_text,
    plain_unit,
)
from sfm_archive.model.readings import CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.reporting.event_facts import levels_note
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import Language, phrase
from sfm_archive.reporting.page import MARGIN, Cell, Page
from sfm_archive.reporting.style import ALARM, FAINT, INK
from sfm_archive.reporting.words import (
    QUANTITY_NAMES,
    difference_text,
    level_text,
    peak_interval,
    says_nothing,
    source_text,
)

_GEOPHONE_ROWS = ("ppv", "zc_frequency", "time_of_peak", "peak_acceleration", "peak_displacement")
_CHECK_ROWS = ("test_frequency", "test_ratio", "test_amplitude", "test_results")
_MEASURED = (*_GEOPHONE_ROWS, "pspl", "pvs")
_COMPUTED_MARK = " *"
_MARKS = ("", " †", " ‡", " §", " ¶")
"""Behind a value: none for the document that counts first, then one for each further one."""

_RESULTS = {"passed": phrase("Passed"), "failed": phrase("Failed")}
_NOTE_SIZE = 6.5
_MOST_DIFFERENCES = 3


class Numbers:
    """The rows of an event's table and the notes below it."""

    def __init__(self, event: JudgedEvent, width: float, words: Language) -> None:
        """`width`: of the table in mm."""
        recording = event.recording
        self._words = words
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
        page.heading(y, page.language.says("Numbers"))
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
                rows.append([f"{self._name(quantity)}{f', {unit}' if unit else ''}", *cells])
            elif quantity == "time_of_peak" and recording.histogram is not None:
                rows += self._peak_intervals()
        if not any(recording.said(quantity, channel) for quantity in _CHECK_ROWS for channel in CHANNELS):
            not_recorded = Cell(self._words.says("not recorded"), FAINT)
            rows.append([self._words.says("Sensor check"), *[not_recorded] * len(CHANNELS)])
        return [*rows, self._level(), self._vector_sum()]

    def _level(self) -> list[Cell | str]:
        found = level_of(self._recording.values)
        if found is None or found.state is ValueState.ABSENT:
            traces = self._recording.traces
            has_none = traces is not None and "MicL" not in traces.channels
            decoded = self._recording.provenance.decoder and not has_none
            why = self._words.says("no pressure") if decoded else self._words.says("not recorded")
            cell = Cell(found.text.strip() or why if found else why, FAINT)
        else:
            cell = Cell(level_text(found, self._words) + self._mark(found), _colour(found), bold=True)
        return [self._name("pspl"), "", "", "", cell]

    def _vector_sum(self) -> list[Cell | str]:
        words = self._words
        vector, told = vector_sum_of(self._recording.values), self._recording.best("pvs")
        if vector is None or vector.state is ValueState.ABSENT:
            recorded = vector is not None and vector.source is ValueSource.DECODER
            why = words.says("not computed") if recorded else words.says("not recorded")
            return [self._name("pvs"), Cell(why, FAINT), "", "", ""]
        time = self._recording.best("pvs_time")
        text = words.reading_of(vector) + self._mark(vector)
        if told is not None and told.number is not None and told.state is not vector.state:
            # It is at least its largest channel, whatever was printed or computed beside that.
            text += f"  ({source_text(told, words)}: {words.reading_of(told)})"
        if time is not None and time.state is not ValueState.ABSENT:
            at = words.says("at {time}", time=words.reading_of(time))
            text += f"  {at}{self._mark(time) if time.source is not vector.source else ''}"
        # Below the first column it would run into the name: it stands below the second, as wide as it is.
        return [self._name("pvs"), "", Cell(text, _colour(vector), bold=True), "", ""]

    def _peak_intervals(self) -> list[list[Cell | str]]:
        """Of a histogram, when each channel's peak was: the stored interval that holds it."""
        found = [peak_interval(self._recording, channel) for channel in CHANNELS]
        if not any(found):
            return []
        if self._recording.interval is None:
            texts = ["–" if one is None else f"{self._words.whole(one.place + 1)}{_COMPUTED_MARK}" for one in found]
            return [[self._words.says("Number of the peak's interval"), *texts]]
        days = [f"{self._words.day(i.start)}{_COMPUTED_MARK}" if i is not None and i.start else "–" for i in found]
        clocks = ["–" if i is None else f"{i.clock}{_COMPUTED_MARK}" for i in found]
        return [[self._words.says("Date of peak"), *days], [self._words.says("Time of peak (its interval)"), *clocks]]

    def _cell(self, quantity: str, channel: str) -> Cell:
        reading = self._recording.best(quantity, channel)
        if reading is None or says_nothing(reading):
            return Cell("–", FAINT)
        text = self._words.reading(number_text(reading))
        if quantity == "test_results":
            text = self._words.known(_RESULTS.get(text.lower(), text))
        if reading.state is ValueState.ABSENT:
            return Cell(text + self._mark(reading), FAINT)
        if reading.number is not None and reading.unit and plain_unit(reading.unit) != self._unit(quantity):
            text = self._words.reading_of(reading)
        elif printed := printed_in_another_unit(reading):
            text = self._words.reading(f"{number_text(by_size(reading))} ({printed})")
        if quantity == "ppv" and self._event.rests_on_assumed_range(channel):
            text = ASSUMED_RANGE_SIGN + text
        return Cell(text + self._mark(reading), _colour(reading), bold=quantity == "ppv")

    def _name(self, quantity: str) -> str:
        return self._words.says(QUANTITY_NAMES[quantity])

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
        recording, words = self._recording, self._words
        parts = []
        for place, source in enumerate(sources):
            mark = _MARKS[min(place, len(_MARKS) - 1)].strip() or words.says("Without mark")
            parts.append(words.says("{mark}: as the {source} says.", mark=mark, source=words.known(str(source))))
        decoder = recording.provenance.decoder
        if decoder and recording.histogram is None:
            parts.append(words.says("*: computed from the samples by {decoder}.", decoder=decoder))
        elif decoder:
            parts.append(words.says("*: computed from the stored intervals by {decoder}.", decoder=decoder))
        if any(printed_in_another_unit(one) for one in recording.values.values()):
            parts.append(words.says("In brackets: as it was printed, in another unit."))
        if self._event.has_assumed_peaks:
            parts.append(f"{words.told(ASSUMED_RANGE_NOTE)}.")
        if not sources:
            parts.append(words.says("No document reports values."))
        parts += self._why_no_frequency()
        displacements = [recording.best("peak_displacement", channel) for channel in CHANNELS]
        if any(one is not None and one.source is ValueSource.DECODER for one in displacements):
            parts.append(
                words.says(
                    "Displacement *: whether a sample of zero parts half waves is open; of motion of a few counts the "
                    "value can differ by up to 2.27 times."
                )
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
            parts.append(self._words.says("N/A: the record cuts the half wave of the peak, or nothing moved."))
        return [*parts, *filter(None, [levels_note(recording, self._words)])]

    def _warnings(self) -> list[tuple[str, str]]:
        recording, words = self._recording, self._words
        notes = []
        differing = [difference_text(difference, words) for difference in recording.differences]
        if differing:
            texts = self._first(differing, _MOST_DIFFERENCES)
            notes.append((words.says("Beyond rounding: {texts}.", texts=texts), ALARM))
        odd = [words.finding(found) for found in recording.findings if found.severity is not Severity.NOTE]
        if odd:
            notes.append((words.says("Decoding: {texts}.", texts=self._first(odd, 2)), ALARM))
        return notes

    def _first(self, texts: Sequence[str], most: int) -> str:
        more = len(texts) - most
        return "; ".join([*texts[:most], *([self._words.says("and {number} more", number=more)] if more > 0 else [])])


def _measures(reading: Reading) -> bool:
    return reading.quantity in _MEASURED or reading.quantity in _CHECK_ROWS


def _colour(reading: Reading) -> str:
    failed = reading.text.strip().lower() == "failed"
    return ALARM if reading.state is ValueState.OVER_RANGE or failed else INK
