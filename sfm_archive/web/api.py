"""What the pages show as JSON, with the keys of `--json`. Asked again, nothing is sent while nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sfm_archive.analysing import recording_of
from sfm_archive.archive import Archive
from sfm_archive.archive.listing import level_counts
from sfm_archive.archive.point_limits import limits_asked
from sfm_archive.archive.reading import count_waiting
from sfm_archive.archive.sorting import listed_page
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import UsageError
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.summarising import KEYS, summarise
from sfm_archive.sites.overview import overview
from sfm_archive.web.address import (
    events_asked,
    known_words,
    limits_asked_for,
    list_asked,
    number_asked,
    unit_asked,
    words_asked,
)
from sfm_archive.web.events import in_one_unit
from sfm_archive.web.openapi import document
from sfm_archive.web.samples import MOST_PARTS, PARTS, plain_samples
from sfm_archive.web.served import Served
from sfm_archive.web.site import limits_of, preferences_of, served_of, site_of, state_of, unit_of

Made = Callable[[Archive, Served, Request], dict[str, Any]]
_FARTHEST = 1 << 31


def archives(request: Request) -> Response:
    """The names of the archives."""
    return JSONResponse({"archives": list(site_of(request).archives)})


def described(request: Request) -> Response:
    """What there is to ask for."""
    return JSONResponse(document())


def answering(make: Made) -> Callable[[Request], Response]:
    """An answer with its state; only that where the asker has the answer of this state."""

    def answer(request: Request) -> Response:
        served = served_of(request)
        known_words(request.query_params)
        with served.reading() as archive, archive.store.snapshot():
            state = state_of(archive, served, request)
            headers = {"etag": state, "cache-control": "no-cache"}
            asked = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
            if state in asked:
                return Response(status_code=304, headers=headers)
            return JSONResponse(to_plain({"archive": served.name, **make(archive, served, request)}), headers=headers)

    return answer


def events(archive: Archive, served: Served, request: Request) -> dict[str, Any]:
    """A page of the list; `next` has the words of the address of the one behind it, null where nothing follows."""
    query = request.query_params
    asked = list_asked(query)
    chosen = asked.events.selection(archive, newest_first=asked.down)
    page = listed_page(archive, chosen, asked.order, asked.size, asked.behind)
    unit = unit_of(preferences_of(archive, served), unit_asked(query))
    shown = in_one_unit(archive, page.events, unit)
    return {
        "as_of": archive.as_of,
        "pinned_encoder": str(archive.pinned_encoder),
        "matching": archive.count(chosen),
        "unknown_peaks": archive.unknown_peaks(chosen),
        "unit": next((one.ppv.unit for one in shown if one.ppv is not None), unit),
        "levels": level_counts(archive, chosen),
        "above": chosen.limit_counts,
        "waiting_files": count_waiting(archive.store),
        "events": shown,
        "shown": len(shown),
        "next": None if page.last is None else page.last.text(),
    }


def event(archive: Archive, served: Served, request: Request) -> dict[str, Any]:
    """Everything about one event, as `sfm show --json`."""
    found: dict[str, Any] = to_plain(archive.describe(request.path_params["event"]))
    return {"sealed": archive.store.sealed, **found}


def samples(archive: Archive, served: Served, request: Request) -> dict[str, Any]:
    """The samples of an event from `from` on and before `to`, in at most `parts` parts: null where there are none."""
    query = request.query_params
    unit: GeoUnit | None = unit_of(preferences_of(archive, served), unit_asked(query))
    parts = number_asked(query, "parts", PARTS, MOST_PARTS)
    first = number_asked(query, "from", 0, _FARTHEST, least=0)
    behind = number_asked(query, "to", _FARTHEST, _FARTHEST, least=0)
    if behind <= first:
        raise UsageError(f"samples from {first} on and before {behind} are none; give a greater `to`")
    row = archive.event(request.path_params["event"])
    recording = recording_of(archive, row, unit)
    return {
        "event_id": row.event_id,
        "why_not": recording.why_not,
        "samples": plain_samples(recording, parts, first, behind),
    }


def summary(archive: Archive, served: Served, request: Request) -> dict[str, Any]:
    """Events counted by the keys of `by`, as `sfm summary --json`."""
    query = request.query_params
    preferences = preferences_of(archive, served)
    by = words_asked(query, "by") or ("month", "serial")
    wrong = [key for key in by if key not in KEYS]
    if wrong:
        raise UsageError(f"{wrong[0][:40]!r} is no key of a summary; give some of {', '.join(KEYS)}")
    limits = limits_asked(archive, limits_of(preferences, limits_asked_for(query)))
    chosen = events_asked(query).selection(archive)
    found: dict[str, Any] = to_plain(summarise(archive, by, chosen, limits, unit_of(preferences, unit_asked(query))))
    return {"as_of": archive.as_of, **found}


def jobs(archive: Archive, served: Served, request: Request) -> dict[str, Any]:
    """Jobs, points and windows, as `sfm jobs --json`."""
    return {"sites": overview(archive)}
