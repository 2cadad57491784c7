"""Rows read from the bytes of a SQLite file, page by page, without SQLite: for files that SQLite refuses.

Every page is taken for itself. A page that is a leaf gives its rows, whatever became of the pages above it, of the
structure, or of the file's end; a row that cannot be read costs nothing but itself. The layout is that of
https://www.sqlite.org/fileformat2.html, sections 1.3 to 2.1, and of the write-ahead log, section 4.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable

MAGIC = b"SQLite format 3\x00"
PAGE_SIZES = (4096, 1024, 8192, 2048, 16384, 32768, 65536, 512)
LARGEST_ROW = 256 * 1024 * 1024

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 0x0D, 0x0A, 0x02
_WITH_ROWS = re.compile(rb"[\x0d\x0a\x02]")
"""Kinds of pages that hold rows: leaves, and all pages of an index."""

_INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_WAL_MAGIC = (0x377F0682, 0x377F0683)


class Bytes(Protocol):
    """A file's bytes, held or read where they are looked at."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


@runtime_checkable
class OnDisk(Protocol):
    """Bytes of which parts are known to be zeros and need not be looked at."""

    def first_bytes(self, page_size: int) -> Iterator[tuple[int, bytes]]:
        """One byte of each page that may hold something: how many pages lie before, and those of pages in a row."""
        ...


_MOST_OF_A_PAGE = 2
"""Times the size of a page that its rows may have together. Rows of a sound page fill it once at most; of a damaged
one a row that is none may lie over those that are sound."""

Value = None | int | float | str | bytes


class StoredRow(NamedTuple):
    """One row of a leaf: its page, its rowid (None in an index or a table without one), its columns."""

    page: int
    rowid: int | None
    values: tuple[Value, ...]


class Layout(NamedTuple):
    """How a file is cut into pages: their size and the bytes unused at the end of each, both in bytes, and the number
    of the page that the file begins with (2 where the first one was cut off)."""

    page_size: int
    reserved: int = 0
    first: int = 1


def possible_layouts(data: Bytes) -> tuple[Layout, ...]:
    """The layout that the header says, alone where the length of the file agrees with it; else every other one too.

    No look at the pages tells their size: every second page of one size is one of double that size, and in an archive
    of large files few pages begin like a page. Only what is read by each layout tells which is right.
    """
    said: tuple[Layout, ...] = ()
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    if data[:16] == MAGIC and size in PAGE_SIZES:
        reserved = int.from_bytes(data[20:21], "big")
        said = (Layout(size, reserved if reserved < 33 else 0),)
        if said[0].reserved == 0 and int.from_bytes(data[28:32], "big") * size == len(data):
            return said
    others = [Layout(size, first=first) for first in (1, 2) for size in PAGE_SIZES]
    return tuple(dict.fromkeys((*said, *others)))


