"""Writes the folder store that the archive replaces, as programs left it behind.

Layout: docs/facts.md. The event file is written by the sequential rule (18-byte prefix, then each
frame's content in the order received), so a faulty stream gives the faulty file that stands in old
archives.
"""

from __future__ import annotations

import hashlib
import json
import pickle  # writes only: old sidecars are pickles of plain containers; nothing here loads one
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from sfm_archive.model.events import RecordType
from sfm_archive.model.frames import A5Frame
from sfm_archive.testing.link import content_of
from sfm_archive.testing.memory import FILE_PREFIX, SimulatedEvent
from sfm_archive.testing.reports import ascii_report, report_file_name
from sfm_archive.testing.walk import read_out

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAMES_START = datetime(1985, 1, 1)
_KNOWN_LETTERS = 25_000
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What was written for one event: its file's name, and every file of it by path below the root."""

    event: SimulatedEvent
    frames: tuple[A5Frame, ...]
    filename: str
    files: dict[str, bytes]


def write_older_store(
    root: str | Path,
    events: Iterable[SimulatedEvent],
    *,
    random: Random,
    name_of: Callable[[SimulatedEvent], str] | None = None,
    frames_of: Callable[[SimulatedEvent], Sequence[A5Frame]] = read_out,
    sfm_json: bool = True,
    reports: bool = True,
    hdf5: bool = False,
) -> list[StoredEvent]:
    """Writes `<root>/<serial>/<name>` and `<name>.a5.pkl` for each event, and on request its `.sfm.json`,
    ASCII text and a dummy `.h5`. Two events of one name overwrite each other, as they did.

    `name_of`: call-home names when None. `frames_of`: how the download went; give a fault for faulty files.
    `random` draws reviews. Returns what was written, in order. Raises ValueError as `name_of` does,
    OSError.
    """
    stored = []
    for event in events:
        frames = tuple(frames_of(event))
        name = (name_of or call_home_name)(event)
        data = sequential_file(frames)
        files = {name: data, f"{name}.a5.pkl": sidecar(frames)}
        if sfm_json:
            files[f"{name}.sfm.json"] = _sfm_json(random, event, data)
        if reports:
            files[report_file_name(name)] = ascii_report(event, file_name=name)
        if hdf5:
            files[f"{name}.h5"] = _HDF5_SIGNATURE + random.randbytes(64)
        folder = Path(root) / event.serial
        folder.mkdir(parents=True, exist_ok=True)
        for file_name, content in files.items():
            (folder / file_name).write_bytes(content)
        paths = {f"{event.serial}/{file_name}": content for file_name, content in files.items()}
        stored.append(StoredEvent(event, frames, name, paths))
    return stored


def sequential_file(frames: Iterable[A5Frame]) -> bytes:
    """The event file that the widely used writer makes of these frames, faults included."""
    return FILE_PREFIX + b"".join(map(content_of, frames))


def sidecar(frames: Iterable[A5Frame]) -> bytes:
    """Content of `.a5.pkl`: `{"version": 1, "frames": [...]}` of plain types, highest pickle protocol."""
    plain: list[dict[str, Any]] = [frame._asdict() for frame in frames]
    return pickle.dumps({"version": 1, "frames": plain}, protocol=pickle.HIGHEST_PROTOCOL)


def call_home_name(event: SimulatedEvent) -> str:
    """The call-home file name by the published rule, such as `M529LKIQ.7M0W`.

    Raises ValueError for a serial number from 25000 up (its letter is open) and for a time outside the four
    digits.
    """
    number = int("".join(character for character in event.serial if character.isdigit()))
    if number >= _KNOWN_LETTERS:
        raise ValueError(f"{event.serial}: the letter for numbers from {_KNOWN_LETTERS} up is not published")
    elapsed = event.recorded_at - _NAMES_START
    high, low = divmod(elapsed.days * 86400 + elapsed.seconds, 1296)
    if not 0 <= high < 36**4:
        raise ValueError(f"{event.serial}: {event.recorded_at} does not fit a file name")
    letter = chr(ord("B") + number // 1000)
    kind = "H" if event.record_type is RecordType.HISTOGRAM else "W"
    return f"{letter}{number % 1000:03d}{_base36(high, 4)}.{_base36(low, 2)}0{kind}"


def _base36(value: int, places: int) -> str:
    digits = ""
    for _ in range(places):
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _sfm_json(random: Random, event: SimulatedEvent, data: bytes) -> bytes:
    """The JSON sidecar; key names below the published ones (`peaks`, `source`, `review`) are this writer's
    own.
    """
    false_trigger = random.random() < 0.2
    document = {
        "serial": event.serial,
        "timestamp": event.recorded_at.isoformat(),
        "record_type": event.record_type.value,
        "peaks": event.peaks._asdict(),
        "project": {
            "project": event.project,
            "client": event.client,
            "operator": event.user_name,
            "sensor_location": event.seis_loc,
            "notes": event.notes,
        },
        "source": {
            "sha256": hashlib.sha256(data).hexdigest(),
            "tool_version": f"0.{random.randrange(5, 16)}.{random.randrange(9)}",
        },
        "review": {
            "false_trigger": false_trigger,
            "reviewer": random.choice(("mk", "J. Smith", "a.tremblay")) if random.random() < 0.6 else None,
            "notes": random.choice(("truck", "door slam", "thunder")) if false_trigger else "",
        },
        "extensions": {},
    }
    return json.dumps(document, indent=2).encode("utf-8")
