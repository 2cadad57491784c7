"""Verify: does an archive still hold, bit for bit, what was put in?

`options` say how much is looked at, `frames` checks frames and what encoders make of them, `files` the received files,
`changes` the chain of the history, `said` what it says against the rows that are there, `run` everything in order.
`place` lets a verification end early and go on another day, and `report` is the account.
"""

from __future__ import annotations

from sfm_archive.verifying.options import Level, Share, VerifyOptions, parse_part, parse_sample
from sfm_archive.verifying.place import default_state
from sfm_archive.verifying.report import VerifyFinding, VerifyReport
from sfm_archive.verifying.run import verify

__all__ = [
    "Level",
    "Share",
    "VerifyFinding",
    "VerifyOptions",
    "VerifyReport",
    "default_state",
    "parse_part",
    "parse_sample",
    "verify",
]
