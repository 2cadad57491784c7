"""What an export did with every event it was asked for: each one is accounted for, and the totals add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated

from sfm_archive.base.counting import counts
from sfm_archive.base.plain import NOT_IN_JSON, in_json
from sfm_archive.files.standing import WriteAction
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts, LimitCounts
from sfm_archive.model.findings import NOT_WHOLE, Finding, Severity


class ExportStatus(StrEnum):
    """What became of one event."""

    WRITTEN = "written"
    """Its file is new in the target."""
    UNCHANGED = "unchanged"
    """Its file stood there already, byte for byte; it was not touched."""
    REPLACED = "replaced"
    """A different file stood there and was replaced, as `overwrite` asked."""
    IN_THE_WAY = "different file in the way"
    """Something else stands at the path; it was not touched."""
    REFUSED = "not encodable"
    """No bytes to write: the encoder refuses the frames, and no event file was received."""
    UNNAMED = "no valid name"
    """No name that is safe on every system and stays inside the target."""
    DAMAGED = "damaged"
    """What the archive holds of it does not read or hash as recorded; nothing was written."""


STATUS_OF_ACTION = {
    WriteAction.CREATE: ExportStatus.WRITTEN,
    WriteAction.REPLACE: ExportStatus.REPLACED,
    WriteAction.LEAVE: ExportStatus.UNCHANGED,
    WriteAction.REFUSE: ExportStatus.IN_THE_WAY,
}

PROBLEMS = frozenset({ExportStatus.IN_THE_WAY, ExportStatus.REFUSED, ExportStatus.UNNAMED, ExportStatus.DAMAGED})
"""What leaves an event without its file in the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportItem:
    """One event.

    `path` is relative to the target, with forward slashes, '' where there is none. `sha256` and `size` are those of
    the bytes to export, '' and 0 where there are none. `source` says where the bytes come from: 'received' or an
    encoder such as 'blastware@2', '' where there are none; `revision` of the frames it encoded, else 0. `message` is a
    sentence, '' where nothing is to say; `findings` are the encoder's. `level`: whether it is as loud as was asked for,
    `yes` or `undecided`, None where no level was; `level_why`: what leaves it undecided, else ''.
    """

    event_id: int
    serial: str
    path: str
    status: ExportStatus
    sha256: str = ""
    size: int = 0
    source: str = ""
    revision: int = 0
    message: str = ""
    findings: tuple[Finding, ...] = ()
    level: LevelAnswer | None = None
    level_why: str = ""


def settled(items: Sequence[ExportItem], too_late: Mapping[int, str]) -> tuple[ExportItem, ...]:
    """The items, with those corrected whose file found something in its way after all: by their position."""
    corrected = list(items)
    for position, message in too_late.items():
        corrected[position] = replace(corrected[position], status=ExportStatus.IN_THE_WAY, message=message)
    return tuple(corrected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What became of the hand-over record of an output: its number (0 where there is none), whether this output left
    it, the bytes of the file that it keeps, and a sentence where no record, or none with the file, could be left.
    """

    number: int = 0
    new: bool = False
    kept: int = 0
    message: str = ""


NOT_NOTED = Noted()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """The whole export. Every selected event has exactly one item.

    `target`: the folder, as it was given. `manifest`: path of the sums' file, '' where none was asked for.
    `placement_rule`: the sentence that says how events with one name were kept apart, '' where no event of this
    export needed it. After a `dry_run` the statuses say what would have happened. `handover`: what became of the
    record of this export. `like`: the hand-over that was made again, None where none was; `proved`: every file of it
    stands in the target with its recorded hash. `levels`: where a level was asked for, how many events reach it.
    `above`: where limits were asked for, what they say of all events that pass the other filters.
    """

    target: str
    items: tuple[ExportItem, ...]
    dry_run: bool
    manifest: str = ""
    placement_rule: str = ""
    handover: Noted = field(default=NOT_NOTED, metadata=NOT_IN_JSON)
    like: int | None = None
    proved: bool = False
    levels: LevelCounts | None = None
    above: LimitCounts | None = None

    @property
    @in_json("totals")
    def totals(self) -> Annotated[dict[str, int], ExportStatus]:
        """Number of events for each status, in the order of ExportStatus; the sum is the number of items."""
        return counts(ExportStatus, (item.status for item in self.items))

    @property
    def problems(self) -> tuple[ExportItem, ...]:
        """Events whose file is not in the target; each item's message says why and what to do."""
        return tuple(item for item in self.items if item.status in PROBLEMS)

    @property
    def torn(self) -> tuple[ExportItem, ...]:
        """Events whose file is made of frames that are not the whole event, by an encoder that was not asked for by
        name; each item's message says so."""
        torn = NOT_WHOLE, Severity.WARNING
        return tuple(item for item in self.items if torn in {(one.code, one.severity) for one in item.findings})

    @property
    @in_json("bytes_written")
    def size(self) -> int:
        """Bytes that were written, or would be."""
        written = (ExportStatus.WRITTEN, ExportStatus.REPLACED)
        return sum(item.size for item in self.items if item.status in written)

    @property
    @in_json("handover")
    def handover_number(self) -> int | None:
        """Number of the hand-over record that says what stands in the folder now, None without one."""
        return self.handover.number or None

    @property
    @in_json("handover_is_new")
    def handover_is_new(self) -> bool:
        """Whether this export left that record."""
        return self.handover.new
