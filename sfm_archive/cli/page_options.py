"""Options of commands that write pages; what counts without them, `cli.preferences.preferred` says."""

from __future__ import annotations

import click

from sfm_archive.cli.preferences import STATED
from sfm_archive.model.preferences import PAPERS

paper_option = click.option("--paper", type=click.Choice(PAPERS), help=f"Page size.  [default: {STATED}, else a4]")
language_option = click.option(
    "--language",
    metavar="CODE",
    help="Language of the pages, their numbers and dates: de or en. What people and documents wrote stays as it is.  "
    f"[default: {STATED}, else en]",
)
