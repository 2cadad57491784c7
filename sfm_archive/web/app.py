"""The whole site as one ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sfm_archive.errors import ExitCode, NotFound, SfmError
from sfm_archive.web import api, compare, downloads, event, events, jobs, marking, overview, session
from sfm_archive.web.safety import Allowed, Guard
from sfm_archive.web.site import Site, page, person_of, site_of

_STATUS = {
    ExitCode.USAGE: 400,
    ExitCode.NOT_FOUND: 404,
    ExitCode.BUSY: 503,
    ExitCode.DAMAGED: 500,
    ExitCode.FINDINGS: 422,
    ExitCode.NOT_USABLE: 503,
}
_STATIC = {
    name: (files("sfm_archive.web") / "static" / name, kind)
    for name, kind in (("sfm.css", "text/css"), ("viewer.js", "text/javascript"))
}
_PUBLIC = ("/static/", "/login")
Page = Callable[[Request], Response]


def make_app(site: Site, allowed: Allowed) -> ASGIApp:
    """The pages behind their guard."""
    own = "/{archive}"
    routes = [
        Route("/", _pages(overview.first)),
        Route("/login", _pages(session.ask), methods=["GET"]),
        Route("/login", session.log_in, methods=["POST"]),
        Route("/logout", session.log_out, methods=["POST"]),
        Route("/static/{name}", _static),
        Route("/api/archives", _pages(api.archives)),
        Route("/api/openapi.json", _pages(api.described)),
        Route("/api/{archive}/events", _pages(api.answering(api.events))),
        Route("/api/{archive}/events/{event:int}", _pages(api.answering(api.event))),
        Route("/api/{archive}/events/{event:int}/samples", _pages(api.answering(api.samples))),
        Route("/api/{archive}/summary", _pages(api.answering(api.summary))),
        Route("/api/{archive}/jobs", _pages(api.answering(api.jobs))),
        Route(own, _pages(overview.with_slash)),
        Route(f"{own}/", _pages(overview.archive)),
        Route(f"{own}/events", _pages(events.listed)),
        Route(f"{own}/compare", _pages(compare.shown)),
        Route(f"{own}/job/{{number:int}}", _pages(jobs.job)),
        Route(f"{own}/point/{{number:int}}", _pages(jobs.point)),
        Route(f"{own}/event/{{event:int}}", _pages(event.shown)),
        Route(f"{own}/event/{{event:int}}/files/received/{{file:int}}", _pages(downloads.received)),
        Route(f"{own}/event/{{event:int}}/files/{{kind}}", _pages(downloads.made)),
    ]
    posts = {"/login", "/logout"} if site.login.needed else set()
    if site.review:
        for name, decide in marking.DECISIONS.items():
            routes.append(Route(f"{own}/event/{{event:int}}/{name}", marking.taking(decide), methods=["POST"]))
            posts.add(f"/{name}")
    handlers: dict[Any, Any] = {SfmError: _failed, HTTPException: _failed}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.state.site = site
    # It would name the scheme that it sees itself, which is not that of a proxy before it.
    app.router.redirect_slashes = False
    return Guard(app, allowed, posts=frozenset(posts))


def _pages(make: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page for those who are logged in, made in a thread of its own."""
    return partial(_answered, make)


async def _answered(make: Page, request: Request) -> Response:
    if not request.url.path.startswith(_PUBLIC) and person_of(request) is None:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": "log in: send a token as Authorization: Bearer TOKEN"}, 401)
        return RedirectResponse("/login", 303)
    return await run_in_threadpool(make, request)


async def _failed(request: Request, error: Exception) -> Response:
    """An error in one sentence, as the command line says it, without where on this computer the archive lies."""
    if isinstance(error, HTTPException):
        status, text = error.status_code, str(error.detail)
    else:
        assert isinstance(error, SfmError)
        status, text = _STATUS.get(error.exit_code, 500), str(error)
    for served in site_of(request).archives.values():
        text = text.replace(str(served.path), served.name)
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": text}, status)
    if person_of(request) is None:
        return PlainTextResponse(text, status)
    return page(request, "failed.html", status=status, text=text)


async def _static(request: Request) -> Response:
    """One of the files that come with the program, by its name in a table."""
    found = _STATIC.get(request.path_params["name"])
    if found is None:
        raise NotFound("there is no such file")
    return Response(found[0].read_bytes(), media_type=found[1], headers={"cache-control": "max-age=3600"})
