"""Files that lie beside each other and tell of one event, put together by their names.

Names only decide what is read together; what a file is, its content says (`recognise`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sfm_archive.formats.names import report_pairing_name

_SIDECAR_ENDINGS = (".a5.pkl", ".sfm.json", ".h5")
_CAPTURE = re.compile(r"raw_(?:s3|rx|bw|tx)_(.+)\.bin", re.ASCII | re.IGNORECASE)
_LOOSE_REPORT = re.compile(r"(.+?)(?:_ASCII)?\.TXT", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files of one folder. `base`: the event file's name that their names share, in upper case, or their own."""

    folder: Path
    base: str
    paths: tuple[Path, ...]


def bundle_files(paths: Iterable[Path]) -> list[Bundle]:
    """Bundles in the order in which their first file comes."""
    gathered: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        gathered.setdefault((path.parent, base_name(path.name)), []).append(path)
    return [Bundle(folder, base, tuple(members)) for (folder, base), members in gathered.items()]


def base_name(name: str) -> str:
    """The event file's name that a file's name points to, in upper case; the name itself where it points nowhere.

    `M529LK44.AB0.a5.pkl`, `M529LK44.AB0.TXT` and `M529LK44_AB0_ASCII.TXT` all belong to `M529LK44.AB0`. The two sides
    of one download (`raw_s3_…`, `raw_bw_…` with one time) belong together.
    """
    lowered = name.lower()
    for ending in _SIDECAR_ENDINGS:
        if lowered.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)].upper()
    report = report_pairing_name(name)
    if report is not None:
        return report
    capture = _CAPTURE.fullmatch(name)
    if capture is not None:
        return f"RAW_{capture.group(1).upper()}"
    other = _LOOSE_REPORT.fullmatch(name)
    return other.group(1).upper() if other is not None else name.upper()
