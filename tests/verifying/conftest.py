"""An archive with frames, received files, a refusal and two encoders; and ways to damage it as others would."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing


def save(archive: sfm.Archive, event: testing.SimulatedEvent, frames: Any = None, **more: Any) -> sfm.Saved:
    known = sfm.Event(
        serial=event.serial,
        recorded_at=event.recorded_at,
        record_type=event.record_type,
        start_key=event.start_key,
    )
    return archive.save(known, testing.read_out(event) if frames is None else frames, **more)


@pytest.fixture
def quarry(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copyfile(made, tmp_path / "quarry.sfm")
    return tmp_path / "quarry.sfm"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Event 1: plain. 2: with another file received. 3: refused. 4: its file made again by blastware@1 alone."""
    random = Random(4)
    path = tmp_path_factory.mktemp("verifying") / "quarry.sfm"
    events = [
        testing.simulate_histogram(random, count=60, serial="BE11529", recorded_at=datetime(2026, 5, day))
        for day in (1, 2, 3, 4)
    ]

    def received(name: str, data: bytes) -> sfm.ReceivedFile:
        return sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name, data=data, folder="BE11529")

    with sfm.create(path) as archive:
        save(archive, events[0])
        odd = testing.blastware_file(events[1]) + random.randbytes(4000)
        save(archive, events[1], names=("ODD.AB0",), files=(received("ODD.AB0", odd),))
        save(archive, events[2], testing.missing_frame(testing.read_out(events[2]), 1))
        frames = testing.old_read_out(events[3], beyond=0)
        last = save(archive, events[3], frames)
        archive.encode(last.event_id, "blastware@1")
        archive.attach(last.event_id, [received("OLD.AB0", testing.sequential_file(frames))])
    return path


@pytest.fixture
def alter() -> Callable[..., None]:
    """Run SQL as another tool would: triggers and references off, and the schema as before afterwards."""

    def run(path: Path, *statements: str) -> None:
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in triggers:
            connection.execute(str(text))
        connection.close()

    return run
