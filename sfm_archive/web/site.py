"""What every page needs: the archives, who may look, and how an answer is made of a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sfm_archive.archive import Archive
from sfm_archive.archive.preferences import preferred
from sfm_archive.base.counting import counted
from sfm_archive.base.version import TOOL, __version__
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.preferences import NOTHING_PREFERRED, Preferences
from sfm_archive.model.summaries import RULES
from sfm_archive.model.units import GEO_UNITS, GeoUnit
from sfm_archive.web.login import COOKIE, Login
from sfm_archive.web.served import Served


@dataclass(frozen=True, slots=True)
class Site:
    """What is served to whom. `review`: pages have forms that change the archives. `secure`: browsers see it by TLS."""

    archives: Mapping[str, Served]
    login: Login
    review: bool = False
    secure: bool = False


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    found: Site = request.app.state.site
    return found


def served_of(request: Request) -> Served:
    """The archive that an address names. Raises NotFound."""
    name = request.path_params["archive"]
    found = site_of(request).archives.get(name)
    if found is None:
        raise NotFound(f"there is no archive {name[:60]!r} here")
    return found


def person_of(request: Request) -> str | None:
    """Who is looking: by the cookie, or by a token that a program sends; '' where nobody has to say."""
    login = site_of(request).login
    if not login.needed:
        return ""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return login.person(token.strip())
    return login.person_of(request.cookies.get(COOKIE, ""))


_ENVIRONMENT = Environment(
    loader=PackageLoader("sfm_archive.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def shown(value: object) -> str:
    """A value in one line; what cannot be printed becomes `?`, as on a terminal."""
    text = "" if value is None else str(value)
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in text)


_ENVIRONMENT.filters["shown"] = shown
_ENVIRONMENT.globals["counted"] = counted


def rendered(template: str, **values: Any) -> str:
    """A page as HTML. Every value is escaped, but for pictures that are drawn here."""
    return _ENVIRONMENT.get_template(template).render(**values, tool=TOOL)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The answer that a template gives."""
    site = site_of(request)
    known = {"site": site, "person": person_of(request), "root": "/", "static": "", "form": "", "served": None}
    text = rendered(template, **{**known, **values})
    return HTMLResponse(text, status, {"cache-control": "no-store"})


def with_words(query: QueryParams | Mapping[str, str], **changed: str | None) -> str:
    """The words of an address with others in place; None leaves one out."""
    pairs = query.multi_items() if isinstance(query, QueryParams) else list(query.items())
    kept = [(name, value) for name, value in pairs if name not in changed and value]
    return urlencode([*kept, *((name, value) for name, value in changed.items() if value is not None)])


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, of each the last one. Raises UsageError for what no form of ours sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise UsageError("only a form of these pages is taken")
    try:
        return dict(parse_qsl((await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise UsageError("this is no form of these pages") from error


def preferences_of(archive: Archive, served: Served) -> Preferences:
    """What counts where an address says nothing: as commands have it."""
    return preferred(archive, NOTHING_PREFERRED, served.users).preferences


def unit_of(preferences: Preferences, asked: GeoUnit | None = None) -> GeoUnit | None:
    """The unit of velocities; None where nobody said one."""
    return asked or next((unit for unit in GEO_UNITS if unit == preferences.units), None)


def limits_of(preferences: Preferences, asked: LimitWords) -> LimitWords:
    """The limits that events are held against; those usual for the unit where nobody said any."""
    return LimitWords(asked.curves or preferences.limits, asked.airblast or preferences.airblast or None, asked.judge)


def state_of(archive: Archive, served: Served, request: Request) -> str:
    """A word that is another one whenever the same address may give another answer: history, rules, program, query, and
    how those who serve it want it to look."""
    from hashlib import sha256

    length, head = archive.history_head()
    parts = (served.name, length, head, RULES, __version__, request.url.path, request.url.query, served.users)
    return f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"'
