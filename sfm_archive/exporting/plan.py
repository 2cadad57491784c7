"""Which event goes where, under which name: decided from all events that could share a name, selected or not.

Two events can share a name (the hour repeated when daylight saving ends, a manual name for a waveform and a histogram
of one second). Both are exported, and each under its own name, since Blastware knows a file by it: PLACEMENT_RULE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import name_of
from sfm_archive.errors import SfmError
from sfm_archive.files.paths import folded, part_problem
from sfm_archive.formats.blastware.names import NameStyle, decode_event_file_name, is_event_file_name
from sfm_archive.model.serials import is_serial
from sfm_archive.model.timestamps import local_text
from sfm_archive.storage import events
from sfm_archive.storage.events import EventRow

PLACEMENT_RULE = (
    "Where events of one unit share a name, the one with the lowest id is <serial>/<name>, and every other one is "
    "<serial>/<time>-<start key>-<record type>/<name>."
)


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """Where one event goes: folders below the target, and the file's name. `problem` says why there is none."""

    folders: tuple[str, ...] = ()
    name: str = ""
    problem: str = ""

    @property
    def is_second_level(self) -> bool:
        """Whether another event of the same name keeps the first level."""
        return len(self.folders) > 1

    @property
    def path(self) -> str:
        """Relative to the target, with forward slashes; '' where there is none."""
        return "/".join((*self.folders, self.name)) if self.name else ""


class Placement:
    """The places of an archive's events with names of one style."""

    def __init__(
        self, archive: Archive, style: NameStyle | None, file_name: Callable[[str], str] | None = None
    ) -> None:
        """`file_name`: what a file is called that is no event file, by the name of its event file."""
        self._archive = archive
        self._style = style
        self._file_name = file_name
        self._odd: list[int] | None = None

    def of_events(self, rows: Sequence[EventRow]) -> list[ExportPlace]:
        """The place of each event, in their order."""
        named = {row.event_id: self._name(row) for row in rows}
        with self._archive.store.reading() as connection:
            possible = list(events.at_or_named(connection, self._moments(rows), self._names(rows, named)))
            if self._file_name is not None or not all(row.name.isascii() for row in rows):
                possible += events.of_ids(connection, self._oddly_named(connection))
        lowest: dict[str, int] = {}
        for row in (*rows, *possible):
            name, problem = named.get(row.event_id) or self._name(row)
            if not problem:
                key = f"{row.serial}/{folded(name)}"
                lowest[key] = min(lowest.get(key, row.event_id), row.event_id)
        return [self._place(row, *named[row.event_id], lowest) for row in rows]

    def _moments(self, rows: Sequence[EventRow]) -> set[tuple[str, str]]:
        """Units and seconds of the events to which the naming rule may give one of the rows' names."""
        moments = {(row.serial, row.recorded_at_local) for row in rows}
        for row in rows:
            if self._style is None and is_event_file_name(row.name):
                moments.add((row.serial, local_text(decode_event_file_name(row.name).recorded_at)))
        return moments

    def _names(self, rows: Sequence[EventRow], named: Mapping[int, tuple[str, str]]) -> set[str]:
        """The rows' names, under which other events may have been received."""
        if self._style is not None:
            return set()
        if self._file_name is None:
            return {name for name, _ in named.values() if name}
        names = set()
        for row in rows:
            with suppress(SfmError, ValueError):
                names.add(name_of(row))
        return names

    def _oddly_named(self, connection: Any) -> list[int]:
        """Events received under a name that is no event file's. Which of these is another one's on some file system, or
        as the name of another file, only comparing tells."""
        if self._odd is None:
            named = events.first_names(connection)
            self._odd = [event_id for event_id, name in named if not is_event_file_name(name)]
        return self._odd

    def _place(self, row: EventRow, name: str, problem: str, lowest: Mapping[str, int]) -> ExportPlace:
        if problem:
            return ExportPlace(problem=f"event {row.event_id}: {problem}")
        if lowest[f"{row.serial}/{folded(name)}"] == row.event_id:
            return ExportPlace((row.serial,), name)
        try:
            return ExportPlace((row.serial, _second_folder(row)), name)
        except (SfmError, ValueError) as error:
            return ExportPlace(problem=f"event {row.event_id}: no folder can be named after it: {error}")

    def _name(self, row: EventRow) -> tuple[str, str]:
        """The event's name and '', or '' and why it has none."""
        if not is_serial(row.serial) or row.serial != row.serial.strip().upper() or part_problem(row.serial):
            return "", f"its serial {row.serial!r} cannot be the name of a folder; save it again under its right serial"
        try:
            name = name_of(row, self._style)
        except (SfmError, ValueError) as error:
            return "", f"no name can be computed for it: {error}"
        if not name:
            return "", (
                f"the naming rule has no name for {row.serial} at {row.recorded_at_local}; check the unit's clock, or "
                "import the event again under a name"
            )
        if self._file_name is not None:
            name = self._file_name(name)
        problem = part_problem(name)
        if problem:
            return "", (
                f"its name {name!r} {problem}; export it under its computed name, with --names call-home or manual"
            )
        return name, ""


def _second_folder(row: EventRow) -> str:
    """Its parts are the event's identity, so no two events of one unit get the same."""
    event = row.event()
    time = event.recorded_at.isoformat().replace("-", "").replace(":", "")
    key = "nokey" if event.start_key is None else f"{event.start_key:08X}"
    return f"{time}-{key}-{event.record_type.value.replace(' ', '-')}"
