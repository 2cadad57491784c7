"""An archive on disk and events to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.model.events import RecordType

Simulate = Callable[..., testing.SimulatedEvent]
Keep = Callable[..., sfm.Saved]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    with sfm.create(tmp_path / "quarry.sfm") as opened:
        yield opened


@pytest.fixture
def simulate() -> Simulate:
    """A histogram (or waveform), other bytes each time; give what matters."""
    random = Random(20260501)

    def make(*, waveform: bool = False, **given: Any) -> testing.SimulatedEvent:
        given.setdefault("serial", "BE11529")
        given.setdefault("recorded_at", datetime(2026, 5, 1, 13, 16, 34))
        if waveform:
            return testing.simulate_waveform(random, seconds=1.0, **given)
        return testing.simulate_histogram(random, count=random.randrange(20, 60), **given)

    return make


@pytest.fixture
def keep(archive: sfm.Archive) -> Keep:
    """Save a simulated event, downloaded without fault unless `frames` are given."""

    def save(
        event: testing.SimulatedEvent, frames: Sequence[Any] | None = None, *, bare: bool = False, **more: Any
    ) -> sfm.Saved:
        known = sfm.Event(
            serial=event.serial,
            recorded_at=event.recorded_at,
            record_type=RecordType(event.record_type),
            start_key=event.start_key,
        )
        stream = None if bare else testing.read_out(event) if frames is None else frames
        return archive.save(known, stream, **more)

    return save


@pytest.fixture
def alter() -> Callable[[Path, str], None]:
    """Run SQL in an archive as another tool would, triggers and references switched off and put back."""

    def run(path: Path, sql: str, *bindings: Any) -> None:
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(sql, bindings)
        for _, text in triggers:
            connection.execute(str(text))
        connection.close()

    return run
