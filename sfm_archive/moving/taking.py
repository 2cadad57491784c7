"""Rows of another archive become rows here: numbers translated, what is here already found, decisions of both kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sfm_archive.archive.same_event import carry_over
from sfm_archive.base.json_records import json_value
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.moving.conflicts import Conflicts
from sfm_archive.moving.declared import MOVED
from sfm_archive.moving.numbers import Numbers
from sfm_archive.moving.source import OF_OTHERS, SourceChange
from sfm_archive.storage import events, moving_rows, same_events
from sfm_archive.storage.row_hashes import WholeRow
from sfm_archive.storage.writing import Writing

Row = dict[str, Any]


class Taker:
    """Takes the rows of one source, change by change. `rows`: how many came by table; `new`, `both`: events that only
    the source had, and of those of both the ones with something new; `told`: units, points and jobs of which statements
    came, whose events lists may tell otherwise now."""

    def __init__(self, here: Any, there: Any, own_id: str, source_id: str) -> None:
        self._here, self._there = here, there
        self.numbers = Numbers(here, there, own_id, source_id)
        self.conflicts = Conflicts(here)
        self.rows: Counter[str] = Counter()
        self.new: set[int] = set()
        self.both: set[int] = set()
        self.changed: set[int] = set()
        self.told: dict[str, set[Any]] = {"serial": set(), "point": set(), "job": set()}

    def take(self, writing: Writing, change: SourceChange) -> bool:
        """Put in what is new of a change; whether anything was."""
        before = self.rows.total()
        # The document of a hand-over is written with numbers of here.
        documents = {one.found.columns["record_sha256"] for one in change.rows if one.table == "handover"}
        for one in change.rows:
            if one.table not in OF_OTHERS and not (one.table == "file_content" and one.row[2] in documents):
                self._row(writing, change, one)
        return self.rows.total() > before

    def _row(self, writing: Writing, change: SourceChange, one: WholeRow) -> None:
        row = dict(one.found.columns)
        if one.table == "event":
            self._event(writing, row)
            return
        here = self.numbers.translated(one.table, row)
        if here is None:
            return  # what it is of was damaged, and is named
        declared = MOVED[one.table]
        if declared.same:
            known = moving_rows.found(self._here, one.table, {name: here[name] for name in declared.same})
            if one.table == "waiting_part":
                known = [was for was in known if was["joined_to"] or not here["joined_to"]]
            if known:
                self.numbers.remember(one.table, row, known[0])
                self.conflicts.with_known(one.table, here, known[0])
                return
        else:
            alike = self.numbers.written_by(one.table, change.origin, here)
            if alike is not None:
                self.numbers.remember(one.table, row, alike)
                return
        if one.table == "event_key":
            keyed = moving_rows.found(self._here, "event_key", {"event_id": here["event_id"]})
            if keyed:
                return  # the event found here by another key of its group
        self._put(writing, change, one, row, here)

    def _put(self, writing: Writing, change: SourceChange, one: WholeRow, row: Row, here: Row) -> None:
        table, declared = one.table, MOVED[one.table]
        parts: Sequence[Sequence[Any]] | None = one.parts
        if declared.own and (declared.own != "number" or not here[declared.own]):
            del here[declared.own]
        if declared.own == "number" and "number" not in here:
            here["number"] = moving_rows.following(self._here, table, "number", {})
        if declared.counted is not None:
            column, within = declared.counted
            here[column] = moving_rows.following(self._here, table, column, {name: here[name] for name in within})
        if table == "handover":
            self._record_of(writing, here)
        self.conflicts.before(table, here, change.origin)
        number = moving_rows.put(writing, table, here, parts)
        if declared.own and declared.own != "number":
            here[declared.own] = number
        self.numbers.remember(table, row, here)
        self.rows[table] += 1
        self._touched(table, here)
        if table == "same_event":
            same_events.forget(self._here, here["was_event"])
            carry_over(writing, here["was_event"], here["event_id"])

    def withhold(self, writing: Writing, file: Mapping[str, Any]) -> None:
        """Say that the content of a file stays behind, once."""
        said = {"sha256": file["sha256"], "size": file["size"]}
        self.rows["withheld_content"] += writing.insert_new("withheld_content", said)

    def _touched(self, table: str, here: Mapping[str, Any]) -> None:
        for name in ("event_id", "of_event"):
            event_id = here.get(name)
            if event_id:
                self.changed.add(event_id)
                if event_id not in self.new:
                    self.both.add(event_id)
        if table in _TELLING:
            for name, values in self.told.items():
                if here.get(name):
                    values.add(here[name])
            if table in ("job", "point"):
                self.told[table].add(here["number"])

    def _event(self, writing: Writing, row: Row) -> None:
        """The event here with the unit, time, kind and key of one there, or a new one."""
        event_id = row["event_id"]
        if self.numbers.event(event_id) is not None:
            return
        key = self.numbers.key_there(event_id)
        event = Event(
            serial=row["serial"],
            recorded_at=parse_local_text(row["recorded_at_local"]),
            record_type=RecordType(row["record_type"]),
            start_key=key,
        )
        known = self.numbers.known_by_name(event_id, row)
        ordinal = 0
        if known is None:
            found = events.find(self._here, event, self.numbers.apart_from(event_id, row))
            known, ordinal = found.event_id, found.ordinal
        if known is None:
            here = {**row, "ordinal": ordinal}
            del here["event_id"]
            known = moving_rows.put(writing, "event", here, None)
            self.rows["event"] += 1
            self.new.add(known)
            self.changed.add(known)
        else:
            self.conflicts.of_zones(known, row)
        self.numbers.remember_event(event_id, known)

    def _record_of(self, writing: Writing, here: Row) -> None:
        """The document of a hand-over names events and revisions: by their numbers here."""
        document = self.numbers.content_there(here["record_sha256"])
        plain = json_value(document)
        self._renumber(plain)
        text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
        here["record_sha256"] = self.numbers.keep_content(writing, text)

    def _renumber(self, said: Any) -> None:
        """Whatever names an event in a document names it by its number here; 0 where it is not."""
        if isinstance(said, list):
            for one in said:
                self._renumber(one)
        if not isinstance(said, dict):
            return
        there, revision = said.get("event_id"), said.get("revision")
        if isinstance(there, int) and there:
            if isinstance(revision, int) and revision:
                said["revision"] = self.numbers.revision(there, revision) or 0
            said["event_id"] = self.numbers.event_or_0(there)
        for one in said.values():
            self._renumber(one)


_TELLING = frozenset(
    {"unit_window", "unit_setting", "unit_time_zone", "correction", "job", "point", "report_decision", "same_event"}
)
