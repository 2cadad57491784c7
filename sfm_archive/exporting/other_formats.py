"""One event in the format of an exporter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sfm_archive.errors import AlreadyExists, BadName, Damaged, EncodeRefused, EncoderNotFound
from sfm_archive.exporting.content import ContentSource
from sfm_archive.exporting.folder import TargetFolder
from sfm_archive.exporting.paths import part_problem
from sfm_archive.exporting.write import writing_to
from sfm_archive.extensions import EventValue
from sfm_archive.holdings import Holdings
from sfm_archive.storage.events import EventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEvent:
    """An event in another format: the event file's name with the format's extension, and the bytes."""

    filename: str
    data: bytes


def write_as(holdings: Holdings, event_id: int, exporter: str, folder: Path | None = None) -> WrittenEvent:
    """The event as an exporter writes it, from its file (as an export without `--encoder` gives it) and its values.

    With `folder` it is written there too, in one step; nothing is replaced. Raises NotFound for an exporter that is not
    installed, BadInput where the format cannot hold the event, BadName, AlreadyExists, StorageFailed, Damaged.
    """
    registered = holdings.plugins.exporter(exporter)
    row = holdings.event(event_id)
    data = registered.export(row.event(), _file(holdings, row), _values(holdings, event_id))
    filename = f"{holdings.name_of(row) or f'event-{event_id}'}{registered.exporter.extension}"
    if folder is not None:
        _put(folder, filename, data)
    return WrittenEvent(filename=filename, data=data)


def _file(holdings: Holdings, row: EventRow) -> bytes | None:
    contents = ContentSource(holdings, None, record=False)
    try:
        (content,) = contents.of_events([row])
        if content.damaged:
            raise Damaged(content.message)
        return contents.bytes_of(content) if content.source else None
    except (EncoderNotFound, EncodeRefused):
        return None


def _values(holdings: Holdings, event_id: int) -> tuple[EventValue, ...]:
    return tuple(
        EventValue(
            quantity=one.quantity,
            channel=one.channel,
            number=one.number,
            unit=one.unit,
            state=one.state,
            text=one.text,
            source=one.source,
        )
        for one in holdings.values(event_id)
    )


def _put(folder: Path, filename: str, data: bytes) -> None:
    problem = part_problem(filename)
    if problem:
        raise BadName(f"the name {filename!r} {problem}; write the event to standard output and name the file yourself")
    path = folder / filename
    with writing_to(path):
        folder.mkdir(parents=True, exist_ok=True)
        with TargetFolder.root(folder) as opened:
            if not opened.put(filename, data, replace=False):
                raise AlreadyExists(f"{path} exists already and was not replaced; move it or name another folder")
            opened.flush_names()
