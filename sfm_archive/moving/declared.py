"""What each table's rows mean when they move to another archive: which of their numbers are numbers of what, and by
what a row there is known to be the same here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Counted(NamedTuple):
    """A column that counts from 1 among the rows with the same values in others."""

    column: str
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How the rows of a table move.

    `same`: by which columns a row is known, after its numbers are those here; empty for a decision, which is the same
    where its content, time and person are: where one change wrote it first. `own`: the column of its own number, which
    it gets anew. `points`: of what else's number a column is, by column: `event`, `received_file`, a table with `own`.
    `counted`: a column that is counted anew. `decides`: what of several rows one is of, for the report, '' where they
    stand beside each other.
    """

    same: tuple[str, ...] = ()
    own: str = ""
    points: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    counted: Counted | None = None
    decides: str = ""


def _statement(**points: str) -> Moved:
    """What people say of the work: rows of one number, counted by position."""
    return Moved(own="number", points=points, counted=Counted("position", ("number",)))


MOVED: Final[Mapping[str, Moved]] = {
    # `event` itself is found by unit, time, kind and key as an import finds it.
    "event_key": Moved(same=("event_id",), points={"event_id": "event"}),
    "event_name": Moved(
        same=("event_id", "name"), points={"event_id": "event"}, counted=Counted("position", ("event_id",))
    ),
    "frames": Moved(
        same=("event_id", "sha256"), points={"event_id": "event"}, counted=Counted("revision", ("event_id",))
    ),
    "file_content": Moved(same=("sha256",), own="content_id"),
    "received_file": Moved(same=("sha256", "kind", "name", "folder"), own="file_id"),
    "event_file": Moved(same=("event_id", "file_id"), points={"event_id": "event", "file_id": "received_file"}),
    "reading": Moved(
        same=("event_id", "source", "origin_sha256", "reader"), own="reading_id", points={"event_id": "event"}
    ),
    "encoding": Moved(
        same=("event_id", "revision", "family", "version"), points={"event_id": "event", "revision": "frames"}
    ),
    "finding": Moved(same=("event_id", "code", "message"), points={"event_id": "event"}),
    "same_event": Moved(same=("was_event",), points={"was_event": "event", "event_id": "event"}),
    "withheld_content": Moved(same=("sha256",)),
    "unit_running": Moved(same=("serial", "from_local", "until_local", "source")),
    "waiting_part": Moved(
        same=("sha256", "at_byte"), points={"joined_to": "event"}, counted=Counted("position", ("sha256", "at_byte"))
    ),
    "handover": Moved(own="handover_id"),
    "unit_time_zone": Moved(counted=Counted("position", ("serial",)), decides="the zone of {serial}"),
    "left_out": Moved(counted=Counted("position", ("sha256",)), decides="whether {name} is left out"),
    "report_decision": Moved(
        points={"event_id": "event"}, counted=Counted("position", ("sha256",)), decides="whose report {name} is"
    ),
    "unit_setting": Moved(own="number", points={"withdraws": "unit_setting"}),
    "job": _statement(),
    "point": _statement(job="job"),
    "point_limits": _statement(point="point"),
    "unit_window": _statement(point="point"),
    "correction": _statement(of_event="event"),
    "calibration": _statement(),
    "blast": _statement(job="job"),  # and in `distances` numbers of points
    "blast_event": _statement(blast="blast", of_event="event"),
    "firm": _statement(),
}
"""By table; `event`, `merged_change` and `withheld_changes` are looked at by themselves, and a seal stays behind."""
