"""Options about limits: what events are held against, and which are above."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.output import counted, tell

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.model.selection import Selection

Command = Callable[..., Any]


def limit_options(usual: str) -> Callable[[Command], Command]:
    """--limits, --airblast and --judge, as `limits`. `usual`: the curves without any, for help."""

    def add(command: Command) -> Command:
        @wraps(command)
        def with_limits(*args: Any, curves: tuple[str, ...], airblast: str | None, judge: str, **rest: Any) -> Any:
            from sfm_archive.limits.limit_words import LimitWords

            return command(*args, limits=LimitWords(curves, airblast, judge), **rest)

        decorated: Command = with_limits
        for option in (
            click.option(
                "--judge",
                type=click.Choice(["both", "peak", "record"]),
                default="both",
                show_default=True,
                help="What decides of a waveform: its peak, its whole record (any half wave at its own frequency), or "
                "both, undecided where they differ.",
            ),
            click.option(
                "--airblast",
                metavar="LIMIT",
                help="Airblast limit: osmre-0.1hz, osmre-2hz, osmre-6hz, osmre-c, a level or pressure such as 120dB, "
                "100Pa or 0.01psi, or none.  [default: osmre-2hz with usbm and osmre, else none]",
            ),
            click.option(
                "--limits",
                "curves",
                multiple=True,
                metavar="CURVE",
                help="Limits: usbm, osmre, din, bs, a curve's name, a velocity such as 0.5in/s or 12mm/s, or a file "
                f"with your own. May be given again.  [default: {usual}]",
            ),
        ):
            decorated = option(decorated)
        return decorated

    return add


def select_above(archive: Archive, selection: Selection, limits: tuple[str, ...], *, decided: bool) -> Selection:
    """Of a selection the events that are above one of these limits and, unless `decided`, those that may be; of how
    many that is undecided is told."""
    from dataclasses import replace

    from sfm_archive.archive.measuring import above_limits

    found = above_limits(archive, selection, limits)
    if not found.undecided_ids:
        return found
    words = ", ".join(limits)
    if not decided:
        of_these = f"{len(found.undecided_ids):,} of these may be above {words} or not (undecided)"
        tell(f"{of_these}; --decided leaves them out")
        return found
    tell(f"{counted(len(found.undecided_ids), 'event')} left out that may be above {words} or not")
    sure = tuple(event_id for event_id in found.above_ids or () if event_id not in found.undecided_ids)
    return replace(found, decided=True, above_ids=sure, undecided_ids=frozenset())
