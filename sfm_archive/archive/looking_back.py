"""The derived half of an archive as it was behind one of its changes, made with today's rules."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sfm_archive.archive.deriving import AT_ONCE, bring_up_to_date, damage_named, recompute, refresh_all
from sfm_archive.archive.doubts import keep_doubts
from sfm_archive.archive.setting_sources import that_rest_otherwise
from sfm_archive.base.batches import batches
from sfm_archive.base.progress import Progress
from sfm_archive.base.version import TOOL
from sfm_archive.errors import SfmError
from sfm_archive.model.selection import EVERYTHING
from sfm_archive.model.summaries import RULES
from sfm_archive.storage import events, looking_back
from sfm_archive.storage.store import Store

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

_Archive = TypeVar("_Archive", bound="Archive")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The change behind which an archive is looked at. `sequence`: its number. `head`: its hash, in hexadecimal.
    `at_utc`: when it was made, UTC. `tool`: the program that answers, with its version. `rules`: version of the rules
    by which it makes what lists read."""

    sequence: int
    head: str
    at_utc: str
    tool: str
    rules: int

    @property
    def told(self) -> str:
        """In words."""
        at = f"{self.at_utc[:19].replace('T', ' ')} UTC"
        return f"as of change {self.sequence} of {at}, head {self.head}; {self.tool}, rules {self.rules}"


def as_of(store: Store) -> AsOf | None:
    """The change behind which a store is looked at; None for all of it."""
    moment = store.as_of
    return None if moment is None else AsOf(**moment._asdict(), tool=TOOL, rules=RULES)


def made_ready(archive: _Archive, progress: Progress) -> _Archive:
    """An archive that was just opened, with its derived half: made whole where it is looked at as it was, brought up to
    date where it may be written. Where that fails the archive is closed: nobody has it to close yet."""
    try:
        if archive.store.as_of is not None:
            archive.store.fill_with(lambda: _fill(archive, progress))
        elif not archive.read_only:
            bring_up_to_date(archive)
    except BaseException:
        with suppress(SfmError):
            archive.close()
        raise
    return archive


def _fill(archive: Archive, progress: Progress) -> None:
    """Every derived row of this thread's connection, which has none yet. Samples of which the file has what these rules
    make of them are not decoded again."""
    store = archive.store
    assert store.as_of is not None
    with damage_named(store), store.reading() as connection:
        unchanged = sorted(looking_back.take_over(connection, store.as_of, RULES))
        others = sorted(set(events.sorted_ids(connection, EVERYTHING)) - set(unchanged))
        for some in batches(others, AT_ONCE):
            keep_doubts(archive, connection, some)
        total, done = len(unchanged) + len(others), 0
        for ids, chosen in ((others, None), (unchanged, that_rest_otherwise)):
            for some in batches(ids, AT_ONCE):
                recompute(archive, list(some) if chosen is None else chosen(connection, some))
                progress(done := done + len(some), 2 * total)
        refresh_all(connection, lambda made, _: progress(total + made, 2 * total))
