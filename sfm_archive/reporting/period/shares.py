"""Of the blasts of some months, how many were within the limits of each point."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sfm_archive.errors import UsageError
from sfm_archive.limits.named_curves import title_in
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Limits
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.period.blast_cells import CellsOfBlast
from sfm_archive.reporting.period.report import BlastAtPoint, BlastShare, CellState
from sfm_archive.reporting.period.scope import Scope

MOST_MONTHS = 1200


def months_before(until: datetime, months: int) -> datetime:
    """The moment so many months before another one; of a month without that day, its end. Raises UsageError."""
    if not 1 <= months <= MOST_MONTHS:
        raise UsageError(f"shares are of 1 to {MOST_MONTHS} months, not of {months}")
    number = until.year * 12 + until.month - 1 - months
    year, month = divmod(number, 12)
    if year < 1:
        raise UsageError(f"{months} months before {until:%Y-%m-%d} is no day of this calendar; give fewer")
    return until.replace(year=year, month=month + 1, day=min(until.day, monthrange(year, month + 1)[1]))


def shares_of(scope: Scope, found: Sequence[CellsOfBlast], since: datetime, until: datetime) -> Iterator[BlastShare]:
    """Of each point its share of vibration, and of airblast where it had such a limit. `found`: the blasts of the job
    between these moments."""
    for place, point in enumerate(scope.points):
        cells = [one.cells[place] for one in found]
        held = scope.book.of_point_between(point.number, local_text(since), local_text(until))
        for what in ("vibration", "airblast"):
            if what == "airblast" and all(limits.airblast is None for limits in held):
                continue
            counts = Counter(_outcome(one, what) for one in cells if one.state is not CellState.NO_UNIT)
            yield BlastShare(
                point=point.number,
                name=point.name,
                what=what,
                since_local=local_text(since),
                until_local=local_text(until),
                limits=tuple(dict.fromkeys(text for limits in held for text in _titles(limits, what, scope.unit))),
                blasts=len(cells),
                within=counts[Outcome.WITHIN],
                exceeded=counts[Outcome.EXCEEDED],
                undecided=counts[Outcome.UNDECIDED],
                not_compared=counts[Outcome.NOT_COMPARED],
                no_unit=sum(one.state is CellState.NO_UNIT for one in cells),
                by_trigger=sum(
                    one.state is CellState.NOTHING and _outcome(one, what) is Outcome.WITHIN for one in cells
                ),
            )


def _titles(limits: Limits, what: str, unit: GeoUnit) -> list[str]:
    if what == "vibration":
        return [title_in(curve, unit) for curve in limits.curves]
    return [limits.airblast_text] if limits.airblast is not None else []


def _outcome(cell: BlastAtPoint, what: str) -> Outcome:
    return cell.vibration.outcome if what == "vibration" else cell.airblast.outcome