class Pages:
    """The pages of a file, the newer ones of its write-ahead log instead where there are any."""

    def __init__(self, data: Bytes, log: Bytes = b"", layout: Layout | None = None) -> None:
        self._data = data
        self.page_size, reserved, self._first = layout or possible_layouts(data)[0]
        self.usable = self.page_size - reserved
        self._log = log
        self._newer = _logged_pages(log, self.page_size)
        self.count = max([self._first - 1 - (-len(data) // self.page_size), *self._newer])
        self._most = min(LARGEST_ROW, len(data) + len(self._newer) * self.page_size)

    def page(self, number: int) -> bytes:
        """A page, shorter where the file ends early; empty where there is none."""
        if number in self._newer:
            logged = self._newer[number]
            return self._log[logged : logged + self.page_size]
        start = (number - self._first) * self.page_size
        return self._data[start : start + self.page_size] if start >= 0 else b""

    def rows(self) -> Iterator[StoredRow | tuple[int, str]]:
        """Every row that can be read, and (page, why) for each that looks like one and cannot."""
        # One byte of each page: what is no page with rows, such as the holes of a sparse file, costs next to nothing.
        data = self._data
        kinds = data.first_bytes(self.page_size) if isinstance(data, OnDisk) else [(0, data[:: self.page_size])]
        with_rows = {
            before + match.start() + self._first for before, part in kinds for match in _WITH_ROWS.finditer(part)
        }
        for number in sorted(with_rows | self._newer.keys() | {1}):
            yield from self.rows_of(number)

    def rows_of(self, number: int) -> Iterator[StoredRow | tuple[int, str]]:
        """The rows of one page; none where it is not a leaf."""
        page = self.page(number)
        start = 100 if number == 1 else 0
        if len(page) < start + 8 or page[start] not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
            return
        kind = page[start]
        cells = int.from_bytes(page[start + 3 : start + 5], "big")
        pointers = start + (12 if kind == _INDEX_INNER else 8)
        if pointers + 2 * cells > self.page_size:
            yield number, f"the page says it holds {cells} rows"
            cells = (self.page_size - pointers) // 2
        held = page[pointers : pointers + 2 * cells]
        places = struct.unpack(f">{len(held) // 2}H", held[: len(held) // 2 * 2])
        left = _MOST_OF_A_PAGE * self.usable
        # No two rows have one place, and a page of one byte all over would claim thousands there.
        for index, at in enumerate(dict.fromkeys(places)):
            try:
                size, rowid, held_at = self._cell(page, kind, at)
                left -= held_at - at + self._on_page(size, kind == _TABLE_LEAF)
                if left < 0:
                    yield number, "its rows together are larger than the page"
                    return
                yield StoredRow(number, rowid, _record(self._payload(page, held_at, size, kind == _TABLE_LEAF)))
            except (ValueError, IndexError, struct.error) as error:
                yield number, f"row {index + 1} of the page: {error}"

    def _cell(self, page: bytes, kind: int, at: int) -> tuple[int, int | None, int]:
        """What a row's head says: its size, its rowid, and where its columns begin."""
        if not 8 <= at < self.usable:
            raise ValueError("its place is outside the page")
        if kind == _INDEX_INNER:
            at += 4
        size, at = _varint(page, at)
        rowid = None
        if kind == _TABLE_LEAF:
            rowid, at = _varint(page, at)
            rowid -= (1 << 64) if rowid >= 1 << 63 else 0
        if not 0 < size <= self._most:
            raise ValueError(f"it says it has {size} bytes")
        return size, rowid, at

    def _on_page(self, size: int, is_table: bool) -> int:
        """How many bytes of a row's columns lie on its page; the others go on elsewhere."""
        usable = self.usable
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        return local if local <= most else least

    def _payload(self, page: bytes, at: int, size: int, is_table: bool) -> bytes:
        usable = self.usable
        local = self._on_page(size, is_table)
        if size == local:
            held = page[at : at + size]
            if len(held) < size:
                raise ValueError("it ends past the page")
            return held
        parts = [page[at : at + local]]
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        left, seen = size - local, set[int]()
        while left > 0:
            if not 0 < following <= self.count or following in seen:
                raise ValueError("its continuation is lost")
            seen.add(following)
            more = self.page(following)
            piece = more[4 : 4 + min(left, usable - 4)]
            if len(piece) < min(left, usable - 4):
                raise ValueError("its continuation is cut off")
            parts.append(piece)
            left -= len(piece)
            following = int.from_bytes(more[:4], "big")
        payload = b"".join(parts)
        if len(payload) != size:
            raise ValueError("it is cut off")
        return payload


def _logged_pages(log: Bytes, page_size: int) -> dict[int, int]:
    """Where the newest committed form of each page lies in a write-ahead log."""
    header = log[:32]
    if int.from_bytes(header[:4], "big") not in _WAL_MAGIC or int.from_bytes(header[8:12], "big") != page_size:
        return {}
    committed: dict[int, int] = {}
    pending: dict[int, int] = {}
    for at in range(32, len(log) - 24 - page_size + 1, 24 + page_size):
        number, after_commit, salts = struct.unpack(">II8s", log[at : at + 16])
        if salts != header[16:24]:
            break  # of an earlier log
        pending[number] = at + 24
        if after_commit:
            committed.update(pending)
            pending.clear()
    return committed


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(8):
        byte = data[at]
        at += 1
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at
    return (value << 8) | data[at], at + 1


def _record(payload: bytes) -> tuple[Value, ...]:
    header, at = _varint(payload, 0)
    if not 0 < header <= len(payload):
        raise ValueError("its header is damaged")
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if len(kinds) > 64:
        raise ValueError("it has too many columns")
    values: list[Value] = []
    at = header
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise ValueError("its columns do not fill it")
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in (10, 11):
        raise ValueError("it has a column of no known type")
    size = _INTEGER_SIZES.get(kind, 8) if kind < 12 else (kind - 12) // 2
    held = payload[at : at + size]
    if len(held) < size:
        raise ValueError("its columns are cut off")
    at += size
    if kind == 7:
        return float(struct.unpack(">d", held)[0]), at
    if kind < 12:
        return int.from_bytes(held, "big", signed=True), at
    return (held.decode("utf-8") if kind % 2 else held), at
