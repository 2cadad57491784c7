"""One event beside what limits say of it: what pages, plots and sketches draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfm_archive.analysing import Recording
from sfm_archive.archive import Archive
from sfm_archive.archive.measuring import with_all_pairs
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import limits_from
from sfm_archive.limits.outcomes import Judgement, Outcome
from sfm_archive.limits.verdicts import EventVerdict, Limits, channel_verdicts, verdict_on
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.reporting.counted_once import without_triggered_intervals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedEvent:
    """`channels`: what each curve says of each geophone, by name of the curve and channel. `counted`: as what it is
    counted among others, see `counted_once`."""

    recording: Recording
    limits: Limits
    verdict: EventVerdict
    counted: Outcome | None
    channels: Mapping[tuple[str, str], Judgement] = field(repr=False)

    @property
    def summary(self) -> EventSummary:
        """The derived row that was judged."""
        return self.recording.measured.summary

    def rests_on_assumed_range(self, channel: str) -> bool:
        """Whether a channel's peak was computed with a geophone range that no document tells."""
        row = self.summary
        return {"Tran": row.tran_basis, "Vert": row.vert_basis, "Long": row.long_basis}.get(channel) == Basis.ASSUMED

    @property
    def has_assumed_peaks(self) -> bool:
        """Whether the peak of any channel was."""
        return any(self.rests_on_assumed_range(channel) for channel in GEO_CHANNELS)


def judged_event(
    archive: Archive, recording: Recording, words: LimitWords, selection: Selection | None = None
) -> JudgedEvent:
    """What the limits say of a recorded event; without any those usual for its unit. `selection`: of the
    events that it is counted among. Raises UsageError and BadInput as `limits_from`."""
    limits = limits_from(words, recording.settings.unit)
    measured = with_all_pairs(archive, {recording.event_id: recording.measured}, limits.curves)[recording.event_id]
    verdict = verdict_on(measured, limits)
    counted = verdict.outcome
    if selection is not None and counted is Outcome.EXCEEDED:
        row = archive.event(recording.event_id)
        others = without_triggered_intervals(archive, row, measured, limits, selection)
        counted = counted if others is None else verdict_on(others, limits).outcome
    return JudgedEvent(
        recording=recording,
        limits=limits,
        verdict=verdict,
        counted=counted,
        channels=channel_verdicts(measured, limits),
    )
