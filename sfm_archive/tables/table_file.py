"""One table of all events, beside the files of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from sfm_archive.files.standing import WriteAction
from sfm_archive.files.writing import GrowingFile
from sfm_archive.formats.csv_text import CsvForm
from sfm_archive.plugins.registry import RegisteredExporter


class TableFile:
    """CSV, written page by page under a name of its own until it is whole. An exporter that has tables makes the bytes
    itself, of all rows at once.

    Leave it before `finish`, and nothing of it is left.
    """

    def __init__(
        self, target: Path, exporter: RegisteredExporter, name: str, columns: Sequence[str], form: CsvForm
    ) -> None:
        self._columns, self._form, self._begun = columns, form, False
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
            self._file.add(self._lines())

    @property
    def sha256(self) -> str:
        """Of its bytes, once it is finished."""
        return self._file.sha256

    @property
    def size(self) -> int:
        """Bytes of it."""
        return self._file.size

    def finish(self, *, overwrite: bool) -> WriteAction:
        """Give it its name; what was done, REFUSE where something else stands there. Raises StorageFailed, what the
        exporter raises."""
        if self._exporter is None:
            self._file.add(self._lines())
        else:
            self._file.add(self._exporter.export_table(self._columns, self._rows))
        return self._file.finish(overwrite=overwrite)

    def _lines(self) -> bytes:
        """The rows that are not written yet."""
        rows, beginning = self._rows, not self._begun
        self._rows, self._begun = [], True
        return self._form.encoded(rows, beginning=beginning)
