"""Others write in every gap of a verification: it reports what is damaged, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.selftest.work import job
from sfm_archive.storage import integrity
from sfm_archive.verifying import Level, VerifyOptions, VerifyReport, verify
from sfm_archive.verifying import run as verification

Alter = Callable[..., None]

WALKS = 6


@contextmanager
def somebody_writing_before_every_walk(writer: sfm.Archive) -> Iterator[list[int]]:
    """Every kind of change, by another connection, before each table is read."""
    real, turns = integrity.keys, []

    def keys(*given: Any) -> Iterator[Any]:
        turns.append(number := len(turns))
        job(f"meanwhile {number}", intervals=4).save(writer)
        writer.review(1, false_trigger=bool(number % 2), notes=f"turn {number}")
        writer.state_time_zone("BE11529", ("Europe/Berlin", "Europe/Vienna")[number % 2])
        writer.pin_encoder(f"blastware@{1 + number % 2}")
        writer.encode(2)
        late = sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name=f"L{number}.JSON", data=b"{}" + b" " * number)
        writer.attach(3, [late])
        assert emptied(writer), "the verification holds a moment, so the log cannot begin anew"
        return real(*given)

    with patch.object(verification.integrity, "keys", keys):
        yield turns


def emptied(archive: sfm.Archive) -> bool:
    """Whether all of the log could be taken over and begun anew."""
    connection = apsw.Connection(str(archive.path))
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        return False
    finally:
        connection.close()
    return True


def verified_beside_a_writer(path: Path, level: Level) -> VerifyReport:
    with sfm.open(path) as writer, sfm.open(path, read_only=True) as reader:
        before = reader.history_head()
        with somebody_writing_before_every_walk(writer) as turns:
            report = verify(reader, options=VerifyOptions(level=level))
        assert len(turns) >= (WALKS if level is Level.FULL else WALKS - 2)
        assert reader.history_head()[0] > before[0] + 20
        if report.ok:
            assert report.history_head == before[1], "the head that it began with"
    return report


@pytest.mark.parametrize("level", Level)
def test_what_others_write_meanwhile_is_no_damage(quarry: Path, level: Level) -> None:
    report = verified_beside_a_writer(quarry, level)
    assert report.damage == ()
    assert (report.checked["events"], report.checked["history rows"]) == (4, 7)
    with sfm.open(quarry, read_only=True) as archive:
        assert verify(archive).ok


DAMAGE = {
    "a lost row": ("DELETE FROM event_name WHERE event_id = 2",),
    "an altered row": ("UPDATE received_file SET name = 'OTHER.AB0' WHERE file_id = 1",),
    "a row that nobody received": (
        "INSERT INTO event_name (event_id, position, sequence, name) VALUES (3, 9, 5, 'STRANGE.AB0')",
    ),
    "a row behind the end of the history": (
        "INSERT INTO event_name (event_id, position, sequence, name) VALUES (3, 9, 9, 'STRANGE.AB0')",
    ),
    "an end cut off, under whose number others go on": ("DELETE FROM history WHERE sequence = 7",),
    "an altered change": ("UPDATE history SET actor = 'nobody' WHERE sequence = 4",),
}


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("level", Level)
def test_damage_up_to_the_head_does_not_escape(quarry: Path, alter: Alter, kind: str, level: Level) -> None:
    alter(quarry, *DAMAGE[kind])
    with sfm.open(quarry, read_only=True) as archive:
        alone = verify(archive, options=VerifyOptions(level=level))
    beside = verified_beside_a_writer(quarry, level)
    assert beside.ok == alone.ok == (level is Level.QUICK and kind == "an altered row")
    # Where others go on behind a history that ends too early, only the row shows; and a pin makes all summaries again.
    there = {(one.code, one.subject) for one in alone.damage if one.code not in ("history", "derived")}
    assert there <= {(one.code, one.subject) for one in beside.damage}


def test_the_check_of_the_structure_lets_others_go_on(quarry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it holds a writer up it goes table by table: what is damaged in one of them is found all the same."""
    monkeypatch.setattr(integrity, "_STEPS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(integrity, "_MOST_LOG", -1)
    with sfm.open(quarry) as writer, sfm.open(quarry, read_only=True) as archive:
        report = verify(archive)
        assert report.ok
        assert [(one.code, one.subject) for one in report.notes] == [("not-checked", "SQLite's structure")]
        job("later").save(writer)
    connection = apsw.Connection(str(quarry))
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'event_file_by_file'").fetchall()[0]
    connection.close()
    data = bytearray(quarry.read_bytes())
    start = (page - 1) * 4096
    data[start + 3 : start + 5] = b"\0\0"  # an index page without entries
    quarry.write_bytes(data)
    with sfm.open(quarry, read_only=True) as archive:
        report = verify(archive, options=VerifyOptions(level=Level.QUICK))
    assert "structure" in {one.code for one in report.damage}
