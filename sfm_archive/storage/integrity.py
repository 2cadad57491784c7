"""Reading an archive that may be damaged: SQLite's own checks, and walks over keys that go on behind a bad page."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from sfm_archive.storage import files, history, row_hashes
from sfm_archive.storage.failures import as_sfm_error, says_damage
from sfm_archive.storage.place import beside, size_of
from sfm_archive.storage.tables import checks, schema_text, tables

_PAGE = 1000
_MOST_MESSAGES = 100
_STEPS_BETWEEN_LOOKS = 10_000
_MOST_LOG = 16 * 1024 * 1024
"""Bytes that others may add to the log during one statement; SQLite would begin it anew after four megabytes."""
_NO_LIMIT = (1 << 63) - 1


class Keys(NamedTuple):
    """The rows of one table by their key: what to call them, from where, and the columns that order them. `of_changes`:
    whether each says which change wrote it."""

    subject: str
    table: str
    columns: tuple[str, ...]
    of_changes: bool = True


EVENT_KEYS = Keys("events", "event", ("event_id",))
SUMMARY_KEYS = Keys("summaries", "event_summary", ("event_id",), of_changes=False)
FRAMES_KEYS = Keys("frames", "frames", ("event_id", "revision"))
CONTENT_KEYS = Keys("file contents", "file_content", ("content_id",))
FILE_KEYS = Keys("received files", "received_file", ("file_id",))
HISTORY_KEYS = Keys("history", "history", ("sequence",))


class Unreadable(NamedTuple):
    """Some keys of a table could not be read; `between` are the readable keys around them, where there are any."""

    subject: str
    reason: str
    between: tuple[str, str]


Key = tuple[int, ...]


def keys(connection: apsw.Connection, path: Path, what: Keys, until: int) -> Iterator[list[Key] | Unreadable]:
    """Every key that can be read, rising and a page at a time, of rows that changes up to `until` wrote; where a page
    is damaged, one Unreadable and then those behind it.

    No statement stays open between pages. Raises Busy and whatever else is not damage.
    """
    last: Key | None = None
    reason = ""
    while not reason:
        page, reason = _page(connection, path, what, until, last, rising=True)
        yield page
        if not reason and len(page) < _PAGE:
            return
        last = page[-1] if page else last
    # The damage lies behind `last`. Come from the other end, down to it or to the damage's far side.
    rest: list[Key] = []
    while True:
        page, again = _page(connection, path, what, until, rest[-1] if rest else None, rising=False, above=last)
        rest += page
        if again or len(page) < _PAGE:
            break
    yield Unreadable(what.subject, reason, (_text(last), _text(rest[-1] if rest else None)))
    yield rest[::-1]


def _text(key: Key | None) -> str:
    return "" if key is None else ", ".join(map(str, key))


def _page(
    connection: apsw.Connection,
    path: Path,
    what: Keys,
    until: int,
    behind: Key | None,
    *,
    rising: bool,
    above: Key | None = None,
) -> tuple[list[Key], str]:
    """Up to a page of keys, and why it ended early, '' where it did not."""
    columns = ", ".join(what.columns)
    marks = ",".join("?" * len(what.columns))
    order = ", ".join(f"{column} {'ASC' if rising else 'DESC'}" for column in what.columns)
    conditions, bound = (["sequence <= ?"], [until]) if what.of_changes else ([], [])
    for limit, sign in ((behind, ">" if rising else "<"), (above, ">")):
        if limit is not None:
            conditions.append(f"({columns}) {sign} ({marks})")
            bound += list(limit)
    where = "WHERE " + " AND ".join(conditions) if conditions else ""
    found: list[Key] = []
    try:
        statement = f"SELECT {columns} FROM main.{what.table} {where} ORDER BY {order} LIMIT {_PAGE}"
        rows: Any = connection.execute(statement, tuple(bound))
        # One by one: what was read before an error must be kept.
        while (row := rows.fetchone()) is not None:
            if not all(isinstance(part, int) for part in row):
                return found, f"a key reads as {row!r:.60}"
            found.append(row)
    except (apsw.Error, UnicodeDecodeError) as error:
        return found, damage(error, path)
    return found, ""


def damage(error: apsw.Error | UnicodeDecodeError, path: Path) -> str:
    """What SQLite says of damage. Raises the project's error for everything that is not damage."""
    if isinstance(error, UnicodeDecodeError):
        return f"a text is not UTF-8 ({error.reason})"
    if says_damage(error):
        return str(error)
    raise as_sfm_error(error, path) from error


