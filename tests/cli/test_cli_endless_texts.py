"""An option may be given a whole file by mistake: what is said of it is a sentence to read, of whichever command."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from sfm_archive.cli import COMMANDS, main

ENDLESS = ("x" * 100_000, "word " * 20_000)
MOST = 3000


def calls(command: str) -> list[list[str]]:
    """A command with each of its arguments and options in turn of no end, the archive and an event beside."""
    found = main.get_command(click.Context(main), command)
    assert found is not None
    arguments = [one for one in found.params if isinstance(one, click.Argument)]
    usual = ["quarry.sfm" if one.name in ("archive", "access", "damaged") else "1" for one in arguments if one.required]
    made = []
    for text in ENDLESS:
        made += [[command, *usual[:at], text, *usual[at + 1 :]] for at in range(len(usual))]
        made += [
            [command, *usual, one.opts[0], text]
            for one in found.params
            if isinstance(one, click.Option) and not one.is_flag and one.opts[0] != "--processes"
        ]
        made.append([command, *usual, f"--{text}"])
    return made


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("demo", "completion")])
def test_no_error_repeats_all_of_it(sfm, quarry, command):
    for arguments in calls(command):
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), (arguments[0], result.exception)
        assert len(result.stderr) < MOST, ([one[:20] for one in arguments], result.stderr[:200])


def test_the_beginning_and_the_end_are_said(sfm, quarry):
    said = sfm.usage_error("list", quarry, "--since", "2026" * 25_000)
    assert "'20262026" in said and "characters) …" in said and said.endswith("write 2026-05-01 or 2026-05-01 13:16:34")
    assert sfm.error(
        "list", "a" * 200, code=3
    ) == f"{'a' * 200} does not exist; make a new archive with sfm create " + ("a" * 200)


def test_an_unknown_command_and_option_of_no_end(sfm):
    assert len(sfm("x" * 100_000, code=2).stderr) < MOST
    assert len(sfm(f"--{'x' * 100_000}", code=2).stderr) < MOST
