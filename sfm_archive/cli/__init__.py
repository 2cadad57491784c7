"""The command line, `sfm`: one file for each command, loaded when it is asked for.

Commands read their options, call one service, and print what it reports. `options` holds what they share, `opening`
opens archives, `output` prints data, `failures` turns errors into a sentence and an exit code.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from sfm_archive.base.version import __version__
from sfm_archive.cli.failures import sentences_for_errors, stop_by_ctrl_break
from sfm_archive.errors import ExitCode

COMMANDS = {
    "create": "sfm_archive.cli.create",
    "import": "sfm_archive.cli.import_",
    "watch": "sfm_archive.cli.watch",
    "merge": "sfm_archive.cli.merge",
    "extract": "sfm_archive.cli.extract",
    "list": "sfm_archive.cli.list_",
    "find": "sfm_archive.cli.find",
    "waiting": "sfm_archive.cli.waiting",
    "show": "sfm_archive.cli.show",
    "review": "sfm_archive.cli.review",
    "jobs": "sfm_archive.cli.jobs",
    "job": "sfm_archive.cli.job",
    "point": "sfm_archive.cli.point",
    "place": "sfm_archive.cli.place",
    "unit": "sfm_archive.cli.unit",
    "blast": "sfm_archive.cli.blast",
    "firm": "sfm_archive.cli.firm",
    "correct": "sfm_archive.cli.correct",
    "export": "sfm_archive.cli.export",
    "handovers": "sfm_archive.cli.handovers",
    "verify": "sfm_archive.cli.verify",
    "encoders": "sfm_archive.cli.encoders",
    "decoders": "sfm_archive.cli.decoders",
    "plugins": "sfm_archive.cli.plugins",
    "diff": "sfm_archive.cli.diff",
    "reencode": "sfm_archive.cli.reencode",
    "zones": "sfm_archive.cli.zones",
    "settings": "sfm_archive.cli.settings",
    "join": "sfm_archive.cli.join",
    "history": "sfm_archive.cli.history",
    "mark": "sfm_archive.cli.mark",
    "analyse": "sfm_archive.cli.analyse",
    "check-file": "sfm_archive.cli.check_file",
    "check-report": "sfm_archive.cli.check_report",
    "plot": "sfm_archive.cli.plot",
    "report": "sfm_archive.cli.report",
    "summary": "sfm_archive.cli.summary",
    "coverage": "sfm_archive.cli.coverage",
    "attenuation": "sfm_archive.cli.attenuation",
    "export-data": "sfm_archive.cli.export_data",
    "write": "sfm_archive.cli.write",
    "backup": "sfm_archive.cli.backup",
    "seal": "sfm_archive.cli.seal",
    "rebuild": "sfm_archive.cli.rebuild",
    "compact": "sfm_archive.cli.compact",
    "salvage": "sfm_archive.cli.salvage",
    "serve": "sfm_archive.cli.serve",
    "page": "sfm_archive.cli.page",
    "info": "sfm_archive.cli.info",
    "config": "sfm_archive.cli.config",
    "demo": "sfm_archive.cli.demo",
    "completion": "sfm_archive.cli.completion",
}
"""Where each command lives, in the order of the help. Every module has its command under the name `command`."""

COMPLETE_VARIABLE = "_SFM_COMPLETE"
"""The environment variable by which a shell asks for completions instead of a run."""

EXIT_CODES = {
    ExitCode.OK: "done",
    ExitCode.FINDINGS: "done, but something was refused or rejected: the report says what",
    ExitCode.USAGE: "the call cannot be right (an option, a serial, a date)",
    ExitCode.NOT_FOUND: "not there: the archive, an event, an encoder, a source, or any event to work on",
    ExitCode.BUSY: "another program is writing; nothing was changed, try again",
    ExitCode.DAMAGED: "damaged: stored bytes are not what was recorded",
    ExitCode.NOT_USABLE: "the file, folder or medium does not allow it",
    ExitCode.INTERRUPTED: "interrupted",
}
"""What each exit code means, for the help and for docs/cli.md."""

_EPILOG = "Plug-ins may add commands: sfm plugins lists them.\n\n\b\nExit codes:\n" + "\n".join(
    f"  {code:<4} {meaning}" for code, meaning in EXIT_CODES.items()
)


class Commands(click.Group):
    """The group: loads a command's module when it is needed, and lets no error out as a traceback on purpose."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name. Plug-ins are loaded only for a name that is not built in."""
        if cmd_name not in COMMANDS:
            return _of_a_plugin(cmd_name)
        from importlib import import_module

        found: click.Command = import_module(COMMANDS[cmd_name]).command
        return found

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read what stands before the command; errors as in `invoke`."""
        with sentences_for_errors():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors become one sentence and their exit code."""
        with sentences_for_errors():
            given = super().invoke(ctx)
            sys.stdout.flush()
            return given

    def main(self, *args: Any, **extra: Any) -> Any:
        """Entry point of the program."""
        from sfm_archive.cli.output import prepare_streams
        from sfm_archive.cli.standard_output import own_standard_output

        prepare_streams()
        stop_by_ctrl_break()
        with own_standard_output():
            return self._main(*args, **extra)

    def _main(self, *args: Any, **extra: Any) -> Any:
        extra.setdefault("prog_name", "sfm")
        extra.setdefault("complete_var", COMPLETE_VARIABLE)
        if COMPLETE_VARIABLE in os.environ:
            from sfm_archive.cli.completion import answer_quietly, register_shells

            register_shells()
            with answer_quietly():
                return super().main(*args, **extra)
        return super().main(*args, **extra)


def _of_a_plugin(name: str) -> click.Command | None:
    from sfm_archive.cli.output import tell
    from sfm_archive.plugins.loading import load_plugins

    registry = load_plugins(commands_beside=COMMANDS)
    for registered in registry.commands:
        if registered.name == name and isinstance(registered.offered, click.Command):
            return registered.offered
    if COMPLETE_VARIABLE not in os.environ:
        for error in registry.load_errors:
            tell(f"plug-in {error.source} could not be used: {error.reason}")
    return None


@click.group("sfm", cls=Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sfm-archive", message="%(prog)s %(version)s")
def main() -> None:
    """Keep seismograph events in one file, and get Blastware folders back.

    The archive comes first, what goes in or out comes after it:

    \b
      sfm create quarry.sfm
      sfm import quarry.sfm ~/downloads
      sfm list quarry.sfm --serial BE11529 --since 2026-05-01
      sfm export quarry.sfm out

    Never seen it before? `sfm demo` builds a small archive from recordings that come with the program.

    Data goes to standard output, everything else to standard error.
    """
