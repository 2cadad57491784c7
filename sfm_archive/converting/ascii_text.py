"""A decoded waveform as the ASCII text that Blastware would have printed, and the name that pairs it with its file."""

from __future__ import annotations

from sfm_archive.analysing import Recording
from sfm_archive.errors import BadInput
from sfm_archive.waveforms import header_text, waveform_fields, write_report

_LABELS = (("Project:", "project"), ("Client:", "client"), ("User Name:", "user_name"), ("Seis Loc:", "location"))
_NEWLINE = b"\r\n"


def text_name(recording: Recording) -> str:
    """`M529LK44_AB0_ASCII.TXT` for the event of M529LK44.AB0; serial, time and id where the event has no name."""
    stem, point, ending = recording.name.partition(".")
    if point:
        return f"{stem}_{ending}_ASCII.TXT"
    return f"{recording.event.serial}_{recording.event.recorded_at:%Y%m%dT%H%M%S}_{recording.event_id}_ASCII.TXT"


def waveform_text(recording: Recording) -> bytes:
    """The text, made from the decoded samples and the values computed from them; its last line names our software.

    Raises BadInput for an event without decoded samples.
    """
    if recording.traces is None:
        raise BadInput(f"event {recording.event_id} has no decoded samples: {recording.why_not or 'it is a histogram'}")
    notes = dict(recording.notes)
    fields = waveform_fields(
        recording.traces,
        recording.computed,
        serial=recording.event.serial,
        recorded_at=recording.event.recorded_at,
        file_name=recording.name,
        notes=[(label, " ".join(notes.get(quantity, "").split())) for label, quantity in _LABELS],
        range_text=f"{recording.settings.range:.3f} in/s",
        software=recording.provenance.tool,
    )
    return write_report(header_text(fields, _NEWLINE), recording.traces, _NEWLINE)
