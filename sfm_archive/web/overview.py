"""The first pages: the archives, and what there is in one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sfm_archive.archive import Archive
from sfm_archive.archive.asked_events import AskedEvents
from sfm_archive.archive.coverage import coverage, left_out
from sfm_archive.archive.point_limits import points_have_limits
from sfm_archive.archive.reading import count_waiting
from sfm_archive.errors import SfmError
from sfm_archive.limits.point_limits import BY_POINT
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.reporting.coverage_picture import MOST_UNITS, draw_coverage
from sfm_archive.reporting.svg_page import svg_of
from sfm_archive.sites.overview import overview
from sfm_archive.web.address import known_words
from sfm_archive.web.site import page, preferences_of, served_of, site_of, with_words

WEEKS = 4
MOST_JUDGED = 5000
"""Events that a first page holds against limits: that takes a second."""

_NEW_DAYS = 7


class Figure(NamedTuple):
    """A number of events. `title`: of what; `number`: how many, in words; `link`: to the list of them; `why`: beside
    it."""

    title: str
    number: str
    link: str
    why: str = ""


def first(request: Request) -> Response:
    """The archives; of one alone its own page."""
    site = site_of(request)
    if len(site.archives) == 1:
        return RedirectResponse(f"/{next(iter(site.archives))}/", 303)
    return page(request, "archives.html", archives=list(site.archives.values()))


def with_slash(request: Request) -> Response:
    """On to the page of an archive, by whatever scheme browsers see it."""
    return RedirectResponse(f"/{served_of(request).name}/", 308)


def archive(request: Request) -> Response:
    """What there is, what is new, and what stands out in the last weeks that have events."""
    served = served_of(request)
    known_words(request.query_params)
    with served.reading() as opened:
        info = opened.info()
        until = parse_local_text(info.latest) if info.latest else None
        since = None if until is None else _midnight(until) - timedelta(weeks=WEEKS)
        values: dict[str, Any] = {
            "info": info,
            "since": since,
            "until": until,
            "jobs": overview(opened, outside=False),
            "waiting": count_waiting(opened.store),
            "figures": _figures(opened, since, preferences_of(opened, served).limits),
            "coverage": "",
            "left_out": "",
        }
        if since is not None:
            units = coverage(opened, since=since)
            if any(unit.spans for unit in units) and len(units) <= MOST_UNITS:
                drawn = svg_of(draw_coverage(units), "When units were running in the last weeks")
                values["coverage"] = Markup(drawn)  # noqa: S704 - drawn by svg_page, which escapes every text
                values["left_out"] = left_out(units)
    return page(request, "overview.html", served=served, **values)


def _midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day)


def _figures(opened: Archive, since: datetime | None, limits: tuple[str, ...]) -> list[Figure]:
    """Counts that a person acts on, each with its list."""
    newer = (datetime.now(UTC) - timedelta(days=_NEW_DAYS)).date().isoformat()
    found = [
        _figure(opened, "received in the last seven days", AskedEvents(received_since=newer), received_since=newer),
        _figure(opened, "not reviewed", AskedEvents(unreviewed=True), unreviewed="1"),
        _figure(opened, "false triggers", AskedEvents(false_triggers=True), false_triggers="only"),
    ]
    if since is None:
        return found
    word = limits or ((BY_POINT,) if points_have_limits(opened) else ("usbm",))
    named = "the limits of their points" if word == (BY_POINT,) else ", ".join(word)
    events = opened.count(AskedEvents(since=since).selection(opened), up_to=MOST_JUDGED)
    if events > MOST_JUDGED:
        why = f"more than {MOST_JUDGED:,} events in {WEEKS} weeks: the list counts them where a limit is asked for"
        return [*found, Figure(f"above {named}", "not counted", "", why)]
    try:
        chosen = AskedEvents(since=since, above=word).selection(opened)
    except SfmError as error:  # a stated curve file that is not here any more
        return [*found, Figure(f"above {named}", "not known", "", str(error))]
    counts = chosen.limit_counts
    address = with_words({"since": since.date().isoformat()}) + "".join(f"&above={one}" for one in word)
    if counts is not None:
        weeks = f"of the last {WEEKS} weeks with events"
        found.append(Figure(f"above {named}", f"{counts.exceeded:,}", f"{address}&decided=1", weeks))
        found.append(Figure(f"undecided: {named}", f"{counts.undecided:,}", address, f"{weeks}, with those above"))
    return found


def _figure(opened: Archive, title: str, asked: AskedEvents, **words: str) -> Figure:
    number = opened.count(asked.selection(opened))
    return Figure(title, f"{number:,}", with_words({name.replace("_", "-"): text for name, text in words.items()}))
