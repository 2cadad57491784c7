"""An option may be given a whole file by mistake: what is said of it is a sentence to read, of whichever command."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sfm_archive.cli import COMMANDS, main

ENDLESS = ("x" * 100_000, "word " * 20_000)
MOST = 3000


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("demo", "completion")])
def test_no_error_repeats_all_of_it(sfm, quarry, calls_with, command):
    for arguments in [call for text in ENDLESS for call in (*calls_with(command, text), [command, f"--{text}"])]:
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


def test_what_no_system_takes_as_a_path_is_wrong_usage(sfm):
    assert "cannot be the name of a file; name another one" in sfm.usage_error("list", "quarry\0.sfm")
