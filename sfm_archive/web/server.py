"""The server itself: where it listens, and how it begins and ends."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

import uvicorn

from sfm_archive.errors import NotUsable, UsageError
from sfm_archive.web.app import make_app
from sfm_archive.web.safety import allowed_for
from sfm_archive.web.site import Site

MOST_AT_ONCE = 64
"""Requests that are answered at once; more are told to come again."""

_MOST_HEAD = 32 * 1024


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server listens. `host`: an address or name of this computer; `port`: 0 for any that is free; `public`:
    the address that a reverse proxy has for browsers, '' without one."""

    host: str = "127.0.0.1"
    port: int = 8750
    public: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address or name is of this computer alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def serve(site: Site, listening: Listening, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM. `ready` gets the address when it is open. Raises NotUsable where the address
    cannot be opened, UsageError for one that no browser could name."""
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    try:
        opened = socket.create_server((listening.host, listening.port), family=family)
    except OSError as error:
        raise NotUsable(
            f"{listening.host} port {listening.port} cannot be opened: {error.strerror or error}; choose another with "
            "--port, 0 for any that is free"
        ) from error
    with opened:
        port = opened.getsockname()[1]
        names = _names(listening)
        app = make_app(site, allowed_for(names, port, listening.public))
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_AT_ONCE,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=_MOST_HEAD,
            http="h11",
            ws="none",
            lifespan="off",
        )
        shown = f"[{names[0]}]" if ":" in names[0] else names[0]
        ready(f"http://{shown}:{port}/")
        uvicorn.Server(config).run(sockets=[opened])


def _names(listening: Listening) -> list[str]:
    """What a browser may call this computer. Raises UsageError for every address at once without a public one."""
    if listening.host in ("0.0.0.0", "::", ""):  # noqa: S104 - asked for, and only with the address that it has
        if not listening.public:
            raise UsageError(
                f"{listening.host} is every address at once; say by --public under which one browsers see it, such as "
                "http://192.168.1.20:8750, or bind that one"
            )
        return ["127.0.0.1", "localhost"]
    return [listening.host, *(["127.0.0.1", "localhost", "::1"] if listening.is_local else [])]
