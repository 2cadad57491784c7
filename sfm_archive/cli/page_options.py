"""Options of commands that write pages."""

from __future__ import annotations

import click

paper_option = click.option(
    "--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Page size."
)
language_option = click.option(
    "--language",
    default="en",
    show_default=True,
    metavar="CODE",
    help="Language of the pages, their numbers and dates: de or en. What people and documents wrote stays as it is.",
)
