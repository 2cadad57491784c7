"""Windows that titles and folders suggest, for a person to look at: nothing is ever taken from them by itself.

Titles typed into a unit are stale or misspelt in practice. So titles that resemble each other are taken as one, and a
run of events of one unit under one title is proposed as a window, with the words that would state it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived
from sfm_archive.archive.reading import values_of
from sfm_archive.base.batches import batches
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.texts import folded
from sfm_archive.model.statements import Job, Point, UnitWindow
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.sites.titles import resembling
from sfm_archive.storage import files, places, statements

_AT_ONCE = 1000
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedWindow:
    """Events of a unit at no point, in a row and under one title. `serial`: the unit. `job`: the one whose name the
    title resembles, else the title itself; `job_known`: whether there is such a job. `point`: likewise from the
    location, '' where none is typed; `point_known`: whether there is such a point. `from_local`, `until_local`: the
    minutes that hold their starts, the second not included. `events`: how many; `titles`: as typed, the most frequent
    first, so that slips are seen. `from_folder`: true where the title is the name of a folder, for none is typed.
    `commands`: that would state it."""

    serial: str
    job: str
    job_known: bool
    point: str
    point_known: bool
    from_local: str
    until_local: str
    events: int
    titles: tuple[str, ...]
    from_folder: bool
    commands: tuple[str, ...]


class _Titled(NamedTuple):
    event_id: int
    start_local: str
    title: str
    location: str
    from_folder: bool


def suggest_windows(archive: Archive) -> tuple[SuggestedWindow, ...]:
    """Windows that the titles of events at no point suggest, by unit and time; none for events without a title and a
    folder of their own. Reads only."""
    with derived(archive.store) as connection:
        starts = places.unplaced(connection)
        jobs, points = statements.that_count(connection, Job), statements.that_count(connection, Point)
        stood = statements.windows_of(connection, set(starts))
    titled = {serial: _titled(archive, serial, rows) for serial, rows in starts.items()}
    every = Counter(one.title for rows in titled.values() for one in rows if one.title)
    names = _one_name_each(every, [job.name for job in jobs.values()])
    return tuple(
        _suggested(archive, serial, run, names, jobs.values(), points.values())
        for serial, rows in titled.items()
        for run in _apart(_runs(rows, names, stood.get(serial, ())))
    )


def _titled(archive: Archive, serial: str, rows: Sequence[places.UnplacedEvent]) -> list[_Titled]:
    found = []
    for page in batches(rows, _AT_ONCE):
        ids = [one.event_id for one in page]
        texts = values_of(archive.store, ids, ("project", "location"))
        with archive.store.reading() as connection:
            folders = files.folders_of(connection, ids)
        for event_id, start, _ in page:
            typed = {one.quantity: " ".join(one.text.split()) for one in texts.get(event_id, [])}
            title, own = typed.get("project", ""), ""
            if not title:
                own = _own_folder(folders.get(event_id, ()), serial)
            found.append(_Titled(event_id, start, title or own, typed.get("location", ""), bool(own)))
    return found


def _own_folder(folders: Iterable[str], serial: str) -> str:
    """The folder above that of the unit, or else the last one: what people name after a job."""
    for folder in folders:
        parts = [part for part in folder.replace("\\", "/").split("/") if part not in ("", ".")]
        named = [part for part in parts if folded(part) not in (folded(serial), "txt", "csv", "pdf", "html", "xml")]
        if named:
            return named[-1]
    return ""


def _one_name_each(titles: Counter[str], jobs: Sequence[str]) -> dict[str, str]:
    """For each title the name of the job that it resembles, else the most frequent of the titles that resemble each
    other."""
    known: list[str] = [*jobs]
    names = {}
    for title, _ in sorted(titles.items(), key=lambda one: (-one[1], one[0])):
        name = next((one for one in known if folded(one) == folded(title)), None)
        name = name or next((one for one in known if resembling(one, title)), title)
        if name == title:
            known.append(title)
        names[title] = name
    return names


def _runs(rows: Sequence[_Titled], names: dict[str, str], stood: Sequence[UnitWindow]) -> list[list[_Titled]]:
    """Events in a row under one name, with the same location where one is typed; those without a name end a run only
    where another name follows. `stood`: windows that are stated, which a run never goes beyond; what lies in one, as in
    an hour that clocks repeat, is of no run."""
    runs: list[list[_Titled]] = []
    for one in rows:
        if not one.title or any(window.holds(one.start_local) for window in stood):
            continue
        last = runs[-1][-1] if runs else None
        same_place = last is not None and (folded(last.location) == folded(one.location) or not one.location)
        between = last is not None and any(last.start_local < own.from_local <= one.start_local for own in stood)
        if last is not None and names[last.title] == names[one.title] and same_place and not between:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _apart(runs: list[list[_Titled]]) -> list[list[_Titled]]:
    """Runs that begin in different minutes from that in which the one before ends: windows are to the minute, so what
    lies in the minute in which a title changes goes to the later one."""
    found: list[list[_Titled]] = []
    for run in runs:
        own = [*run]
        while found and found[-1][-1].start_local[:16] == own[0].start_local[:16]:
            own.insert(0, found[-1].pop())
            if not found[-1]:
                found.pop()
        found.append(own)
    return found


def _suggested(
    archive: Archive, serial: str, run: Sequence[_Titled], names: dict[str, str], jobs: Iterable[Job], points: Any
) -> SuggestedWindow:
    job_name = names[run[-1].title]
    job = next((one for one in jobs if one.name == job_name), None)
    locations = Counter(one.location for one in reversed(run) if one.location)
    location = locations.most_common(1)[0][0] if locations else ""
    of_job = [one for one in points if job is not None and one.job == job.number]
    point = next((one for one in of_job if location and resembling(one.name, location)), None)
    begin = parse_local_text(run[0].start_local).replace(second=0)
    until = parse_local_text(run[-1].start_local).replace(second=0) + _MINUTE
    point_name = point.name if point is not None else location.replace("/", "-")
    counted = Counter(one.title for one in run)
    return SuggestedWindow(
        serial=serial,
        job=job_name,
        job_known=job is not None,
        point=point_name,
        point_known=point is not None,
        from_local=local_text(begin),
        until_local=local_text(until),
        events=len(run),
        titles=tuple(sorted(counted, key=lambda title: (-counted[title], title))),
        from_folder=all(one.from_folder for one in run),
        commands=_commands(archive, serial, job_name, point_name, job is not None, point is not None, begin, until),
    )


def _commands(
    archive: Archive,
    serial: str,
    job: str,
    point: str,
    job_known: bool,
    point_known: bool,
    begin: Any,
    until: Any,
) -> tuple[str, ...]:
    name = point or "POINT"
    found = [] if job_known else [command_line("sfm", "job", "add", archive.path, job)]
    found += [] if point_known else [command_line("sfm", "point", "add", archive.path, job, name)]
    moments = ("--from", f"{begin:%Y-%m-%d %H:%M}", "--until", f"{until:%Y-%m-%d %H:%M}")
    return (*found, command_line("sfm", "place", archive.path, serial, "--at", f"{job}/{name}", *moments))