class Structure(NamedTuple):
    """What SQLite's integrity check finds: pages, indexes, constraints. Not the bytes inside blobs. `whole`: whether
    all of the file was looked at as it was at one moment; else each table was, and the list of free pages."""

    problems: list[str]
    whole: bool


def sqlite_check(connection: apsw.Connection, path: Path) -> Structure:
    """SQLite's own check. While it runs, the log of others cannot begin anew, and without a log they wait for it: where
    it holds them up it is given up, and made table by table instead."""
    stops = _HoldsOthersUp(path)
    connection.set_progress_handler(stops, _STEPS_BETWEEN_LOOKS)
    try:
        return Structure(_problems(connection, path, str(_MOST_MESSAGES)), whole=True)
    except apsw.InterruptError:
        if not stops.stopped:
            raise
    finally:
        connection.set_progress_handler(None)
    parts = ["sqlite_schema", *tables(schema_text())]
    return Structure([text for part in parts for text in _problems(connection, path, part)], whole=False)


def _problems(connection: apsw.Connection, path: Path, argument: str) -> list[str]:
    found: list[str] = []
    try:
        rows: Any = connection.execute(f"PRAGMA integrity_check({argument})")
        while (row := rows.fetchone()) is not None:
            found.append(row[0])
    except apsw.InterruptError:
        raise
    except (apsw.Error, UnicodeDecodeError) as error:
        return [*found, damage(error, path)]
    found = [] if found == ["ok"] else found
    # Of a file that it may only read, SQLite forgets the schema's checks (not so its NOT NULL).
    forgotten = checks(schema_text()) if connection.readonly("main") else {}
    return found + [
        text
        for table, conditions in forgotten.items()
        if conditions and (table == argument or argument not in forgotten)
        for text in _failed(connection, path, table, conditions)
    ]


def _failed(connection: apsw.Connection, path: Path, table: str, conditions: Sequence[str]) -> list[str]:
    """What SQLite says where rows of a table do not meet its conditions."""
    all_met = " AND ".join(f"({condition})" for condition in conditions)
    try:
        row: Any = connection.execute(f"SELECT 1 FROM main.{table} WHERE NOT ({all_met}) LIMIT 1").fetchone()
    except apsw.InterruptError:
        raise
    except (apsw.Error, UnicodeDecodeError) as error:
        damage(error, path)  # what was found before and the walks over the table name it
        return []
    return [] if row is None else [f"CHECK constraint failed in {table}"]


class _HoldsOthersUp:
    """SQLite's question during a long statement whether to stop: yes where the log has grown by more than a few
    megabytes meanwhile, or where, without a log, another program has begun to write."""

    def __init__(self, path: Path) -> None:
        self._log, self._journal = beside(path, "-wal"), beside(path, "-journal")
        self._most = size_of(self._log) + _MOST_LOG
        self.stopped = False

    def __call__(self) -> bool:
        self.stopped = size_of(self._log) > self._most or size_of(self._journal) > 0
        return self.stopped


def broken_references(connection: apsw.Connection, path: Path) -> list[tuple[str, str, int]]:
    """Rows that point to nothing: their table, the table they point to, how many. One table after the other, so that
    no moment is held for long."""
    counted: Counter[tuple[str, str]] = Counter()
    for table in tables(schema_text()):
        try:
            counted.update(
                (table, parent) for _, _, parent, _ in connection.execute(f"PRAGMA foreign_key_check({table})")
            )
        except apsw.Error as error:
            damage(error, path)  # the structure check and the walks name the damage
    return [(table, parent, number) for (table, parent), number in sorted(counted.items())]


def newest_change(connection: apsw.Connection, path: Path) -> int:
    """The number of the newest change, up to which rows can be looked at while others write; no limit where the history
    is so damaged that it cannot be read."""
    try:
        return history.head(connection)[0]
    except apsw.Error as error:
        damage(error, path)
        return _NO_LIMIT


