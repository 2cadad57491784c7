"""Verify: does an archive still hold, bit for bit, what was put in?

`frames` checks frames and what encoders make of them, `files` the received files, `changes` the history and what it
says must be there, `run` everything in order, and `report` is the account.
"""

from __future__ import annotations

from sfm_archive.verifying.report import VerifyFinding, VerifyReport
from sfm_archive.verifying.run import verify

__all__ = ["VerifyFinding", "VerifyReport", "verify"]
