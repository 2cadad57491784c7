"""The way from an older format to the current one, walked with made-up versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.errors import Damaged, ReadOnlyArchive, StorageFailed
from sfm_archive.storage.connection import connect
from sfm_archive.storage.schema import APPLICATION_ID, bring_up_to_date, check_identity
from sfm_archive.storage.tables import schema_text

OLDEST = "CREATE TABLE unit (name TEXT);"
NEWEST = """CREATE TABLE unit (name TEXT);
CREATE TABLE shot (unit TEXT NOT NULL, weight REAL NOT NULL DEFAULT 0) STRICT;
CREATE INDEX shot_by_unit ON shot (unit);"""


def add_shots(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE shot (unit TEXT NOT NULL, weight REAL NOT NULL DEFAULT 0) STRICT")
    connection.execute("INSERT INTO shot (unit) SELECT name FROM unit")


def add_index(connection: apsw.Connection) -> None:
    connection.execute("CREATE INDEX shot_by_unit ON shot (unit)")


def fail(connection: apsw.Connection) -> None:
    connection.execute("CREATE INDEX shot_by_unit ON shot (unit)")
    connection.execute("DELETE FROM unit")
    raise RuntimeError("a step that fails")


STEPS = {0: add_shots, 1: add_index}


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A file of version 0 with 500 rows."""
    path = tmp_path / "old.sfm"
    connection = apsw.Connection(str(path))
    connection.execute(OLDEST)
    with connection:
        connection.executemany("INSERT INTO unit VALUES (?)", [(f"BE{number}",) for number in range(500)])
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.close()
    return path


@pytest.fixture
def connection(old_file: Path) -> Iterator[apsw.Connection]:
    """As the store opens it."""
    opened = connect(old_file, read_only=False)
    yield opened
    opened.close()


def version(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[60:64], "big")


def rows(path: Path, table: str) -> int:
    opened = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    ((count,),) = opened.execute(f"SELECT count(*) FROM {table}").fetchall()
    opened.close()
    return count


def test_all_steps_are_made_in_order_after_a_copy(old_file: Path, connection: apsw.Connection) -> None:
    copy = bring_up_to_date(connection, old_file, 0, read_only=False, current=2, migrations=STEPS, schema=NEWEST)
    connection.close()
    assert copy == old_file.with_name("old.before-format-2.sfm")
    assert (version(old_file), rows(old_file, "shot")) == (2, 500)
    assert (version(copy), rows(copy, "unit")) == (0, 500)
    assert sorted(path.name for path in old_file.parent.iterdir()) == ["old.before-format-2.sfm", "old.sfm"]


def test_a_file_half_way_is_taken_the_rest_of_the_way(old_file: Path, connection: apsw.Connection) -> None:
    add_shots(connection)
    connection.execute("PRAGMA user_version = 1")
    bring_up_to_date(connection, old_file, 1, read_only=False, current=2, migrations=STEPS, schema=NEWEST)
    assert connection.pragma("user_version") == 2


def test_nothing_is_done_to_a_current_file(old_file: Path, connection: apsw.Connection) -> None:
    before = old_file.read_bytes()
    assert bring_up_to_date(connection, old_file, 2, read_only=False, current=2, migrations={}) is None
    assert old_file.read_bytes() == before
    assert list(old_file.parent.iterdir()) == [old_file]


@pytest.mark.parametrize(
    ("steps", "trouble"),
    [
        ({0: add_shots, 1: fail}, RuntimeError),
        ({0: add_shots}, KeyError),
        ({0: add_shots, 1: lambda connection: None}, Damaged),  # the schema is not that of a fresh file
    ],
)
def test_a_step_that_fails_leaves_the_file_byte_for_byte_and_the_copy_made(
    old_file: Path, connection: apsw.Connection, steps: dict[int, object], trouble: type[Exception]
) -> None:
    before = hashlib.sha256(old_file.read_bytes()).digest()
    with pytest.raises(trouble):
        bring_up_to_date(connection, old_file, 0, read_only=False, current=2, migrations=steps, schema=NEWEST)  # type: ignore[arg-type]
    assert not connection.in_transaction
    assert connection.pragma("foreign_keys") == 1
    connection.close()
    assert hashlib.sha256(old_file.read_bytes()).digest() == before
    copy = old_file.with_name("old.before-format-2.sfm")
    assert rows(copy, "unit") == 500
    assert sorted(old_file.parent.iterdir()) == sorted([old_file, copy])


