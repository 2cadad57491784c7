"""One table of all events, beside the files of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from sfm_archive.files.standing import WriteAction
from sfm_archive.files.writing import GrowingFile
from sfm_archive.plugins.registry import RegisteredExporter
from sfm_archive.tables.tables import csv_lines


class TableFile:
    """CSV, written page by page under a name of its own until it is whole. An exporter that has tables makes the bytes
    itself, of all rows at once.

    Leave it before `finish`, and nothing of it is left.
    """

    def __init__(self, target: Path, exporter: RegisteredExporter, name: str, columns: Sequence[str]) -> None:
        self._columns = columns
        self._exporter = exporter if exporter.writes_tables else None
        self.path = f"{name}{exporter.offered.extension if exporter.writes_tables else '.csv'}"
        self._rows: list[Sequence[object]] = [] if exporter.writes_tables else [columns]
        self._file = GrowingFile(target / self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """A page of rows. Raises StorageFailed."""
        self._rows += rows
        if self._exporter is None:
            self._file.add(csv_lines(self._rows))
            self._rows = []

    def finish(self, *, overwrite: bool) -> bool:
        """Give it its name; False where something else stands there. Raises StorageFailed, what the exporter raises."""
        rest = self._rows
        self._file.add(csv_lines(rest) if self._exporter is None else self._exporter.export_table(self._columns, rest))
        return self._file.finish(overwrite=overwrite) is not WriteAction.REFUSE
