"""The export itself: pages of events from the archive, batches of files into the target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.listing import level_answers, level_counts
from sfm_archive.base.batches import batches
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import Damaged, EncodeRefused, EncoderNotFound
from sfm_archive.exporting.content import RECEIVED, Content, ContentSource
from sfm_archive.exporting.manifest import MANIFEST_NAME, check_manifest_place, write_manifest
from sfm_archive.exporting.noting import note_folder
from sfm_archive.exporting.plan import PLACEMENT_RULE, ExportPlace, Placement
from sfm_archive.exporting.report import (
    NOT_NOTED,
    STATUS_OF_ACTION,
    ExportItem,
    ExportReport,
    ExportStatus,
    settled,
)
from sfm_archive.files.failures import make_folder
from sfm_archive.files.standing import WriteAction
from sfm_archive.files.tree import OutputTree
from sfm_archive.formats.blastware.names import NameStyle
from sfm_archive.model.asked_level import LevelAnswer
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.storage.events import EventRow

_PAGE = 1000
"""Events looked up at once: few statements, little memory."""

_STEP = 64
"""Events between two calls of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How to export.

    `encoder`: None exports received files as received and everything else with the pinned encoder; with a name, that
    encoder makes the file of every event that has frames. `names`: None keeps the names that events were received
    under; a style computes all of them. `overwrite`: replace different files. `manifest`: write `SHA256SUMS`.
    `dry_run`: write nothing anywhere, only say what would happen. `record`: leave a hand-over record.
    """

    encoder: str | None = None
    names: NameStyle | None = None
    overwrite: bool = False
    manifest: bool = False
    dry_run: bool = False
    record: bool = True


DEFAULTS = ExportOptions()


def export_events(
    archive: Archive,
    target: Path,
    selection: Selection = EVERYTHING,
    options: ExportOptions = DEFAULTS,
    progress: Progress = silent,
) -> ExportReport:
    """Write the selected events' files into `target` as `<serial>/<name>`.

    What stands in the target is left as it is unless `options.overwrite`; equal files are left alone in any case.
    Stopped at any point, also by a power cut, it leaves whole files only, and the next export goes on from there.
    An archive that is open for writing keeps a hand-over record of what stands in the target afterwards.
    Raises EncoderNotFound when `options.encoder` is not installed, StorageFailed when the target is no folder or
    cannot be written.
    """
    contents = ContentSource(archive, options.encoder, record=not options.dry_run)
    ready_target(target, options)
    placement = Placement(archive, options.names)
    total = archive.count(selection)
    with OutputTree(target, overwrite=options.overwrite, dry_run=options.dry_run) as tree:
        export = _Export(contents, placement, tree, dry_run=options.dry_run)
        for page in batches(archive.events(selection), _PAGE):
            export.page(page, progress, total)
    report = accounted(archive, target, options, settled(export.items, tree.too_late), _asked_for(selection, options))
    progress(total, total)
    answers = level_answers(archive, selection, [item.event_id for item in report.items])
    return replace(
        report,
        items=tuple(_with_level(item, *answers.get(item.event_id, (None, ""))) for item in report.items),
        levels=level_counts(archive, selection),
        above=selection.limit_counts,
        placement_rule=PLACEMENT_RULE if export.shared_a_name else "",
    )


def _with_level(item: ExportItem, level: LevelAnswer | None, why: str) -> ExportItem:
    return replace(item, level=level, level_why=why)


def accounted(
    archive: Archive, target: Path, options: ExportOptions, items: tuple[ExportItem, ...], asked_for: dict[str, Any]
) -> ExportReport:
    """The report of an export whose files are written: with their sums and the hand-over record where they are due.

    Raises StorageFailed.
    """
    manifest = ""
    if options.manifest:
        manifest = str(target / MANIFEST_NAME if options.dry_run else write_manifest(target, items))
    noted = NOT_NOTED if options.dry_run or not options.record else note_folder(archive, target, asked_for, items)
    return ExportReport(target=str(target), items=items, dry_run=options.dry_run, manifest=manifest, handover=noted)


class _Export:
    """One run: the items so far, and how each event gets one."""

    def __init__(self, contents: ContentSource, placement: Placement, tree: OutputTree, *, dry_run: bool) -> None:
        self._contents = contents
        self._placement = placement
        self._tree = tree
        self._dry_run = dry_run
        self.items: list[ExportItem] = []
        self.shared_a_name = False

    def page(self, rows: list[EventRow], progress: Progress, total: int) -> None:
        """Plan a page of events and write what is to be written."""
        places = self._placement.of_events(rows)
        self.shared_a_name |= any(place.is_second_level for place in places)
        named = [row for row, place in zip(rows, places, strict=True) if place.name]
        contents = self._contents.of_events(named)
        for row, place in zip(rows, places, strict=True):
            if len(self.items) % _STEP == 0:
                progress(min(len(self.items), total), total)
            if place.name:
                self._event(place, next(contents))
            else:
                self.items.append(
                    ExportItem(
                        event_id=row.event_id,
                        serial=row.serial,
                        path="",
                        status=ExportStatus.UNNAMED,
                        message=place.problem,
                    )
                )

    def _event(self, place: ExportPlace, content: Content) -> None:
        action, message = WriteAction.LEAVE, content.message
        if content.source:
            action, in_the_way = self._tree.action(place.path, content.size, content.sha256)
            status, message = STATUS_OF_ACTION[action], in_the_way or message
        else:
            status = ExportStatus.DAMAGED if content.damaged else ExportStatus.REFUSED
        if action.writes and not self._dry_run:
            try:
                data = self._contents.bytes_of(content)
            except (EncoderNotFound, EncodeRefused) as error:
                status, message = ExportStatus.REFUSED, str(error)
            except Damaged as error:
                status, message = ExportStatus.DAMAGED, str(error)
            else:
                self._tree.write(len(self.items), place.path, data, action)
        self.items.append(
            ExportItem(
                event_id=content.row.event_id,
                serial=content.row.serial,
                path=place.path,
                status=status,
                sha256=content.sha256,
                size=content.size,
                source=content.source,
                revision=0 if content.source in ("", RECEIVED) else content.row.revision,
                message=message,
                findings=content.findings,
            )
        )


def ready_target(target: Path, options: ExportOptions) -> None:
    """The target is a folder, and what is to be replaced in it can be. Raises StorageFailed."""
    make_folder(target, dry_run=options.dry_run)
    if options.manifest and target.is_dir():
        check_manifest_place(target)


def _asked_for(selection: Selection, options: ExportOptions) -> dict[str, Any]:
    """The export as it was asked for, for its record: filters that were not used are left out."""
    return {
        "selection": selection.as_dict(),
        "encoder": options.encoder,
        "names": None if options.names is None else options.names.value,
    }
