"""Rules that hold for every table of the format, read from the schema itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.storage.tables import schema_text

HASH = f"x'{'a' * 64}'"
EVENT = "INSERT INTO event VALUES (1, 2, 'BE1', '2026-05-01T00:00:00', 'unknown', 1, 'unknown')"


@pytest.fixture
def blank() -> Iterator[apsw.Connection]:
    """The schema in memory, with nothing in it."""
    connection = apsw.Connection(":memory:")
    connection.execute(schema_text())
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


def tables(connection: apsw.Connection) -> list[tuple[str, bool]]:
    rows = connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    return [(name, bool(strict)) for name, strict in rows.fetchall()]


def test_every_table_is_strict(blank: apsw.Connection) -> None:
    assert len(tables(blank)) >= 11
    assert [name for name, strict in tables(blank) if not strict] == []


def test_no_part_of_any_key_can_be_null(blank: apsw.Connection) -> None:
    unguarded, looked_at = [], 0
    for table, strict in tables(blank):
        columns = {row[1]: row for row in blank.execute(f"PRAGMA table_info({table})").fetchall()}
        for _, index, unique, *_ in blank.execute(f"PRAGMA index_list({table})").fetchall():
            for _, _, name in blank.execute(f"PRAGMA index_info({index})").fetchall() if unique else ():
                looked_at += 1
                not_null, in_primary_key = columns[name][3], columns[name][5]
                # The next test shows that SQLite guards a STRICT table's primary key without being told.
                if not not_null and not (in_primary_key and strict):
                    unguarded.append(f"{table}.{name}")
    assert unguarded == []
    assert looked_at > 20


def test_the_primary_key_of_a_strict_table_cannot_be_null(blank: apsw.Connection) -> None:
    with pytest.raises(apsw.ConstraintError, match="NOT NULL"):
        blank.execute("INSERT INTO event_name VALUES (NULL, 1, 2, 'a')")


def test_only_numbers_and_the_hash_of_what_is_not_kept_may_be_null(blank: apsw.Connection) -> None:
    optional = []
    for table, _ in tables(blank):
        for _, name, _, not_null, _, in_key in blank.execute(f"PRAGMA table_info({table})").fetchall():
            if not not_null and not in_key:
                optional.append(f"{table}.{name}")
    derived = [name for name in optional if name.startswith(("event_summary.", "event_peaks."))]
    places = {f"{table}.{name}" for table in ("point", "blast") for name in ("latitude", "longitude", "east", "north")}
    assert set(optional) - set(derived) == {
        "value.number", "blast.charge", "blast.fold", "handover.kept_sha256", *places,
    }  # fmt: skip
    assert all(name.endswith(("_nm_s", "_hz", "_hz_low", "_hz_high", "_db")) for name in derived)


def test_every_column_has_its_comment_or_a_name_that_says_it() -> None:
    text = schema_text()
    for table in (
        "archive",
        "event",
        "frames",
        "file_content",
        "received_file",
        "reading",
        "value",
        "encoding",
        "history",
    ):
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
        if table not in ("event", "history", "event_summary", "event_computed", "event_peaks", "report_in_doubt")
        for row in blank.execute(f"PRAGMA table_info({table})").fetchall()
        if row[1] in ("event_id", "reading_id", "file_id", "content_id") and (table, row[1]) not in
        {("reading", "reading_id"), ("received_file", "file_id"), ("file_content", "content_id")}
    }  # fmt: skip
    assert expected <= pointing


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO event VALUES (2, 2, 'UNKNOWN', '2026-05-01T00:00:00', 'unknown', 1, 'unknown')",
        "INSERT INTO event VALUES (2, 2, 'be1', '2026-05-01T00:00:00', 'unknown', 1, 'unknown')",
        "INSERT INTO event VALUES (2, 2, 'BE1', '2026-05-01', 'unknown', 1, 'unknown')",
        "INSERT INTO event VALUES (2, 2, 'BE1', '2026-05-01T00:00:01', 'combo', 1, 'unknown')",
        "INSERT INTO event VALUES (2, 2, 'BE1', '2026-05-01T00:00:00', 'unknown', 1, 'unknown')",  # the same event
        "INSERT INTO event VALUES (2, 2, 'BE1', '2026-05-01T00:00:00', 'unknown', 0, 'unknown')",
        "INSERT INTO event VALUES (2, 2, 'BE1', NULL, 'unknown', 1, 'unknown')",
        "INSERT INTO event VALUES (2, 0, 'BE1', '2026-05-01T00:00:01', 'unknown', 1, 'unknown')",
        "INSERT INTO event_key VALUES (1, 2, -1)",
        "INSERT INTO event_key VALUES (1, 2, 1 << 32)",
        "INSERT INTO event_key VALUES (9, 2, 5)",
        f"INSERT INTO frames VALUES (1, 0, 2, 1, 'zstd', {HASH}, 5, 1, 1, x'00')",
        f"INSERT INTO frames VALUES (1, 1, 2, 1, 'zstd', {HASH}, 0, 1, 1, x'00')",
        "INSERT INTO frames VALUES (1, 1, 2, 1, 'zstd', x'00', 5, 1, 1, x'00')",
        f"INSERT INTO frames VALUES (1, 1, 2, 1, 'zstd', '{'a' * 32}', 5, 1, 1, x'00')",
        f"INSERT INTO frames VALUES (9, 1, 2, 1, 'zstd', {HASH}, 5, 1, 1, x'00')",
        f"INSERT INTO frames VALUES (1, 1, 2, 1, 'zstd', {HASH}, 5, 1, 2, x'00')",
        f"INSERT INTO frames VALUES (1, 1, 2, 1, 'zstd', {HASH}, 5, 1, 1, 'text')",
        f"INSERT INTO encoding VALUES (1, 1, 'blastware', 2, 2, 'encoded', {HASH}, 5, '[]', 'x', '1')",  # no frames
        f"INSERT INTO reading VALUES (1, 1, 2, '', {HASH}, 'x')",
        f"INSERT INTO reading VALUES (1, 1, 2, '{'x' * 41}', {HASH}, 'x')",
        f"INSERT INTO file_content VALUES (1, 2, {HASH}, 5, 0)",
        "INSERT INTO file_piece VALUES (9, 1, 'zstd', x'00')",
        f"INSERT INTO history VALUES (1, '', '', '', '', 0, 'no json', x'', {HASH})",
        f"INSERT INTO history VALUES (1, '', '', '', '', 0, '{{}}', x'00', {HASH})",
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
        "UPDATE file_content SET size = 1",
        "DELETE FROM file_content",
        "UPDATE file_piece SET data = x'00'",
        "DELETE FROM file_piece",
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
