"""Several events on one axis: the channels of one, or the units of a blast."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

import sfm_archive as sfm
from sfm_archive.analysing import recordings_of
from sfm_archive.archive import Archive
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.errors import UsageError
from sfm_archive.model.readings import CHANNELS
from sfm_archive.model.selection import Selection
from sfm_archive.reporting.compared_traces import MOST_COMPARED, draw_compared
from sfm_archive.reporting.svg_page import svg_of
from sfm_archive.web.address import known_words, number_asked, texts_asked, unit_asked
from sfm_archive.web.site import page, preferences_of, served_of, unit_of


class Compared(NamedTuple):
    """An event that is compared. `of`: what it is called."""

    event_id: int
    of: str


def shown(request: Request) -> Response:
    """The page of the events, or of those of a blast, that the address names."""
    served, query = served_of(request), request.query_params
    known_words(query)
    channels = texts_asked(query, "channel") or CHANNELS
    if wrong := [name for name in channels if name not in CHANNELS]:
        raise UsageError(f"{wrong[0][:20]!r} is no channel; there are {', '.join(CHANNELS)}")
    with served.reading() as archive:
        named = texts_asked(query, "event")
        blast = number_asked(query, "blast", 0, 1 << 31)
        ids = [archive.find(text).event_id for text in named] or (_of_blast(archive, blast) if blast else [])
        ids = list(dict.fromkeys(ids))
        if not 1 <= len(ids) <= MOST_COMPARED:
            raise UsageError(f"mark 1 to {MOST_COMPARED} events of the list to compare them; here are {len(ids)}")
        unit = unit_of(preferences_of(archive, served), unit_asked(query))
        unit = unit or unit_of_most_reports(archive, Selection(event_ids=tuple(ids)))
        recordings = list(recordings_of(archive, [archive.event(one) for one in ids], unit))
    drawn = svg_of(draw_compared(recordings, channels), "Traces of several events, a graph for each channel")
    return page(
        request,
        "compare.html",
        served=served,
        picture=Markup(drawn),  # noqa: S704 - drawn by svg_page, which escapes every text
        compared=[Compared(one.event_id, f"{one.title} {one.name}".strip()) for one in recordings],
        channels=channels,
        every=CHANNELS,
        blast=blast,
    )


def _of_blast(archive: Archive, blast: int) -> list[int]:
    """The events that are confirmed for a blast, or proposed to it."""
    found = sfm.show_blast(archive, blast)
    events = [one for point in found.points for one in point.events if one.decision != "refused"]
    confirmed = [one.event_id for one in events if one.decision == "confirmed"]
    return confirmed or [one.event_id for one in events]
