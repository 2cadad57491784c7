"""Limits of a point as they are said and as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.limits.airblast import airblast_limit
from sfm_archive.limits.named_curves import airblast_from, curves_from, is_own_file, own_curve_text
from sfm_archive.limits.outcomes import Judging
from sfm_archive.limits.point_limits import asks_for_points


class LimitsSaid(NamedTuple):
    """Limits in the columns of a statement."""

    limits: str
    curve: str
    airblast: str
    judge: str


def checked_limits(limits: Sequence[str], airblast: str, judge: str) -> LimitsSaid:
    """Limits as they are kept. Raises UsageError, BadInput."""
    if asks_for_points(limits):
        raise UsageError("'point' means the limits that are stated of points; state some here")
    if judge not in ("", *Judging):
        raise UsageError(f"events are not judged by {judge!r}; there are {', '.join(Judging)}")
    if airblast:
        airblast_limit(airblast)
    curves = curves_from(limits) if limits else ()
    if not airblast:
        airblast_from(None, curves)
    own = [word for word in limits if is_own_file(word)]
    if own and len(limits) > 1:
        raise UsageError(f"{own[0]} is a file, of which a point has one at a time; give it alone")
    text = own_curve_text(own[0]) if own else ""
    name = Path(own[0]).name if own else " ".join("".join(word.split()) for word in limits)
    return LimitsSaid(name, text, " ".join(airblast.split()), judge)
