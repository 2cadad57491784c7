"""Backup, seal, compact: the whole archive as another file, or as a smaller one, verified before it counts.

`backup` copies while others write, `seal` makes the file to hand over with a sheet that says how to verify it,
`compact` frees unused space, and `proof` opens a copy, verifies it and compares it with what it must hold.
"""

from __future__ import annotations

from sfm_archive.maintaining.backup import backup
from sfm_archive.maintaining.compact import compact, compact_sound, require_sound
from sfm_archive.maintaining.copy_report import CompactReport, CopyReport
from sfm_archive.maintaining.seal import seal, sheet_path

__all__ = ["CompactReport", "CopyReport", "backup", "compact", "compact_sound", "require_sound", "seal", "sheet_path"]
