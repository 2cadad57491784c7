"""What an event's page says above its numbers: when, where, with which settings, and what people wrote."""

from __future__ import annotations

from sfm_archive.analysing import Recording
from sfm_archive.model.decode_settings import TOLD
from sfm_archive.model.reading_text import NOT_RECORDED, reading_text
from sfm_archive.model.readings import ValueState
from sfm_archive.model.units import MM_PER_INCH
from sfm_archive.model.zones import UNKNOWN_ZONE
from sfm_archive.reporting.language import Language, phrase
from sfm_archive.reporting.words import note_texts, recorded_as_text, utc_text

_TITLES = {
    "project": phrase("Project"), "client": phrase("Client"), "location": phrase("Location"),
    "user_name": phrase("User name"),
}  # fmt: skip
_STOP_MODES = {"auto": phrase("automatic")}
_MICROMATE_TITLES = {"operator": phrase("Operator"), "setup": phrase("Setup")}


def fact_rows(recording: Recording, words: Language) -> list[tuple[str, str]]:
    """When and with which settings. What no document and no byte states reads "not recorded"."""
    rows = [*_times(recording, words)]
    if recording.histogram is None:
        rows.append((words.says("Trigger"), _trigger(recording, words)))
    rows.append((words.says("Geophone range"), _range(recording, words)))
    rows.append((words.says("Sample rate"), _rate(recording, words)))
    return [*rows, _length(recording, words), *_stop(recording, words)]


def unit_rows(recording: Recording, words: Language) -> list[tuple[str, str]]:
    """The state of the unit, and whose versions wrote what is reported."""
    rows = [(words.says("Battery"), words.reading(_said(recording, "battery") or NOT_RECORDED))]
    printed, then = _said(recording, "calibration"), recording.calibration
    rows.append((words.says("Calibration"), printed or words.says("not recorded")))
    if printed or then.number:
        rows.append((words.says("Calibrated"), f"{words.term(then.state)} ({words.told(then.why)})"))
    firmware, software = _said(recording, "firmware"), _said(recording, "software")
    versions = [
        words.says("unit {version}", version=firmware) if firmware else "",
        words.says("PC software {version}", version=software) if software else "",
    ]
    told = ", ".join(filter(None, versions))
    return [*rows, (words.says("Versions"), told)] if told else rows


def title_rows(recording: Recording, words: Language) -> list[tuple[str, str]]:
    """The point that people state, the titles that an operator typed, and what a reviewer decided."""
    known = note_texts(recording, words)
    at_point = [(words.says("Point"), words.told(recording.place.told))] if recording.place.told else []
    # A reader looks for the first four in every report; the others are a Micromate's.
    rows = [(words.says(label), known.get(name, words.says("not recorded"))) for name, label in _TITLES.items()]
    rows += [(words.says(label), known[name]) for name, label in _MICROMATE_TITLES.items() if name in known]
    review = _review(recording, words)
    return [*at_point, *rows, *([(words.says("Review"), review)] if review else [])]


def general_note(recording: Recording) -> str:
    return next((text for name, text in recording.notes if name == "general"), "")


def false_trigger_note(recording: Recording, words: Language) -> str:
    """Who marked the event as a false trigger, and why; '' where it counts as no such."""
    review = recording.review
    if review is None or review.false_trigger is not True:
        return ""
    marked = words.says("False trigger")
    if review.reviewer:
        marked = words.says("False trigger, says {name}", name=review.reviewer)
    return f"{marked}{f': {review.notes}' if review.notes else ''}"


def _times(recording: Recording, words: Language) -> list[tuple[str, str]]:
    histogram = recording.histogram is not None
    begin = words.says("Start (device-local)") if histogram else words.says("Event time (device-local)")
    rows = [(begin, words.moment(recording.start))]
    if before := recorded_as_text(recording, words):
        rows.append((words.says("Recorded as"), before))
    if histogram:
        stop = recording.stop
        end = words.says("not recorded") if stop is None else words.moment(stop)
        rows.append((words.says("Stop (device-local)"), end))
    zone = recording.zone
    if zone == UNKNOWN_ZONE:
        zone = words.says("not stated")
        if recording.site_zone:
            zone = words.says("{zone} (of the site; none is stated of the unit)", zone=recording.site_zone)
    shown = words.says("{zone} (corrected)", zone=zone) if recording.corrected.zone else zone
    rows.append((words.says("Time zone"), shown))
    if recording.utc.utc is not None:
        rows.append((words.says("UTC (derived)"), utc_text(recording, words)))
    return rows


