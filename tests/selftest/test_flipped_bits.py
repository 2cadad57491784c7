"""Single flipped bits over a whole file: each one that changes what is stored is found.

Thousands of them: `python -m sfm_archive.selftest flips`.
"""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.errors import SfmError
from sfm_archive.maintaining import require_sound
from sfm_archive.selftest.flips import archive_of_everything, flip_and_check
from sfm_archive.storage.cells import DERIVED
from sfm_archive.storage.tables import schema_text, tables


@pytest.mark.parametrize(("flips", "least"), [(20, 1), pytest.param(60, 6, marks=pytest.mark.trust)])
def test_no_flip_that_changes_anything_escapes(flips: int, least: int, tmp_path: Path) -> None:
    found = flip_and_check(tmp_path, flips=flips, seed=5)
    assert found.escaped == []
    assert found.flips == found.found + found.without_effect == flips
    assert found.found > least


OF_MERGES = {"merged_change", "withheld_changes", "withheld_content"}
"""Of archives that others were merged into, or that left one: tests/moving looks at these."""

TABLES = sorted(set(tables(schema_text())) - DERIVED - OF_MERGES)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("flips") / "good.sfm"
    archive_of_everything(path)
    return path


IN_EVERY_RUN = {"event_key", "frames", "file_piece", "reading", "encoding", "history"}


@pytest.mark.parametrize(
    "table", [pytest.param(name, marks=() if name in IN_EVERY_RUN else pytest.mark.trust) for name in TABLES]
)
def test_every_column_of_every_row_is_vouched_for(table: str, everything: Path, tmp_path: Path) -> None:
    """One changed value for each column, written with SQLite itself, so that pages and indexes are sound."""
    connection = apsw.Connection(str(everything), flags=apsw.SQLITE_OPEN_READONLY)
    columns = [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    escaped, compacted = [], []
    for column, kind in columns:
        path = tmp_path / f"{column}.sfm"
        path.write_bytes(everything.read_bytes())
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        before = connection.execute(f"SELECT * FROM {table}").fetchall()
        ending = f"CASE substr({column}, -1) WHEN 'a' THEN 'b' ELSE 'a' END"
        flipped = {
            "INTEGER": f"CASE {column} WHEN 1 THEN 0 ELSE {column} + 1 END",
            "REAL": f"{column} * 1.0000001",
            "BLOB": f"CAST(substr({column}, 1, length({column}) - 1)"
            f" || CASE substr({column}, -1) WHEN x'01' THEN x'02' ELSE x'01' END AS BLOB)",
        }.get(kind, f"substr({column}, 1, length({column}) - 1) || {ending}")
        key = ", ".join(name for name, _ in columns[:2])
        downwards = ", ".join(f"{name} DESC" for name, _ in columns[:2])
        there = f"{column} IS NOT NULL AND {column} <> x''"
        last = f"({key}) = (SELECT {key} FROM {table} WHERE {there} ORDER BY {downwards} LIMIT 1)"
        connection.execute(f"UPDATE {table} SET {column} = {flipped} WHERE {last}")
        changed = connection.execute(f"SELECT * FROM {table}").fetchall() != before
        if not changed and kind != "TEXT":  # nothing there has a value: one that appears is as wrong
            connection.execute(f"UPDATE {table} SET {column} = {'zeroblob(32)' if kind == 'BLOB' else '1'}")
            changed = connection.execute(f"SELECT * FROM {table}").fetchall() != before
        for _, text in triggers:
            connection.execute(str(text))
        connection.close()
        try:
            with sfm.open(path, read_only=True) as archive:
                ok = archive.verify().ok
        except SfmError:
            ok = False
        assert changed, column
        if ok:
            escaped.append(column)
        try:
            with sfm.open(path, read_only=True) as archive:
                require_sound(archive)
            compacted.append(column)
        except SfmError:
            pass
    assert (escaped, compacted) == ([], [])