def test_a_row_that_would_point_to_nothing_stops_the_update(old_file: Path, connection: apsw.Connection) -> None:
    schema = f"{OLDEST}\nCREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES child (id));"

    def step(opened: apsw.Connection) -> None:
        opened.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES child (id))")
        opened.execute("INSERT INTO child VALUES (1, 7)")

    with pytest.raises(Damaged, match="refer to a missing row"):
        bring_up_to_date(connection, old_file, 0, read_only=False, current=1, migrations={0: step}, schema=schema)
    assert connection.pragma("user_version") == 0


def test_an_older_file_opened_read_only_is_refused_untouched(old_file: Path) -> None:
    before = old_file.read_bytes()
    opened = connect(old_file, read_only=True)
    with pytest.raises(ReadOnlyArchive, match="format version 0"):
        bring_up_to_date(opened, old_file, 0, read_only=True, current=2, migrations=STEPS, schema=NEWEST)
    opened.close()
    assert old_file.read_bytes() == before
    assert list(old_file.parent.iterdir()) == [old_file]


def test_a_copy_that_is_in_the_way_is_never_replaced(old_file: Path, connection: apsw.Connection) -> None:
    copy = old_file.with_name("old.before-format-2.sfm")
    copy.write_bytes(b"somebody's only good copy")
    with pytest.raises(StorageFailed, match="in the way"):
        bring_up_to_date(connection, old_file, 0, read_only=False, current=2, migrations=STEPS, schema=NEWEST)
    assert copy.read_bytes() == b"somebody's only good copy"
    assert connection.pragma("user_version") == 0


def test_two_programs_that_update_one_file_both_end_with_it_updated_once(
    old_file: Path, connection: apsw.Connection
) -> None:
    other = connect(old_file, read_only=False)

    def meanwhile(opened: apsw.Connection) -> None:
        raise AssertionError("the steps were made by the other program already")

    # Both looked and saw version 0; then the other one was quicker.
    bring_up_to_date(other, old_file, 0, read_only=False, current=2, migrations=STEPS, schema=NEWEST)
    again = bring_up_to_date(
        connection, old_file, 0, read_only=False, current=2, migrations={0: meanwhile}, schema=NEWEST
    )
    assert again is None
    copy = old_file.with_name("old.before-format-2.sfm")
    copy.unlink()  # even where that copy is gone, the steps are not made a second time
    assert (
        bring_up_to_date(connection, old_file, 0, read_only=False, current=2, migrations={0: meanwhile}, schema=NEWEST)
        is None
    )
    assert not copy.exists()
    other.close()
    assert sorted(old_file.parent.iterdir()) == [old_file]


def test_identity_is_checked_against_the_version_asked_for(connection: apsw.Connection, old_file: Path) -> None:
    connection.execute("PRAGMA user_version = 2")
    assert check_identity(connection, old_file, 2) == 2


@pytest.mark.parametrize("read_only", [False, True])
def test_a_sealed_archive_of_an_older_format_is_refused_untouched(tmp_path: Path, read_only: bool) -> None:
    sealed = tmp_path / "sealed.sfm"
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.seal(sealed)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    newer = f"{schema_text()}\nCREATE TABLE weather (wind REAL NOT NULL) STRICT;"
    opened = connect(sealed, read_only=read_only)
    try:
        assert check_identity(opened, sealed, current=2) == 1
        with pytest.raises(sfm.SealedArchive, match=r"is sealed and has format version 1; .* copy here") as refused:
            bring_up_to_date(
                opened,
                sealed,
                1,
                read_only=read_only,
                current=2,
                migrations={1: lambda made: made.execute("CREATE TABLE weather (wind REAL NOT NULL) STRICT") and None},
                schema=newer,
            )
    finally:
        opened.close()
    assert refused.value.exit_code == 6
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
