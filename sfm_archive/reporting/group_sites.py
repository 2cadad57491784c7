"""Where events were recorded, as groups of them are counted by job and point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.listing import names_of_points
from sfm_archive.archive.measuring import spans_between_points
from sfm_archive.limits.by_point import at_points
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.placing import Placed
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import EventSummary


class Site(NamedTuple):
    """Points whose intervals are counted together, with the names of their job and point as far as these are keys;
    `points`: None for all of an event; `is_undecided`: whether it was recorded there is not decided."""

    job: str
    point: str
    points: frozenset[int] | None
    is_undecided: bool = False


class GroupSites:
    """The sites of a summary. `by`: its keys; `spans`: of each event that lies between points."""

    def __init__(self, archive: Archive, by: Sequence[str], selection: Selection) -> None:
        self._by = frozenset(by) & {"job", "point"}
        self._wanted = selection.wanted_points
        self._names = names_of_points(archive)
        self.spans = spans_between_points(archive)

    def of_event(self, event_id: int, summary: EventSummary) -> list[Site]:
        """The points of an event, those first at which it starts, as the keys and the selection tell them apart."""
        spans = self.spans.get(event_id)
        if spans is None or (self._wanted is None and not self._by):
            return [Site(*self.names_of(summary.point), None)]
        if summary.placed == Placed.UNDECIDED:
            return [Site(*self.names_of(summary.point), None, is_undecided=True)]
        found: dict[tuple[str, str], set[int]] = {}
        for span in spans:
            if self._wanted is None or span.point in self._wanted:
                found.setdefault(self.names_of(span.point), set()).add(span.point)
        return [Site(job, point, frozenset(points)) for (job, point), points in found.items()]

    def at_sites(self, event_id: int, whole: Measured) -> Iterator[tuple[Site, Measured]]:
        """What was recorded of an event at each of its sites; of one that nothing tells apart all of it, at the first
        one alone."""
        for site in self.of_event(event_id, whole.summary):
            own = whole
            if site.is_undecided:
                own = whole._replace(unsplit=True)
            elif site.points is not None:
                own = at_points(whole, self.spans[event_id], site.points)
                if own.nothing:
                    continue  # no interval of it is of these points, or may be
            yield site, own
            if own.unsplit:
                break

    def names_of(self, point: int) -> tuple[str, str]:
        """Of its job and itself, as far as they are keys; a point alone is written JOB/POINT."""
        job, name = self._names.get(point, ("", ""))
        if "point" not in self._by:
            return job if "job" in self._by else "", ""
        return (job, name) if "job" in self._by else ("", f"{job}/{name}" if name else "")

    def named(self, word: str, key: str | int) -> str:
        """A key of the rows: of a job or point its name in place of the point's number."""
        if word not in ("job", "point"):
            return str(key)
        job, point = self.names_of(int(key))
        return job if word == "job" else point
