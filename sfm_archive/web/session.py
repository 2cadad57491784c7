"""Logging in with a token, and out."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sfm_archive.web.login import COOKIE
from sfm_archive.web.site import form_of, page, site_of

_AFTER_A_WRONG_ONE_S = 0.5


def ask(request: Request) -> Response:
    """The page that asks for a token."""
    return page(request, "login.html", wrong=False)


async def log_in(request: Request) -> Response:
    """Begin a session for whose token it is."""
    site = site_of(request)
    given = (await form_of(request)).get("token", "")
    person = site.login.person(given.strip()) if site.login.needed else None
    if person is None:
        await asyncio.sleep(_AFTER_A_WRONG_ONE_S)
        return page(request, "login.html", status=403, wrong=True)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE, site.login.begin(person), httponly=True, samesite="strict", secure=site.secure, path="/")
    return answer


async def log_out(request: Request) -> Response:
    """End the session."""
    site_of(request).login.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=site_of(request).secure, path="/")
    return answer
