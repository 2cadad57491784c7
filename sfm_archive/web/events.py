"""The list of events: the rows of `sfm list`, with its filters in the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from sfm_archive.archive import Archive
from sfm_archive.archive.event_rows import event_rows
from sfm_archive.archive.listing import ListedEvent, names_of_points
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.archive.sorting import listed_page
from sfm_archive.model.events import RecordType
from sfm_archive.model.list_order import Order
from sfm_archive.model.peak_text import UNKNOWN_PEAK, UNKNOWN_PEAK_MEANS
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.units import GeoUnit
from sfm_archive.web.address import list_asked, unit_asked
from sfm_archive.web.site import page, preferences_of, served_of, unit_of, with_words

MOST_COUNTED = 1000


class Head(NamedTuple):
    """The head of a column. `link`: the address that sorts by it, '' where all rows have the same in it; `sorted`: how
    it is sorted now, for who cannot see it, `none` where it is not."""

    title: str
    number: bool
    link: str
    sorted: str


class Row(NamedTuple):
    """An event. `cells`: texts of the columns; `over`: its peak is over range."""

    event_id: int
    cells: Sequence[object]
    over: bool


def listed(request: Request) -> Response:
    """The page."""
    served, query = served_of(request), request.query_params
    asked = list_asked(query)
    with served.reading() as archive:
        chosen = asked.events.selection(archive, newest_first=asked.down)
        found = listed_page(archive, chosen, asked.order, asked.size, asked.behind)
        unit = unit_of(preferences_of(archive, served), unit_asked(query))
        shown = in_one_unit(archive, found.events, unit)
        everything = chosen == Selection(newest_first=chosen.newest_first)
        matching = archive.count(EVERYTHING if everything else chosen, up_to=None if everything else MOST_COUNTED)
        told = asked.events.told(archive, chosen)
        points = sorted("/".join(parts) for parts in names_of_points(archive).values())
    rows = event_rows(shown)
    unknown = sum(event.ppv is None for event in shown)
    notes = [*rows.notes, *([f"{unknown} of these {UNKNOWN_PEAK}: {UNKNOWN_PEAK_MEANS}"] if unknown else [])]
    return page(
        request,
        "events.html",
        served=served,
        heads=[_head(one.title, one.name, one.number, asked.order, request) for one in rows.columns],
        rows=[
            Row(one.event_id, cells, one.ppv_basis == "over range") for one, cells in zip(shown, rows.rows, strict=True)
        ],
        notes=notes,
        told=told,
        of_all=f"{matching:,}" if everything or matching <= MOST_COUNTED else f"more than {MOST_COUNTED:,}",
        next_page=None if found.last is None else with_words(query, behind=found.last.text()),
        first_page=None if asked.behind is None else with_words(query, behind=None),
        query=query,
        types=list(RecordType),
        points=points,
    )


def in_one_unit(archive: Archive, events: Sequence[ListedEvent], unit: GeoUnit | None) -> list[ListedEvent]:
    """The events with all velocities in one unit, that of most of their reports where none is said."""
    if not events:
        return []
    of_all = unit or unit_of_most_reports(archive, Selection(event_ids=tuple(one.event_id for one in events)))
    return [one.in_unit(of_all) for one in events]


def _head(title: str, name: str, number: bool, order: Order, request: Request) -> Head:
    if name not in tuple(Order):
        return Head(title, number, "", "none")
    is_sorted = name == order
    down = request.query_params.get("down") != "0"
    # Texts are read from A on, numbers and times from the greatest down.
    turns = ("0" if down else "1") if is_sorted else ("1" if number or name in (Order.TIME, Order.LEVEL) else "0")
    link = with_words(request.query_params, sort=name, down=turns, behind=None)
    return Head(title, number, link, ("descending" if down else "ascending") if is_sorted else "none")
