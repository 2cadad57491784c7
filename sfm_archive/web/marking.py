"""What people decide in a browser, with --review: false triggers, where a unit stood, and which blast made an event.

The same calls as the commands, in the name of whoever is logged in. Each form is good once: the word in it is taken
back when it comes, so that a second press of the button changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import sfm_archive as sfm
from sfm_archive.archive import Archive
from sfm_archive.archive.listing import names_of_points
from sfm_archive.errors import UsageError
from sfm_archive.model.selection import parse_since
from sfm_archive.web.login import COOKIE
from sfm_archive.web.site import form_of, page, served_of, site_of

Form = dict[str, str]
Decide = Callable[[Archive, int, Form, str], list[str]]
_MOST_BLASTS = 300


class Forms(NamedTuple):
    """What the forms on the page of an event offer. `points`: as JOB/POINT; `blasts`: number and name of those of the
    event's job; `words`: one for each form, by its name."""

    points: list[str]
    blasts: list[tuple[int, str]]
    words: dict[str, str]


NAMES = ("review", "place", "blast")


def forms_for(request: Request, archive: Archive, job: str) -> Forms | None:
    """The forms on the page of an event of a job, '' where it is at no point; None where nothing is changed here, or
    the archive is sealed. A program that sends a token gets none: it has no session."""
    site, session = site_of(request), request.cookies.get(COOKIE, "")
    if not site.review or site.login.person_of(session) is None or archive.store.sealed:
        return None
    points = sorted("/".join(parts) for parts in names_of_points(archive).values())
    blasts = sfm.list_blasts(archive, [job]).blasts[-_MOST_BLASTS:] if job else ()
    return Forms(
        points,
        [(one.blast, f"{one.at_local.replace('T', ' ')} {one.name}".strip()) for one in blasts],
        {name: site.login.new_form(session) for name in NAMES},
    )


def taking(decide: Decide) -> Callable[[Request], Awaitable[Response]]:
    """What takes a form and comes back to the page of its event."""

    async def take(request: Request) -> Response:
        site, session = site_of(request), request.cookies.get(COOKIE, "")
        person = site.login.person_of(session)
        if not site.review or not person:
            return RedirectResponse("/login", 303)
        given = await form_of(request)
        if not site.login.takes(session, given.get("form", "")):
            text = "This form was sent before, or is too old: nothing was changed. Look at the event as it is now."
            return page(request, "failed.html", status=409, text=text)
        served, event_id = served_of(request), request.path_params["event"]

        def decided() -> list[str]:
            with served.changing(person) as archive:
                return decide(archive, archive.find(str(event_id)).event_id, given, person)

        told = await run_in_threadpool(decided)
        if not told:
            return RedirectResponse(f"/{served.name}/event/{event_id}", 303)
        return page(request, "decided.html", served=served, told=told, event_id=event_id)

    return take


def review(archive: Archive, event_id: int, given: Form, person: str) -> list[str]:
    """A false trigger, or none. Raises UsageError without a decision and its reason."""
    decisions = {"yes": True, "no": False}
    if given.get("false-trigger") not in decisions:
        raise UsageError(f"event {event_id}: say whether it is a false trigger")
    is_false = decisions[given["false-trigger"]]
    if archive.review(event_id, false_trigger=is_false, reviewer=person, notes=given.get("reason", "")):
        return []
    return [f"event {event_id} was decided like that before; nothing was changed"]


def place(archive: Archive, event_id: int, given: Form, person: str) -> list[str]:
    """A window of the event's unit at a point. Raises UsageError, NotFound."""
    if not given.get("from", "").strip():
        raise UsageError(f"event {event_id}: say from when on its unit stood there")
    until = given.get("until", "").strip()
    made = sfm.place(
        archive,
        archive.event(event_id).serial,
        at=given.get("at", ""),
        since=parse_since(given["from"]),
        until=parse_since(until) if until else None,
        by=person,
        reason=given.get("reason", ""),
    )
    return _told([made])


def blast(archive: Archive, event_id: int, given: Form, person: str) -> list[str]:
    """That a blast made the event, or did not. Raises UsageError, NotFound."""
    number, decision = given.get("blast", ""), given.get("decision", "")
    if not (number.isascii() and number.isdigit()) or len(number) > 9 or decision not in ("confirm", "refuse"):
        raise UsageError(f"event {event_id}: choose a blast, and whether it made the event")
    decide = sfm.confirm_blast if decision == "confirm" else sfm.refuse_blast
    return _told(decide(archive, int(number), [event_id], by=person, reason=given.get("reason", "")))


def _told(made: list[Any]) -> list[str]:
    """What was kept, in the words of the history."""
    found = []
    for one in made:
        found.append(one.what if one.new else f"{one.what}: said before; nothing was changed")
        found += one.notes
    return found


DECISIONS: dict[str, Decide] = {"review": review, "place": place, "blast": blast}
