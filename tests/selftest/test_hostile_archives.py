"""Archives from strangers: nothing in them runs, and none of them can make the program spend memory it should not."""

from __future__ import annotations

import hashlib
import resource
import sys
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import apsw
import msgpack
import pytest
import zstandard

import sfm_archive as sfm
from sfm_archive.errors import Damaged, NotAnArchive, SfmError
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.selftest.flips import archive_of_everything


@pytest.fixture
def quarry(tmp_path: Path) -> Path:
    path = tmp_path / "quarry.sfm"
    archive_of_everything(path)
    return path


def sql(path: Path, *statements: str, bindings: Any = ()) -> None:
    """As another tool would, with SQLite's own guards off."""
    connection = apsw.Connection(str(path))
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    connection.execute("PRAGMA writable_schema = ON; PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        connection.execute(statement, bindings if "?" in statement else ())
    connection.close()


def without_triggers(path: Path, statement: str, *bindings: Any) -> None:
    """Change a row and leave the structure as it was."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF")
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement, bindings)
    for _, text in triggers:
        connection.execute(str(text))
    connection.close()


STRUCTURES = [
    "CREATE TRIGGER spy AFTER INSERT ON event BEGIN DELETE FROM event_name; END",
    "CREATE TRIGGER sqlite_stat1 AFTER INSERT ON event BEGIN SELECT 1; END",
    "CREATE VIEW notes AS SELECT load_extension('/tmp/evil')",
    "CREATE VIRTUAL TABLE words USING fts5(x)",
    "CREATE VIRTUAL TABLE places USING rtree(id, a, b)",
    "CREATE TABLE more (a, b AS (zeroblob(a)))",
    "DROP TABLE finding; CREATE TABLE finding (event_id, code, message AS (zeroblob(1 << 30)) VIRTUAL)",
    "CREATE INDEX slow ON event (length(serial))",
    "CREATE TABLE more (a DEFAULT (readfile('/etc/passwd')))",
    "DROP VIEW current_value; CREATE VIEW current_value AS SELECT 1 AS event_id",
    "DROP TABLE finding; CREATE VIEW finding AS SELECT 1 AS event_id, 'x' AS code, 'y' AS message",
    "DROP TABLE handover; CREATE VIRTUAL TABLE handover USING fts5(x)",
    # Hidden where SQLite keeps its own statistics.
    "INSERT INTO sqlite_schema VALUES ('table', 'sqlite_stat1', 'sqlite_stat1', 0,"
    " 'CREATE VIRTUAL TABLE sqlite_stat1 USING fts5(tbl, idx, stat)')",
    "INSERT INTO sqlite_schema VALUES ('table', 'sqlite_stat4', 'sqlite_stat4', 3, 'CREATE TABLE sqlite_stat4(a)')",
    # The same words, another meaning: a structure that only looks alike.
    "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'event'",
    "UPDATE sqlite_schema SET sql = replace(sql, 'time_zone', 'time_zonE') WHERE name = 'event'",
    "UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (frame_count > 0)', '') WHERE name = 'frames'",
    "UPDATE sqlite_schema SET type = 'view' WHERE name = 'history'",
    "UPDATE sqlite_schema SET name = 'Event' WHERE name = 'event' AND type = 'table'",
    "UPDATE sqlite_schema SET sql = NULL WHERE name = 'event_by_time'",
    "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'event'",
    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'frames') WHERE name='event'",
]


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("statement", STRUCTURES)
def test_another_structure_is_refused_or_found(quarry: Path, statement: str, read_only: bool) -> None:
    sql(quarry, *statement.split("; CREATE") if "; CREATE" not in statement else _two(statement))
    before = quarry.read_bytes()
    try:
        with sfm.open(quarry, read_only=read_only) as archive:
            report = archive.verify()
        assert "rootpage" in statement, "only a root page is no part of the structure's text"
        assert not report.ok
    except SfmError as error:
        assert isinstance(error, Damaged | NotAnArchive) or "rootpage" in statement, error
        assert str(quarry) in str(error)
    if read_only:
        assert quarry.read_bytes() == before
    assert not Path("/tmp/evil").exists()


def _two(statement: str) -> list[str]:
    first, second = statement.split("; CREATE", 1)
    return [first, f"CREATE{second}"]


@cache
def bomb(size: int, announced: bool) -> bytes:
    """A few kilobytes that decompress to `size` zeros."""
    compressor = zstandard.ZstdCompressor(level=19, write_content_size=announced).compressobj(
        size=size if announced else -1
    )
    piece = bytes(1 << 20)
    packed = [compressor.compress(piece) for _ in range(size >> 20)]
    return b"".join(packed) + compressor.flush()


def most_memory() -> int:
    """Bytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(
    "logical_size",
    [1000, -1, *(pytest.param(size, marks=pytest.mark.trust) for size in (60 << 20, 512 << 20, 1 << 62))],
)
def test_a_decompression_bomb_costs_no_memory(quarry: Path, announced: bool, logical_size: int, tmp_path: Path) -> None:
    data = bomb(512 << 20, announced)
    without_triggers(quarry, "UPDATE frames SET data = ?, logical_size = ? WHERE event_id = 1", data, logical_size)
    without_triggers(
        quarry,
        "UPDATE file_piece SET data = ? WHERE content_id = (SELECT min(content_id) FROM file_content)",
        data,
    )
    without_triggers(
        quarry,
        "UPDATE file_content SET size = ? WHERE content_id = (SELECT min(content_id) FROM file_content)",
        abs(logical_size),
    )
    before = most_memory()
    with sfm.open(quarry, read_only=True) as archive:
        with pytest.raises(Damaged):
            archive.frames(1)
        report = archive.verify()
    assert {"frames", "content"} <= {finding.code for finding in report.damage}
    salvage(quarry, tmp_path / "saved.sfm", actor="tester")
    assert most_memory() - before < 200 << 20


def test_a_small_document_that_means_a_large_one_is_refused(quarry: Path) -> None:
    """MessagePack that announces millions of frames, or nests for ever."""
    for logical in (
        b"\x83\xa6format\xb5sfm-archive a5 frames\xa7version\x01\xa6frames\xdd\x7f\xff\xff\xff",
        b"\x91" * 100_000,
        msgpack.packb({"format": "sfm-archive a5 frames", "version": 1, "frames": [[0] * 6] * 300_000}),
    ):
        digest = hashlib.sha256(logical).digest()
        packed = zstandard.ZstdCompressor().compress(logical)
        without_triggers(
            quarry,
            "UPDATE frames SET data = ?, logical_size = ?, sha256 = ? WHERE event_id = 1",
            packed,
            len(logical),
            digest,
        )
        with sfm.open(quarry, read_only=True) as archive, pytest.raises(Damaged):
            archive.frames(1)


def test_a_value_larger_than_any_archive_has_is_a_sentence(quarry: Path) -> None:
    without_triggers(quarry, "UPDATE frames SET data = zeroblob(100 << 20) WHERE event_id = 1")
    with sfm.open(quarry, read_only=True) as archive:
        with pytest.raises(SfmError, match="quarry"):
            archive.frames(1)
        assert not archive.verify().ok
        assert archive.frames(3)


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "C:\\x", "CON", "a\x1b[2J", "x" * 255, "..", "a\nb"])
def test_names_in_an_archive_lead_nowhere(quarry: Path, name: str, tmp_path: Path) -> None:
    without_triggers(quarry, "UPDATE event_name SET name = ? WHERE event_id = 1 AND position = 1", name)
    out = tmp_path / "out"
    with sfm.open(quarry) as archive:
        archive.export(out)
        assert not archive.verify().ok
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert written <= {"out", "quarry.sfm"}


def test_random_files_never_end_in_anything_but_a_sentence(quarry: Path, tmp_path: Path) -> None:
    random, good = Random(11), quarry.read_bytes()
    path = tmp_path / "other.sfm"
    for number in range(40):
        data = bytearray(good)
        start = random.randrange(0, 4096 if number % 2 else len(data))
        data[start : start + 64] = random.randbytes(64)
        path.write_bytes(data)
        try:
            with sfm.open(path, read_only=True) as archive:
                archive.verify()
                archive.info()
                for event in archive.events():
                    archive.values(event.event_id)
        except SfmError as error:
            assert str(path) in str(error)
