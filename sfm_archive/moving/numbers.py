"""Which number here a number of the source is: of events, files, revisions, and of people's statements.

Nothing of it is kept: it follows from which change there wrote what, and what that change became here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sfm_archive.formats.micromate.names import are_of_two
from sfm_archive.moving.declared import MOVED
from sfm_archive.storage import files, history, merged_changes, moving_rows, same_events
from sfm_archive.storage.merged_changes import MergedChange
from sfm_archive.storage.writing import Writing

Row = Mapping[str, Any]


class Numbers:
    """Numbers of one source, and what they are here."""

    def __init__(self, here: Any, there: Any, own_id: str, source_id: str) -> None:
        self._here, self._there = here, there
        self._own_id, self._source_id = own_id, source_id
        self._known: dict[tuple[str, int], int] = {}
        self._matched: set[tuple[str, tuple[Any, ...]]] = set()
        self._joined = {one.was_event: one.name for one in same_events.all_of(there)}

    def first_of(self, sequence: int) -> MergedChange:
        """The change that first wrote the rows of one of the source."""
        for merged in merged_changes.origins(self._there, [sequence]).values():
            return merged
        (row,) = history.numbered(self._there, [sequence])
        return MergedChange(self._source_id, True, row, 0, True, sequence)

    # -- events -------------------------------------------------------------------------------------------------------

    def event(self, there: int) -> int | None:
        """The event here that one of the source is; None where that is not known yet."""
        known = self._known.get(("event", there))
        if known is None:
            rows = moving_rows.found(self._there, "event", {"event_id": there})
            made = (
                merged_changes.here_of(self._here, self._own_id, self.first_of(rows[0]["sequence"]).origin)
                if rows
                else []
            )
            here = next((one.event_id for one in made if one.event_id), None)
            if here is None:
                return None
            known = self.remember_event(there, here)
        return known

    def event_or_0(self, there: int) -> int:
        """The same as histories name it, where 0 is of no event."""
        return (self.event(there) or 0) if there else 0

    def remember_event(self, there: int, here: int) -> int:
        """Note what an event of the source is here; of one that is another here, that one."""
        (counting,) = same_events.counting(self._here, [here]) if there not in self._joined else [here]
        self._known["event", there] = counting
        return counting

    def key_there(self, there: int) -> int | None:
        """The start key that the source knows of an event by now."""
        rows = moving_rows.found(self._there, "event_key", {"event_id": there})
        return rows[0]["start_key"] if rows else None

    def apart_from(self, there: int, row: Row) -> set[int]:
        """Events here of its unit, second and kind that one of the source is known not to be: others of the source are
        these, or what their files are called says so."""
        identity = {name: row[name] for name in ("serial", "recorded_at_local", "record_type")}
        ids = [one["event_id"] for one in moving_rows.found(self._there, "event", identity)]
        others = [one for one in ids if one != there and one not in self._joined]
        apart = {here for here in map(self.event, others) if here is not None}
        names = [file.name for file in files.of_event(self._there, there)]
        for one in moving_rows.found(self._here, "event", identity):
            here = one["event_id"]
            if here not in apart and are_of_two(names, (file.name for file in files.of_event(self._here, here))):
                apart.add(here)
        return apart

    def known_by_name(self, there: int, row: Row) -> int | None:
        """An event here that is known to be another one and that this one of the source is, by the file that tells."""
        identity = {name: row[name] for name in ("serial", "recorded_at_local", "record_type")}
        named = {one["name"] for one in moving_rows.found(self._there, "event_name", {"event_id": there})}
        named |= {self._joined[there]} if there in self._joined else set()
        for one in moving_rows.found(self._here, "event", identity):
            for same in moving_rows.found(self._here, "same_event", {"was_event": one["event_id"]}):
                if same["name"] in named:
                    return int(one["event_id"])
        return None

    def revision(self, event_there: int, revision: int) -> int | None:
        """The revision here with the frames of one of the source."""
        sha256 = moving_rows.revision_hash(self._there, event_there, revision)
        event_id = self.event(event_there)
        if sha256 is None or event_id is None:
            return None
        return moving_rows.revision_with(self._here, event_id, sha256)

    # -- everything else ----------------------------------------------------------------------------------------------

    def number(self, table: str, there: int) -> int | None:
        """The number here of a file or a statement of the source; None where it is not here."""
        known = self._known.get((table, there))
        if known is not None or not there:
            return known if there else 0
        declared = MOVED[table]
        rows = moving_rows.found(self._there, table, {declared.own: there})
        if not rows:
            return None
        if declared.same:
            same = moving_rows.found(self._here, table, {name: rows[0][name] for name in declared.same})
        else:
            here = self.translated(table, rows[0])
            alike = None if here is None else self.written_by(table, self.first_of(rows[0]["sequence"]), here)
            same = [] if alike is None else [alike]
        if not same:
            return None
        self.remember(table, rows[0], same[0])
        return int(same[0][declared.own])

    def remember(self, table: str, there: Row, here: Row) -> None:
        """Note which row here one of the source is."""
        own = MOVED[table].own
        if own:
            self._known[table, there[own]] = here[own]

    def translated(self, table: str, row: Row) -> dict[str, Any] | None:
        """A row with numbers of here, without those that it gets itself; None where what it is of is not here."""
        declared = MOVED[table]
        here = dict(row)
        del here["sequence"]
        for column, what in declared.points.items():
            there = row[column]
            if not there:
                continue
            if what == "event":
                number = self.event(there)
            elif what == "frames":
                number = self.revision(row["event_id"], there)
            else:
                number = self.number(what, there)
            if number is None:
                return None
            here[column] = number
        if declared.own == "number":
            here["number"] = self._of_statement(table, row)
        if table == "blast":
            said = json.loads(row["distances"])
            points = {self.number("point", int(point)): metres for point, metres in said.items()}
            kept = {str(point): metres for point, metres in points.items() if point is not None}
            here["distances"] = json.dumps(kept, separators=(",", ":")) if kept != said else row["distances"]
        if table == "handover":
            here["options"] = self._options(row["options"])
        return here

    def _of_statement(self, table: str, row: Row) -> int:
        """0 for one that is to get a number."""
        if (table, row["number"]) in self._known:
            return self._known[table, row["number"]]
        first = moving_rows.found(self._there, table, {"number": row["number"]})[0]
        if first["sequence"] == row["sequence"]:
            return 0
        return self.number(table, row["number"]) or 0

    def _options(self, text: str) -> str:
        """What was asked for, with the number of a job here."""
        said = json.loads(text)
        if isinstance(said, dict) and isinstance(said.get("job"), int):
            said["job"] = self.number("job", said["job"]) or 0
            return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text

    def written_by(self, table: str, change: MergedChange, here: Row) -> dict[str, Any] | None:
        """The row here that says the same and that the same change wrote first, else one that this person wrote at this
        time, as a salvaged archive has it; of several alike each once."""
        declared = MOVED[table]
        left = {"sequence", "record_sha256", declared.own, declared.counted.column if declared.counted else ""}
        said = {name: value for name, value in here.items() if name not in left}
        if declared.own == "number" and here["number"]:
            said["number"] = here["number"]
        for made in merged_changes.here_of(self._here, self._own_id, change.origin):
            for row in moving_rows.found(self._here, table, {"sequence": made.sequence, **said}):
                if self._is_first(table, row):
                    return row
        for row in moving_rows.found(self._here, table, said):
            is_then = merged_changes.made_then(self._here, row["sequence"], change.row.at_utc, change.row.actor)
            if is_then and self._is_first(table, row):
                return row
        return None

    def _is_first(self, table: str, row: Row) -> bool:
        place = table, tuple(row.values())
        is_first = place not in self._matched
        self._matched.add(place)
        return is_first

    # -- contents -----------------------------------------------------------------------------------------------------

    def content_there(self, sha256: bytes) -> bytes:
        """The bytes of a content of the source. Raises BadInput where they cannot be read."""
        stored = files.content(self._there, sha256.hex())
        return b"" if stored is None else b"".join(files.read_content(self._there, stored))

    def keep_content(self, writing: Writing, data: bytes) -> bytes:
        """Keep a content here; its hash."""
        digest = hashlib.sha256(data)
        if not files.has_content(self._here, digest.hexdigest()):
            files.add_content(writing, digest.hexdigest(), len(data), files.cut(data))
        return digest.digest()
