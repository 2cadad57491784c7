"""Rules that hold for every table of the format, read from the schema itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.storage.schema import schema_text

HASH = "a" * 64
EVENT = "INSERT INTO event VALUES (1, 'BE1', '2026-05-01T00:00:00', '', 'unknown', 'unknown', '')"


@pytest.fixture
def blank() -> Iterator[apsw.Connection]:
    """The schema in memory, with nothing in it."""
    connection = apsw.Connection(":memory:")
    connection.execute(schema_text())
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


def tables(connection: apsw.Connection) -> list[tuple[str, bool]]:
    rows = connection.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [(name, bool(strict)) for name, strict in rows.fetchall()]


def test_every_table_is_strict(blank: apsw.Connection) -> None:
    assert len(tables(blank)) >= 11
    assert [name for name, strict in tables(blank) if not strict] == []


def test_no_part_of_any_key_can_be_null(blank: apsw.Connection) -> None:
    nullable = []
    for table, _ in tables(blank):
        columns = {row[1]: row for row in blank.execute(f"PRAGMA table_info({table})").fetchall()}
        rowid = [name for name, row in columns.items() if row[5] and row[2] == "INTEGER"]
        keys = [name for name, row in columns.items() if row[5]]
        alone = keys if len(keys) == 1 and rowid == keys else []  # an INTEGER PRIMARY KEY is the rowid: never NULL
        for _, index, unique, *_ in blank.execute(f"PRAGMA index_list({table})").fetchall():
            if unique:
                keys += [row[2] for row in blank.execute(f"PRAGMA index_info({index})").fetchall()]
        for name in {*keys} - {*alone}:
            try:
                # What counts is what SQLite does, not what the declaration looks like.
                not_null = columns[name][3]
                nullable += [] if not_null else [f"{table}.{name}"]
            except KeyError:
                nullable.append(f"{table}.{name}")
    # STRICT makes no PRIMARY KEY NOT NULL by itself except WITHOUT ROWID; each one found here must refuse NULL.
    really = []
    for entry in nullable:
        table, _, name = entry.partition(".")
        if table == "file_content" and name == "sha256":
            with pytest.raises(apsw.ConstraintError):
                blank.execute("INSERT INTO file_content VALUES (NULL, 0, 'zstd', x'')")
            continue
        really.append(entry)
    assert really == []


def test_only_the_number_of_a_value_may_be_null(blank: apsw.Connection) -> None:
    optional = []
    for table, _ in tables(blank):
        for _, name, _, not_null, _, in_key in blank.execute(f"PRAGMA table_info({table})").fetchall():
            if not not_null and not in_key:
                optional.append(f"{table}.{name}")
    assert optional == ["value.number"]


def test_every_column_has_its_comment_or_a_name_that_says_it() -> None:
    text = schema_text()
    for table in ("archive", "event", "frames", "file_content", "received_file", "reading", "value", "encoding", "history"):
        before = text[: text.index(f"CREATE TABLE {table} ")]
        assert before.rstrip().splitlines()[-1].startswith("--"), f"{table} has no comment above it"


def test_event_ids_point_to_events(blank: apsw.Connection) -> None:
    pointing = {
        (table, row[3])
        for table, _ in tables(blank)
        for row in blank.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    }
    expected = {
        (table, row[1])
        for table, _ in tables(blank)
        if table not in ("event", "history")
        for row in blank.execute(f"PRAGMA table_info({table})").fetchall()
        if row[1] in ("event_id", "reading_id", "file_id") and (table, row[1]) not in
        {("reading", "reading_id"), ("received_file", "file_id")}
    }  # fmt: skip
    assert expected <= pointing


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO event VALUES (2, 'UNKNOWN', '2026-05-01T00:00:00', '', 'unknown', 'unknown', '')",
        "INSERT INTO event VALUES (2, 'be1', '2026-05-01T00:00:00', '', 'unknown', 'unknown', '')",
        "INSERT INTO event VALUES (2, 'BE1', '2026-05-01', '', 'unknown', 'unknown', '')",
        "INSERT INTO event VALUES (2, 'BE1', '2026-05-01T00:00:01', 'ABC', 'unknown', 'unknown', '')",
        "INSERT INTO event VALUES (2, 'BE1', '2026-05-01T00:00:01', '', 'combo', 'unknown', '')",
        "INSERT INTO event VALUES (2, 'BE1', '2026-05-01T00:00:00', '', 'unknown', 'unknown', '')",  # the same event
        "INSERT INTO event VALUES (2, 'BE1', NULL, '', 'unknown', 'unknown', '')",
        f"INSERT INTO frames VALUES (1, 0, 1, 'zstd', '{HASH}', 5, 1, 1, '', x'00')",
        f"INSERT INTO frames VALUES (1, 1, 1, 'zstd', '{HASH}', 0, 1, 1, '', x'00')",
        "INSERT INTO frames VALUES (1, 1, 1, 'zstd', 'short', 5, 1, 1, '', x'00')",
        f"INSERT INTO frames VALUES (9, 1, 1, 'zstd', '{HASH}', 5, 1, 1, '', x'00')",
        f"INSERT INTO frames VALUES (1, 1, 1, 'zstd', '{HASH}', 5, 1, 2, '', x'00')",
        f"INSERT INTO frames VALUES (1, 1, 1, 'zstd', '{HASH}', 5, 1, 1, '', 'text')",
        f"INSERT INTO encoding VALUES (1, 1, 'blastware', 2, 'encoded', '{HASH}', 5, '[]', 'x', '1', '')",  # no frames
        f"INSERT INTO reading VALUES (1, 1, 'guess', '{HASH}', 'x', '')",
        "INSERT INTO history VALUES (1, '', '', '', '', 0, 'no json', '', '')",
        "INSERT INTO archive VALUES (2, '', '', '', 'blastware@2')",
        "DELETE FROM event",
    ],
)
def test_the_schema_itself_refuses_what_must_not_be(blank: apsw.Connection, statement: str) -> None:
    blank.execute(EVENT)
    with pytest.raises(apsw.Error):
        blank.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event",
        "UPDATE frames SET data = x'00'",
        "DELETE FROM frames",
        "UPDATE file_content SET data = x'00'",
        "DELETE FROM file_content",
        "UPDATE history SET actor = 'somebody else'",
        "DELETE FROM history",
    ],
)
def test_content_is_kept_from_slips_in_any_sqlite_tool(tmp_path: Path, statement: str) -> None:
    event = testing.simulate_histogram(Random(1), count=5)
    with sfm.create(tmp_path / "a.sfm") as archive:
        file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="a.txt", data=b"text")
        archive.save(sfm.Event(serial="BE1", recorded_at=event.recorded_at), testing.read_out(event), files=[file])
    connection = apsw.Connection(str(tmp_path / "a.sfm"))
    with pytest.raises(apsw.ConstraintError, match="never"):
        connection.execute(statement)
    connection.close()
