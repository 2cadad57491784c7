"""Rows of `report_decision`: which event people said that a report, or another received file, is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.storage.merged_changes import LATEST_FIRST
from sfm_archive.storage.same_events import COUNTING

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


class ReportDecision(NamedTuple):
    """One decision. `sha256`, `name`: of the file."""

    sha256: str
    event_id: int
    name: str
    decided_by: str
    reason: str


_COLUMNS = (
    f'lower(hex(sha256)) AS "report_decision.sha256 TEXT", {COUNTING.format("newest.event_id")}'
    ' AS "report_decision.event_id", name, decided_by, reason'
)


def decide(writing: Writing, row: ReportDecision) -> None:
    """Add a decision; the last one of a file counts."""
    sha256 = bytes.fromhex(row.sha256)
    newest: Any = writing.connection.execute(
        "SELECT coalesce(max(position), 0) FROM report_decision WHERE sha256 = ?", (sha256,)
    ).fetchone()
    writing.insert(
        "report_decision",
        {
            "sha256": sha256,
            "position": newest[0] + 1,
            "event_id": row.event_id,
            "name": row.name,
            "decided_by": row.decided_by,
            "reason": row.reason,
        },
    )


def that_count(connection: apsw.Connection) -> dict[str, ReportDecision]:
    """The last decision on each file, by its SHA-256 in hexadecimal."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM report_decision AS newest WHERE position ="
        " (SELECT position FROM report_decision AS same WHERE same.sha256 = newest.sha256"
        f" ORDER BY {LATEST_FIRST.format('same', 'position')} LIMIT 1) ORDER BY sequence"
    )
    rows = [ReportDecision._make(row) for row in found.fetchall()]
    return {row.sha256: row for row in rows}


def of_change(connection: apsw.Connection, sequence: int) -> list[ReportDecision]:
    """The decisions that one change of the history wrote."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM report_decision AS newest WHERE sequence = ?", (sequence,))
    return [ReportDecision._make(row) for row in found.fetchall()]
