"""Rows of `merged_change` and `withheld_changes`: what other archives' histories say, and which rows came with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.storage.history import HistoryRow, row_hash
from sfm_archive.storage.id_lists import IDS, ids_text

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


class Origin(NamedTuple):
    """The change that wrote a row first, in whichever archive: that one's id, the change's number and hash there."""

    archive_id: str
    number: int
    sha256: str


class Here(NamedTuple):
    """What became of a change of another archive: the change that took it here, and the event that its event is."""

    sequence: int
    event_id: int


class MergedChange(NamedTuple):
    """A change of another archive, as it stands there; of one that is not `whole` only hash, time and person. `wrote`:
    the rows of change `sequence` are its; `event_here`: what its event is here."""

    archive_id: str
    whole: bool
    row: HistoryRow
    event_here: int
    wrote: bool
    sequence: int

    @property
    def origin(self) -> Origin:
        """The change."""
        return Origin(self.archive_id, self.row.sequence, self.row.sha256)


_COLUMNS = (
    "archive_id, whole, number, at_utc, actor, tool, action, event_there, detail, lower(hex(rows)),"
    " lower(hex(previous)), lower(hex(sha256)), event_here, wrote, sequence"
)


def _merged(row: Sequence[Any]) -> MergedChange:
    return MergedChange(row[0], bool(row[1]), HistoryRow(*row[2:12]), row[12], bool(row[13]), row[14])


LATEST_FIRST = (
    "(SELECT at_utc FROM first_made WHERE first_made.sequence = {0}.sequence"
    " AND (SELECT max(merged_id) FROM merged_change) > 0) DESC, {0}.{1} DESC"
)
"""The order in which rows of one thing count, {0} being their table and {1} the column that counts them: those made
last first. Where changes of other archives were merged that is by the time at which they were made there."""


def add(writing: Writing, change: MergedChange) -> bool:
    """Keep a change of another archive, by the change in progress; False where it is kept already."""
    row = change.row
    there: Any = writing.connection.execute(
        "SELECT 1 FROM merged_change WHERE archive_id = ? AND number = ? AND sha256 = ? AND whole = ?",
        (change.archive_id, row.sequence, bytes.fromhex(row.sha256), change.whole),
    ).fetchone()
    if there is not None:
        return False
    columns = {
        "archive_id": change.archive_id,
        "number": row.sequence,
        "sha256": bytes.fromhex(row.sha256),
        "whole": int(change.whole),
        "previous": bytes.fromhex(row.previous_sha256),
        "at_utc": row.at_utc,
        "actor": row.actor,
        "tool": row.tool,
        "action": row.action,
        "event_there": row.event_id,
        "detail": row.detail,
        "rows": bytes.fromhex(row.rows),
        "event_here": change.event_here,
        "wrote": int(change.wrote),
    }
    writing.insert("merged_change", columns)
    return True


def shortened(change: MergedChange) -> MergedChange:
    """The same with hash, time and person alone."""
    row = change.row._replace(tool="", action="", event_id=0, detail="{}", rows="")
    return change._replace(whole=False, row=row)


def here_of(connection: apsw.Connection, own_id: str, origin: Origin) -> list[Here]:
    """What became of a change in this archive, whose id is `own_id`: its own change, or the one that took it whole, and
    the one that took what was right of it from a damaged archive before."""
    if origin.archive_id == own_id:
        own: Any = connection.execute(
            "SELECT sequence, event_id FROM history WHERE sequence = ? AND sha256 = ?",
            (origin.number, bytes.fromhex(origin.sha256)),
        ).fetchone()
        if own is not None:
            return [Here(*own)]
    found: list[Any] = connection.execute(
        "SELECT sequence, event_here FROM merged_change WHERE archive_id = ? AND number = ? AND sha256 = ?"
        " ORDER BY whole DESC",
        (origin.archive_id, origin.number, bytes.fromhex(origin.sha256)),
    ).fetchall()
    return [Here(*row) for row in found]


def made_then(connection: apsw.Connection, sequence: int, at_utc: str, actor: str) -> bool:
    """Whether what a change of this archive wrote was made first at this time by this person, in whichever archive."""
    found: Any = connection.execute(
        "SELECT 1 FROM first_made WHERE sequence = ? AND at_utc = ? AND actor = ?", (sequence, at_utc, actor)
    ).fetchone()
    return found is not None


def is_known(connection: apsw.Connection, own_id: str, origin: Origin) -> bool:
    """Whether all that a change says is here: as a change of this archive or as one that was merged whole."""
    if origin.archive_id == own_id:
        own: Any = connection.execute(
            "SELECT 1 FROM history WHERE sequence = ? AND sha256 = ?", (origin.number, bytes.fromhex(origin.sha256))
        ).fetchone()
        if own is not None:
            return True
    found: Any = connection.execute(
        "SELECT 1 FROM merged_change WHERE archive_id = ? AND number = ? AND sha256 = ? AND whole = 1",
        (origin.archive_id, origin.number, bytes.fromhex(origin.sha256)),
    ).fetchone()
    return found is not None


def known_numbers(connection: apsw.Connection, own_id: str, archive_id: str) -> tuple[int, list[int]]:
    """Of another archive's changes: the newest of this archive itself where it has the same id, 0 else; and the numbers
    of those that were merged, the greatest first."""
    own = 0
    if own_id == archive_id:
        newest: Any = connection.execute("SELECT coalesce(max(sequence), 0) FROM history").fetchone()
        own = newest[0]
    rows: list[Any] = connection.execute(
        "SELECT DISTINCT number FROM merged_change WHERE archive_id = ? AND whole = 1 ORDER BY number DESC",
        (archive_id,),
    ).fetchall()
    return own, [number for (number,) in rows]


def is_any(connection: apsw.Connection) -> bool:
    """Whether changes of other archives were merged at all."""
    return connection.execute("SELECT 1 FROM merged_change LIMIT 1").fetchone() is not None


def origins(connection: apsw.Connection, sequences: Iterable[int]) -> dict[int, MergedChange]:
    """Of changes of this archive that took rows of another one: that one's change."""
    rows: list[Any] = connection.execute(
        f"SELECT {_COLUMNS} FROM merged_change WHERE wrote = 1 AND sequence IN {IDS}", (ids_text(sequences),)
    ).fetchall()
    return {row[-1]: _merged(row) for row in rows}


