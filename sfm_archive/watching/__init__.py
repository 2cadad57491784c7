"""Watching folders: what another program writes is imported when it has settled, and what is due is told.

`settling` decides, without a look at anything, which files to take; `folders` looks, `changes_heard` listens, `watch`
is the loop. `events_due`, `units_due` and `rejects` say which notices are due, `programs` runs the program that they
are given to, `sending` notes in the history that they went out.
"""

from __future__ import annotations

from sfm_archive.watching.notice import Notice, NoticeKind
from sfm_archive.watching.programs import checked_program
from sfm_archive.watching.watch import WatchHeard, WatchOptions, WatchReport, watch

__all__ = ["Notice", "NoticeKind", "WatchHeard", "WatchOptions", "WatchReport", "checked_program", "watch"]
