"""Materialises event files as `<serial>/<name>`: what Blastware opens, made on demand from the archive.

`plan` decides which event goes where, `content` where its bytes come from, `manifest` writes the sums, `noting` leaves
hand-over records of this and other outputs, `handover` reads them, `repeat_handover` makes the folder of a record once
more, and `report` is the account of it all. Files are written by `sfm_archive.files`.
"""

from __future__ import annotations

from sfm_archive.exporting.handover import (
    FoundHandovers,
    Handover,
    HandoverKind,
    ListedFile,
    WholeHandover,
    find_handover,
    find_handovers,
    handed_files,
    kept_bytes,
    list_handovers,
    whole_handover,
)
from sfm_archive.exporting.other_formats import WrittenEvent, write_as
from sfm_archive.exporting.repeat_handover import export_like
from sfm_archive.exporting.report import ExportItem, ExportReport, ExportStatus
from sfm_archive.exporting.run import ExportOptions, export_events

__all__ = [
    "ExportItem",
    "ExportOptions",
    "ExportReport",
    "ExportStatus",
    "FoundHandovers",
    "Handover",
    "HandoverKind",
    "ListedFile",
    "WholeHandover",
    "WrittenEvent",
    "export_events",
    "export_like",
    "find_handover",
    "find_handovers",
    "handed_files",
    "kept_bytes",
    "list_handovers",
    "whole_handover",
    "write_as",
]
