"""Values as people read them: digits, units, and words where a unit gave no number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.analysing import Recording
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.correcting import CLOCK
from sfm_archive.model.magnitudes import as_level, level_of
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.units import MM_PER_INCH
from sfm_archive.reporting.language import ENGLISH, Language, phrase
from sfm_archive.waveforms.compare import QuantityComparison

if TYPE_CHECKING:
    from sfm_archive.reporting.judged import JudgedEvent

QUANTITY_NAMES = {
    "ppv": phrase("Peak particle velocity"),
    "zc_frequency": phrase("Zero-crossing frequency"),
    "time_of_peak": phrase("Time of peak"),
    "peak_acceleration": phrase("Peak acceleration"),
    "peak_displacement": phrase("Peak displacement"),
    "test_frequency": phrase("Sensor check, frequency"),
    "test_ratio": phrase("Sensor check, overswing ratio"),
    "test_amplitude": phrase("Sensor check, amplitude"),
    "test_results": phrase("Sensor check, result"),
    "pvs": phrase("Peak vector sum"),
    "pvs_time": phrase("Time of peak vector sum"),
    "pspl": phrase("Peak sound pressure level"),
}

_SCALED = re.compile(r"\b(m|ft)/(kg|lb)\^([½⅓])")
_ROOTS = {"½": "√", "⅓": "∛"}
FALSE_TRIGGER = phrase("false trigger")
NOT_BY_INSTANTEL = phrase(
    "Not made or approved by Instantel, whose formats are not published: what is computed follows rules deduced from "
    "recordings and reports."
)


def with_root(text: str) -> str:
    """Units of scaled distances in a text as print has them: `m/√kg` for `m/kg^½`, `ft/∛lb` for `ft/lb^⅓`."""
    return _SCALED.sub(lambda found: f"{found[1]}/{_ROOTS[found[3]]}{found[2]}", text)


def says_nothing(reading: Reading) -> bool:
    """Whether a cell stays empty: there is no value, and no document says why. That no frequency was found is an
    answer."""
    return reading.state is ValueState.ABSENT and not reading.text.strip() and reading.quantity != "zc_frequency"


def level_text(reading: Reading, words: Language) -> str:
    """A peak sound pressure as a level, with the pressure where that is what was reported."""
    level = as_level(reading)
    if level is reading:
        return words.reading_of(reading)
    return f"{words.reading_of(level)}  ({words.digits(f'{reading.number:.4g}')} {reading.unit})"


def difference_text(difference: QuantityComparison, words: Language) -> str:
    """Where a document says something else than the samples, in a few words."""
    computed, printed = difference.computed, difference.reported
    name = QUANTITY_NAMES.get(computed.quantity)
    shown = computed.quantity if name is None else words.says(name)
    return words.says(
        "{what} {printed} ({source}), {computed} of the samples",
        what=f"{computed.channel} {shown.lower() if words.code == ENGLISH else shown}".lstrip(),
        printed=words.reading_of(printed), source=source_text(printed, words), computed=words.reading_of(computed),
    )  # fmt: skip


def source_text(reading: Reading, words: Language) -> str:
    """Where a value is from; of a source that this version does not know, its name."""
    return "" if reading.source is None else words.known(str(reading.source))


def recorded_text(recording: Recording) -> str:
    """When it began, with stated corrections of the clock."""
    return f"{recording.start:%Y-%m-%d %H:%M:%S}"


def recorded_as_text(recording: Recording, words: Language) -> str:
    """Of a corrected clock the time as recorded and the shift, '' of any other."""
    shift = recording.corrections.get(CLOCK)
    if not shift:
        return ""
    return words.says("{moment}, clock {shift}", moment=words.moment(recording.event.recorded_at), shift=shift)


def note_texts(recording: Recording, words: Language) -> dict[str, str]:
    """The texts that hold; behind a corrected one what was recorded."""
    before = recording.recorded_as
    return {
        name: words.says("{text} (recorded as {before})", text=text,
                         before=before[name].strip() or words.says("nothing"))
        if name in before
        else text
        for name, text in recording.notes
    }  # fmt: skip


def airblast_text(event: JudgedEvent, words: Language) -> str:
    """The verdict on the peak level in one line, with the limit that was taken; '' where there is none."""
    found, reading = event.verdict.airblast, level_of(event.recording.values)
    if found is None:
        return ""
    level = "" if reading is None or says_nothing(reading) else f" {words.reading_of(as_level(reading))}"
    airblast, why = words.says("Airblast"), words.told(found.why)
    if event.limits.airblast is None:
        return f"{airblast}{level}: {words.term(found.outcome)}: {why}"
    word = words.says(_AGAINST[found.outcome])
    why = f"; {why}" if why and found.outcome is not Outcome.EXCEEDED else ""
    return f"{airblast}{level}: {word} {words.told(event.limits.airblast_text)}{why}"


_AGAINST = {
    Outcome.UNDECIDED: phrase("undecided against"),
    Outcome.EXCEEDED: phrase("exceeds"),
    Outcome.NOT_COMPARED: phrase("not compared with"),
    Outcome.WITHIN: phrase("within"),
}


def selection_text(selection: Selection, points: Mapping[int, str], words: Language) -> str:
    """Which events were asked for, in words: every filter that was given. `points`: as JOB/POINT, by number."""
    every = words.says("every event of the archive")
    if selection == EVERYTHING:
        return every
    either = f" {words.says('or')} "
    parts = [words.says("named one by one")] if selection.event_ids else []
    if selection.serials:
        parts.append(words.says("of unit {serials}", serials=either.join(selection.serials)))
    if selection.since:
        parts.append(words.says("recorded from {moment} on", moment=words.moment(selection.since)))
    if selection.until:
        parts.append(words.says("recorded before {moment}", moment=words.moment(selection.until)))
    if selection.points or selection.unplaced:
        names = [points.get(number, words.says("point {number}", number=number)) for number in selection.points]
        at_points = [words.says("at {points}", points=either.join(names))] if names else []
        parts.append(either.join([*at_points, *([words.says("at no point")] if selection.unplaced else [])]))
    if selection.record_types:
        types = either.join(words.known(str(one)) for one in selection.record_types)
        parts.append(words.says("of type {types}", types=types))
    for quantity, typed in selection.texts:
        parts.append(words.says("{quantity} with the words “{words}”", quantity=words.known(quantity), words=typed))
    if selection.ppv_from_mm_s is not None:
        number = selection.ppv_from_mm_s
        level = words.digits(f"{number:g} mm/s ({number / MM_PER_INCH:g} in/s)")
        said = phrase("PPV at least {level}") if selection.decided else phrase("PPV that is or may be at least {level}")
        parts.append(words.says(said, level=level))
    if selection.above:
        of_points = selection.limit_counts is not None and selection.limit_counts.without_limits is not None
        limits = words.says("the limits of their point") if of_points else either.join(selection.above)
        said = phrase("that are above {limits}") if selection.decided else phrase("that are or may be above {limits}")
        parts.append(words.says(said, limits=limits))
    if selection.false_triggers is not None:
        no = not selection.false_triggers
        parts.append(words.says("that are no false triggers" if no else "false triggers"))
    if selection.unreviewed:
        parts.append(words.says("that nobody has reviewed"))
    if selection.received_behind is not None:
        said = phrase("of which something came into the archive behind its change {number}")
        parts.append(words.says(said, number=selection.received_behind))
    parts += [words.says("at most {number}", number=selection.limit)] if selection.limit is not None else []
    return words.says("only those {filters}", filters="; ".join(parts)) if parts else every


def window_text(selection: Selection, words: Language) -> str:
    """The window of time that was asked for, as a heading has it; '' where none was. The last day is in it."""
    since, until = selection.since, selection.until
    if since is None and until is None:
        return ""
    said = words.day if selection.is_of_whole_days else words.moment
    if until is not None and selection.is_of_whole_days:
        until -= timedelta(days=1)
    if since is None:
        return words.says("until {moment}", moment=said(until)) if until is not None else ""
    if until is None:
        return words.says("from {moment} on", moment=said(since))
    return words.says("{first} to {last}", first=said(since), last=said(until))


def assumed_text(recording: Recording) -> str:
    return ", ".join(recording.assumed)


class PeakInterval(NamedTuple):
    """The stored interval with the greatest peak of a channel: its number from 0, and the device's times of its start
    and end, None where start and stop of the recording do not tell them."""

    place: int
    start: datetime | None
    end: datetime | None

    @property
    def clock(self) -> str:
        """From when to when, without seconds where both are whole minutes; empty where that is not known."""
        if self.start is None or self.end is None:
            return ""
        form = "%H:%M" if not self.start.second and not self.end.second else "%H:%M:%S"
        return f"{self.start:{form}}–{self.end:{form}}"


def peak_interval(recording: Recording, channel: str) -> PeakInterval | None:
    """Of a histogram, the interval of a channel's peak, the first of equals; None where nothing moved."""
    histogram = recording.histogram
    if histogram is None:
        return None
    place = histogram.place_of_peak(channel)
    if place is None:
        return None
    if recording.interval is None:
        return PeakInterval(place, None, None)
    start = recording.start + recording.interval * place
    return PeakInterval(place, _whole(start), _whole(start + recording.interval))


def _whole(moment: datetime) -> datetime:
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def utc_text(recording: Recording, words: Language) -> str:
    if recording.utc.utc is None:
        return words.says("not known: no time zone is stated")
    text = f"{words.moment(recording.utc.utc)} UTC"
    if recording.utc.other is not None:
        return words.says("{moment} or {other} (repeated hour)", moment=text, other=words.clock(recording.utc.other))
    certainty = recording.utc.certainty.value
    return text if certainty == "certain" else f"{text} ({words.known(certainty)})"
