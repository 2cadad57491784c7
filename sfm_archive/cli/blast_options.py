"""Options that commands about blasts share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import click

from sfm_archive.cli.options import since_moment

Command = Callable[..., Any]


def at_moment(text: str) -> datetime:
    """A date and time, also with an offset; a usage error for a date alone, which is no time of a blast."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and found.tzinfo is not None:
        return found
    moment = since_moment(text)
    if ":" not in text:
        raise click.BadParameter(f"{text!r} is no time of a blast; write it as 2026-05-04 11:30")
    return moment


def charge_option(command: Command) -> Command:
    """--charge, as `charge`."""
    return click.option(
        "--charge", metavar="CHARGE", help="Greatest charge of one delay with its unit, such as 120kg or 265lb."
    )(command)


def place_of_blast(command: Command) -> Command:
    """--coordinates and --grid, as options of these names."""
    for add in (
        click.option("--grid", metavar="EAST,NORTH", help="Position on the job's own grid, in metres."),
        click.option(
            "--coordinates", metavar="LAT,LON", help="Latitude and longitude in degrees, WGS 84, such as 47.1,8.2."
        ),
    ):
        command = add(command)
    return command


def distances_option(command: Command) -> Command:
    """--distance POINT=LENGTH, as `distances`."""

    @wraps(command)
    def with_distances(*args: Any, distance: tuple[str, ...], **rest: Any) -> Any:
        distances = []
        for text in distance:
            point, equal, length = text.rpartition("=")
            if not equal or not point.strip():
                raise click.UsageError(f"--distance {text!r}: write a point and its distance, such as Church=450m")
            distances.append((point.strip(), length.strip()))
        return command(*args, distances=tuple(distances), **rest)

    return click.option(
        "--distance",
        multiple=True,
        metavar="POINT=LENGTH",
        help="Distance to a point of the job with its unit (m, km, ft), such as Church=450m; it counts before what "
        "coordinates give. May be given again.",
    )(with_distances)


def within_option(command: Command) -> Command:
    """--within, as `within_s`."""
    return click.option(
        "--within",
        "within_s",
        type=click.FloatRange(0, 3600),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="How far from a blast in time, by corrected clocks, an event is proposed to it.",
    )(command)
