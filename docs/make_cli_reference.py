"""Makes docs/cli.md from the commands themselves: `python docs/make_cli_reference.py`. A test compares the two."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sfm_archive.cli import COMMANDS, EXIT_CODES, main
from sfm_archive.cli.json_reference import JSON_KEYS

PAGE = Path(__file__).with_name("cli.md")
WIDTH = 100

INTRODUCTION = """\
# The command line

<!-- Made by docs/make_cli_reference.py from the commands' own help; change it there. -->

`sfm COMMAND ARCHIVE …`: the archive comes first, what goes in or out comes after it. Data goes to standard output,
everything else (progress, notes, errors, the history head) to standard error. Times of events are device-local, as the
unit recorded them; times that the program stamps are UTC and say so.

An error is one sentence on standard error that names the file or event, says what is wrong, and ends with the next
step.
"""

JSON_NOTES = """\
`--json` prints one JSON document. Signs beyond ASCII are escaped, so that it survives every console. `a[].b` is the key
`b` in each member of the list `a`; a key that ends with `?` is left out where it has nothing to say. Keys are added and
never change their meaning within one major version.
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, "## Exit codes\n", _exit_codes(), "## JSON output\n", JSON_NOTES]
    root = click.Context(
        main, info_name="sfm", terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    parts += ["## sfm\n", _code(main.get_help(root))]
    for name in COMMANDS:
        command = main.get_command(root, name)
        if command is None:
            raise LookupError(name)
        context = click.Context(command, info_name=name, parent=root, terminal_width=WIDTH, max_content_width=WIDTH)
        parts += [f"## sfm {name}\n", _code(command.get_help(context))]
        if name in JSON_KEYS:
            rows = [f"| `{key}` | {text} |" for key, text in JSON_KEYS[name].items()]
            parts.append("\n".join(["With `--json`:\n", "| key | meaning |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = [f"| {code:d} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows]) + "\n"


def _code(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{PAGE} written\n")
