"""Salvage: what still reads and hashes right of a damaged archive goes into a new one.

`wreck` sorts the rows that can be read from the file's bytes, `old_history` reads what the old history vouches for,
`sound_rows` finds which rows go over, `run` writes the new archive, and `report` accounts for everything that was there
and everything that was not.
"""

from __future__ import annotations

from sfm_archive.maintaining.salvaging.report import Loss, SalvageReport
from sfm_archive.maintaining.salvaging.run import salvage

__all__ = ["Loss", "SalvageReport", "salvage"]
