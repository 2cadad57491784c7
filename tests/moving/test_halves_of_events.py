"""Files of one event in several archives: merged, they are what one import of all of them would have made."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_waveform
from sfm_archive.testing.thor_folder import thor_folder
from tests.importing.test_any_order import held

AT = datetime(2026, 10, 25, 2, 30)
BINARY = bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256))
MICROMATE = simulate_waveform(Random(4), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT)
LOUD = replace(
    simulate_waveform(Random(2), seconds=0.25, sample_rate=1024, serial="UM16127", loudness="loud"), recorded_at=AT
)
MINIMATE = simulate_waveform(Random(1), seconds=0.25, sample_rate=1024, serial="BE11529", recorded_at=AT)
NAMED, HOUR_LATER, OTHER_UNIT = (
    "UM16127_20261025023000.IDFW",
    "UM16127_20261025033000.IDFW",
    "UM99999_20200101000000.IDFH",
)
ROUNDED = replace(MINIMATE, recorded_at=AT + timedelta(seconds=1))

WORLDS: dict[str, dict[str, bytes]] = {
    "named as its report says": {
        f"b/{NAMED}": BINARY,
        f"t/{NAMED}.TXT": ascii_report(MICROMATE, file_name="x"),
        f"p/{NAMED}.PDF": b"%PDF-1.7",
    },
    "named by another hour": {
        f"b/{HOUR_LATER}": BINARY,
        f"t/{HOUR_LATER}.TXT": ascii_report(MICROMATE, file_name="x"),
        f"p/{HOUR_LATER[:-5]}.pdf": b"%PDF-1.7",
    },
    "named by another unit": {
        f"b/{OTHER_UNIT}": BINARY,
        f"t/{OTHER_UNIT}.TXT": ascii_report(MICROMATE, file_name="x"),
    },
    "two reports of one name": {
        f"b/{NAMED}": BINARY,
        f"t/{NAMED}.TXT": ascii_report(MICROMATE, file_name="x"),
        f"u/{NAMED}.TXT": ascii_report(replace(MICROMATE, recorded_at=AT + timedelta(hours=1)), file_name="x"),
    },
    "two names of one second": {
        f"b/{NAMED}": BINARY + b"quiet",
        f"b/{HOUR_LATER}": BINARY + b"loud",
        f"t/{NAMED}.TXT": ascii_report(MICROMATE, file_name=NAMED),
        f"t/{HOUR_LATER}.TXT": ascii_report(LOUD, file_name=HOUR_LATER),
    },
    "a report of another second": {
        f"b/{call_home_name(MINIMATE)}": blastware_file(MINIMATE),
        "r/export.TXT": ascii_report(ROUNDED, file_name=call_home_name(MINIMATE)),
    },
    "a binary named by another second": {
        f"b/{call_home_name(ROUNDED)}": blastware_file(MINIMATE),
        f"r/{call_home_name(ROUNDED)}.TXT": ascii_report(ROUNDED, file_name="x"),
    },
}


def written(folder: Path, files: dict[str, bytes]) -> list[Path]:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return [folder / name for name in files]


def imported(path: Path, files: list[Path]) -> Path:
    with sfm.create(path) as archive:
        if files:
            archive.import_from(*files)
    return path


def merged(path: Path, sources: list[Path]) -> dict[str, Any]:
    with sfm.create(path) as archive:
        for source in sources:
            sfm.merge(archive, source)
        assert archive.verify().findings == () and archive.rebuild(dry_run=True).changed == 0
        head = archive.history_head()
        sfm.merge(archive, *sources)
        assert archive.history_head() == head
    return plain(path)


def plain(path: Path) -> dict[str, Any]:
    return {what: rows() if callable(rows) else rows for what, rows in held(path).items()}


@pytest.mark.parametrize("world", list(WORLDS))
def test_each_file_in_an_archive_of_its_own_merges_into_what_one_import_makes(tmp_path: Path, world: str) -> None:
    paths = written(tmp_path / "received", WORLDS[world])
    expected = plain(imported(tmp_path / "all.sfm", paths))
    sources = [imported(tmp_path / f"{number}.sfm", [path]) for number, path in enumerate(paths)]
    orders = list(permutations(sources))
    for number, order in enumerate(orders[:: max(1, len(orders) // 6)]):
        assert merged(tmp_path / f"merged {number}.sfm", list(order)) == expected, [path.stem for path in order]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.timeout(300)
def test_any_parts_of_a_thor_folder_in_three_archives_merge_into_what_one_import_makes(data: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="sfm-moving-") as name:
        folder = Path(name)
        thor_folder(folder / "received", Random(7), 3)
        paths = sorted(path for path in (folder / "received").rglob("*") if path.is_file())
        own = data.draw(st.lists(st.integers(0, 2), min_size=len(paths), max_size=len(paths)))
        parts = [[path for path, where in zip(paths, own, strict=True) if where == number] for number in range(3)]
        sources = [imported(folder / f"{number}.sfm", part) for number, part in enumerate(parts)]
        order = data.draw(st.permutations(sources))
        assert merged(folder / "merged.sfm", order) == plain(imported(folder / "all.sfm", paths))
