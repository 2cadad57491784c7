"""What an event's page says above its numbers: when, where, with which settings, and what people wrote."""

from __future__ import annotations

from sfm_archive.analysing import Recording
from sfm_archive.model.decode_settings import TOLD
from sfm_archive.model.reading_text import NOT_RECORDED, reading_text
from sfm_archive.model.readings import ValueState
from sfm_archive.model.units import MM_PER_INCH
from sfm_archive.reporting.words import FALSE_TRIGGER, note_texts, recorded_as_text, recorded_text, utc_text

_TITLES = {"project": "Project", "client": "Client", "location": "Location", "user_name": "User name"}
_MICROMATE_TITLES = {"operator": "Operator", "setup": "Setup"}


def fact_rows(recording: Recording) -> list[tuple[str, str]]:
    """When and with which settings. What no document and no byte states reads "not recorded"."""
    rows = [*_times(recording)]
    if recording.histogram is None:
        rows.append(("Trigger", _trigger(recording)))
    rows.append(("Geophone range", _range(recording)))
    rows.append(("Sample rate", _rate(recording)))
    return [*rows, _length(recording)]


def unit_rows(recording: Recording) -> list[tuple[str, str]]:
    """The state of the unit, and whose versions wrote what is reported."""
    rows = [("Battery", _said(recording, "battery") or NOT_RECORDED)]
    printed, then = _said(recording, "calibration"), recording.calibration
    rows.append(("Calibration", printed or NOT_RECORDED))
    if printed or then.number:
        rows.append(("At that time", then.told))
    told = (("unit", _said(recording, "firmware")), ("PC software", _said(recording, "software")))
    versions = [f"{name} {text}" for name, text in told if text]
    return [*rows, ("Versions", ", ".join(versions))] if versions else rows


def title_rows(recording: Recording) -> list[tuple[str, str]]:
    """The point that people state, the titles that an operator typed, and what a reviewer decided."""
    known = note_texts(recording)
    at_point = [("Point", recording.place.told)] if recording.place.told else []
    # A reader looks for the first four in every report; the others are a Micromate's.
    rows = [(label, known.get(name, NOT_RECORDED)) for name, label in _TITLES.items()]
    rows += [(label, known[name]) for name, label in _MICROMATE_TITLES.items() if name in known]
    review = _review(recording)
    return [*at_point, *rows, *([("Review", review)] if review else [])]


def general_note(recording: Recording) -> str:
    return next((text for name, text in recording.notes if name == "general"), "")


def false_trigger_note(recording: Recording) -> str:
    """Who marked the event as a false trigger, and why; '' where it counts as no such."""
    review = recording.review
    if review is None or review.false_trigger is not True:
        return ""
    who = f", says {review.reviewer}" if review.reviewer else ""
    return f"{FALSE_TRIGGER.capitalize()}{who}{f': {review.notes}' if review.notes else ''}"


def _times(recording: Recording) -> list[tuple[str, str]]:
    histogram = recording.histogram is not None
    rows = [("Start (device-local)" if histogram else "Event time (device-local)", recorded_text(recording))]
    if before := recorded_as_text(recording):
        rows.append(("Recorded as", before))
    if histogram:
        stop = recording.stop
        rows.append(("Stop (device-local)", f"{stop:%Y-%m-%d %H:%M:%S}" if stop is not None else NOT_RECORDED))
    zone = "not stated" if recording.zone == "unknown" else recording.zone
    rows.append(("Time zone", f"{zone} (corrected)" if recording.corrected.zone else zone))
    if recording.utc.utc is not None:
        rows.append(("UTC (derived)", utc_text(recording)))
    return rows


def _said(recording: Recording, quantity: str) -> str:
    """As a document prints it; '' where none has it."""
    known = recording.said(quantity)
    if known is None or known.state is ValueState.ABSENT:
        return ""
    return reading_text(known)


def _trigger(recording: Recording) -> str:
    parts = [_said(recording, "trigger")]
    for name, quantity in (("geophones", "geo_trigger_level"), ("microphone", "mic_trigger_level")):
        level = _said(recording, quantity)
        parts.append(f"{name} {level}" if level else "")
    return ", ".join(part for part in parts if part) or NOT_RECORDED


def _from(recording: Recording, what: str, origin: str) -> str:
    """Where a setting is from, where no document of the event tells it."""
    return " (assumed)" if what in recording.settings.assumed else "" if origin == TOLD else f" ({origin})"


def _range(recording: Recording) -> str:
    said = _said(recording, "geo_range")
    if not recording.settings.has_range and recording.settings.range_in_s is None:
        return said or NOT_RECORDED
    if "geophone range" not in recording.settings.assumed:
        in_s = f"{recording.settings.range:g} in/s"
        other = in_s + _from(recording, "geophone range", recording.settings.range_from)
        return said if any(sign.isdigit() for sign in said) else f"{said} ({in_s})" if said else other
    if not recording.provenance.decoder:
        return said or NOT_RECORDED
    metric = f" = {recording.settings.range * MM_PER_INCH:g} mm/s" if recording.settings.unit == "mm/s" else ""
    return f"{recording.settings.range:g} in/s{metric} (assumed)"


def _rate(recording: Recording) -> str:
    if not recording.provenance.decoder or not recording.settings.has_rate:
        return _said(recording, "sample_rate") or NOT_RECORDED
    return f"{recording.settings.rate:g} sps{_from(recording, 'sample rate', recording.settings.rate_from)}"


def _length(recording: Recording) -> tuple[str, str]:
    if recording.histogram is not None:
        size = "size not known" if recording.interval is None else f"of {recording.interval.total_seconds():g} s"
        return "Stored intervals", f"{recording.histogram.size:,}{',' if recording.interval is None else ''} {size}"
    traces = recording.traces
    if traces is None:
        parts = [_said(recording, "record_time"), _said(recording, "pretrigger")]
        texts = [parts[0], f"pre-trigger {parts[1].lstrip('-')}" if parts[1] else ""]
        return "Record time", ", ".join(text for text in texts if text) or NOT_RECORDED
    before = traces.pretrigger / traces.sample_rate
    after = max(0, traces.size - traces.pretrigger) / traces.sample_rate
    origin = _from(recording, "pre-trigger", recording.settings.pretrigger_from)
    return "Record time", f"{after:.3f} s, pre-trigger {before:.3f} s{origin}"


def _review(recording: Recording) -> str:
    """A review that calls the event no false trigger, or says nothing of that; what does is no fact among others."""
    review = recording.review
    if review is None or review.false_trigger:
        return ""
    parts = [f"no {FALSE_TRIGGER}" if review.false_trigger is False else "", review.notes, review.reviewer]
    return ", ".join(part for part in parts if part)
