"""Limits that stay with points: which hold for an event, by where it was recorded and when it began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sfm_archive.errors import BadInput, Damaged, UsageError
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.named_curves import airblast_from, judging_from, kept_curves
from sfm_archive.limits.outcomes import Cause, Judging
from sfm_archive.limits.verdicts import Limits
from sfm_archive.model.asked_level import WithoutLimits
from sfm_archive.model.placing import BETWEEN_POINTS
from sfm_archive.model.statements import PointLimits
from sfm_archive.model.summaries import EventSummary

BY_POINT: Final = "point"
"""The word of --limits and --above that asks for the limits of each event's point."""


def asks_for_points(words: Sequence[str]) -> bool:
    """Whether words ask for the limits of points. Raises UsageError where they ask for others beside."""
    is_one = [word.strip().lower() == BY_POINT for word in words]
    if any(is_one) and not all(is_one):
        raise UsageError("limits of points stand alone: give 'point', or other limits")
    return any(is_one)


@dataclass(frozen=True, eq=False)
class LimitsOfPoints:
    """Limits by the number of a point, each with the moment from which on they hold, '' for always, in that order.
    `by`: what decides of a waveform where a statement does not say so."""

    at: Mapping[int, Sequence[tuple[str, Limits]]]
    by: Judging

    def of(self, summary: EventSummary) -> Limits:
        """What holds for an event: the limits of its point at its start; where there are none, limits that say why."""
        if summary.placed in BETWEEN_POINTS:
            return _none(Cause.BETWEEN_POINTS)
        if not summary.point:
            return _none(Cause.NO_POINT)
        return self.at_moment(summary.point, summary.start_local)

    def at_moment(self, point: int, moment_local: str) -> Limits:
        """What holds at a point then; where there are none, limits that say so."""
        held = [limits for since, limits in self.at.get(point, ()) if since <= moment_local]
        return held[-1] if held else _none(Cause.NO_POINT_LIMITS)

    def of_point_between(self, point: int, since_local: str, until_local: str) -> list[Limits]:
        """Those that hold at a point somewhen between two moments, the second not included, in their order."""
        own = self.at.get(point, ())
        ends = [since for since, _ in own[1:]] + [""]
        return [
            limits
            for (since, limits), end in zip(own, ends, strict=False)
            if since < until_local and (not end or end > since_local)
        ]

    @cached_property
    def every(self) -> tuple[Limits, ...]:
        """All that hold somewhere."""
        return tuple(limits for held in self.at.values() for _, limits in held)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Of all of them, each once."""
        return tuple(dict.fromkeys(curve for limits in self.every for curve in limits.curves))

    @property
    def has_airblast(self) -> bool:
        """Whether any point has a limit of airblast."""
        return any(limits.airblast is not None for limits in self.every)


LimitBook = Limits | LimitsOfPoints
"""What events are held against: the same limits all of them, or each those of its point."""


def held_against(book: LimitBook, summary: EventSummary) -> Limits:
    """The limits for one event."""
    return book if isinstance(book, Limits) else book.of(summary)


def counts_without(causes: Iterable[Cause | None]) -> WithoutLimits:
    """How many events have no limits, by why they have none."""
    count = Counter(causes)
    return WithoutLimits(
        at_no_point=count[Cause.NO_POINT],
        point_without_limits=count[Cause.NO_POINT_LIMITS],
        between_points=count[Cause.BETWEEN_POINTS],
    )


def limits_of_points(rows: Iterable[PointLimits], names: Mapping[int, str], by: Judging) -> LimitsOfPoints:
    """Of the statements that count. `names`: of points; `by`: what decides of a waveform where a statement does not say
    so. Raises Damaged for limits that this version does not know."""
    found: dict[int, list[tuple[str, Limits]]] = {}
    for row in sorted(rows, key=lambda one: one.from_local):
        which = _which(row, names.get(row.point, ""))
        limits = limits_stated(row, by)._replace(said=f"{_stated(row)} ({which})", which=which)
        found.setdefault(row.point, []).append((row.from_local, limits))
    return LimitsOfPoints(found, by)


def limits_stated(row: PointLimits, by: Judging) -> Limits:
    """What a statement means, without its name. Raises Damaged for limits that this version does not know."""
    try:
        curves = kept_curves(words_of(row), row.curve)
        is_told = bool(row.airblast) or any(curve.airblast for curve in curves)
        # A point has no limit of airblast that nobody stated, whatever is usual with its curves.
        airblast = airblast_from(row.airblast or None, curves) if is_told else None
        judging = judging_from(row.judge) if row.judge else by
    except (UsageError, BadInput) as error:
        raise Damaged(f"limits {row.number} of a point: {error}; update sfm-archive") from error
    return Limits(
        curves,
        airblast,
        by=judging,
        why_none=None if curves else Cause.NO_POINT_LIMITS,
        of_point=True,
    )


def words_of(row: PointLimits) -> tuple[str, ...]:
    """The words of a statement: of a curve file its name."""
    return (row.limits,) if row.curve else tuple(row.limits.split())


def _none(cause: Cause) -> Limits:
    return Limits((), why_none=cause, of_point=True)


def _stated(row: PointLimits) -> str:
    """`din-4150-3-line-2, airblast 120dB`."""
    parts = [row.limits or "no limit of velocity", row.airblast and f"airblast {row.airblast}"]
    parts += [row.judge and f"judge {row.judge}"]
    return ", ".join(filter(None, parts))


def _which(row: PointLimits, name: str) -> str:
    """`limits 2 of North/Church, since 2026-05-01 00:00:00`."""
    since = f"since {row.from_local.replace('T', ' ')}" if row.from_local else "from the first record on"
    return f"limits {row.number} of {name}, {since}"
