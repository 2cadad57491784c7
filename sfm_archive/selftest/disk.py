"""A model of a disk: what is durable, what is only in its cache, and what a power cut may leave of that.

A `Disk` is given each operation on a folder's files in order. `after_cut` gives a folder as it may stand when the power
is cut between two operations. What the model holds true, and nothing more:

- Data is durable once its file was synced. Until then any sector of 512 bytes may hold any of its versions since the
  last sync, or be torn: the beginning of one version and the rest of the version before. Sectors reach the disk in any
  order. Bytes that a write did not cover stay as they were (SQLite calls this powersafe overwrite).
- A file's size is durable once it was synced. Until then it may be any size that it had since; a sector inside the
  size that nothing has reached holds zeros or garbage.
- Creating, deleting and renaming are durable once the folder was synced. Until then those of one name happen in order
  or not at all; those of different names are independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

SECTOR = 512


class Variant(StrEnum):
    """Which of the unsynced operations have reached the disk at the cut."""

    NOTHING = "nothing unsynced"
    EVERYTHING = "everything"
    IN_ORDER = "a beginning, the last write torn"
    ANY = "any sectors, torn"


class Step(NamedTuple):
    """One operation. `name` is what a cut before it is called in reports; `apply` changes the model."""

    name: str
    file: int
    offset: int = 0
    data: bytes = b""
    size: int = -1
    sync_file: bool = False
    sync_folder: bool = False
    entries: tuple[tuple[str, int | None], ...] = ()
    order: int = -1


@dataclass(slots=True)
class _File:
    """Durable bytes, and the steps since the last sync."""

    durable: bytes = b""
    pending: list[Step] = field(default_factory=list)

    def after(self, steps: list[Step]) -> bytes:
        data = bytearray(self.durable)
        for step in steps:
            _apply(data, step)
        return bytes(data)


def _apply(data: bytearray, step: Step) -> None:
    if step.size >= 0:
        if step.size < len(data):
            del data[step.size :]
        else:
            data.extend(bytes(step.size - len(data)))
        return
    end = step.offset + len(step.data)
    if len(data) < end:
        data.extend(bytes(end - len(data)))
    data[step.offset : end] = step.data


class Disk:
    """The files of one folder, and every operation on them in order."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.steps: list[Step] = []
        self.start = dict(files)
        self._numbers = {name: number for number, name in enumerate(self.start)}
        self._next = len(self._numbers)
        self._moment: _Moment | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def number(self, name: str) -> int:
        """The file that has the name now."""
        return self._numbers[name]

    def create(self, name: str) -> int:
        """A new, empty file."""
        number, self._next = self._next, self._next + 1
        self._enter(f"open {name}", ((name, number),))
        return number

    def delete(self, name: str) -> None:
        """The name is gone; whoever has the file open may go on writing to it."""
        self._enter(f"delete {name}", ((name, None),))

    def rename(self, old: str, new: str) -> None:
        """One step for both names: neither happens without the other."""
        self._enter(f"rename {old} to {new}", ((old, None), (new, self._numbers[old])))

    def link(self, old: str, new: str) -> None:
        """A second name for a file."""
        self._enter(f"link {old} to {new}", ((new, self._numbers[old]),))

    def _enter(self, text: str, entries: tuple[tuple[str, int | None], ...]) -> None:
        self.steps.append(Step(text, -1, entries=entries))
        for name, number in entries:
            if number is None:
                self._numbers.pop(name, None)
            else:
                self._numbers[name] = number

    def write(self, file: int, name: str, offset: int, data: bytes) -> None:
        """Bytes into the cache."""
        self.steps.append(Step(f"write {name} at {offset}", file, offset=offset, data=data))

    def truncate(self, file: int, name: str, size: int) -> None:
        """A new size, in the cache."""
        self.steps.append(Step(f"truncate {name} to {size}", file, size=size))

    def sync(self, file: int, name: str) -> None:
        """Everything written to the file until now is durable."""
        self.steps.append(Step(f"sync {name}", file, sync_file=True))

    def sync_folder(self) -> None:
        """Every name is durable as it is now."""
        self.steps.append(Step("sync the folder", -1, sync_folder=True))

    def after_cut(self, cut: int, variant: Variant, seed: int = 0) -> dict[str, bytes]:
        """The folder after a power cut with `cut` operations done, name by name. Rising cuts are cheap."""
        if self._moment is None or self._moment.done > cut:
            self._moment = _Moment(self.start)
        self._moment.advance(self.steps[self._moment.done : cut])
        return self._moment.cut_off(variant, Random(f"{seed} {cut} {variant}"))


