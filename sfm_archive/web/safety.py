"""What stands before every page: which requests are answered, how large and long they may be, and what browsers may do
with the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfm_archive.errors import UsageError

MOST_BODY = 64 * 1024
MOST_ADDRESS = 8 * 1024
"""Bytes of a request's body and of its address."""

BODY_S = 10.0
ANSWER_S = 60.0
"""Seconds in which a body has to be there, and in which an answer begins."""

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing written into a page, no text that becomes a program."""

HEADERS = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_READING = ("GET", "HEAD")
_USUAL_PORTS = {"http": 80, "https": 443}


class Allowed(NamedTuple):
    """`hosts`: what a request may name as its host; `origins`: from which pages a form may be sent."""

    hosts: frozenset[str]
    origins: frozenset[str]


def allowed_for(names: Sequence[str], port: int, public: str = "") -> Allowed:
    """Of these addresses and names of this computer, and of the `public` address that a reverse proxy has, such as
    `https://records.example.org`. Raises UsageError for one that is none."""
    hosts, origins = set(), set()
    for name in names:
        shown = f"[{name}]" if ":" in name else name
        hosts |= {f"{shown}:{port}", *([shown] if port == _USUAL_PORTS["http"] else [])}
        origins |= {f"http://{shown}:{port}", *([f"http://{shown}"] if port == _USUAL_PORTS["http"] else [])}
    if public:
        parts = urlsplit(public)
        if parts.scheme not in _USUAL_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise UsageError(f"{public!r} is no address of a site; write it as https://records.example.org")
        netloc = parts.netloc.lower()
        hosts |= {netloc, *([] if parts.port else [f"{netloc}:{_USUAL_PORTS[parts.scheme]}"])}
        origins.add(f"{parts.scheme}://{netloc}")
    return Allowed(frozenset(one.lower() for one in hosts), frozenset(one.lower() for one in origins))


class Guard:
    """Wraps the pages. A request with a foreign host is another site's name that was led here; one that would change
    something has to come from a page of ours, and is not answered at all unless `changes`."""

    def __init__(self, app: ASGIApp, allowed: Allowed, *, posts: frozenset[str]) -> None:
        """`posts`: addresses, or their ends, to which forms are sent; anything else is only read."""
        self._app, self._allowed, self._posts = app, allowed, posts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                own = {name for name, _ in HEADERS}
                kept = [(name, value) for name, value in message["headers"] if name not in own]
                message = {**message, "headers": [*kept, *HEADERS]}
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, sending)
            return
        try:
            body = await asyncio.wait_for(_whole_body(receive), BODY_S)
        except TimeoutError:
            await PlainTextResponse("the request did not come in time", 408)(scope, receive, sending)
            return
        if body is None:
            await PlainTextResponse(f"more than {MOST_BODY} bytes are not taken here", 413)(scope, receive, sending)
            return
        answering = asyncio.ensure_future(self._app(scope, _received(body, receive), sending))
        done, _ = await asyncio.wait({answering}, timeout=ANSWER_S)
        if not done and not began:
            answering.cancel()
            text = "this takes longer than a page may; ask for less, or use the command line"
            await PlainTextResponse(text, 503)(scope, receive, sending)
            return
        await answering

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value)
        hosts = [value.decode("latin-1").lower() for value in headers.get(b"host", [])]
        if len(hosts) != 1 or hosts[0] not in self._allowed.hosts:
            return PlainTextResponse("this server does not have that name", 421)
        if len(scope.get("raw_path", b"")) + len(scope.get("query_string", b"")) > MOST_ADDRESS:
            return PlainTextResponse("the address is too long", 414)
        if scope["method"] in _READING:
            return None
        path = scope["path"]
        if scope["method"] != "POST" or not any(path == one or path.endswith(one) for one in self._posts):
            return PlainTextResponse("nothing is changed here", 405, {"allow": ", ".join(_READING)})
        origins = [value.decode("latin-1").lower() for value in headers.get(b"origin", [])]
        if len(origins) != 1 or origins[0] not in self._allowed.origins:
            return PlainTextResponse("a form is sent from a page of this server alone", 403)
        return None


async def _whole_body(receive: Receive) -> bytes | None:
    """The body, None where it is too long."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _received(body: bytes, receive: Receive) -> Receive:
    """What hands the body on, and behind it what comes later."""
    waiting = [body]

    async def receiving() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receiving
