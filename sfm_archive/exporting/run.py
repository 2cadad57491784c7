"""The export itself: pages of events from the archive, batches of files into the target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sfm_archive.exporting.report import ExportReport
from sfm_archive.formats.names import NameStyle
from sfm_archive.holdings import Holdings
from sfm_archive.progress import Progress, silent
from sfm_archive.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How to export.

    `encoder`: None exports received files as received and everything else with the pinned encoder; with a name, that
    encoder makes the file of every event that has frames. `names`: None keeps the names that events were received
    under; a style computes all of them. `overwrite`: replace different files. `manifest`: write `SHA256SUMS`.
    `dry_run`: write nothing anywhere, only say what would happen.
    """

    encoder: str | None = None
    names: NameStyle | None = None
    overwrite: bool = False
    manifest: bool = False
    dry_run: bool = False


DEFAULTS = ExportOptions()


def export_events(
    holdings: Holdings,
    target: Path,
    selection: Selection = EVERYTHING,
    options: ExportOptions = DEFAULTS,
    progress: Progress = silent,
) -> ExportReport:
    """Write the selected events' files into `target` as `<serial>/<name>`.

    Raises EncoderNotFound when `options.encoder` is not installed, StorageFailed when the target is no folder or
    cannot be written. What stands in the target is left as it is unless `options.overwrite`.
    """
    raise NotImplementedError
