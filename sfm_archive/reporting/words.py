"""Values as people read them: digits, units, and words where a unit gave no number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.analysing import Recording
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.correcting import CLOCK
from sfm_archive.model.magnitudes import as_level, level_of
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.units import MM_PER_INCH
from sfm_archive.model.where_recorded import NO_POINT
from sfm_archive.waveforms.compare import QuantityComparison

if TYPE_CHECKING:
    from sfm_archive.reporting.judged import JudgedEvent

QUANTITY_NAMES = {
    "ppv": "Peak particle velocity",
    "zc_frequency": "Zero-crossing frequency",
    "time_of_peak": "Time of peak",
    "peak_acceleration": "Peak acceleration",
    "peak_displacement": "Peak displacement",
    "test_frequency": "Sensor check, frequency",
    "test_ratio": "Sensor check, overswing ratio",
    "test_amplitude": "Sensor check, amplitude",
    "test_results": "Sensor check, result",
    "pvs": "Peak vector sum",
    "pvs_time": "Time of peak vector sum",
    "pspl": "Peak sound pressure level",
}

FALSE_TRIGGER = "false trigger"


def says_nothing(reading: Reading) -> bool:
    """Whether a cell stays empty: there is no value, and no document says why. That no frequency was found is an
    answer."""
    return reading.state is ValueState.ABSENT and not reading.text.strip() and reading.quantity != "zc_frequency"


def level_text(reading: Reading) -> str:
    """A peak sound pressure as a level, with the pressure where that is what was reported."""
    level = as_level(reading)
    if level is reading:
        return reading_text(reading)
    return f"{reading_text(level)}  ({reading.number:.4g} {reading.unit})"


def difference_text(difference: QuantityComparison) -> str:
    """Where a document says something else than the samples, in a few words."""
    computed, printed = difference.computed, difference.reported
    name = f"{computed.channel} {QUANTITY_NAMES.get(computed.quantity, computed.quantity).lower()}".lstrip()
    return f"{name} {reading_text(printed)} ({printed.source}), {reading_text(computed)} of the samples"


def recorded_text(recording: Recording) -> str:
    """When it began, with stated corrections of the clock."""
    return f"{recording.start:%Y-%m-%d %H:%M:%S}"


def recorded_as_text(recording: Recording) -> str:
    """Of a corrected clock the time as recorded and the shift, '' of any other."""
    shift = recording.corrections.get(CLOCK)
    return f"{recording.event.recorded_at:%Y-%m-%d %H:%M:%S}, clock {shift}" if shift else ""


def note_texts(recording: Recording) -> dict[str, str]:
    """The texts that hold; behind a corrected one what was recorded."""
    before = recording.recorded_as
    return {
        name: f"{text} (recorded as {before[name].strip() or 'nothing'})" if name in before else text
        for name, text in recording.notes
    }


def airblast_text(event: JudgedEvent) -> str:
    """The verdict on the peak level in one line, with the limit that was taken; '' where there is none."""
    found, reading = event.verdict.airblast, level_of(event.recording.values)
    if found is None:
        return ""
    level = "" if reading is None or says_nothing(reading) else f" {reading_text(as_level(reading))}"
    if event.limits.airblast is None:
        return f"Airblast{level}: {found.outcome.value}: {found.why}"
    word = _AGAINST.get(found.outcome, found.outcome.value)
    why = f"; {found.why}" if found.why and found.outcome is not Outcome.EXCEEDED else ""
    return f"Airblast{level}: {word} {event.limits.airblast_text}{why}"


_AGAINST = {
    Outcome.UNDECIDED: "undecided against",
    Outcome.EXCEEDED: "exceeds",
    Outcome.NOT_COMPARED: "not compared with",
}


def selection_text(selection: Selection, points: Mapping[int, str]) -> str:
    """Which events were asked for, in words: every filter that was given. `points`: as JOB/POINT, by number."""
    if selection == EVERYTHING:
        return "every event of the archive"
    parts = ["named one by one"] if selection.event_ids else []
    parts += [f"of unit {' or '.join(selection.serials)}"] if selection.serials else []
    parts += [f"recorded from {selection.since:%Y-%m-%d %H:%M:%S} on"] if selection.since else []
    parts += [f"recorded before {selection.until:%Y-%m-%d %H:%M:%S}"] if selection.until else []
    if selection.points or selection.unplaced:
        names = [points.get(number, f"point {number}") for number in selection.points]
        at_points = [f"at {' or '.join(names)}"] if names else []
        parts.append(" or ".join([*at_points, *([f"at {NO_POINT}"] if selection.unplaced else [])]))
    parts += [f"of type {' or '.join(selection.record_types)}"] if selection.record_types else []
    parts += [f"{quantity} with the words “{words}”" for quantity, words in selection.texts]
    if selection.ppv_from_mm_s is not None:
        number, what = selection.ppv_from_mm_s, "" if selection.decided else "that is or may be "
        parts.append(f"PPV {what}at least {number:g} mm/s ({number / MM_PER_INCH:g} in/s)")
    if selection.above:
        what = "" if selection.decided else "or may be "
        of_points = selection.limit_counts is not None and selection.limit_counts.without_limits is not None
        limits = "the limits of their point" if of_points else " or ".join(selection.above)
        parts.append(f"that are {what}above {limits}")
    if selection.false_triggers is not None:
        parts.append(f"{FALSE_TRIGGER}s" if selection.false_triggers else f"that are no {FALSE_TRIGGER}s")
    parts += [f"at most {selection.limit:,}"] if selection.limit is not None else []
    return f"only those {'; '.join(parts)}" if parts else "every event of the archive"


def window_text(selection: Selection) -> str:
    """The window of time that was asked for, as a heading has it; '' where none was. The last day is in it."""
    since, until = selection.since, selection.until
    if since is None and until is None:
        return ""
    form = "%Y-%m-%d" if selection.is_of_whole_days else "%Y-%m-%d %H:%M:%S"
    if until is not None and selection.is_of_whole_days:
        until -= timedelta(days=1)
    if since is None:
        return f"until {until:{form}}"
    return f"{since:{form}} to {until:{form}}" if until is not None else f"from {since:{form}} on"


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


def utc_text(recording: Recording) -> str:
    if recording.utc.utc is None:
        return "not known: no time zone is stated"
    text = f"{recording.utc.utc:%Y-%m-%d %H:%M:%S} UTC"
    if recording.utc.other is not None:
        text += f" or {recording.utc.other:%H:%M:%S} (repeated hour)"
    elif recording.utc.certainty.value != "certain":
        text += f" ({recording.utc.certainty.value})"
    return text
