"""Materialises event files as `<serial>/<name>`: what Blastware opens, made on demand from the archive.

`plan` decides which event goes where and where its bytes come from, `write` puts bytes into the target safely,
`manifest` writes the sums, and `report` is the account of it all.
"""

from __future__ import annotations

from sfm_archive.exporting.report import ExportItem, ExportReport, ExportStatus
from sfm_archive.exporting.run import ExportOptions, export_events

__all__ = ["ExportItem", "ExportOptions", "ExportReport", "ExportStatus", "export_events"]
