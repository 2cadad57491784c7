"""Looking for a text, a name or a hash in everything that an archive has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import derived
from sfm_archive.base.code_pages import one_byte_sign_pieces, text_of
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import folded, has_lone_surrogate
from sfm_archive.errors import Damaged, UsageError
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.storage import events, files, searching, statements

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.storage.files import FileRow

_HASH = re.compile(r"[0-9a-fA-F]{8,64}")
_PATTERN = re.compile(r"[*?\[]")
_LONGEST = 1000


class FoundKind(StrEnum):
    """What was found."""

    EVENT = "event"
    FILE = "file"
    STATEMENT = "statement"
    HANDOVER = "hand-over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that was found. `number`: of the event, file, statement or hand-over. `what`: the thing in words.
    `where`: what of it holds what was looked for: `name`, `SHA-256`, `project`, `text`, `made by blastware@2`, …, of an
    event also the point at which it was recorded. `sha256`: of a file, else ''. `event_ids`: the events of a file."""

    kind: FoundKind
    number: int
    what: str
    where: tuple[str, ...]
    sha256: str = ""
    event_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIn:
    """What was found in one of several archives, whose path is `archive`. `found`: None for an archive that could not
    be searched, or not to its end; `error`: why, else ''; `exit_code`: of that reason, else 0."""

    archive: str
    found: Found | None
    error: str = ""
    exit_code: int = 0


def search(
    archive: Archive, wanted: str, selection: Selection = EVERYTHING, progress: Progress = silent
) -> Iterator[Found]:
    """What of everything received and stated holds what is wanted: statements, events, files, hand-overs, each as it is
    found.

    `wanted`: words, in any case and without accents, of events' texts, statements, names and received documents; a name
    with `*` and `?`; or a SHA-256 or at least eight digits of its beginning. An event is found too where the job or
    point at which it was recorded is. `selection`: only its events and their files; a file without an event is then
    left out. Documents are read a piece at a time. Raises UsageError for nothing wanted, Damaged.
    """
    return _Search(archive, wanted.strip(), checked_words(wanted), selection, progress).found()


def checked_words(wanted: str) -> str:
    """What is wanted, folded. Raises UsageError for nothing, and for more than a search takes."""
    words = folded(wanted)
    if not words or len(wanted) > _LONGEST or has_lone_surrogate(wanted):
        raise UsageError("give what to look for: words, a file name or a SHA-256, up to 1,000 characters of Unicode")
    return words


