"""Options about limits: what events are held against, and which are above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from sfm_archive.cli.output import tell

Command = Callable[..., Any]


def judge_option(command: Command) -> Command:
    """--judge, as `judge`."""
    return click.option(
        "--judge",
        type=click.Choice(["both", "peak", "record"]),
        default="both",
        show_default=True,
        help="What decides of a waveform that is held against limits: its peak, its whole record (any half wave at its "
        "own frequency), or both, undecided where they differ.",
    )(command)


def limit_options(usual: str) -> Callable[[Command], Command]:
    """--limits and --airblast, as `limits`; what decides of a waveform is an option of its own, `judge_option`.
    `usual`: the curves without any, for help."""

    def add(command: Command) -> Command:
        @wraps(command)
        def with_limits(*args: Any, curves: tuple[str, ...], airblast: str | None, **rest: Any) -> Any:
            from sfm_archive.limits.limit_words import LimitWords

            tell_unread_lines(curves)
            return command(*args, limits=LimitWords(curves, airblast), **rest)

        decorated: Command = with_limits
        for option in (
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
                help="Limits: usbm, osmre, din, bs, a curve's name, a velocity such as 0.5in/s or 12mm/s, a file "
                "with your own, or point: of each event those of its point (sfm point limits). May be given again.  "
                f"[default: {usual}]",
            ),
        ):
            decorated = option(decorated)
        return decorated

    return add


def tell_unread_lines(words: Sequence[str]) -> None:
    """What of the limit curves in files looks like a key and is none. Of a file that cannot be used the command says
    so."""
    if not words:
        return
    from sfm_archive.errors import SfmError
    from sfm_archive.limits.named_curves import unread_in

    try:
        said = unread_in(words)
    except SfmError:
        return
    for sentence in said:
        tell(sentence)
