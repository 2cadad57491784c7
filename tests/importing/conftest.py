"""An archive and a folder of received files; every import is checked to account for every file exactly once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from sfm_archive.archive import Archive
from sfm_archive.importing import ImportItem, ImportOptions, ImportReport, import_sources


@dataclass
class Importing:
    """Imports into one archive. `received` is a folder beside it for what is to be imported."""

    archive: Archive
    received: Path

    def __call__(self, *sources: Path, **options: object) -> ImportReport:
        """Import `sources`, or the whole folder `received`."""
        chosen = list(sources) or [self.received]
        report = import_sources(self.archive, chosen, ImportOptions(**options))  # type: ignore[arg-type]
        paths = [item.path for item in report.items]
        assert len(paths) == len(set(paths)) == report.files_found == sum(report.totals.values())
        if not sources:
            assert set(paths) >= {str(path) for path in everything_below(self.received) if path.is_file()}
        return report

    def put(self, place: str, data: bytes) -> Path:
        """Write one file below `received`."""
        path = self.received / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def again_changes_nothing(self, **options: object) -> ImportReport:
        """Import the folder a second time."""
        before = self.archive.history_head()
        report = self(**options)
        assert self.archive.history_head() == before
        left = {word: number for word, number in report.totals.items() if number}
        assert set(left) <= {"duplicate", "left out", "rejected"}
        assert (report.events_created, report.revisions_added, report.waiting_joined) == (0, 0, 0)
        return report

    def restart(self) -> None:
        """Close the archive and open it again."""
        self.archive.close()
        self.archive = Archive.open(self.archive.path)


def everything_below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names)


def item(report: ImportReport, ending: str) -> ImportItem:
    """The one item whose path ends so."""
    (found,) = [item for item in report.items if item.path.endswith(ending)]
    return found


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    received = tmp_path / "received"
    received.mkdir()
    made = Importing(Archive.create(tmp_path / "quarry.sfm", actor="tester"), received)
    yield made
    made.archive.close()


@pytest.fixture
def random() -> Random:
    return Random(20260501)


@pytest.fixture
def item_of() -> Callable[[ImportReport, str], ImportItem]:
    return item
