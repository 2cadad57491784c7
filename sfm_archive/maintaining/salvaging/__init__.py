"""Salvage: what is intact of a damaged archive goes into a new one.

`readable_rows` sorts the rows that can be read from the file's bytes, `old_history` reads the old history, `sound_rows`
finds the rows that are intact, `run` writes the new archive, and `report` accounts for everything saved or lost.
"""

from __future__ import annotations

from sfm_archive.maintaining.salvaging.report import Loss, SalvageReport
from sfm_archive.maintaining.salvaging.run import salvage

__all__ = ["Loss", "SalvageReport", "salvage"]