class _Search:
    def __init__(self, archive: Archive, wanted: str, words: str, selection: Selection, progress: Progress) -> None:
        self._archive = archive
        self._words = words
        self._digits = wanted.lower() if _HASH.fullmatch(wanted) else ""
        self._is_pattern = bool(_PATTERN.search(wanted))
        inner = _PATTERN.sub(lambda sign: sign[0] if self._is_pattern else f"[{sign[0]}]", wanted)
        self._pattern = inner if self._is_pattern else f"*{inner}*"
        self._selection = selection
        self._progress = progress
        self._selected: set[int] | None = None
        """Events that may be found, None for every one."""
        self._points: dict[int, str] = {}
        """Points that statements which were found mean."""
        self._damage: list[Damaged] = []

    def found(self) -> Iterator[Found]:
        """Statements first: they are few, and say where events were. What is damaged is told at the end."""
        if self._selection != EVERYTHING:
            with derived(self._archive.store) as connection:
                self._selected = set(events.sorted_ids(connection, self._selection))
        for part in (self._statements, self._events, self._files, self._handovers):
            try:
                yield from part()
            except Damaged as error:
                self._damage.append(error)
        if self._damage:
            more = f" ({len(self._damage) - 1:,} more places)" if len(self._damage) > 1 else ""
            raise Damaged(f"{self._damage[0]}{more}")

    def _statements(self) -> Iterator[Found]:
        if self._is_pattern:
            return
        with self._archive.store.settled() as connection:
            rows = {table: statements.that_count(connection, kind) for table, kind in statements.KINDS.items()}
            names = statements.names_of_points(connection)
        points = {number: f"at {'/'.join(parts)}" for number, parts in names.items()}
        for table, of_kind in rows.items():
            for number, row in of_kind.items():
                where = self._fields_with(row)
                if not where or not self._is_of_the_window(row):
                    continue
                meant: set[int] = set()
                if table == "point":
                    meant = {number}
                elif table == "job":
                    meant = {one for one, point in rows["point"].items() if point.job == number}
                what = f"{table.replace('_', ' ')} {number}: {row.told}"
                self._points |= {one: said for one, said in points.items() if one in meant}
                yield Found(kind=FoundKind.STATEMENT, number=number, what=what, where=where)

    def _fields_with(self, row: Any) -> tuple[str, ...]:
        texts = {name: value for name, value in row._asdict().items() if isinstance(value, str)}
        return tuple(name.replace("_", " ") for name, text in texts.items() if self._words in folded(text))

    def _is_of_the_window(self, row: Any) -> bool:
        """A blast has a time, other statements a unit, by which the selection can leave them out."""
        serials, serial = self._selection.serials, getattr(row, "serial", "")
        if serials and serial and serial not in serials:
            return False
        at = getattr(row, "at_local", "")
        since, until = self._selection.since, self._selection.until
        return not at or ((since is None or at >= since.isoformat()) and (until is None or at < until.isoformat()))

    def _events(self) -> Iterator[Found]:
        where: dict[int, list[str]] = {}
        with derived(self._archive.store) as connection:
            if not self._is_pattern:
                where |= searching.events_with_words(connection, self._words)
            if self._digits:
                for event_id, encoders in searching.events_encoded(connection, self._digits).items():
                    where.setdefault(event_id, []).extend(f"made by {encoder}" for encoder in encoders)
            for event_id in searching.events_named(connection, self._pattern):
                where.setdefault(event_id, []).append("name")
            for point, said in self._points.items():
                for event_id in events.sorted_ids(connection, replace(self._selection, points=(point,))):
                    where.setdefault(event_id, []).append(said)
        ids = sorted(where if self._selected is None else where.keys() & self._selected)
        for one in self._archive.listing(Selection(event_ids=tuple(ids))) if ids else ():
            at = one.start_local.replace("T", " ")
            what = " ".join(filter(None, (one.serial, at, one.record_type, one.name)))
            yield Found(kind=FoundKind.EVENT, number=one.event_id, what=what, where=tuple(where[one.event_id]))

    def _files(self) -> Iterator[Found]:
        told: set[int] = set()
        with self._archive.store.settled() as connection:
            by_name = searching.files_named(connection, self._pattern)
            by_hash = searching.files_hashed(connection, self._digits) if self._digits else iter(())
            for rows, where in ((by_hash, "SHA-256"), (by_name, "name")):
                for row in rows:
                    if row.file_id not in told:
                        told.add(row.file_id)
                        yield from self._file(row, where)
        if self._is_pattern:
            return
        with self._archive.store.settled() as connection:
            total = searching.count_documents(connection)
            for done, row in enumerate(searching.documents(connection), start=1):
                if row.file_id not in told and self._may_be_found(row) and self._holds(row):
                    yield from self._file(row, "text")
                self._progress(done, total)

    def _may_be_found(self, row: FileRow) -> bool:
        return self._selected is None or bool(self._selected & set(self._events_of(row)))

    def _events_of(self, row: FileRow) -> list[int]:
        with self._archive.store.reading() as connection:
            return files.events_of(connection, row.file_id)

    def _file(self, row: FileRow, where: str) -> Iterator[Found]:
        event_ids = self._events_of(row)
        if self._selected is not None and not self._selected & set(event_ids):
            return
        what = f"{row.kind} {PurePath(row.folder, row.name).as_posix() if row.folder else row.name}, {row.size:,} bytes"
        yield Found(
            kind=FoundKind.FILE, number=row.file_id, what=what, where=(where,), sha256=row.sha256,
            event_ids=tuple(event_ids),
        )  # fmt: skip

    def _holds(self, row: FileRow) -> bool:
        try:
            return row.kept and holds_words(self._archive.file_pieces(row), self._words)
        except Damaged as error:
            self._damage.append(error)
            return False

    def _handovers(self) -> Iterator[Found]:
        if self._selected is not None:
            return
        with self._archive.store.settled() as connection:
            by_hash = searching.handovers_hashed(connection, self._digits) if self._digits else []
            by_name = [] if self._is_pattern else searching.handovers_to(connection)
        found = {number: (target, "SHA-256") for number, target in by_hash}
        for number, target in by_name:
            if self._words in folded(target):
                found.setdefault(number, (target, "target"))
        for number, (target, where) in sorted(found.items()):
            yield Found(kind=FoundKind.HANDOVER, number=number, what=f"hand-over {number} to {target}", where=(where,))


def holds_words(pieces: Iterable[bytes], words: str) -> bool:
    """Whether a text that comes in pieces holds words, which are folded; in any code page that reports come in, also
    where the words run over the end of a line or of a piece. Bounded by the size of a piece."""
    tokens = words.encode().split()
    left, before = b"", ""
    texts = one_byte_sign_pieces(pieces)
    piece, is_first = next(texts, b""), True
    while True:
        following = next(texts, None)
        data = left + piece
        blank = max(data.rfind(b"\n"), data.rfind(b" "))
        # A word is not cut, but for one that is longer than two pieces, which is no text.
        is_cut_anywhere = following is None or (blank < 0 and len(data) > 2 * files.PIECE_SIZE)
        cut = len(data) if is_cut_anywhere else blank + 1
        block, left = data[:cut], data[cut:]
        if _can_hold(block, tokens, alone=is_first and following is None):
            text = " ".join(filter(None, (before, folded(text_of(block)))))
            if words in text:
                return True
            before = text[-len(words) :]
        elif block.strip():
            before = ""
        if following is None:
            return False
        piece, is_first = following, False


def _can_hold(block: bytes, tokens: Sequence[bytes], *, alone: bool) -> bool:
    """Whether words that were folded can lie in a block, or partly in it: most texts are tables of numbers, and folding
    them takes fifty times as long as this look. `alone`: the block is the whole text."""
    if not block.isascii():
        return True  # an accent falls away when it is folded
    low = block.lower()
    return all(token in low for token in tokens) if alone else any(token in low for token in tokens)