class _Moment:
    """The disk with some operations done."""

    def __init__(self, start: Mapping[str, bytes]) -> None:
        self.done = 0
        self._files = {number: _File(data) for number, data in enumerate(start.values())}
        self._entries: dict[str, int | None] = {name: number for number, name in enumerate(start)}
        self._unsynced: list[Step] = []

    def advance(self, steps: list[Step]) -> None:
        for order, unnumbered in enumerate(steps, start=self.done):
            step = unnumbered._replace(order=order)
            if step.sync_folder:
                _enter_all(self._entries, self._unsynced)
                self._unsynced = []
            elif step.entries:
                self._unsynced.append(step)
                for _, number in step.entries:
                    if number is not None:
                        self._files.setdefault(number, _File())
            elif step.sync_file:
                file = self._files[step.file]
                file.durable, file.pending = file.after(file.pending), []
            else:
                self._files[step.file].pending.append(step)
        self.done += len(steps)

    def cut_off(self, variant: Variant, random: Random) -> dict[str, bytes]:
        """What is on the disk when it ends here."""
        contents: Callable[[_File], bytes]
        unsynced = self._unsynced
        match variant:
            case Variant.NOTHING:
                unsynced = []
                contents = _durable
            case Variant.EVERYTHING:
                contents = _newest
            case Variant.IN_ORDER:
                orders = [step.order for step in unsynced]
                orders += [step.order for file in self._files.values() for step in file.pending]
                # Every operation before `end` has reached the disk, and of the one at `end` the beginning.
                end = random.choice([*orders, self.done])
                unsynced = [step for step in unsynced if step.order < end]
                contents = _in_order(end, random)
            case Variant.ANY:
                unsynced = _any_names(unsynced, random)
                contents = _any_sectors(random)
        entries = dict(self._entries)
        _enter_all(entries, unsynced)
        return {name: contents(self._files[number]) for name, number in entries.items() if number is not None}


def _enter_all(entries: dict[str, int | None], steps: list[Step]) -> None:
    for step in steps:
        entries.update(step.entries)


def _durable(file: _File) -> bytes:
    return file.durable


def _newest(file: _File) -> bytes:
    return file.after(file.pending)


def _in_order(end: int, random: Random) -> Callable[[_File], bytes]:
    def contents(file: _File) -> bytes:
        whole = [step for step in file.pending if step.order < end]
        torn = [
            step._replace(data=step.data[: random.randint(0, len(step.data))])
            for step in file.pending
            if step.order == end and step.data
        ]
        return file.after(whole + torn)

    return contents


def _any_names(unsynced: list[Step], random: Random) -> list[Step]:
    """Of each name's steps a beginning; names that a rename joins go together."""
    groups: dict[str, list[Step]] = {}
    for step in unsynced:
        joined = {known.order: known for name, _ in step.entries for known in groups.get(name, [])}
        group = [*(joined[order] for order in sorted(joined)), step]
        groups.update((name, group) for member in group for name, _ in member.entries)
    kept: set[int] = set()
    for group in {id(group): group for group in groups.values()}.values():
        kept.update(step.order for step in group[: random.randint(0, len(group))])
    return [step for step in unsynced if step.order in kept]


def _any_sectors(random: Random) -> Callable[[_File], bytes]:
    def contents(file: _File) -> bytes:
        if not file.pending:
            return file.durable
        garbage = random.random() < 0.5
        now = bytearray(file.durable)
        sizes = [len(now)]
        versions: dict[int, list[bytes]] = {}
        for step in file.pending:
            before = len(now)
            first, behind = step.offset, step.offset + len(step.data)
            if step.size >= 0:
                first, behind = min(before, step.size), max(before, step.size)
            touched = range(first // SECTOR, -(-behind // SECTOR))
            for sector in touched:
                versions.setdefault(sector, [bytes(now[sector * SECTOR : (sector + 1) * SECTOR])])
            _apply(now, step)
            for sector in touched:
                versions[sector].append(bytes(now[sector * SECTOR : (sector + 1) * SECTOR]))
            sizes.append(len(now))
        size = random.choice(sizes)
        data = bytearray(file.durable[:size])
        rest = size - len(data)
        data.extend(random.randbytes(rest) if garbage else bytes(rest))
        for sector, known in versions.items():
            start = sector * SECTOR
            piece = _one_version(known, random)[: max(0, size - start)]
            data[start : start + len(piece)] = piece
        return bytes(data)

    return contents


def _one_version(versions: list[bytes], random: Random) -> bytes:
    chosen = random.randrange(len(versions))
    if chosen and random.random() < 0.25:
        old, new = versions[chosen - 1], versions[chosen]
        torn = random.randint(0, len(new))
        return new[:torn] + old[torn:]
    return versions[chosen]
