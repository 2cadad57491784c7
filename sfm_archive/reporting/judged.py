"""One event beside what limits say of it: what pages, plots and sketches draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfm_archive.analysing import Recording
from sfm_archive.archive import Archive
from sfm_archive.archive.measuring import with_all_pairs
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import limits_from
from sfm_archive.limits.outcomes import Judgement
from sfm_archive.limits.verdicts import EventVerdict, Limits, channel_verdicts, verdict_on
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.summaries import Basis, EventSummary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedEvent:
    """`channels`: what each curve says of each geophone, by name of the curve and channel."""

    recording: Recording
    limits: Limits
    verdict: EventVerdict
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


def judged_event(archive: Archive, recording: Recording, words: LimitWords) -> JudgedEvent:
    """What the limits say of a recorded event; without any those usual for its unit. Raises UsageError and BadInput as
    `limits_from`."""
    limits = limits_from(words, recording.settings.unit)
    measured = with_all_pairs(archive, {recording.event_id: recording.measured}, limits.curves)[recording.event_id]
    return JudgedEvent(
        recording=recording,
        limits=limits,
        verdict=verdict_on(measured, limits),
        channels=channel_verdicts(measured, limits),
    )
