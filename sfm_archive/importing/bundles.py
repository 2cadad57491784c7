"""Files that lie beside each other and belong to one event, put together by their names.

Names only decide what is read together; what a file is, its content says (`recognise`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from sfm_archive.base.texts import without_copy_mark
from sfm_archive.formats.blastware.names import is_event_file_name, report_pairing_name
from sfm_archive.formats.micromate.names import event_files_meant, form_of_event

FRAMES_ENDING = ".a5.pkl"

_TABLE = ".csv"
_SIDECAR_ENDINGS = (FRAMES_ENDING, ".sfm.json", ".h5")
_CAPTURE = re.compile(r"raw_(?:s3|rx|bw|tx)_(.+)\.bin", re.ASCII | re.IGNORECASE)
_LOOSE_REPORT = re.compile(r"(.+?)(?:_ASCII)?\.TXT", re.IGNORECASE)


def bundle_files(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """Files of one folder whose names share an event file's name, in the order in which the first of them comes."""
    gathered: dict[tuple[str, str], list[Path]] = {}
    for path in paths:
        # Texts, for there are up to 10^5 of them and paths are slow to compare.
        folder, name = os.path.split(path)
        gathered.setdefault((folder, base_name(name)), []).append(path)
    return [tuple(members) for members in gathered.values()]


def base_name(name: str) -> str:
    """The event file's name that a file's name points to, in upper case; the name itself where it points nowhere.

    `M529LK44.AB0.a5.pkl`, `M529LK44.AB0.TXT` and `M529LK44_AB0_ASCII (1).TXT` all belong to `M529LK44.AB0`. The two
    sides of one download (`raw_s3_…`, `raw_bw_…` with one time) belong together. How THOR names its CSV is not known:
    only a name that is an event file's and `.csv` points to one.
    """
    plain = without_copy_mark(name)
    lowered = plain.lower()
    for ending in _SIDECAR_ENDINGS:
        if lowered.endswith(ending) and len(plain) > len(ending):
            return plain[: -len(ending)].upper()
    form = form_of_event(plain)
    if form is not None:
        return form
    report = report_pairing_name(plain)
    if report is not None:
        return report
    if lowered.endswith(_TABLE) and is_event_file_name(plain[: -len(_TABLE)]):
        return plain[: -len(_TABLE)].upper()
    capture = _CAPTURE.fullmatch(plain)
    if capture is not None:
        return f"RAW_{capture.group(1).upper()}"
    other = _LOOSE_REPORT.fullmatch(plain)
    return other.group(1).upper() if other is not None else plain.upper()


def micromate_files_meant(name: str) -> tuple[str, ...]:
    """The names, in upper case, of the Micromate's event files that a file's name is or points to: one, or two where it
    leaves the kind open; none where it points elsewhere."""
    return event_files_meant(base_name(name)) or event_files_meant(without_copy_mark(name))


def described_name(sidecar: str) -> str:
    """The event file's name in a frames sidecar's own: what stands before `.a5.pkl`."""
    if sidecar.lower().endswith(FRAMES_ENDING) and len(sidecar) > len(FRAMES_ENDING):
        return sidecar[: -len(FRAMES_ENDING)]
    return Path(sidecar).stem
