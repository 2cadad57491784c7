"""Limits that stay with points: stated with the moment from which on they hold, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.errors import UsageError
from sfm_archive.model.statements import PointLimits
from sfm_archive.model.timestamps import local_text
from sfm_archive.sites.jobs import listing, point_named
from sfm_archive.sites.said_limits import checked_limits
from sfm_archive.sites.stating import StatementMade, state, that_counts, who, why, withdraw
from sfm_archive.storage import statements


def limit_point(
    archive: Archive,
    point: str,
    *,
    limits: Sequence[str] = (),
    airblast: str = "",
    judge: str = "",
    since: datetime | None = None,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Say which limits hold at a point, written as JOB/POINT, from `since` on (None: from the first record on), until
    later ones do. `limits`: as for `curves_from`, of a file its text is kept; `airblast`: as for `airblast_from`;
    `judge`: what decides of a waveform, 'peak', 'record' or 'both', '' where whoever asks decides.

    The same again changes nothing. Raises NotFound for an unknown point, UsageError for limits that are none, or for
    none at all, BadInput for a file that describes no curve, ReadOnlyArchive, Busy.
    """
    said = checked_limits(limits, airblast, judge)
    if not said.limits and not said.airblast:
        raise UsageError("which limits? give --limits, --airblast, or both")
    begin = "" if since is None else local_text(since)

    def make(connection: Any) -> PointLimits:
        row = PointLimits(
            number=0,
            position=0,
            point=point_named(archive, connection, point).number,
            **said._asdict(),
            from_local=begin,
            withdrawn=0,
            decided_by=who(archive, by),
            reason=why(reason),
        )
        for other in statements.that_count(connection, PointLimits).values():
            said_before = row._replace(number=other.number, position=other.position)
            if said_before[:-2] == other[:-2]:
                return said_before
            if (other.point, other.from_local) == (row.point, row.from_local):
                raise UsageError(
                    f"{other.told} is stated of that point already (number {other.number}); say from when the others "
                    f"hold (--from), or correct these (--correct {other.number})"
                )
        return row

    return state(archive, make, dry_run=dry_run)


def correct_point_limits(
    archive: Archive,
    number: int,
    *,
    limits: Sequence[str] = (),
    airblast: str = "",
    judge: str = "",
    since: datetime | None = None,
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> StatementMade:
    """Say otherwise of limits of a point, by their number; what is not given stays as it is. As `limit_point`."""
    reason = why(reason, needed=f"correcting limits {number}")
    said = checked_limits(limits, airblast, judge)

    def make(connection: Any) -> PointLimits:
        own = that_counts(connection, PointLimits, number, listing(archive))
        begin = own.from_local if since is None else local_text(since)
        for other in statements.that_count(connection, PointLimits).values():
            if other.number != number and (other.point, other.from_local) == (own.point, begin):
                raise UsageError(f"{other.told} is stated of that point already (number {other.number})")
        return own._replace(
            limits=said.limits or own.limits,
            curve=said.curve if said.limits else own.curve,
            airblast=said.airblast or own.airblast,
            judge=said.judge or own.judge,
            from_local=begin,
            decided_by=who(archive, by),
            reason=reason,
        )

    return state(archive, make, dry_run=dry_run)


def withdraw_point_limits(
    archive: Archive, number: int, *, by: str = "", reason: str, dry_run: bool = False
) -> StatementMade:
    """Take limits of a point back: those before hold on. Raises NotFound, UsageError for no reason."""
    return withdraw(archive, PointLimits, number, listing=listing(archive), by=by, reason=reason, dry_run=dry_run)