def taken_by(connection: apsw.Connection, sequences: Iterable[int]) -> dict[int, list[MergedChange]]:
    """Every change of another archive that these changes took, by their numbers."""
    found: dict[int, list[MergedChange]] = {}
    rows: list[Any] = connection.execute(
        f"SELECT {_COLUMNS} FROM merged_change WHERE sequence IN {IDS} ORDER BY merged_id", (ids_text(sequences),)
    ).fetchall()
    for row in rows:
        found.setdefault(row[-1], []).append(_merged(row))
    return found


def of_archive(connection: apsw.Connection, archive_id: str) -> Iterator[MergedChange]:
    """Every change of another archive that is here, by number; of one number those of every fork."""
    behind: tuple[int, int] = (0, 0)
    while True:
        rows: list[Any] = connection.execute(
            f"SELECT {_COLUMNS}, merged_id FROM merged_change WHERE archive_id = ? AND (number, merged_id) > (?, ?)"
            " ORDER BY number, merged_id LIMIT 500",
            (archive_id, *behind),
        ).fetchall()
        for row in rows:
            yield _merged(row[:-1])
        if len(rows) < 500:
            return
        behind = rows[-1][2], rows[-1][-1]


class Source(NamedTuple):
    """An archive of which changes were merged: how many, the greatest number, and of how many only the hash is here."""

    archive_id: str
    changes: int
    newest: int
    withheld: int


def sources(connection: apsw.Connection) -> list[Source]:
    """Every other archive of which there is something here."""
    rows: list[Any] = connection.execute(
        "SELECT archive_id, sum(whole), max(number), sum(withheld) FROM ("
        " SELECT archive_id, whole, number, 1 - whole AS withheld FROM merged_change"
        " UNION ALL SELECT archive_id, 0, first_number + length(hashes) / 32 - 1, length(hashes) / 32"
        " FROM withheld_changes) GROUP BY archive_id ORDER BY archive_id"
    ).fetchall()
    return [Source._make(row) for row in rows]


class Withheld(NamedTuple):
    """Hashes of changes that follow each other, in hexadecimal."""

    archive_id: str
    first_number: int
    hashes: tuple[str, ...]
    sequence: int = 0


def withhold(writing: Writing, run: Withheld) -> bool:
    """Keep hashes of changes; False where these are kept."""
    hashes = bytes.fromhex("".join(run.hashes))
    there: Any = writing.connection.execute(
        "SELECT 1 FROM withheld_changes WHERE archive_id = ? AND first_number = ? AND hashes = ?",
        (run.archive_id, run.first_number, hashes),
    ).fetchone()
    if there is not None:
        return False
    writing.insert(
        "withheld_changes", {"archive_id": run.archive_id, "first_number": run.first_number, "hashes": hashes}
    )
    return True


def all_withheld(connection: apsw.Connection, sequences: Iterable[int] | None = None) -> list[Withheld]:
    """Every run of hashes; of some changes of this archive where asked."""
    where = "" if sequences is None else f" WHERE sequence IN {IDS}"
    rows: list[Any] = connection.execute(
        f"SELECT archive_id, first_number, lower(hex(hashes)), sequence FROM withheld_changes{where}"
        " ORDER BY withheld_id",
        () if sequences is None else (ids_text(sequences),),
    ).fetchall()
    return [
        Withheld(archive_id, first, tuple(text[at : at + 64] for at in range(0, len(text), 64)), sequence)
        for archive_id, first, text, sequence in rows
    ]


def fault(change: MergedChange) -> bool:
    """Whether a change that is here whole does not hash as it says."""
    return change.whole and row_hash(*change.row[:8], change.row.previous_sha256) != change.row.sha256


def was_ended(connection: apsw.Connection, archive_id: str, number: int) -> bool:
    """Whether a merge of an archive came to its end at or behind one of its changes."""
    from sfm_archive.storage.changes_taken_over import EndMerge

    rows: list[Any] = connection.execute(
        "SELECT detail ->> '$.archive_id', detail ->> '$.length' FROM history WHERE action = ?", (EndMerge.action,)
    ).fetchall()
    return any(of == archive_id and length >= number for of, length in rows)


def events_since_the_last_end(connection: apsw.Connection) -> list[int]:
    """Events of which a merge has taken something since the last one that came to its end."""
    from sfm_archive.storage.changes_taken_over import EndMerge, Merge

    rows: list[Any] = connection.execute(
        "SELECT DISTINCT event_id FROM history WHERE action = ? AND event_id <> 0 AND sequence > coalesce("
        "(SELECT sequence FROM history WHERE action = ? ORDER BY sequence DESC LIMIT 1), 0) ORDER BY event_id",
        (Merge.action, EndMerge.action),
    ).fetchall()
    return [event_id for (event_id,) in rows]