def sizes(connection: apsw.Connection, path: Path) -> int:
    """How many rows the walks will meet, 0 where that cannot be read."""
    tables = [what.table for what in (EVENT_KEYS, SUMMARY_KEYS, FRAMES_KEYS, CONTENT_KEYS, FILE_KEYS, HISTORY_KEYS)]
    try:
        counts: list[Any] = [connection.execute(f"SELECT count(*) FROM main.{table}").fetchone() for table in tables]
    except apsw.Error as error:
        damage(error, path)
        return 0
    return sum(count for (count,) in counts)


def row_count(connection: apsw.Connection, table: str) -> int:
    """How many rows a table has."""
    row: Any = connection.execute(f"SELECT count(*) FROM main.{table}").fetchone()
    return int(row[0])


def has_its_one_row(connection: apsw.Connection) -> bool:
    """Whether the table `archive` has the row 1 and no other."""
    rows: list[Any] = connection.execute("SELECT only_row FROM archive").fetchall()
    return rows == [(1,)]


def content(connection: apsw.Connection, content_id: int) -> tuple[str, files.Content] | None:
    """Hash of a content, and the content."""
    row: Any = connection.execute(
        "SELECT lower(hex(sha256)), content_id, size, pieces FROM file_content WHERE content_id = ?", (content_id,)
    ).fetchone()
    return None if row is None else (row[0], files.Content._make(row[1:]))


def content_hashes(connection: apsw.Connection, content_id: int) -> bool:
    """Whether the bytes of a content hash as it says. Raises BadInput where they cannot be read."""
    found = content(connection, content_id)
    if found is None:
        return True
    digest = hashlib.sha256()
    for piece in files.read_content(connection, found[1]):
        digest.update(piece)
    return digest.hexdigest() == found[0]


def files_of_change(connection: apsw.Connection, sequence: int) -> list[tuple[str, str]]:
    """Kind and name of the received files that are there of a change."""
    rows: list[Any] = connection.execute(
        "SELECT kind, name FROM received_file WHERE sequence = ? ORDER BY file_id", (sequence,)
    ).fetchall()
    return [(kind, name) for kind, name in rows]


def frames_rows_until(connection: apsw.Connection, event_id: int, sequence: int) -> int:
    """How many revisions of an event's frames the history lists, up to a change."""
    rows: list[Any] = connection.execute(
        "SELECT lower(hex(rows)) FROM history WHERE event_id = ? AND sequence <= ?", (event_id, sequence)
    ).fetchall()
    return sum(row.table == "frames" for (text,) in rows for row in row_hashes.listed(text))


def names_of_content(connection: apsw.Connection, sha256: str) -> list[tuple[str, int]]:
    """Names under which a content was received, and the event of each (0 where it waits for one); the hand-over it
    is the record or the file of; or the statement that has it: a calibration its certificate, a firm its logo."""
    rows = connection.execute(
        "SELECT received_file.name, coalesce(event_file.event_id, 0) FROM received_file LEFT JOIN event_file"
        " ON event_file.file_id = received_file.file_id AND event_file.event_id IN (SELECT event_id FROM counted_event)"
        " WHERE received_file.sha256 = ? ORDER BY received_file.file_id, 2",
        (bytes.fromhex(sha256),),
    )
    found: Any = rows.fetchall()
    records = connection.execute(
        "SELECT 'record of hand-over ' || handover_id, 0 FROM handover WHERE record_sha256 = :own"
        " UNION ALL SELECT 'file of hand-over ' || handover_id, 0 FROM handover WHERE kept_sha256 = :own",
        {"own": bytes.fromhex(sha256)},
    )
    written: Any = records.fetchall()
    beside = connection.execute(
        "SELECT 'certificate ' || certificate || ' of ' || serial, 0 FROM calibration WHERE certificate_sha256 = :own"
        " UNION SELECT 'logo ' || logo, 0 FROM firm WHERE logo_sha256 = :own ORDER BY 1",
        {"own": bytes.fromhex(sha256)},
    )
    stated: Any = beside.fetchall()
    return [*found, *written, *stated]
