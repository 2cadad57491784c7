"""Events whose numbers are made again while something else is saved: a document that comes late changes what its
neighbours rest on, and nobody has asked for those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from sfm_archive.model.findings import Finding, Severity
from sfm_archive.storage.computed import ComputedRow


class Renewed(NamedTuple):
    """The rows of an event that had one, before the first change and behind the last one."""

    before: ComputedRow
    now: ComputedRow | None

    def new_findings(self, event_id: int) -> tuple[Finding, ...]:
        """What is noticed of its samples now and was not before, but for notes. Raises Damaged."""
        if self.now is None or self.now.findings == self.before.findings:
            return ()
        known = self.before.noticed(event_id)
        return tuple(
            one for one in self.now.noticed(event_id) if one not in known and one.severity is not Severity.NOTE
        )


_watched: ContextVar[dict[int, Renewed] | None] = ContextVar("renewed", default=None)


@contextmanager
def watched() -> Iterator[dict[int, Renewed]]:
    """By id every event whose row is made again within, as far as it had one."""
    found: dict[int, Renewed] = {}
    token = _watched.set(found)
    try:
        yield found
    finally:
        _watched.reset(token)


def note(event_id: int, before: ComputedRow | None, now: ComputedRow | None) -> None:
    """A row is made again."""
    found = _watched.get()
    if found is not None and before is not None:
        found[event_id] = Renewed(found[event_id].before if event_id in found else before, now)
