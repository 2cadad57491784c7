"""How outputs are to look: the user's own file, the options that state it, and what counts for a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.paths import path_type
from sfm_archive.model.preferences import PAPERS, Preferences
from sfm_archive.model.units import GEO_UNITS

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.model.preferences import Preferred
    from sfm_archive.model.units import GeoUnit

Command = Callable[..., Any]

STATED = "what sfm firm or sfm config states"
"""For help: what counts where an option is not given."""

FILE_VARIABLE = "SFM_CONFIG"
"""The environment variable that names another file than the usual one."""


def users_file() -> Path:
    """The file with a user's defaults, whether it is there or not."""
    named = os.environ.get(FILE_VARIABLE)
    return Path(named) if named else Path(click.get_app_dir("sfm-archive")) / "config.toml"


def preferred(
    archive: Archive | None,
    *,
    limits: LimitWords | None = None,
    units: GeoUnit | None = None,
    paper: str | None = None,
    language: str | None = None,
) -> Preferred:
    """What counts for a command: its options, then what the archive states, then the user's file."""
    from sfm_archive.archive.preferences import preferred as decide
    from sfm_archive.sites.preferences import read_preferences

    given = Preferences(
        paper=paper or "",
        language=language or "",
        units=units or "",
        limits=() if limits is None else tuple(limits.curves),
        airblast="" if limits is None else limits.airblast or "",
    )
    path = users_file()
    return decide(archive, given, read_preferences(path), users_file=str(path))


def unit_of(found: Preferences) -> GeoUnit | None:
    """The unit of velocities, None where nobody said one."""
    units: dict[str, GeoUnit] = {unit: unit for unit in GEO_UNITS}
    return units.get(found.units)


def preference_options(command: Command) -> Command:
    """The options that state each part, as `stated`: by part, those that are given; an empty text takes one back."""

    @wraps(command)
    def with_stated(
        *args: Any, address: tuple[str, ...], curves: tuple[str, ...], logo: str | Path | None, **rest: Any
    ) -> Any:
        given = {key: rest.pop(key) for key in ("name", "signature", "paper", "language", "units", "airblast")}
        stated: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if address:
            stated["address"] = tuple(filter(None, address))
        if curves:
            stated["limits"] = tuple(filter(None, curves))
        if logo is not None:
            stated["logo"] = logo
        return command(*args, stated=stated, **rest)

    decorated: Command = with_stated
    for add in (
        click.option("--airblast", metavar="LIMIT", help="Airblast limit, as sfm report takes it."),
        click.option(
            "--limits",
            "curves",
            multiple=True,
            metavar="CURVE",
            help="Limits, as sfm report takes them: a name, a velocity, or point. May be given again.",
        ),
        click.option("--units", type=click.Choice([*GEO_UNITS, ""]), help="Unit of velocities."),
        click.option("--language", metavar="CODE", callback=_known_language, help="Language of reports, such as de."),
        click.option("--paper", type=click.Choice([*PAPERS, ""]), help="Page size."),
        click.option("--logo", type=path_type(), metavar="FILE", help="The logo, a PNG or JPEG."),
        click.option("--signature", metavar="TEXT", help="What stands below the line to sign: name and function."),
        click.option("--address", multiple=True, metavar="LINE", help="A line of the address. May be given again."),
        click.option("--name", metavar="TEXT", help="Name of the firm whose reports these are."),
    ):
        decorated = add(decorated)
    return decorated


def _known_language(_ctx: click.Context, _param: click.Parameter, code: str | None) -> str | None:
    with suppress(ImportError):  # without the extra `plots` no page is made, and its code is taken as it is
        from sfm_archive.reporting.language import languages

        if code and code not in languages():
            raise click.BadParameter(f"{code!r} is no language of reports; give {' or '.join(languages())}")
    return code
