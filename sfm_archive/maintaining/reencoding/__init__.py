"""Re-encoding: what another encoder would make of all events, compared with what the pinned one made."""

from __future__ import annotations

from sfm_archive.maintaining.reencoding.report import ReencodeItem, ReencodeReport, ReencodeStatus
from sfm_archive.maintaining.reencoding.run import ReencodeOptions, reencode

__all__ = ["ReencodeItem", "ReencodeOptions", "ReencodeReport", "ReencodeStatus", "reencode"]
