"""`sfm write`: one event in any installed format. A command that comes as a plug-in, as a stranger's would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfm_archive.plugins.api import hookimpl

if TYPE_CHECKING:
    import click

SFM_HOOK_API = 1


@hookimpl
def sfm_commands() -> list[click.Command]:
    """This package's one command. click and the archive are imported when somebody asks for it."""
    from sfm_write.command import command

    return [command]
