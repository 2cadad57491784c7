"""Numbers that two decodings of the same samples give, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sfm_archive.model.readings import Reading


class NumberChange(NamedTuple):
    """A number that another decoder gives otherwise. `before`, `after`: the two in `unit`, null where there is none.
    `state_before`, `state_after`: then say why, '' where there is no such value at all."""

    quantity: str
    channel: str
    unit: str
    before: float | None
    state_before: str
    after: float | None
    state_after: str

    @property
    def difference(self) -> float | None:
        """after − before; None where one of them is no number."""
        return None if self.before is None or self.after is None else self.after - self.before


class QuantityChange(NamedTuple):
    """The changes of one quantity in one unit. `changed`: another number; `gained`, `lost`: a number where there was
    none, and none where there was one. `largest`: the largest change, None where no two numbers differ.
    `largest_share`: that as a share of the number before. `event_id`: where it is, 0 for nowhere."""

    quantity: str
    unit: str
    changed: int
    gained: int
    lost: int
    largest: float | None
    largest_share: float | None
    event_id: int


def number_changes(before: Iterable[Reading], after: Iterable[Reading]) -> tuple[NumberChange, ...]:
    """What is another number, unit or state, in the order of quantity and channel."""
    old = {(one.quantity, one.channel): one for one in before}
    new = {(one.quantity, one.channel): one for one in after}
    return tuple(
        _change(key, old.get(key), new.get(key)) for key in sorted({*old, *new}) if old.get(key) != new.get(key)
    )


def _change(key: tuple[str, str], old: Reading | None, new: Reading | None) -> NumberChange:
    unit = next(one.unit for one in (new, old) if one is not None)
    before, after = (
        (None, "") if one is None else (one.number if one.unit == unit else None, one.state.value) for one in (old, new)
    )
    return NumberChange(*key, unit, *before, *after)


class ChangesByQuantity:
    """Adds up the changes of many events."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], QuantityChange] = {}

    def add(self, event_id: int, changes: Iterable[NumberChange]) -> None:
        """Those of one event."""
        for one in changes:
            key = one.quantity, one.unit
            known = self._found.get(key) or QuantityChange(*key, 0, 0, 0, None, None, 0)
            self._found[key] = _with(known, one, event_id)

    @property
    def quantities(self) -> tuple[QuantityChange, ...]:
        """One for each quantity and unit, in that order."""
        return tuple(self._found[key] for key in sorted(self._found))


def _with(known: QuantityChange, one: NumberChange, event_id: int) -> QuantityChange:
    gained, lost = one.before is None and one.after is not None, one.before is not None and one.after is None
    known = known._replace(
        changed=known.changed + (not gained and not lost), gained=known.gained + gained, lost=known.lost + lost
    )
    size = None if one.difference is None else abs(one.difference)
    if size is None or (known.largest is not None and size <= known.largest):
        return known
    return known._replace(largest=size, largest_share=size / abs(one.before) if one.before else None, event_id=event_id)
