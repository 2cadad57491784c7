"""Files of an event, always as attachments: no browser opens what somebody sent."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sfm_archive.archive import Archive
from sfm_archive.errors import NotFound
from sfm_archive.model.selection import Selection
from sfm_archive.reporting.run import write_report
from sfm_archive.web.address import limits_asked_for, unit_asked
from sfm_archive.web.served import Served
from sfm_archive.web.site import limits_of, preferences_of, served_of, unit_of

if TYPE_CHECKING:
    from sfm_archive import FileRow

MADE = {"csv": "csv", "values": "ascii-values", "miniseed": "miniseed"}
"""Formats by the word in the address, and the exporters that write them."""

_OCTETS = "application/octet-stream"


def received(request: Request) -> Response:
    """A file as it was received, in pieces."""
    served, wanted = served_of(request), request.path_params["file"]
    with served.reading() as archive:
        own = archive.find(str(request.path_params["event"])).event_id
        found = next((file for file in archive.files(own) if file.file_id == wanted), None)
        if found is None:
            raise NotFound(f"event {own} has no file {wanted}")
    headers = {**_attached(found.name), "content-length": str(found.size)}
    return StreamingResponse(_pieces(served, found, own), media_type=_OCTETS, headers=headers)


def _pieces(served: Served, file: FileRow, event_id: int) -> Iterator[bytes]:
    with served.reading() as archive:
        yield from archive.file_pieces(file, event_id)


def made(request: Request) -> Response:
    """A file that is made of the event now."""
    served, kind, event_id = served_of(request), request.path_params["kind"], request.path_params["event"]
    with served.reading() as archive:
        own = archive.find(str(event_id)).event_id
        if kind == "encoded":
            file = archive.encode(own)
            name, data = file.filename, file.data
        elif kind == "pdf":
            name, data = f"event-{own}.pdf", _pdf(archive, served, own, request)
        elif kind in MADE:
            written = archive.write_as(own, MADE[kind])
            name, data = written.filename, written.data
        else:
            raise NotFound(f"no file of an event is called {kind[:40]!r}")
    return Response(data, media_type=_OCTETS, headers=_attached(name))


def _pdf(archive: Archive, served: Served, event_id: int, request: Request) -> bytes:
    preferences, query = preferences_of(archive, served), request.query_params
    words = limits_of(preferences, limits_asked_for(query))
    with tempfile.TemporaryDirectory(prefix="sfm-page-") as folder:
        target = Path(folder) / "event.pdf"
        write_report(
            archive,
            target,
            Selection(event_ids=(event_id,)),
            limits=words.curves,
            units=unit_of(preferences, unit_asked(query)),
            airblast=words.airblast,
            judge=words.judge,
            paper=preferences.paper or "a4",
            language=preferences.language or "en",
            record=False,
        )
        return target.read_bytes()


def _attached(name: str) -> dict[str, str]:
    """What makes a browser keep a file and not show it, under a name that leads nowhere."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name.rpartition("/")[2]).lstrip(".") or "file"
    whole = quote(re.sub(r"[\\/\x00-\x1f\x7f]", "_", name) or "file", safe="")
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}",
        "cache-control": "no-store",
    }
