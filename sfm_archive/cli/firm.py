"""`sfm firm`: whose reports an archive's are, and how they are to look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change
from sfm_archive.cli.output import OutputFormat, emit, emit_json, pairs, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.preferences import preference_options
from sfm_archive.cli.statement_options import Said, statement_options, tell_statement


@click.command("firm")
@archive_to_change
@preference_options
@click.option("--without-logo", is_flag=True, help="Take the logo back.")
@click.option("--withdraw", is_flag=True, help="Take all of it back.")
@click.option("--save-logo", "target", type=path_type(folders=False), metavar="FILE", help="Write the logo out.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@statement_options()
def command(
    access: Access,
    stated: dict[str, Any],
    without_logo: bool,
    withdraw: bool,
    target: Path | None,
    overwrite: bool,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say whose reports these are, and their looks.

    That is the firm's name, address, logo and signature, and paper, language, units and limits of outputs. Without an
    option: what is stated. What is given is kept, what is not given stays; an empty text takes a part back.

    Options of a command count before it, and it counts before the user's own file (sfm config). The logo is kept in the
    archive, up to 2 MiB.

    \b
    Examples:
      sfm firm quarry.sfm --name "Rock Consult" --address "Main Street 1" --logo rock.png --signature "A. Miller"
      sfm firm quarry.sfm --paper letter --units in/s --limits usbm --reason "for the US client"
      sfm firm quarry.sfm
    """
    import sfm_archive as sfm

    modes = [bool(stated) or without_logo, withdraw, target is not None]
    if sum(modes) > 1:
        raise click.UsageError("say one thing: what is to be kept, --withdraw, or --save-logo FILE")
    if target is not None:
        with access.to_read() as archive:
            new = sfm.save_logo(archive, target, overwrite=overwrite)
        tell(f"{target} {'written' if new else 'was there already'}")
    elif not any(modes):
        _show(access, output)
    else:
        with changing(access.to_change(dry_run=said.dry_run)) as archive:
            if withdraw:
                made = sfm.withdraw_firm(archive, **said.parts())
            else:
                made = sfm.state_firm(archive, **stated, without_logo=without_logo, **said.parts())
        if output is OutputFormat.JSON:
            emit_json({"archive": str(access.path), "firm": None, "statement": made})
        else:
            tell_statement(access, made, output)


def _show(access: Access, output: OutputFormat) -> None:
    import sfm_archive as sfm

    with access.to_read() as archive:
        found = sfm.stated_firm(archive)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "firm": found, "statement": None})
        return
    if found is None:
        tell(f"{access.path} states nothing of a firm; sfm firm --help says how")
        return
    words = {
        "name": found.name,
        "address": ", ".join(found.address),
        "signature": found.signature,
        "logo": found.logo,
        "paper": found.paper,
        "language": found.language,
        "units": found.units,
        "limits": " ".join(found.limits),
        "airblast": found.airblast,
        "said by": found.decided_by,
        "reason": found.reason,
    }
    emit(pairs((key, value) for key, value in words.items() if value))
