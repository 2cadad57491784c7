"""What the table in front of a report says of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import verdicts_of
from sfm_archive.archive.reviewing import Review
from sfm_archive.limits.curves import Curve, Outcome
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.verdicts import AirblastVerdict, ChannelVerdict, airblast_on, level_of, vector_sum_of, worst
from sfm_archive.model.magnitudes import greatest
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.words import recorded_text


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event: values with their sources, as they count. `curves`: the limits it was compared with, and `verdicts`.
    `unit`: of its velocities, which decides the usual limits."""

    event_id: int
    recorded: str
    serial: str
    name: str
    kind: str
    project: str
    client: str
    location: str
    review: Review | None
    peak: Reading | None
    frequency: Reading | None
    vector: Reading | None
    level: Reading | None
    unit: GeoUnit
    curves: tuple[Curve, ...]
    verdicts: tuple[ChannelVerdict, ...]
    airblast: AirblastVerdict | None

    @property
    def false_trigger(self) -> bool:
        """Whether the review that counts calls it so."""
        return self.review is not None and self.review.false_trigger is True

    @property
    def vibration(self) -> Outcome | None:
        return worst(self.verdicts)

    @property
    def over_range(self) -> bool:
        """Whether a geophone or the microphone is at its rail."""
        return any(found is not None and found.state is ValueState.OVER_RANGE for found in (self.peak, self.level))


def line_of(recording: Recording, limits: Sequence[str]) -> EventLine:
    """The event's line: its greatest channel, its levels, and what the limits say."""
    peak = greatest(recording.best("ppv", channel) for channel in GEO_CHANNELS)
    notes = {name: " ".join(text.split()) for name, text in recording.notes}
    curves = curves_from(limits, recording.settings.unit)
    return EventLine(
        event_id=recording.event_id,
        recorded=recorded_text(recording),
        serial=recording.event.serial,
        name=recording.name if recording.provenance.source else "",
        kind=recording.event.record_type.value,
        project=notes.get("project", ""),
        client=notes.get("client", ""),
        location=notes.get("location", ""),
        review=recording.review,
        peak=peak,
        frequency=recording.best("zc_frequency", peak.channel) if peak is not None else None,
        vector=vector_sum_of(recording.values),
        level=level_of(recording.values),
        unit=recording.settings.unit,
        curves=curves,
        verdicts=verdicts_of(recording, curves),
        airblast=airblast_on(recording.values),
    )
