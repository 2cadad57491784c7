"""The description of the JSON addresses, as OpenAPI 3.1 has it; keys follow from the types that are sent."""

from __future__ import annotations

import re
from typing import Any

from sfm_archive.archive.describing import EventDescription
from sfm_archive.archive.listing import ListedEvent
from sfm_archive.base.plain import keys_of
from sfm_archive.base.version import __version__
from sfm_archive.model.list_order import Order
from sfm_archive.model.selection import SEARCHED_TEXTS
from sfm_archive.reporting.summarising import KEYS, Summary
from sfm_archive.sites.overview import SitesOverview
from sfm_archive.web.address import SIZES
from sfm_archive.web.samples import MOST_PARTS

_TEXT = {"type": "string"}
_FILTERS: dict[str, str] = {
    "serial": "a unit; may be given again", "since": "recorded from then on, device-local: 2026-05 or 2026-05-01",
    "until": "recorded up to then, that day or month included", "type": "waveform, histogram, monitor-log or unknown",
    **{name: f"words of the {name}" for name in ("project", "client", "location") if name in SEARCHED_TEXTS},
    "ppv-from": "a velocity with its unit: 5mm/s", "above": "a limit: usbm, din, 12mm/s, point",
    "judge": "both, peak or record", "decided": "1: without undecided events", "false-triggers": "only or without",
    "event": "an id or a file's name", "job": "a job", "point": "JOB/POINT", "unplaced": "1: at no point",
    "received-since": "something of it came from then on, UTC, or behind a change", "unreviewed": "1: not reviewed",
}  # fmt: skip
_UNITS = {"units": "mm/s or in/s"}
_LIMITS = {"limits": "limits that events are held against", "airblast": "the airblast limit"}
_PAGE = {
    "sort": f"one of {', '.join(Order)}", "down": "0: from the least up", "size": f"of a page, up to {SIZES[-1]}",
    "behind": "`next` of the page before",
}  # fmt: skip
_SAMPLES = {"from": "the first sample", "to": "the sample behind the last", "parts": f"up to {MOST_PARTS}"}


def document() -> dict[str, Any]:
    """The whole description."""
    listed = {"type": "object", "properties": {"events": {"type": "array", "items": _reference("ListedEvent")}}}
    paths = {
        "/api/archives": _get("The archives that are served", {}, {"type": "object"}, archive=False),
        "/api/{archive}/events": _get("A page of the list (sfm list --json)", _FILTERS | _UNITS | _PAGE, listed),
        "/api/{archive}/events/{event}": _get("One event (sfm show --json)", {}, _reference("EventDescription")),
        "/api/{archive}/events/{event}/samples": _get(
            "Its samples or intervals: of each part the least and the greatest", _UNITS | _SAMPLES, {"type": "object"}
        ),
        "/api/{archive}/summary": _get(
            "Events counted (sfm summary --json)",
            _FILTERS | _UNITS | _LIMITS | {"by": f"some of {', '.join(KEYS)}; may be given again"},
            _reference("Summary"),
        ),
        "/api/{archive}/jobs": _get(
            "Jobs, points and windows (sfm jobs --json)", {},
            {"type": "object", "properties": {"sites": _reference("SitesOverview")}},
        ),
    }  # fmt: skip
    for path, item in paths.items():
        for name in re.findall(r"{(\w+)}", path):
            kind = {"type": "integer"} if name == "event" else _TEXT
            item["get"]["parameters"].insert(0, {"name": name, "in": "path", "required": True, "schema": kind})
    types = (ListedEvent, EventDescription, Summary, SitesOverview)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sfm-archive",
            "version": __version__,
            "description": "Read-only. Keys are those of --json (docs/cli.md). ETag: an address answers 304 until the "
            "archive changes. Where people log in, send a token as Authorization: Bearer TOKEN.",
        },
        "paths": paths,
        "components": {
            "schemas": {one.__name__: _schema(one) for one in types},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schema(kind: Any) -> dict[str, Any]:
    """The keys of a type, each with how it is written in the program."""
    properties = {one.name: {"description": one.annotation or "value"} for one in keys_of(kind)}
    return {"type": "object", "description": " ".join((kind.__doc__ or "").split()), "properties": properties}


def _get(told: str, words: dict[str, str], schema: dict[str, Any], *, archive: bool = True) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "description": text, "schema": _TEXT} for name, text in words.items()]
    answers = {"200": {"description": told, "content": {"application/json": {"schema": schema}}}}
    answers |= {"304": {"description": "nothing has changed"}} if archive else {}
    answers |= {"400": {"description": "the address cannot be meant; `error` says why"}} if words else {}
    answers |= {"404": {"description": "not there"}} if archive else {}
    return {"get": {"summary": told, "parameters": parameters, "responses": answers}}
