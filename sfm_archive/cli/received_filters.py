"""The filters by what was received and reviewed, --received-since and --unreviewed, as every command with filters has
them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """--received-since and --unreviewed as they were given; a moment or change until an archive is there to ask."""

    since: str | None = None
    unreviewed: bool = False


WHENEVER = Received()


def received_filters(command: Command) -> Command:
    """--received-since and --unreviewed, as `received`."""

    @wraps(command)
    def with_received(*args: Any, received_since: str | None, unreviewed: bool, **rest: Any) -> Any:
        return command(*args, received=Received(since=received_since, unreviewed=unreviewed), **rest)

    decorated: Command = with_received
    for add in (
        click.option("--unreviewed", is_flag=True, help="Only events that nobody reviewed (sfm review)."),
        click.option(
            "--received-since",
            metavar="WHEN|CHANGE",
            help="Only events of which something came into the archive from then on, in UTC: 2026-05-01 or "
            "'2026-05-01 13:16'; or behind a change: its number, its hash, or the name that sfm mark gave it.",
        ),
    ):
        decorated = add(decorated)
    return decorated
