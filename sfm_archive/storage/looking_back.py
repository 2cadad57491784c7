"""An archive as it was behind one of its changes: a connection gets views of its own, which hide every later row.

Rows of content are never changed, and each carries the number of the change that wrote it. Only the pinned encoder and
decoder are changed in place; what was pinned stands in the history. The derived half is empty tables of the same
form, in memory, for whoever looks back to fill with today's rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw

from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import Damaged, NotFound, UsageError
from sfm_archive.storage import history
from sfm_archive.storage.cells import DERIVED
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.structure import expected_items
from sfm_archive.storage.tables import schema_text, tables

FEWEST_DIGITS = 8
"""Of a head's beginning."""

_HEAD = re.compile(rf"[0-9a-f]{{{FEWEST_DIGITS},64}}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"\d{1,64}", re.ASCII)
_FORMS = (
    "give the number of a change, its hash or the first eight or more digits of that, a date such as 2026-05-31, or a "
    "name that sfm mark gave"
)


_OF_EVENT = "SELECT event_id FROM main.{table} WHERE sequence > ?"
_OF_UNIT = (
    "SELECT event_id FROM main.event"
    " WHERE serial IN (SELECT serial FROM main.{table} AS later WHERE later.sequence > ?)"
)
_OF_BYTES = (
    "SELECT event_id FROM main.event_file JOIN main.received_file USING (file_id)"
    " WHERE sha256 IN (SELECT sha256 FROM main.{table} AS later WHERE later.sequence > ?)"
)
CONCERNED: Final[Mapping[str, tuple[str, ...]]] = {
    # An event that came later shares its reports with those of its unit, second and kind.
    "event": (
        "SELECT other.event_id FROM main.event AS later JOIN main.event AS other USING"
        " (serial, recorded_at_local, record_type) WHERE later.sequence > ?",
    ),
    "event_key": (_OF_EVENT,),
    "frames": (_OF_EVENT,),
    "event_file": (_OF_EVENT,),
    "reading": (_OF_EVENT,),
    "finding": (_OF_EVENT,),
    "file_content": (_OF_BYTES,),
    "same_event": (_OF_EVENT, "SELECT was_event FROM main.{table} WHERE sequence > ?"),
    "report_decision": (_OF_EVENT, _OF_BYTES),
    "unit_setting": (_OF_UNIT,),
    "unit_window": (_OF_UNIT,),
    "correction": (_OF_UNIT, "SELECT of_event FROM main.{table} WHERE sequence > ?"),
    # No decoding asks for these.
    "event_name": (), "received_file": (), "encoding": (), "unit_time_zone": (), "left_out": (), "waiting_part": (),
    "unit_running": (), "job": (), "point": (), "point_limits": (), "calibration": (), "blast": (), "blast_event": (),
    "firm": (), "handover": (), "seal": (), "history": (), "merged_change": (), "withheld_changes": (),
    "withheld_content": (),
}  # fmt: skip
"""By table with a `sequence`, statements that give the events whose rows in _MADE_OF_SAMPLES a later row of it may
change. What other events rest on is told by the rows themselves."""

_MADE_OF_SAMPLES = ("event_computed", "event_peaks", "report_in_doubt")


class Moment(NamedTuple):
    """A change: its number, its hash, and when it was made."""

    sequence: int
    head: str
    at_utc: str


def moment_of(connection: apsw.Connection, path: Path, text: str) -> Moment:
    """The change that is meant by its number, its hash or the beginning of that, by the name of a mark, or by a date:
    then the last one of that day in UTC or of an earlier one. Raises UsageError for another text and one that several
    changes share, NotFound where there is none. Where the changes right behind it say that the event which it saved is
    another one, the last of these is meant: they are of one transaction, and between them the archive never was."""
    return _with_its_joins(connection, _meant(connection, path, text))


def _with_its_joins(connection: apsw.Connection, moment: Moment) -> Moment:
    from sfm_archive.storage.changes import AddFiles, JoinEvent, Save

    rows: Iterator[Any] = connection.execute(
        "SELECT sequence, lower(hex(sha256)), at_utc, action, event_id FROM history WHERE sequence >= ?"
        " ORDER BY sequence",
        (moment.sequence,),
    )
    (_, _, _, action, event_id) = next(rows)
    if action not in (Save.action, AddFiles.action, JoinEvent.action):
        return moment
    for *behind, later, of_event in rows:
        if later != JoinEvent.action or of_event != event_id:
            break
        moment = Moment._make(behind)
    return moment


def _meant(connection: apsw.Connection, path: Path, text: str) -> Moment:
    """The change that a text names, for itself."""
    said = text.strip().lower()
    if _DATE.fullmatch(said):
        return _at_end_of(connection, path, said)
    if not is_a_form_of_change(said):
        for moment in moments_marked(connection, " ".join(text.split())):
            return moment
        raise UsageError(f"{path}: {text!r:.80} names no change; {_FORMS}")
    found = _of_head(connection, said) if _HEAD.fullmatch(said) else []
    if _NUMBER.fullmatch(said):
        found += [one for one in _numbered(connection, int(said)) if one not in found]
    if len(found) > 1:
        numbers = " and ".join(str(one.sequence) for one in found[:2])
        raise UsageError(f"{path}: {text!r} may mean changes {numbers}; give more digits of the hash")
    if not found:
        last, head = history.head(connection)
        listing = command_line("sfm", "history", path)
        raise NotFound(
            f"{path} has no change {text.strip()!r}; its last one is {last}, with hash {head[:12]}…; "
            f"{listing} lists them"
        )
    return found[0]


def is_a_form_of_change(text: str) -> bool:
    """Whether a text reads as the number, the hash or the date of a change, so that no mark is named so."""
    said = text.strip().lower()
    return any(form.fullmatch(said) for form in (_DATE, _NUMBER, _HEAD))


def moments_marked(connection: apsw.Connection, name: str) -> list[Moment]:
    """The changes by which somebody gave this name (sfm mark)."""
    from sfm_archive.storage.changes import MarkHead

    rows: list[Any] = connection.execute(
        "SELECT sequence FROM history WHERE action = ? ORDER BY sequence", (MarkHead.action,)
    ).fetchall()
    found = []
    for row in history.numbered(connection, [sequence for (sequence,) in rows]):
        change = row.change()
        if isinstance(change, MarkHead) and change.name == name:
            found.append(Moment(row.sequence, row.sha256, row.at_utc))
    return found


def _at_end_of(connection: apsw.Connection, path: Path, day: str) -> Moment:
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise UsageError(f"{path}: {day!r} is no day of the calendar; {_FORMS}") from error
    found = _moments(connection, "sequence = (SELECT max(sequence) FROM history WHERE substr(at_utc, 1, 10) <= ?)", day)
    if not found:
        first = _moments(connection, "sequence = (SELECT min(sequence) FROM history WHERE sequence > ?)", 0)
        made = first[0].at_utc[:10] if first else "an unknown day"
        raise NotFound(f"{path} was made on {made} (UTC), so that nothing was in it on {day}; give a later day")
    return found[0]


def _numbered(connection: apsw.Connection, sequence: int) -> list[Moment]:
    return _moments(connection, "sequence = ?", sequence) if sequence < 1 << 63 else []


def _of_head(connection: apsw.Connection, digits: str) -> list[Moment]:
    return _moments(connection, f"substr(lower(hex(sha256)), 1, {len(digits)}) = ?", digits)


def _moments(connection: apsw.Connection, condition: str, bound: int | str) -> list[Moment]:
    rows: list[Any] = connection.execute(
        f"SELECT sequence, lower(hex(sha256)), at_utc FROM history WHERE {condition} ORDER BY sequence", (bound,)
    ).fetchall()
    return [Moment._make(row) for row in rows]


def look_back(connection: apsw.Connection, moment: Moment) -> None:
    """From now on this connection sees the content as it was behind that change, and an empty derived half of its own.
    Names without a schema mean the views, for SQLite looks among what is temporary first."""
    last = int(moment.sequence)
    encoder, decoder = _pinned_at(connection, last)
    with writing_in_memory(connection):
        for table in tables(schema_text()).values():
            columns = ", ".join(table.names)
            if "sequence" in table.names:
                connection.execute(
                    f"CREATE TEMP VIEW {table.name} AS SELECT {columns} FROM main.{table.name} WHERE sequence <= {last}"
                )
        connection.execute(
            "CREATE TEMP VIEW archive AS SELECT only_row, archive_id, created_at_utc, created_by,"
            f" {_quoted(encoder)} AS pinned_encoder, {_quoted(decoder)} AS pinned_decoder FROM main.archive"
        )
        for name, item in expected_items(schema_text()).items():
            # A view of the file reads the tables of the file, so that these are made again too.
            if item.sql and (item.kind == "view" or (item.kind in ("table", "index") and item.table in DERIVED)):
                make = f"CREATE {item.kind.upper()} "
                connection.execute(item.sql.replace(f"{make}{name}", f"{make}temp.{name}", 1))


def _pinned_at(connection: apsw.Connection, last: int) -> tuple[str, str]:
    """The encoder and the decoder that were pinned behind a change. Raises Damaged where the history does not say."""
    from sfm_archive.storage.changes import Create, PinDecoder, PinEncoder

    rows: list[Any] = connection.execute(
        "SELECT max(sequence) FROM history WHERE sequence <= ? AND action IN (?, ?, ?) GROUP BY action",
        (last, Create.action, PinEncoder.action, PinDecoder.action),
    ).fetchall()
    pinned = ["", ""]
    for row in history.numbered(connection, [number for (number,) in rows]):
        change = row.change()
        if isinstance(change, Create):
            pinned = [change.pinned_encoder, change.pinned_decoder]
        elif isinstance(change, PinEncoder):
            pinned[0] = change.after
        elif isinstance(change, PinDecoder):
            pinned[1] = change.after
    if not all(pinned):
        raise Damaged(
            f"history row 1: it does not say which encoder and decoder were pinned behind change {last}; compare the "
            "archive with a backup"
        )
    return pinned[0], pinned[1]


def _quoted(text: str) -> str:
    """As SQL has it: a view cannot have anything bound in it."""
    doubled = text.replace("'", "''").replace("\0", "")
    return f"'{doubled}'"


def take_over(connection: apsw.Connection, moment: Moment, rules: int) -> set[int]:
    """Copy the rows of samples that no later row of content concerns, and give the events of them: nothing has to be
    decoded again for these but where their documents' neighbours tell otherwise. None where other rules or another
    decoder made the rows of the file."""
    made_by: list[Any] = connection.execute(
        "SELECT (SELECT pinned_decoder FROM main.archive) = (SELECT pinned_decoder FROM archive)"
        " AND NOT EXISTS (SELECT 1 FROM main.event_summary WHERE rules <> ?)",
        (rules,),
    ).fetchall()
    if not made_by[0][0]:
        return set()
    later: set[int] = set()
    for table in tables(schema_text()).values():
        if "sequence" in table.names and table.name not in CONCERNED:
            return set()  # nobody has said whose samples its rows concern: those of any
        for statement in CONCERNED.get(table.name, ()):
            found: list[Any] = connection.execute(statement.format(table=table.name), (moment.sequence,)).fetchall()
            later |= {event_id for (event_id,) in found}
    joined: list[Any] = connection.execute(
        f"SELECT event_id FROM main.same_event WHERE was_event IN {IDS}", (ids_text(sorted(later)),)
    ).fetchall()
    later |= {event_id for (event_id,) in joined}
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event WHERE event_id IN (SELECT event_id FROM main.event_summary)"
    ).fetchall()
    unchanged = {event_id for (event_id,) in rows} - later
    for name in _MADE_OF_SAMPLES:
        connection.execute(
            f"INSERT INTO temp.{name} SELECT * FROM main.{name} WHERE event_id IN {IDS}", (ids_text(sorted(unchanged)),)
        )
    return unchanged


@contextmanager
def writing_in_memory(connection: apsw.Connection) -> Iterator[None]:
    """Let temporary tables be written, also where the connection may only ask."""
    only_asks = connection.pragma("query_only")
    connection.pragma("query_only", False)
    try:
        yield
    finally:
        connection.pragma("query_only", only_asks)
