"""`sfm encoders`: what is installed, where it comes from, and which one an archive pins."""

from __future__ import annotations

from pathlib import Path

import click

from sfm_archive.cli.completers import complete_encoders
from sfm_archive.cli.offered import show
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import actor_option, archive_argument, encoder_name, json_option, wait_option
from sfm_archive.cli.output import OutputFormat, tell


@click.command("encoders")
@lambda function: archive_argument(function, required=False)
@click.option(
    "--pin",
    type=encoder_name,
    metavar="NAME",
    shell_complete=complete_encoders,
    help="Use this encoder in ARCHIVE from now on, wherever none is named.",
)
@wait_option
@actor_option
@json_option
def command(archive: Path | None, pin: str | None, wait_s: float, actor: str | None, output: OutputFormat) -> None:
    """List the installed encoders.

    With ARCHIVE it says which one that pins. An encoder makes the event file of an event's frames; one name stands for
    the same bytes for ever. Installing another one changes nothing in an archive until --pin says so; what was
    encoded before stays recorded.

    \b
    Examples:
      sfm encoders
      sfm encoders quarry.sfm --pin blastware@1
    """
    from sfm_archive.plugins.loading import load_plugins

    pinned = ""
    if archive is not None:
        access = Access(path=archive, wait_s=wait_s, actor=actor)
        pinned = _pinned(access) if pin is None else _pin(access, pin)
    elif pin is not None:
        raise click.UsageError("--pin needs the archive to pin it in: sfm encoders ARCHIVE --pin NAME")
    show(load_plugins(), "encoder", archive, pinned, output)


def _pinned(access: Access) -> str:
    with access.to_read() as opened:
        return str(opened.pinned_encoder)


def _pin(access: Access, name: str) -> str:
    with changing(access.to_write()) as opened:
        before = str(opened.pinned_encoder)
        opened.pin_encoder(name)
        if before != name:
            tell(f"{access.path}: pin moved from {before} to {name}")
        return str(opened.pinned_encoder)
