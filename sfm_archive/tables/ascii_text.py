"""A decoded event as the ASCII text that Blastware would have printed, and the name that pairs it with its file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sfm_archive.analysing import Recording
from sfm_archive.errors import BadInput
from sfm_archive.waveforms import header_text, waveform_fields, write_report
from sfm_archive.waveforms.interval_text import interval_rows, printed_rows
from sfm_archive.waveforms.printed_intervals import PrintedIntervals
from sfm_archive.waveforms.report_text import histogram_fields

_LABELS = (("Project:", "project"), ("Client:", "client"), ("User Name:", "user_name"), ("Seis Loc:", "location"))
_NEWLINE = b"\r\n"


def event_text(recording: Recording) -> bytes:
    """The text, made from what was decoded and the values computed from it, with time and titles as recorded, as
    Blastware has them; its last header line names our software,
    and lines before it say what decoding noticed, such as intervals that are missing.

    Raises BadInput, with the reason, for an event of which nothing was decoded, and for a histogram of which nothing
    gives the length of an interval.
    """
    notes, settings = dict(recording.recorded_notes), recording.settings
    range_in_s = settings.range if settings.has_range else settings.range_in_s
    common: dict[str, Any] = {
        "serial": recording.event.serial,
        "recorded_at": recording.event.recorded_at,
        "file_name": recording.name,
        "notes": [(label, " ".join(notes.get(quantity, "").split())) for label, quantity in _LABELS],
        "range_text": "" if range_in_s is None else f"{range_in_s:.3f} in/s",
        "software": recording.provenance.tool,
    }
    if recording.traces is not None:
        fields = waveform_fields(recording.traces, recording.computed, **common)
        return write_report(header_text(_noticed(fields, recording), _NEWLINE), recording.traces, _NEWLINE)
    histogram, unit = recording.histogram, recording.settings.unit
    if histogram is None:
        raise recording.undecoded(recording.why_not)
    interval = _interval(recording)
    fields = histogram_fields(
        recording.computed,
        intervals=histogram.size,
        interval=interval,
        sample_rate=settings.rate if settings.has_rate else settings.sample_rate,
        unit=unit,
        **common,
    )
    started = recording.event.recorded_at
    if isinstance(histogram, PrintedIntervals):
        rows = printed_rows(histogram, started, unit, _NEWLINE)
    else:
        rows = interval_rows(histogram, started, interval, recording.settings.range, unit, _NEWLINE)
    return header_text(_noticed(fields, recording), _NEWLINE) + _NEWLINE + rows


def _noticed(fields: list[tuple[str, str]], recording: Recording) -> list[tuple[str, str]]:
    return [*fields[:-1], *(("Note", " ".join(warning.split())) for warning in recording.warnings), fields[-1]]


def _interval(recording: Recording) -> timedelta:
    """How long an interval is, as whole seconds, as its rows have them."""
    interval = recording.interval
    missing = ""
    if interval is None:
        missing = "no stop time after its start was found"
    elif interval % timedelta(seconds=1) or interval >= timedelta(days=1):
        size = 0 if recording.histogram is None else recording.histogram.size
        missing = f"start and stop give {interval.total_seconds():.3f} s for each of {size}, which no unit uses"
    if interval is None or missing:
        raise BadInput(
            f"the interval length of this histogram is not known ({missing}), so its rows have no times; import "
            "its ASCII report, or use csv"
        )
    return interval
