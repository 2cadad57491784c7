"""What the table in front of a report says of one event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sfm_archive.archive.reviewing import Review
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import EventVerdict, Limits
from sfm_archive.model.calibrations import CalibrationState
from sfm_archive.model.magnitudes import level_of, vector_sum_of
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.summaries import Basis
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.judged import InPeriod, JudgedEvent
from sfm_archive.reporting.language import ENGLISH, Language, language
from sfm_archive.reporting.verdicts import outcome_text


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event: values with their sources, as they count. `limits`: what it was held against, `verdict`: what they
    say, `outcome_text` in words, `counted` as what it is counted. `peak`: the one that lists show, `peak_basis`: what
    it stands on, of `Basis`. `unit`: of its velocities, which decides the usual limits. `decoder`: of what is computed,
    '' where nothing is. `in_period`: what of an event that reaches beyond the period lies in it, None of any other; the
    values are those of its part. `corrected`: whether its clock, zone or titles are. `day_known`: False where nothing
    tells on which of its days its peaks were. `calibration`: of its unit at its start. `point`: where it was
    recorded, '' where its unit has no windows."""

    event_id: int
    start: datetime
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
    limits: Limits
    verdict: EventVerdict
    counted: Outcome | None
    outcome_text: str
    peak_basis: str
    decoder: str
    in_period: InPeriod | None
    day_known: bool
    calibration: CalibrationState
    corrected: bool
    point: str

    @property
    def false_trigger(self) -> bool:
        """Whether the review that counts calls it so."""
        return self.review is not None and self.review.false_trigger is True

    @property
    def vibration(self) -> Outcome | None:
        """What the curves say; None without any."""
        return self.verdict.outcome

    @property
    def over_range(self) -> bool:
        """Whether a geophone or the microphone is at its rail."""
        return any(found is not None and found.state is ValueState.OVER_RANGE for found in (self.peak, self.level))


def line_of(event: JudgedEvent, words: Language | None = None) -> EventLine:
    """The event's line: its greatest channel, its levels, and what the limits say; of what its days in the period show,
    where that is known."""
    in_period = event.in_period
    if in_period is not None and in_period.part is not None:
        event = in_period.part
    recording = event.recording
    basis = event.summary.ppv_basis
    peak = None if basis == Basis.UNKNOWN else recording.best("ppv", event.summary.ppv_channel)
    notes = {name: " ".join(text.split()) for name, text in recording.notes}
    return EventLine(
        event_id=recording.event_id,
        start=recording.start,
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
        limits=event.limits,
        verdict=event.verdict,
        counted=event.counted,
        outcome_text=outcome_text(event, words or language(ENGLISH)),
        peak_basis=basis,
        decoder=recording.provenance.decoder,
        in_period=in_period,
        day_known=event.day_known,
        calibration=recording.calibration.state,
        corrected=bool(recording.corrections),
        point=recording.place.in_short,
    )
