"""`sfm config`: a user's own defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.waiting import DEFAULT_WAIT_S
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_argument, json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table, tell
from sfm_archive.cli.preferences import FILE_VARIABLE, preference_options, preferred, users_file
from sfm_archive.model.preferences import KEYS

if TYPE_CHECKING:
    from sfm_archive.model.preferences import Preferred


def _archive(command: Any) -> Any:
    return archive_argument(command, required=False)


@click.command("config")
@_archive
@preference_options
@click.option("--unset", multiple=True, type=click.Choice(KEYS), help="Take a default back. May be given again.")
@json_option
def command(archive: Path | None, stated: dict[str, Any], unset: tuple[str, ...], output: OutputFormat) -> None:
    """Show and set your own defaults.

    They stand in a file of yours, not in an archive, and count where neither an option nor the archive (sfm firm) says
    otherwise. Without an option: what counts, and who says it; with an ARCHIVE for that one. Nothing is set that is not
    named; the firm's name, address, signature and logo are of one who says it, never mixed.

    The file is TOML and may be edited: name, address, signature, logo, paper, language, units, limits, airblast. Where
    it stands the command says; the environment variable SFM_CONFIG names another one.

    \b
    Examples:
      sfm config --paper letter --units in/s
      sfm config --unset paper
      sfm config quarry.sfm
    """
    path = users_file()
    if stated or unset:
        if archive is not None:
            raise click.UsageError("defaults are of no archive; sfm firm states those of one")
        if both := stated.keys() & set(unset):
            raise click.UsageError(f"--{min(both)} and --unset {min(both)} exclude each other; give one of them")
        _keep(path, stated | dict.fromkeys(unset, ""))
    if archive is None:
        found = preferred(None)
    else:
        with Access(path=archive, wait_s=DEFAULT_WAIT_S).to_read() as opened:
            found = preferred(opened)
    if output is OutputFormat.JSON:
        emit_json({"file": str(path), "archive": None if archive is None else str(archive), "preferred": found})
        return
    if rows := _rows(found):
        emit(table((Column("setting", "key"), Column("value", "value"), Column("said by", "said_by")), rows))
    there = "" if path.is_file() else ", which is not there yet"
    tell(f"your defaults: {path}{there} ({FILE_VARIABLE} names another file)")


def _rows(found: Preferred) -> list[tuple[str, str, str]]:
    values = {key: getattr(found.preferences, key) for key in KEYS if key in found.said_by}
    return [
        (key, value if isinstance(value, str) else ", ".join(value), found.said_by[key])
        for key, value in values.items()
    ]


def _keep(path: Path, changed: dict[str, Any]) -> None:
    from sfm_archive.files.failures import writing_to
    from sfm_archive.files.writing import write_file
    from sfm_archive.sites.firm import read_logo
    from sfm_archive.sites.preferences import read_text, with_keys

    if changed.get("logo"):
        read_logo(Path(changed["logo"]))
        changed["logo"] = str(Path(changed["logo"]).absolute())
    text = with_keys(read_text(path), str(path), changed)
    with writing_to(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, text.encode("utf-8", "replace"), overwrite=True)
