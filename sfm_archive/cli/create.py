"""`sfm create`: a new, empty archive."""

from __future__ import annotations

from pathlib import Path

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access, tell_history_head
from sfm_archive.cli.options import actor_option, archive_argument, decoder_option, encoder_option, wait_option
from sfm_archive.cli.output import tell


@click.command("create")
@archive_argument
@encoder_option("The encoder to pin: used wherever none is named.  [default: blastware@2]")
@decoder_option("The decoder to pin: it computes numbers of samples.  [default: waveform@1]")
@wait_option
@actor_option
def command(archive: Path, encoder: str | None, decoder: str | None, wait_s: float, actor: str | None) -> None:
    """Make a new, empty archive.

    A file at ARCHIVE is never replaced. Any file extension will do; .sfm is usual.

    \b
    Example:
      sfm create quarry.sfm
    """
    with Access(path=archive, wait_s=wait_s, actor=actor).made(encoder, decoder) as made:
        step = command_line("sfm", "import", archive)
        pinned = f"encoder {made.pinned_encoder}, decoder {made.pinned_decoder} pinned"
        tell(f"{archive} created; {pinned}. Next: {step} FOLDER")
        tell_history_head(made)
