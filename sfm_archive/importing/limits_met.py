"""Which events of an import are above the limits of their points, and of which that is undecided."""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.archive import Archive
from sfm_archive.archive.listing import ListedEvent, ListedPeak
from sfm_archive.archive.measuring import above_limits
from sfm_archive.archive.point_limits import points_have_limits
from sfm_archive.limits.point_limits import BY_POINT
from sfm_archive.model.asked_level import LevelAnswer, LimitCounts
from sfm_archive.model.peak_text import peak_text
from sfm_archive.model.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class AtALimit:
    """An event that is above the limits of its point, or may be. `level`: `yes` or `undecided`; `why`: what leaves it
    undecided, else ''. `limits`: those that it was held against, in words. `ppv`: its greatest peak, None where none is
    known; `ppv_text`: for people. `start_local`: with stated corrections. `job`, `point`: in whose window it starts, ''
    without one. `false_trigger`: as a review says, None without one."""

    event_id: int
    serial: str
    start_local: str
    name: str
    job: str
    point: str
    ppv: ListedPeak | None
    ppv_text: str
    level: LevelAnswer
    why: str
    limits: str
    false_trigger: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsMet:
    """`counts`: what the limits say of all events of which the import brought something; `events`: those above a limit,
    or perhaps, in the order of their starts."""

    counts: LimitCounts
    events: tuple[AtALimit, ...]


def limits_met(archive: Archive, behind: int) -> LimitsMet | None:
    """Of the events of which something was received behind a change; None where nothing was, or no point has limits.
    Raises as `above_limits`."""
    if not points_have_limits(archive):
        return None
    received = Selection(received_behind=behind)
    if not archive.count(received, up_to=0):
        return None
    found = above_limits(archive, received, (BY_POINT,))
    assert found.limit_counts is not None
    return LimitsMet(counts=found.limit_counts, events=tuple(map(_at_a_limit, archive.listing(found))))


def _at_a_limit(event: ListedEvent) -> AtALimit:
    return AtALimit(
        event_id=event.event_id,
        serial=event.serial,
        start_local=event.start_local,
        name=event.name,
        job=event.job,
        point=event.point,
        ppv=event.plain_ppv,
        ppv_text="" if event.ppv is None else peak_text(event.ppv, event.ppv_basis, day_known=event.day_known),
        level=event.level or LevelAnswer.UNDECIDED,
        why=event.level_why,
        limits=event.limits,
        false_trigger=event.false_trigger,
    )
