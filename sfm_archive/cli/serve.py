"""`sfm serve`: archives in a browser."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.output import tell
from sfm_archive.cli.paths import path_type
from sfm_archive.errors import UsageError

TOKENS_VARIABLE = "SFM_TOKENS"
"""The environment variable with people's tokens."""


@click.command("serve")
@click.argument("archives", nargs=-1, required=True, type=path_type(), metavar="ARCHIVE...")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option(
    "--port", type=WholeNumber(min=0), default=8750, show_default=True, metavar="N", help="The port; 0 for any free."
)
@click.option(
    "--public", default="", metavar="URL",
    help="The address under which browsers see it where a reverse proxy stands before it: https://records.example.org.",
)  # fmt: skip
@click.option("--review", is_flag=True, help="Let people mark false triggers, place events and confirm blasts.")
@click.option(
    "--tokens", type=path_type(folders=False), metavar="FILE",
    help=f"A file with who may log in, lines NAME: TOKEN.  [default: the same in {TOKENS_VARIABLE}; else one is made]",
)  # fmt: skip
@click.option(
    "--actor",
    metavar="NAME",
    help="The name of who logs in with the token that is made.  [default: the login name]",
)
def command(
    archives: tuple[Path, ...],
    host: str,
    port: int,
    public: str,
    review: bool,
    tokens: Path | None,
    actor: str | None,
) -> None:
    """Show archives in a browser.

    Lists, events with their traces, numbers and files, on this computer alone. The archives are opened read-only and
    nothing is loaded from elsewhere. With --review, or at any other address, people log in with a token; their name is
    then that of whatever they change.

    Without TLS others on the network can read along: put a reverse proxy with TLS before it (docs/browser.md).

    \b
    Examples:
      sfm serve quarry.sfm
      sfm serve quarry.sfm tunnel.sfm --review --tokens people.txt
    """
    require_extra("sfm serve", "web")
    from sfm_archive.archive.settings import current_actor
    from sfm_archive.cli.preferences import users_file
    from sfm_archive.sites.preferences import read_preferences
    from sfm_archive.web.login import Login, made_token, read_token_file, read_tokens
    from sfm_archive.web.served import served_archives
    from sfm_archive.web.server import Listening, serve
    from sfm_archive.web.site import Site

    if port > 65_535:
        raise UsageError(f"{port} is no port; give 0 to 65535")
    listening = Listening(host, port, public.rstrip("/"))
    people: dict[str, str] = {}
    if tokens is not None:
        people = read_token_file(tokens)
    elif os.environ.get(TOKENS_VARIABLE):
        people = read_tokens(os.environ[TOKENS_VARIABLE], TOKENS_VARIABLE)
    elif review or public or not listening.is_local:
        name, token = current_actor(actor), made_token()
        people = {name: token}
        tell(f"token of {name}, until this ends: {token}")
    served = served_archives(archives, read_preferences(users_file()))
    secure = listening.public.startswith("https://")
    if people and not secure and (listening.public or not listening.is_local):
        tell("without TLS: whoever is on the network can read along, tokens too (docs/browser.md has a reverse proxy)")

    def ready(address: str) -> None:
        seen = f", to browsers as {listening.public}" if listening.public else ""
        tell(f"{address} is open{seen}; Ctrl-C ends it")

    serve(Site(served, Login(people), review=review, secure=secure), listening, ready)
