"""Archives with units at points, files as programs write them, and watches that run beside a test."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, report_file_name, simulate_waveform
from sfm_archive.watching import Notice, WatchOptions, WatchReport, watch

SETTLE_S = 0.4


def event_files(number: int, serial: str = "BE11529", loudness: str | None = "quiet") -> tuple[str, bytes, str, bytes]:
    """An event file and its report, with their names."""
    at = datetime(2026, 5, 1 + number // 1440, number // 60 % 24, number % 60, 30)
    made = simulate_waveform(
        Random(number), seconds=0.3, sample_rate=1024, serial=serial, recorded_at=at, loudness=loudness
    )
    name = call_home_name(made)
    return name, blastware_file(made), report_file_name(name), ascii_report(made, file_name=name)


def state_of(path: Path) -> dict[str, Any]:
    """What an archive says of its events and of what waits, whatever came first."""
    with sfm.open(path, read_only=True) as archive:
        events = {}
        for row in archive.listing():
            plain = {
                "names": row.name, "ppv": row.ppv_number, "type": row.record_type, "revision": row.revision,
                "files": sorted((one.kind, one.name, one.sha256) for one in archive.files(row.event_id)),
            }  # fmt: skip
            events[f"{row.serial} {row.recorded_at_local} {row.start_key}"] = plain
        waiting = sorted((one.name, one.sha256) for one in archive.waiting())
        assert archive.verify().ok
    return {"events": events, "waiting": waiting}


@dataclass
class Heard:
    """What a watch said."""

    reports: list[sfm.ImportReport] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def imported(self, report: sfm.ImportReport) -> None:
        self.reports.append(report)

    def sent(self, notice: Notice) -> None:
        self.notices.append(notice)

    def told(self, sentence: str) -> None:
        self.sentences.append(sentence)

    @property
    def outcomes(self) -> list[str]:
        return [item.outcome.value for report in self.reports for item in report.items]


def until(true: Callable[[], Any], seconds: float = 40) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never was"
        time.sleep(0.02)


@dataclass
class World:
    """An archive, a folder that is watched, and a program that keeps what it is told."""

    folder: Path
    path: Path
    incoming: Path

    @property
    def program(self) -> tuple[str, ...]:
        code = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"
        return (sys.executable, "-c", code, str(self.folder / "told"))

    @property
    def told(self) -> list[dict[str, Any]]:
        path = self.folder / "told"
        return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []

    def opened(self, wait_s: float = 30) -> sfm.Archive:
        return sfm.open(self.path, wait_s=wait_s)

    def once(self, **options: Any) -> tuple[WatchReport, Heard]:
        """A watch that takes what is there and ends."""
        heard = Heard()
        chosen = WatchOptions(settle_s=SETTLE_S, once=True, **options)
        return watch(self.path, [self.incoming], self.opened, chosen, heard, threading.Event()), heard

    @contextmanager
    def watched(self, *, wait_s: float = 30, folders: tuple[Path, ...] = (), **options: Any) -> Iterator[Heard]:
        """A watch beside the test."""
        heard, stop, errors = Heard(), threading.Event(), []
        chosen = WatchOptions(**{"settle_s": SETTLE_S, **options})

        def run() -> None:
            try:
                watch(self.path, folders or [self.incoming], lambda: self.opened(wait_s), chosen, heard, stop)
            except Exception as error:  # noqa: BLE001 - told in the thread of the test
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield heard
        finally:
            stop.set()
            thread.join(40)
            if errors:
                raise errors[0]
        assert not thread.is_alive()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Everything empty."""
    made = World(tmp_path, tmp_path / "quarry.sfm", tmp_path / "incoming")
    made.incoming.mkdir()
    sfm.create(made.path).close()
    return made
