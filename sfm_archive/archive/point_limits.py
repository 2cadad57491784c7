"""The limits that are stated of the points of an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfm_archive.errors import UsageError
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import judging_from, limits_from
from sfm_archive.limits.outcomes import Judging
from sfm_archive.limits.point_limits import LimitBook, LimitsOfPoints, asks_for_points, limits_of_points
from sfm_archive.model.statements import PointLimits
from sfm_archive.storage import statements

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def limits_asked(archive: Archive, words: LimitWords, unit: str | None = None) -> LimitBook:
    """What words ask for: 'point' for the limits of each event's point, else as `limits_from`. Raises UsageError,
    BadInput, Damaged."""
    if not asks_for_points(words.curves):
        return limits_from(words, unit)
    if words.airblast is not None:
        raise UsageError("points have limits of airblast of their own (sfm point limits); leave --airblast out")
    return stated_limits(archive, judging_from(words.judge))


def points_have_limits(archive: Archive) -> bool:
    """Whether limits of any point are stated and count."""
    with archive.store.settled() as connection:
        return bool(statements.that_count(connection, PointLimits))


def stated_limits(archive: Archive, by: Judging) -> LimitsOfPoints:
    """Those that count. `by`: what decides of a waveform where a statement does not say so. Raises Damaged."""
    with archive.store.reading() as connection:
        rows = statements.that_count(connection, PointLimits).values()
        names = statements.names_of_points(connection)
    return limits_of_points(rows, {number: "/".join(parts) for number, parts in names.items()}, by)
