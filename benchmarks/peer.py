"""The peer: the older store's way, one event file and one pickle for each event, one folder for each serial.

Written as lean as that way allows, so that the comparison is not won by a slow opponent. It never syncs unless asked.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

from benchmarks.workload import Job
from sfm_archive.formats.blastware.event_file import FILE_PREFIX
from sfm_archive.formats.blastware.frames import unescape_stored
from sfm_archive.formats.blastware.names import event_file_name
from sfm_archive.model.frames import A5Frame


class FolderStore:
    """Encode, write the event file, write the pickle."""

    def __init__(self, root: Path, *, sync: bool = False) -> None:
        self.root = root
        self._sync = sync

    def save(self, job: Job) -> str:
        """Keep one event; overwrites what stands there, as the older store did."""
        name = event_file_name(job.event.serial, job.event.recorded_at, job.event.record_type)
        folder = self.root / job.event.serial
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder / name, sequential_file(job.frames))
        frames = [
            {
                "sub": frame.sub,
                "page_hi": frame.page_hi,
                "page_lo": frame.page_lo,
                "data": frame.data,
                "chk_byte": frame.chk_byte,
                "checksum_valid": frame.checksum_valid,
            }
            for frame in job.frames
        ]
        packed = pickle.dumps({"version": 1, "frames": frames}, protocol=pickle.HIGHEST_PROTOCOL)
        self._write(folder / f"{name}.a5.pkl", packed)
        return name

    def _write(self, path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data)
            if self._sync:
                file.flush()
                os.fsync(file.fileno())

    def event_files(self) -> Iterator[Path]:
        """Every event file of the store."""
        for folder in sorted(self.root.iterdir()):
            for path in sorted(folder.iterdir()):
                if path.suffix != ".pkl":
                    yield path

    def load_frames(self, path: Path) -> list[dict[str, object]]:
        """Frames of one event."""
        with path.with_name(path.name + ".a5.pkl").open("rb") as file:
            document: dict[str, list[dict[str, object]]] = pickle.load(file)
        return document["frames"]


def sequential_file(frames: tuple[A5Frame, ...]) -> bytes:
    """Prefix and every frame's content in the order received, nothing checked."""
    parts = [FILE_PREFIX]
    for frame in frames:
        logical = unescape_stored(bytes((frame.page_hi, frame.page_lo)) + frame.data)
        parts.append(logical[13 : 13 + (logical[1] << 8 | logical[2])])
    return b"".join(parts)
