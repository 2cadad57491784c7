"""Hand-over records of outputs: the option that leaves none, and what is said of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.opening import tell_history_head
from sfm_archive.cli.options import actor_option
from sfm_archive.cli.output import tell

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.exporting.report import Noted

Command = Callable[..., Any]


def record_options(command: Command) -> Command:
    """--no-record, as `record`, and --actor."""
    return actor_option(no_record_option(command))


def no_record_option(command: Command) -> Command:
    """--no-record, as `record`."""
    return click.option(
        "--no-record",
        "record",
        is_flag=True,
        flag_value=False,
        default=True,
        help="Leave no hand-over record in the archive, such as of a draft.",
    )(command)


def tell_noted(archive: Archive, noted: Noted) -> None:
    """Say what became of the record of an output, and the head of the history where it moved."""
    say_noted(noted)
    if noted.new:
        tell_history_head(archive)
    elif noted.number:
        tell(f"recorded as hand-over {noted.number} before: the bytes are the same")


def say_noted(noted: Noted) -> None:
    """Say what became of the record of an output."""
    if noted.new:
        kept = f", with the file ({noted.kept:,} bytes)" if noted.kept else ""
        tell(f"recorded as hand-over {noted.number}{kept}")
    if noted.message:
        tell(noted.message)
