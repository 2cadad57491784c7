"""Which events are asked for, in a command's options or in the address of a page, and what is to be said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sfm_archive.archive.listing import level_counts
from sfm_archive.model.events import RecordType
from sfm_archive.model.reading_text import WHOLE_DAYS_NOTE
from sfm_archive.model.selection import Selection

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEvents:
    """The filters as they were given. `events`: ids or event-file names; `jobs`, `points`: names; `above`: words of
    limits; `received_since`: a moment or a change: all of them until an archive is there to ask. The rest as in
    `Selection`."""

    serials: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    record_types: tuple[RecordType, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    ppv_from_mm_s: float | None = None
    decided: bool = False
    above: tuple[str, ...] = ()
    judge: str = "both"
    false_triggers: bool | None = None
    events: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    unplaced: bool = False
    received_since: str | None = None
    unreviewed: bool = False

    def selection(self, archive: Archive, *, newest_first: bool = False, limit: int | None = None) -> Selection:
        """The selection meant. Raises EventNotFound for an event that is named and not there, NotFound for a point, job
        or change, UsageError for what makes no sense or what several share."""
        points: tuple[int, ...] = ()
        if self.jobs or self.points:
            from sfm_archive.sites.jobs import points_meant

            points = points_meant(archive, self.jobs, self.points)
        behind = None
        if self.received_since is not None:
            from sfm_archive.archive.received import change_before

            behind = change_before(archive, self.received_since)
        chosen = Selection(
            serials=self.serials,
            since=self.since,
            until=self.until,
            record_types=self.record_types,
            event_ids=tuple(archive.find(text).event_id for text in self.events),
            texts=self.texts,
            ppv_from_mm_s=self.ppv_from_mm_s,
            decided=self.decided and self.ppv_from_mm_s is not None,
            false_triggers=self.false_triggers,
            points=points,
            unplaced=self.unplaced,
            received_behind=behind,
            unreviewed=self.unreviewed,
            newest_first=newest_first,
            limit=limit,
        )
        if not self.above:
            return chosen
        from sfm_archive.archive.measuring import above_limits
        from sfm_archive.reporting.counted_once import with_counted_once

        found = above_limits(archive, chosen, self.above, judge=self.judge, decided=self.decided)
        return with_counted_once(archive, found)

    def told(self, archive: Archive, chosen: Selection, *, of_limits: str = "", of_level: str = "") -> list[str]:
        """What is to be said of the selection, in sentences. `of_limits`, `of_level`: behind one on undecided events,
        how to leave these out."""
        found, counts = [], chosen.limit_counts
        if counts is not None:
            from sfm_archive.limits.outcomes import Judging

            more = of_limits if counts.undecided and not self.decided else ""
            found.append(f"{counts.sentence}{more}; {Judging(self.judge).convention}")
        levels = level_counts(archive, chosen)
        if levels is not None and levels.undecided:
            found.append(levels.sentence + ("" if self.decided else of_level))
        if not chosen.is_of_whole_days:
            found.append(WHOLE_DAYS_NOTE)
        return found
