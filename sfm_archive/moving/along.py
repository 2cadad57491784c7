"""What goes along into an extract: rows that speak of the selected events, their units then, and their job, and of
nothing else."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sfm_archive.model.statements import Blast, BlastEvent, Correction, Point, PointLimits, UnitWindow
from sfm_archive.storage import extracting, files, moving_rows, statements, unit_settings
from sfm_archive.storage.row_hashes import WholeRow

Row = Mapping[str, Any]

_OF_UNITS = frozenset({"unit_time_zone", "calibration"})
_NEVER = frozenset({"left_out", "waiting_part"})


class Along:
    """Which rows of an archive go along with some events. `points`: numbers of those that were asked for, none where
    other filters chose. A job goes along whole where all its points were asked for, or no event there stays behind."""

    def __init__(self, connection: Any, event_ids: Collection[int], points: Collection[int]) -> None:
        self._connection = connection
        self.events = extracting.that_are(connection, event_ids)
        self.own = extracting.of_events(connection, self.events)
        self._spans = extracting.spans(connection, event_ids)
        known = statements.newest(connection, Point)
        self.points = set(points or self.own.points)
        self.jobs = {known[point].job for point in self.points if point in known}
        own_points = {job: {one.number for one in known.values() if one.job == job} for job in self.jobs}
        of_others = extracting.jobs_of_others(connection, self.events)
        whole = {job for job in self.jobs if own_points[job] <= self.points or (not points and job not in of_others)}
        self.points |= {point for job in whole for point in own_points[job]}
        self._numbers = {
            "job": self.jobs,
            "point": self.points,
            "point_limits": self._of(PointLimits, lambda one: one.point in self.points),
            "unit_window": self._of(UnitWindow, self._has_window),
            "correction": self._of(Correction, self._is_of_events),
            "blast": self._blasts(whole),
        }
        self._numbers["blast_event"] = self._of(
            BlastEvent, lambda one: one.of_event in self.events and one.blast in self._numbers["blast"]
        )
        self._windows = statements.windows_of(connection, set(self.own.serials))
        self._settings = self._of_settings()
        self._attached = {
            one[name]
            for table, name in (("calibration", "certificate_sha256"), ("firm", "logo_sha256"))
            for one in self._attached_rows(table, name)
        }
        self._handovers: dict[int, bool] = {}
        self._records: set[bytes] = set()

    def _of(self, kind: Any, goes: Any) -> set[int]:
        """The numbers of statements of which the last row goes along."""
        return {number for number, one in statements.newest(self._connection, kind).items() if goes(one)}

    def _has_window(self, one: UnitWindow) -> bool:
        return one.point in self.points

    def _is_of_events(self, one: Correction) -> bool:
        return not self.events.isdisjoint(statements.events_covered(self._connection, one))

    def _blasts(self, whole_jobs: Collection[int]) -> set[int]:
        """Those of the jobs that go along whole, and those that people said made one of the events."""
        said = statements.newest(self._connection, BlastEvent).values()
        named = {one.blast for one in said if one.of_event in self.events}
        return self._of(Blast, lambda one: one.job in whole_jobs or (one.job in self.jobs and one.number in named))

    def _of_settings(self) -> set[int]:
        """Statements of settings that are of one of the events, and what withdraws them."""
        rows = unit_settings.every(self._connection)
        own = {
            one.number
            for one in rows
            if not one.withdraws and not self.events.isdisjoint(unit_settings.events_meant(self._connection, one))
        }
        return own | {one.number for one in rows if one.withdraws in own}

    def _attached_rows(self, table: str, name: str) -> list[dict[str, Any]]:
        return [
            one
            for one in moving_rows.found(self._connection, table, {})
            if one[name] and (table != "calibration" or one["serial"] in self.own.serials)
        ]

    def goes(self, one: WholeRow) -> bool:
        """Whether a row goes along."""
        row, table = one.found.columns, one.table
        if table in self._numbers:
            return row["number"] in self._numbers[table]
        if table in _NEVER:
            return False
        if table in _OF_UNITS:
            return row["serial"] in self.own.serials
        match table:
            case "received_file":
                return row["file_id"] in self.own.files
            case "event_file":
                return row["event_id"] in self.events and row["file_id"] in self.own.files
            case "file_content":
                return row["sha256"] in self.own.contents or row["sha256"] in self._attached | self._records
            case "same_event":
                return row["was_event"] in self.events and row["event_id"] in self.events
            case "report_decision":
                return row["event_id"] in self.events and row["sha256"] in self.own.contents | self.own.shared
            case "unit_setting":
                return row["number"] in self._settings
            case "unit_running":
                return self._was_running(row)
            case "handover":
                return self._was_handed(row)
        return row["event_id"] in self.events if "event_id" in row else table in ("firm", "withheld_content")

    def is_withheld(self, one: WholeRow) -> bool:
        """Whether a content stays behind because it holds other events too."""
        return one.table == "file_content" and one.found.columns["sha256"] in self.own.shared

    def _was_running(self, row: Row) -> bool:
        """Spans of the unit that meet its events here, and none of its windows at other points."""
        serial = row["serial"]
        if serial not in self._spans:
            return False
        first, last = self._spans[serial]
        meets = row["from_local"] <= last and row["until_local"] >= first
        elsewhere = (
            one
            for one in self._windows.get(serial, ())
            if one.point not in self.points
            and one.from_local < row["until_local"]
            and (not one.until_local or one.until_local > row["from_local"])
        )
        return meets and not any(elsewhere)

    def _was_handed(self, row: Row) -> bool:
        """Hand-overs of these events alone."""
        number = row["handover_id"]
        if number not in self._handovers:
            stored = files.content(self._connection, row["record_sha256"].hex())
            text = b"{}" if stored is None else b"".join(files.read_content(self._connection, stored))
            named = set(_events_in(json.loads(text)))
            self._handovers[number] = bool(named) and named <= self.events
            if self._handovers[number]:
                self._records |= {row["record_sha256"], *filter(None, [row["kept_sha256"]])}
        return self._handovers[number]


def _events_in(said: Any) -> list[int]:
    """Every event that a document names."""
    if isinstance(said, list):
        return [event_id for one in said for event_id in _events_in(one)]
    if not isinstance(said, dict):
        return []
    own = [said["event_id"]] if isinstance(said.get("event_id"), int) and said["event_id"] else []
    return own + [event_id for one in said.values() for event_id in _events_in(one)]
