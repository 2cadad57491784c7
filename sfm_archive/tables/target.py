"""The folder that data are written to: files of events in batches, tables of all events page by page.

As an export of event files does: whole files only, no link below the folder is followed, and nothing different is
replaced unasked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from sfm_archive.errors import BadName
from sfm_archive.exporting.look import Looking
from sfm_archive.exporting.plan import Place
from sfm_archive.exporting.run import DEFAULTS, ready_target
from sfm_archive.exporting.write import BatchWriter, ToWrite, writing_to
from sfm_archive.files.folder import Standing, TargetFolder, temporary_name
from sfm_archive.files.paths import part_problem
from sfm_archive.plugins.registry import RegisteredExporter
from sfm_archive.tables.tables import csv_lines


class Put(Enum):
    """What became of files."""

    WRITTEN = "written"
    THERE = "there already"
    IN_THE_WAY = "something else stands there"


class DataFolder:
    """Files of events below `target`, which is made when the first of them is there to be written.

    Leave it with an error, Ctrl-C included, and unfinished files are removed; those of earlier batches stay.
    """

    def __init__(self, target: Path, too_late: Callable[[tuple[int, str]], None], *, overwrite: bool) -> None:
        """`too_late` is told of an event, by its position, whose file found something in its way after all."""
        self._target = target
        self._overwrite = overwrite
        self._too_late = too_late
        self._stack = ExitStack()
        self._looking = self._stack.enter_context(Looking(target))
        self._writer: BatchWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def put(self, position: int, files: Sequence[tuple[str, bytes]]) -> tuple[Put, str]:
        """Write the files of one event, each at its path: all of them, or none where one is in the way; then with a
        sentence. Raises BadName for a path that no folder can have, StorageFailed.
        """
        wanted = []
        for path, data in files:
            place = _place(path)
            standing, what = self._looking.at(place, len(data), hashlib.sha256(data).hexdigest())
            if standing is Standing.SAME:
                continue
            if standing is not Standing.NOTHING and not (standing is Standing.DIFFERENT and self._overwrite):
                return Put.IN_THE_WAY, what
            replace = standing is Standing.DIFFERENT
            wanted.append((ToWrite(position=position, folders=place.folders, name=place.name, replace=replace), data))
        if not wanted:
            return Put.THERE, ""
        if self._writer is None:
            ready_target(self._target, DEFAULTS)
            self._writer = self._stack.enter_context(BatchWriter(self._target, self._in_the_way))
        for file, data in wanted:
            self._writer.add(file, data)
        return Put.WRITTEN, ""

    def _in_the_way(self, position: int, message: str) -> None:
        self._too_late((position, message))


class TableFile:
    """One table of all events: CSV, written page by page under a name of its own until it is whole. An exporter that
    has tables makes the bytes itself, of all rows at once.

    Leave it before `finish`, and nothing of it is left.
    """

    def __init__(self, target: Path, exporter: RegisteredExporter, name: str, columns: Sequence[str]) -> None:
        self._target = target
        self._columns = columns
        self._exporter = exporter if exporter.writes_tables else None
        self.path = f"{name}{exporter.offered.extension if exporter.writes_tables else '.csv'}"
        self._rows: list[Sequence[object]] = []
        self._folder: TargetFolder | None = None
        self._temporary = temporary_name()
        self._digest, self._size = hashlib.sha256(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            # An error of its own must not hide the one that matters; the next export removes what is left.
            with suppress(OSError):
                self._folder.remove(self._temporary)
            self._folder.close()

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """A page of rows. Raises StorageFailed."""
        if self._exporter is not None:
            self._rows += rows
        else:
            self._append(rows)

    def finish(self, *, overwrite: bool) -> bool:
        """Give it its name; False where something else stands there. Raises StorageFailed, what the exporter raises."""
        if self._exporter is not None:
            folder = self._append_bytes(self._exporter.export_table(self._columns, self._rows))
        else:
            folder = self._append(())
        with writing_to(self._target / self.path):
            standing = folder.standing(self.path, self._size, self._digest.hexdigest())
            if standing is Standing.SAME:
                return True
            if standing is not Standing.NOTHING and not (standing is Standing.DIFFERENT and overwrite):
                return False
            folder.flush_file(self._temporary)
            if not folder.publish(self._temporary, self.path, replace=standing is Standing.DIFFERENT):
                return False
            folder.flush_names()
        return True

    def _append(self, rows: Sequence[Sequence[object]]) -> TargetFolder:
        return self._append_bytes(csv_lines([self._columns, *rows] if self._folder is None else rows))

    def _append_bytes(self, data: bytes) -> TargetFolder:
        with writing_to(self._target / self.path):
            if self._folder is None:
                ready_target(self._target, DEFAULTS)
                self._folder = TargetFolder.root(self._target)
                self._folder.remove_abandoned()
                self._folder.write_temporary(self._temporary, data, flush=False)
            else:
                self._folder.append(self._temporary, data)
        self._digest.update(data)
        self._size += len(data)
        return self._folder


def _place(path: str) -> Place:
    *folders, name = path.split("/")
    for part in (*folders, name):
        problem = part_problem(part)
        if problem:
            raise BadName(f"{part!r} {problem}, and cannot be the name of a folder or file")
    return Place(tuple(folders), name)
