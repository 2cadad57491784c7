"""Where two archives say different things of one: both stay, and a person reads which counts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from sfm_archive.archive.reviewing import reviews_of
from sfm_archive.model.statements import Job, UnitWindow
from sfm_archive.model.zones import UNKNOWN_ZONE
from sfm_archive.moving.declared import MOVED
from sfm_archive.moving.report import Conflict
from sfm_archive.storage import moving_rows, statements, values
from sfm_archive.storage.merged_changes import MergedChange

Row = Mapping[str, Any]


class Conflicts:
    """Those of one merge. `found`: each once."""

    def __init__(self, here: Any) -> None:
        self._here = here
        self.found: dict[Conflict, None] = {}
        self._reviewed: dict[int, tuple[Any, int]] = {}
        """What counted before, and how many decisions there were."""
        self._windows: set[str] = set()
        self._jobs: set[int] = set()

    def _add(self, event_id: int, subject: str, message: str) -> None:
        self.found[Conflict(event_id=event_id, subject=subject, message=message)] = None

    def of_zones(self, event_id: int, there: Row) -> None:
        """An event that both have: its zone is what the archive here was told."""
        (here,) = moving_rows.found(self._here, "event", {"event_id": event_id})
        zones = here["time_zone"], there["time_zone"]
        if zones[0] != zones[1] and zones[1] != UNKNOWN_ZONE:
            self._add(event_id, "time zone", f"{zones[0]} here, {zones[1]} there; {zones[0]} counts")

    def with_known(self, table: str, there: Row, here: Row) -> None:
        """A row that is here by what it is of: whether it says the same."""
        if table == "encoding" and there["sha256"] != here["sha256"]:
            name = f"{there['family']}@{there['version']}"
            message = (
                f"{name} made other bytes there ({there['distribution']} {there['distribution_version']}) than here "
                f"({here['distribution']} {here['distribution_version']}); the record here counts"
            )
            self._add(here["event_id"], f"encoding {name}", message)

    def before(self, table: str, row: Row, origin: MergedChange) -> None:
        """Look at what stands here before a decision of the other archive is put in."""
        declared = MOVED[table]
        if table == "reading" and row["source"] == "program" and row["event_id"] not in self._reviewed:
            event_id = row["event_id"]
            known = reviews_of({event_id: values.current(self._here, event_id)}).get(event_id)
            self._reviewed[event_id] = known, len(values.decisions_of(self._here, event_id))
        elif table == "unit_window":
            self._windows.add(row["serial"])
        elif table == "job":
            self._jobs.add(row["number"])
        elif declared.decides and declared.counted is not None:
            within = {name: row[name] for name in declared.counted.within}
            said = [_content(one) for one in moving_rows.found(self._here, table, within)]
            if said and _content(row) not in said:
                subject = declared.decides.format(**{**row, "name": row.get("name", "")})
                message = f"decided here and there; the later decision counts, and {origin.row.actor} took one"
                self._add(row.get("event_id", 0), subject, message)

    def finish(self) -> list[str]:
        """Look at what counts now; the names of jobs that are two."""
        for event_id, (before, decisions) in self._reviewed.items():
            now = reviews_of({event_id: values.current(self._here, event_id)}).get(event_id)
            if before is None or before.source == "sidecar":
                continue
            other = _last_other(self._here, event_id, before, decisions)
            if other is not None and now is not None:
                words = {True: "a false trigger", False: "no false trigger", None: "not decided"}
                message = (
                    f"{words[before.false_trigger]} says {before.reviewer} here, {words[other.false_trigger]} says "
                    f"{other.reviewer} there; the later decision counts, {words[now.false_trigger]} by {now.reviewer}"
                )
                self._add(event_id, "review", message)
        self._overlapping()
        return self._same_names()

    def _overlapping(self) -> None:
        counting = statements.that_count(self._here, UnitWindow).values() if self._windows else ()
        windows = [one for one in counting if one.serial in self._windows]
        for one, other in combinations(windows, 2):
            if one.serial == other.serial and one.overlaps(other) and one.point != other.point:
                self._add(0, f"where {one.serial} stood", _two_windows(self._here, one, other))

    def _same_names(self) -> list[str]:
        jobs = statements.that_count(self._here, Job)
        names = {jobs[number].name.casefold() for number in self._jobs if number in jobs}
        return sorted(
            {
                one.name
                for one in jobs.values()
                if one.name.casefold() in names
                and sum(other.name.casefold() == one.name.casefold() for other in jobs.values()) > 1
            }
        )


def _last_other(connection: Any, event_id: int, before: Any, decisions: int) -> Any:
    """Of the decisions about an event that came behind so many, one that says otherwise than what counted before."""
    every = values.decisions_of(connection, event_id)
    for one in every[: len(every) - decisions]:
        review = reviews_of({event_id: one}).get(event_id)
        if review is not None and review.false_trigger != before.false_trigger:
            return review
    return None


def _two_windows(connection: Any, one: UnitWindow, other: UnitWindow) -> str:
    names = statements.names_of_points(connection)
    # In the order in which they were stated, in whichever archive.
    told = [f"at {'/'.join(names.get(w.point, ('', '')))} {w.span} (window {w.number})" for w in (one, other)]
    return (
        f"{told[0]} and {told[1]}; a unit stands at one point at a time: window {other.number} counts where both have "
        f"it, for {other.decided_by or 'somebody'} said it later. End or withdraw one (sfm place)"
    )


def _content(row: Row) -> tuple[Any, ...]:
    return tuple(value for name, value in sorted(row.items()) if name not in ("position", "sequence"))
