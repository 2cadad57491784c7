"""Which events people say that a blast made: confirmed or refused, both kept. An event is of one blast at most."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.events import RecordType
from sfm_archive.model.statements import Blast, BlastEvent
from sfm_archive.sites.blasts import blast_listing
from sfm_archive.sites.proposing import WITHIN_S, candidates, checked_within, notes_on_confirmed, scene_of
from sfm_archive.sites.stating import StatementMade, state, that_counts, who, why
from sfm_archive.storage import blasts as near
from sfm_archive.storage import statements

_NO_BLAST = {
    RecordType.HISTOGRAM.value: "a histogram: its peaks are of hours, and no blast triggered it",
    RecordType.MONITOR_LOG.value: "a monitor log: it has no peaks",
}


def confirm_blast(
    archive: Archive,
    blast: int,
    events: Sequence[int | str],
    *,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> list[StatementMade]:
    """Say that a blast made these events, given by id or file name; all of them or none. Raises NotFound,
    EventNotFound, UsageError for an event that is confirmed for another blast, or that no blast can have triggered,
    ReadOnlyArchive, Busy."""
    return _decide(archive, blast, events, "confirmed", by=by, reason=reason, dry_run=dry_run)


def refuse_blast(
    archive: Archive,
    blast: int,
    events: Sequence[int | str],
    *,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> list[StatementMade]:
    """Say that a blast did not make these events, also where that was confirmed before. As `confirm_blast`."""
    return _decide(archive, blast, events, "refused", by=by, reason=reason, dry_run=dry_run)


def withdraw_blast_event(
    archive: Archive, blast: int, event: int | str, *, by: str = "", reason: str, dry_run: bool = False
) -> StatementMade:
    """Take a decision back, so that the event is proposed again. Raises NotFound where nobody decided, UsageError for
    no reason."""
    event_id = archive.find(str(event)).event_id
    reason = why(reason, needed=f"withdrawing what was decided of event {event_id}")

    def make(connection: Any) -> BlastEvent:
        own = statements.said_of_blasts(connection).get((blast, event_id))
        if own is None or own.withdrawn:
            raise NotFound(f"nobody decided whether blast {blast} made event {event_id}; sfm blast show says what is")
        return own._replace(withdrawn=1, decided_by=who(archive, by), reason=reason)

    return state(archive, make, dry_run=dry_run)


def proposed_events(archive: Archive, blast: int, *, within_s: float = WITHIN_S, nearest: bool = True) -> list[int]:
    """The events at points of a blast's job that are proposed to it and of which nobody decided; `nearest`: only those
    to which no other blast is as near. Raises NotFound."""
    with derived(archive.store) as connection:
        own = that_counts(connection, Blast, blast, blast_listing(archive))
        found = candidates(connection, scene_of(connection), [own], checked_within(within_s))[blast]
    return [
        one.event.event_id for one in found if one.said is None and one.event.point and not (nearest and one.nearer)
    ]


def _decide(
    archive: Archive,
    blast: int,
    events: Sequence[int | str],
    decision: str,
    *,
    by: str,
    reason: str,
    dry_run: bool,
) -> list[StatementMade]:
    ids = list(dict.fromkeys(archive.find(str(event)).event_id for event in events))
    reason = why(reason)

    def row(connection: Any, event_id: int) -> BlastEvent:
        that_counts(connection, Blast, blast, blast_listing(archive))
        scene = scene_of(connection)
        other = scene.confirmed.get(event_id, blast)
        if decision == "confirmed":
            if other != blast:
                raise UsageError(
                    f"event {event_id} is confirmed for blast {other} ({scene.blasts[other].told}), and an event is of "
                    f"one blast; refuse it there first (sfm blast refuse ARCHIVE {other} {event_id})"
                )
            (event,) = near.events_of_ids(connection, [event_id])
            if event.record_type in _NO_BLAST:
                raise UsageError(f"event {event_id} is {_NO_BLAST[event.record_type]}; confirm one of a trigger")
        before = statements.said_of_blasts(connection).get((blast, event_id))
        own = BlastEvent(0, 0, blast, event_id, decision, 0, who(archive, by), reason)
        if before is None:
            return own
        changed = f"{decision} instead of {'withdrawn' if before.withdrawn else before.decision}"
        return own._replace(number=before.number, position=before.position, reason=reason or changed)

    def notes(connection: Any, own: BlastEvent) -> list[str]:
        return notes_on_confirmed(connection, own.blast, own.of_event) if own.decision == "confirmed" else []

    with archive.store.transaction():
        made = [state(archive, partial(row, event_id=event_id), notes=notes, dry_run=dry_run) for event_id in ids]
    if not made:
        raise NotFound(
            f"no event is proposed to blast {blast}; {blast_listing(archive)} lists blasts, --within says more"
        )
    return made