def _said(recording: Recording, quantity: str) -> str:
    """As a document prints it; '' where none has it."""
    known = recording.said(quantity)
    if known is None or known.state is ValueState.ABSENT:
        return ""
    return reading_text(known)


def _trigger(recording: Recording, words: Language) -> str:
    parts = [_said(recording, "trigger")]
    for name, quantity in (
        (words.says("geophones"), "geo_trigger_level"),
        (words.says("microphone"), "mic_trigger_level"),
    ):
        level = words.reading(_said(recording, quantity))
        parts.append(f"{name} {level}" if level else "")
    return ", ".join(part for part in parts if part) or words.says("not recorded")


def _from(recording: Recording, what: str, origin: str, words: Language) -> str:
    """Where a setting is from, where no document of the event tells it."""
    if what in recording.settings.assumed:
        return f" ({words.says('assumed')})"
    return "" if origin == TOLD else f" ({words.told(origin)})"


def _range(recording: Recording, words: Language) -> str:
    said = words.reading(_said(recording, "geo_range"))
    not_recorded = words.says("not recorded")
    if not recording.settings.has_range and recording.settings.range_in_s is None:
        return said or not_recorded
    in_s = words.digits(f"{recording.settings.range:g} in/s")
    if "geophone range" not in recording.settings.assumed:
        other = in_s + _from(recording, "geophone range", recording.settings.range_from, words)
        return said if any(sign.isdigit() for sign in said) else f"{said} ({in_s})" if said else other
    if not recording.provenance.decoder:
        return said or not_recorded
    metric = f" = {recording.settings.range * MM_PER_INCH:g} mm/s" if recording.settings.unit == "mm/s" else ""
    return f"{in_s}{words.digits(metric)} ({words.says('assumed')})"


def _rate(recording: Recording, words: Language) -> str:
    if not recording.provenance.decoder or not recording.settings.has_rate:
        return words.reading(_said(recording, "sample_rate") or NOT_RECORDED)
    origin = _from(recording, "sample rate", recording.settings.rate_from, words)
    return f"{words.digits(f'{recording.settings.rate:g}')} sps{origin}"


def _length(recording: Recording, words: Language) -> tuple[str, str]:
    if recording.histogram is not None:
        name, size = words.says("Stored intervals"), recording.histogram.size
        if recording.interval is None:
            return name, words.says("{number}, size not known", number=size)
        seconds = words.digits(f"{recording.interval.total_seconds():g}")
        return name, words.says("{number} of {seconds} s", number=size, seconds=seconds)
    traces, name = recording.traces, words.says("Record time")
    if traces is None:
        time, pretrigger = (words.reading(_said(recording, what)) for what in ("record_time", "pretrigger"))
        before = words.says("pre-trigger {time}", time=pretrigger.lstrip("-")) if pretrigger else ""
        return name, ", ".join(filter(None, (time, before))) or words.says("not recorded")
    before = words.digits(f"{traces.pretrigger / traces.sample_rate:.3f} s")
    after = words.digits(f"{max(0, traces.size - traces.pretrigger) / traces.sample_rate:.3f} s")
    origin = _from(recording, "pre-trigger", recording.settings.pretrigger_from, words)
    return name, f"{after}, {words.says('pre-trigger {time}', time=before)}{origin}"


def _stop(recording: Recording, words: Language) -> list[tuple[str, str]]:
    """How the record ends, where a document tells it: after a fixed time, or with a window behind the motion."""
    mode, window = (_said(recording, what) for what in ("record_stop_mode", "auto_window"))
    if not mode:
        return []
    told = words.known(_STOP_MODES.get(mode.lower(), mode))
    of_window = words.says("window {time}", time=words.reading(window)) if window else ""
    return [(words.says("Record stop mode"), ", ".join(filter(None, (told, of_window))))]


def _review(recording: Recording, words: Language) -> str:
    """A review that calls the event no false trigger, or says nothing of that; what does is no fact among others."""
    review = recording.review
    if review is None or review.false_trigger:
        return ""
    no = words.says("no false trigger") if review.false_trigger is False else ""
    parts = [no, review.notes, review.reviewer]
    return ", ".join(part for part in parts if part)


def levels_note(recording: Recording, words: Language) -> str:
    """That the microphone was printed as levels, of which there is no trace; '' where it has one or there is none."""
    if recording.traces is None or "MicL" in recording.traces.channels or recording.found("pspl", "MicL") is None:
        return ""
    return words.says("N/A of the microphone: its samples are levels in dB(L), which have no sign.")
