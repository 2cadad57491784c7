"""Review: what a person decided about an event, kept as values beside what was measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sfm_archive.archive.deriving import refresh
from sfm_archive.archive.finding import no_event
from sfm_archive.errors import UsageError
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource, stated_reading
from sfm_archive.storage import events, values
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.store import Store

REVIEW_QUANTITIES = ("false_trigger", "reviewer", "review_notes")
"""The values of a decision; sidecars of older stores give the same."""


class Decision(NamedTuple):
    """Whether an event is a false trigger, who says so, and why."""

    false_trigger: bool
    reviewer: str
    notes: str

    def readings(self) -> tuple[Reading, ...]:
        """As values, each on one line."""
        texts = ("yes" if self.false_trigger else "no", _one_line(self.reviewer), _one_line(self.notes))
        return tuple(stated_reading(name, text) for name, text in zip(REVIEW_QUANTITIES, texts, strict=True))


def keep_decision(store: Store, event_id: int, decision: Decision, actor: str) -> bool:
    """Keep a decision about an event in one transaction; False where the same one counts already.

    Raises EventNotFound, and UsageError where nobody decided or no reason is given.
    """
    from sfm_archive.archive.saving import add_readings  # here: reading reviews does not pay for saving
    from sfm_archive.storage.changes import RecordReview
    from sfm_archive.storage.writing import Writing

    readings = decision.readings()
    if any(not reading.text for reading in readings):
        raise UsageError(f"event {event_id}: a review needs a name and a reason; say who decided, and why")
    now = utc_now()
    with store.transaction() as connection:
        row = events.read(connection, event_id)
        if row is None:
            raise no_event(store, event_id)
        event_id = row.event_id
        known = {value.quantity: (value.text, value.source) for value in values.current(connection, event_id)}
        if all(known.get(reading.quantity) == (reading.text, ValueSource.PROGRAM) for reading in readings):
            return False
        said = json.dumps([event_id, now, *(reading.text for reading in readings)], ensure_ascii=False)
        origin = hashlib.sha256(said.encode("utf-8")).hexdigest()
        document = ReadingSet(source=ValueSource.PROGRAM, origin_sha256=origin, readings=readings, reader="person")
        writing = Writing(connection, now)
        add_readings(writing, event_id, [document])
        writing.note(RecordReview(), actor, event_id)
        refresh(connection, [event_id])
    return True


class Review(NamedTuple):
    """What counts as decided about an event. `false_trigger`: None where a reviewer wrote without deciding that.
    `source`: `program` for a decision taken here, `sidecar` for one that came along in a file."""

    false_trigger: bool | None
    reviewer: str
    notes: str
    source: str


def reviews_of(values: Mapping[int, Sequence[Reading]]) -> dict[int, Review]:
    """The review of each event that has one, from the values that count."""
    found = {}
    for event_id, readings in values.items():
        own = {one.quantity: one for one in readings if one.quantity in REVIEW_QUANTITIES}
        if not own:
            continue
        verdict, reviewer, notes = (own[name].text if name in own else "" for name in REVIEW_QUANTITIES)
        source = next(own[name].source for name in REVIEW_QUANTITIES if name in own)
        found[event_id] = Review({"yes": True, "no": False}.get(verdict), reviewer, notes, source or "")
    return found


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
