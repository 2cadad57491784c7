"""`sfm page`: the pages of events as files, to be handed over and opened from disk, with their data inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.event_rows import event_rows
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.archive.sorting import listed_page
from sfm_archive.errors import UsageError
from sfm_archive.files.failures import make_folder
from sfm_archive.files.writing import write_file
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.list_order import Order
from sfm_archive.model.selection import Selection
from sfm_archive.model.units import GeoUnit
from sfm_archive.web.event import parts_of_event, template_values
from sfm_archive.web.site import rendered

MOST_EVENTS = 500
PARTS = 100_000
"""Parts of a recording that a file has; so many samples are there one by one."""

POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
"""For pages from disk: a file of the same folder, and nothing else."""

_BESIDE = ("sfm.css", "viewer.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPages:
    """`folder`: where they are; `first`: the page to open; `events`: how many have one; `size`: bytes of all files;
    `new`: files that were not there like that before."""

    folder: Path
    first: Path
    events: int
    size: int
    new: int


def write_pages(
    archive: Archive,
    events: Sequence[str],
    folder: Path,
    *,
    limits: LimitWords,
    units: GeoUnit | None = None,
    overwrite: bool = False,
) -> WrittenPages:
    """Write the pages of events, given by id or file name, and one that lists them, into a folder. Each file is written
    whole or not at all. Raises EventNotFound, UsageError for limits that are none and for too many events,
    AlreadyExists, StorageFailed."""
    ids = tuple(dict.fromkeys(archive.find(text).event_id for text in events))
    if not 1 <= len(ids) <= MOST_EVENTS:
        raise UsageError(f"pages are written of 1 to {MOST_EVENTS} events, not {len(ids)}")
    chosen = Selection(event_ids=ids, newest_first=True)
    unit = units or unit_of_most_reports(archive, chosen)
    listed = [one.in_unit(unit) for one in listed_page(archive, chosen, Order.TIME, len(ids)).events]
    rows = event_rows(listed)
    make_folder(folder)
    beside = {name: (files("sfm_archive.web") / "static" / name).read_bytes() for name in _BESIDE}
    size = new = 0

    def keep(name: str, data: bytes) -> Path:
        nonlocal size, new
        target = folder / name
        new += write_file(target, data, overwrite=overwrite)
        size += len(data)
        return target

    for name, data in beside.items():
        keep(name, data)
    common = {"static": "./", "served": None, "policy": POLICY}
    for event_id in ids:
        parts = parts_of_event(archive, event_id, limits, units, parts=PARTS)
        values = {"query": "", "units": "", "forms": None, "person": ""}
        text = rendered("file_event.html", **common, **values, **template_values(parts))
        keep(f"event-{event_id}.html", text.encode())
    lines = list(zip((one.event_id for one in listed), rows.rows, strict=True))
    text = rendered("file_events.html", **common, columns=rows.columns, lines=lines, notes=rows.notes)
    return WrittenPages(folder=folder, first=keep("index.html", text.encode()), events=len(ids), size=size, new=new)
