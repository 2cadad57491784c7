"""Which event goes where, under which name: decided from the whole archive, never from what is selected.

Two events can share a name (the hour repeated when daylight saving ends, a manual name for a waveform and a histogram
of one second). Both are exported, and each under its own name, since Blastware knows a file by it: PLACEMENT_RULE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import name_of
from sfm_archive.errors import SfmError
from sfm_archive.files.paths import folded, part_problem
from sfm_archive.formats.blastware.names import NameStyle
from sfm_archive.model.selection import Selection
from sfm_archive.model.serials import is_serial
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
    def path(self) -> str:
        """Relative to the target, with forward slashes; '' where there is none."""
        return "/".join((*self.folders, self.name)) if self.name else ""


class Placement:
    """The places of an archive's events with names of one style."""

    def __init__(
        self,
        archive: Archive,
        style: NameStyle | None,
        serials: tuple[str, ...] = (),
        file_name: Callable[[str], str] | None = None,
    ) -> None:
        """Looks at every event of the archive, or of some units: only events of one unit can share a place.

        `file_name`: what a file is called that is no event file, by the name of its event file.
        """
        self._archive = archive
        self._style = style
        self._file_name = file_name
        self._named: dict[int, tuple[str, str]] = {}
        self._second_level = self._sharing_a_name(Selection(serials=serials))

    def place(self, row: EventRow) -> ExportPlace:
        # One that came after the look at all events is not among the named.
        name, problem = self._named.get(row.event_id) or self._name(row)
        if problem:
            return ExportPlace(problem=f"event {row.event_id}: {problem}")
        if row.event_id not in self._second_level:
            return ExportPlace((row.serial,), name)
        try:
            return ExportPlace((row.serial, _second_folder(row)), name)
        except (SfmError, ValueError) as error:
            return ExportPlace(problem=f"event {row.event_id}: no folder can be named after it: {error}")

    def is_second_level(self, event_id: int) -> bool:
        """Whether another event of the same name keeps the first level."""
        return event_id in self._second_level

    def _sharing_a_name(self, everything: Selection) -> frozenset[int]:
        first: dict[str, int] = {}
        others: set[int] = set()
        for row in self._archive.events(everything):
            name, problem = self._named[row.event_id] = self._name(row)
            if problem:
                continue
            key = f"{row.serial}/{folded(name)}"
            known = first.setdefault(key, row.event_id)
            if known != row.event_id:
                first[key] = min(known, row.event_id)
                others.add(max(known, row.event_id))
        return frozenset(others)

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
