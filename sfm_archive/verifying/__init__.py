"""Verify: is everything in an archive intact, bit for bit?

`options` say how much is looked at, `walks` goes over the rows by pages, of which `sound` tells in any process what is
right; of all else `frames` checks frames and what encoders make of them, `files` the received files,
`chain` the history's hashes, `recorded_changes` its records against the rows that are there, `derived` the derived
rows, `run` everything in order. `resume_point` lets a verification end early and go on another day, and `report` is the
account.
"""

from __future__ import annotations

from sfm_archive.verifying.options import Level, Share, VerifyOptions, parse_part, parse_sample
from sfm_archive.verifying.report import VerifyFinding, VerifyReport
from sfm_archive.verifying.resume_point import default_state
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
