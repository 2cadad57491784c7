"""One SQLite file that keeps MiniMate Plus seismograph events and gives back Blastware folders.

    import sfm_archive as sfm

    with sfm.create("quarry.sfm") as archive:
        saved = archive.save(event, frames)
        file = archive.encode(saved.event_id)

The names below are the public API: `Archive`, everything that its methods take and return, every error, and whole
operations beside it. Everything else may move. They are imported when first used, so that a command pays only for what
it does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sfm_archive.base.version import __version__

if TYPE_CHECKING:
    from sfm_archive.analysing import AnalyseOptions as AnalyseOptions
    from sfm_archive.analysing import AnalysisItem as AnalysisItem
    from sfm_archive.analysing import AnalysisReport as AnalysisReport
    from sfm_archive.analysing import AnalysisStatus as AnalysisStatus
    from sfm_archive.analysing import FileCheck as FileCheck
    from sfm_archive.analysing import ReportCheck as ReportCheck
    from sfm_archive.analysing import check_paths as check_paths
    from sfm_archive.analysing import check_report_path as check_report_path
    from sfm_archive.archive.archive import Archive as Archive
    from sfm_archive.archive.deriving import RebuildReport as RebuildReport
    from sfm_archive.archive.describing import ChangeDescription as ChangeDescription
    from sfm_archive.archive.describing import EncodingDescription as EncodingDescription
    from sfm_archive.archive.describing import EventDescription as EventDescription
    from sfm_archive.archive.describing import EventIdentity as EventIdentity
    from sfm_archive.archive.describing import FileDescription as FileDescription
    from sfm_archive.archive.describing import FramesDescription as FramesDescription
    from sfm_archive.archive.describing import ReadingsDescription as ReadingsDescription
    from sfm_archive.archive.describing import SaidValue as SaidValue
    from sfm_archive.archive.listing import ListedEvent as ListedEvent
    from sfm_archive.archive.listing import ReviewedEvent as ReviewedEvent
    from sfm_archive.archive.results import ArchiveInfo as ArchiveInfo
    from sfm_archive.archive.results import EventFile as EventFile
    from sfm_archive.archive.results import Saved as Saved
    from sfm_archive.base.progress import Progress as Progress
    from sfm_archive.base.waiting import Holder as Holder
    from sfm_archive.base.waiting import OnWait as OnWait
    from sfm_archive.base.waiting import Wait as Wait
    from sfm_archive.errors import AlreadyExists as AlreadyExists
    from sfm_archive.errors import ArchiveNotFound as ArchiveNotFound
    from sfm_archive.errors import BadFrames as BadFrames
    from sfm_archive.errors import BadInput as BadInput
    from sfm_archive.errors import BadName as BadName
    from sfm_archive.errors import BadSerial as BadSerial
    from sfm_archive.errors import Busy as Busy
    from sfm_archive.errors import Damaged as Damaged
    from sfm_archive.errors import EncodeRefused as EncodeRefused
    from sfm_archive.errors import EncoderNotFound as EncoderNotFound
    from sfm_archive.errors import EventNotFound as EventNotFound
    from sfm_archive.errors import ExitCode as ExitCode
    from sfm_archive.errors import ExporterFailed as ExporterFailed
    from sfm_archive.errors import NewerArchive as NewerArchive
    from sfm_archive.errors import NotAnArchive as NotAnArchive
    from sfm_archive.errors import NotFound as NotFound
    from sfm_archive.errors import NotInstalled as NotInstalled
    from sfm_archive.errors import NotReproduced as NotReproduced
    from sfm_archive.errors import NotUsable as NotUsable
    from sfm_archive.errors import PluginConflict as PluginConflict
    from sfm_archive.errors import ReadOnlyArchive as ReadOnlyArchive
    from sfm_archive.errors import SfmError as SfmError
    from sfm_archive.errors import StorageFailed as StorageFailed
    from sfm_archive.errors import UsageError as UsageError
    from sfm_archive.exporting import ExportItem as ExportItem
    from sfm_archive.exporting import ExportOptions as ExportOptions
    from sfm_archive.exporting import ExportReport as ExportReport
    from sfm_archive.exporting import ExportStatus as ExportStatus
    from sfm_archive.exporting import Handover as Handover
    from sfm_archive.exporting import ListedFile as ListedFile
    from sfm_archive.exporting import WholeHandover as WholeHandover
    from sfm_archive.exporting import WrittenEvent as WrittenEvent
    from sfm_archive.formats.blastware.names import NameStyle as NameStyle
    from sfm_archive.importing import ImportItem as ImportItem
    from sfm_archive.importing import ImportOptions as ImportOptions
    from sfm_archive.importing import ImportReport as ImportReport
    from sfm_archive.importing import WaitingFile as WaitingFile
    from sfm_archive.limits.curves import Curve as Curve
    from sfm_archive.limits.named_curves import curves_from as curves_from
    from sfm_archive.maintaining import CompactReport as CompactReport
    from sfm_archive.maintaining import CopyReport as CopyReport
    from sfm_archive.maintaining.comparing import Comparison as Comparison
    from sfm_archive.maintaining.comparing import ComparisonReport as ComparisonReport
    from sfm_archive.maintaining.comparing import compare_encoders as compare_encoders
    from sfm_archive.maintaining.comparing import compare_with_file as compare_with_file
    from sfm_archive.maintaining.reencoding import ReencodeItem as ReencodeItem
    from sfm_archive.maintaining.reencoding import ReencodeOptions as ReencodeOptions
    from sfm_archive.maintaining.reencoding import ReencodeReport as ReencodeReport
    from sfm_archive.maintaining.reencoding import ReencodeStatus as ReencodeStatus
    from sfm_archive.maintaining.salvaging import SalvageReport as SalvageReport
    from sfm_archive.maintaining.salvaging import salvage as salvage
    from sfm_archive.model.documents import ReadingSet as ReadingSet
    from sfm_archive.model.encoders import EncoderName as EncoderName
    from sfm_archive.model.events import Event as Event
    from sfm_archive.model.events import RecordType as RecordType
    from sfm_archive.model.findings import Finding as Finding
    from sfm_archive.model.findings import Severity as Severity
    from sfm_archive.model.frames import A5Frame as A5Frame
    from sfm_archive.model.readings import Reading as Reading
    from sfm_archive.model.readings import ValueSource as ValueSource
    from sfm_archive.model.readings import ValueState as ValueState
    from sfm_archive.model.received import FileKind as FileKind
    from sfm_archive.model.received import ReceivedFile as ReceivedFile
    from sfm_archive.model.selection import Selection as Selection
    from sfm_archive.model.selection import select as select
    from sfm_archive.reporting.run import WrittenDrawing as WrittenDrawing
    from sfm_archive.reporting.run import sketch_event as sketch_event
    from sfm_archive.reporting.run import write_plot as write_plot
    from sfm_archive.reporting.run import write_report as write_report
    from sfm_archive.reporting.summarising import Group as Group
    from sfm_archive.reporting.summarising import Summary as Summary
    from sfm_archive.reporting.summarising import summarise as summarise
    from sfm_archive.storage.encodings import EncodingRow as EncodingRow
    from sfm_archive.storage.events import EventRow as EventRow
    from sfm_archive.storage.files import FileRow as FileRow
    from sfm_archive.storage.frames import FramesRow as FramesRow
    from sfm_archive.storage.history import HistoryRow as HistoryRow
    from sfm_archive.tables.run import DataItem as DataItem
    from sfm_archive.tables.run import DataReport as DataReport
    from sfm_archive.tables.run import DataStatus as DataStatus
    from sfm_archive.tables.run import export_data as export_data
    from sfm_archive.verifying import Level as Level
    from sfm_archive.verifying import Share as Share
    from sfm_archive.verifying import VerifyFinding as VerifyFinding
    from sfm_archive.verifying import VerifyOptions as VerifyOptions
    from sfm_archive.verifying import VerifyReport as VerifyReport

    create = Archive.create
    open = Archive.open  # noqa: A001 - read as sfm.open

_NAMES_OF = {
    "sfm_archive.analysing": (
        "AnalyseOptions AnalysisItem AnalysisReport AnalysisStatus FileCheck ReportCheck check_paths check_report_path"
    ),
    "sfm_archive.limits.named_curves": "curves_from",
    "sfm_archive.archive.archive": "Archive",
    "sfm_archive.archive.describing": (
        "ChangeDescription EncodingDescription EventDescription EventIdentity FileDescription FramesDescription "
        "ReadingsDescription SaidValue"
    ),
    "sfm_archive.archive.listing": "ListedEvent ReviewedEvent",
    "sfm_archive.archive.deriving": "RebuildReport",
    "sfm_archive.archive.results": "ArchiveInfo EventFile Saved",
    "sfm_archive.base.progress": "Progress",
    "sfm_archive.base.waiting": "Holder OnWait Wait",
    "sfm_archive.errors": (
        "AlreadyExists ArchiveNotFound BadFrames BadInput BadName BadSerial Busy Damaged EncodeRefused "
        "EncoderNotFound EventNotFound ExitCode ExporterFailed NewerArchive NotAnArchive NotFound "
        "NotInstalled NotReproduced NotUsable PluginConflict ReadOnlyArchive SfmError StorageFailed "
        "UsageError"
    ),
    "sfm_archive.exporting": (
        "ExportItem ExportOptions ExportReport ExportStatus Handover ListedFile WholeHandover WrittenEvent"
    ),
    "sfm_archive.formats.blastware.names": "NameStyle",
    "sfm_archive.importing": "ImportItem ImportOptions ImportReport WaitingFile",
    "sfm_archive.limits.curves": "Curve",
    "sfm_archive.maintaining": "CompactReport CopyReport",
    "sfm_archive.maintaining.comparing": "Comparison ComparisonReport compare_encoders compare_with_file",
    "sfm_archive.maintaining.reencoding": "ReencodeItem ReencodeOptions ReencodeReport ReencodeStatus",
    "sfm_archive.maintaining.salvaging": "SalvageReport salvage",
    "sfm_archive.model.documents": "ReadingSet",
    "sfm_archive.model.encoders": "EncoderName",
    "sfm_archive.model.events": "Event RecordType",
    "sfm_archive.model.findings": "Finding Severity",
    "sfm_archive.model.frames": "A5Frame",
    "sfm_archive.model.readings": "Reading ValueSource ValueState",
    "sfm_archive.model.received": "FileKind ReceivedFile",
    "sfm_archive.model.selection": "Selection select",
    "sfm_archive.reporting.run": "WrittenDrawing sketch_event write_plot write_report",
    "sfm_archive.reporting.summarising": "Group Summary summarise",
    "sfm_archive.storage.encodings": "EncodingRow",
    "sfm_archive.storage.events": "EventRow",
    "sfm_archive.storage.files": "FileRow",
    "sfm_archive.storage.frames": "FramesRow",
    "sfm_archive.storage.history": "HistoryRow",
    "sfm_archive.tables.run": "DataItem DataReport DataStatus export_data",
    "sfm_archive.verifying": "Level Share VerifyFinding VerifyOptions VerifyReport",
}
_HOME_OF = {name: module for module, names in _NAMES_OF.items() for name in names.split()}

__all__ = ["__version__", "create", "open", *_HOME_OF]  # noqa: PLE0604 - every key is a name


def __getattr__(name: str) -> Any:
    if name in ("create", "open"):
        return getattr(import_module(_HOME_OF["Archive"]).Archive, name)
    if name in _HOME_OF:
        from sfm_archive.base.extras import optional_packages

        with optional_packages(f"sfm_archive.{name}"):
            return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
