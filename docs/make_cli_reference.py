"""Makes docs/cli.md from the commands themselves: `python docs/make_cli_reference.py`. A test compares the two.

The keys of `--json` are those of json-schema/sfm.json, which make_json_schema.py makes of the types: run that first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from sfm_archive.cli import COMMANDS, EXIT_CODES, main

PAGE = Path(__file__).with_name("cli.md")
SCHEMA = Path(__file__).parent / "json-schema" / "sfm.json"
WIDTH = 100

INTRODUCTION = """\
# The command line

<!-- Made by docs/make_cli_reference.py from the commands' own help; change it there. -->

`sfm COMMAND ARCHIVE …`: the archive comes first, what goes in or out comes after it. Data goes to standard output,
everything else (progress, notes, errors, the history head) to standard error. Times of events are device-local, as the
unit recorded them; times that the program stamps are UTC and say so.

An error is one sentence on standard error that names the file or event, says what is wrong, and ends with the next
step. Standard error that is full or closed changes no exit code; data that standard output has no room for ends a
command with 6, and a reader who leaves it does not count.
"""

JSON_NOTES = """\
`--json` prints one JSON document. Signs beyond ASCII are escaped, so that it survives every console.
[json-schema/sfm.json](json-schema/sfm.json) is its JSON Schema, with a definition for each command. In the tables below
`a[].b` is the key `b` in each member of the list `a`; a key that ends with `?` is left out where it has nothing to say.
Keys are added and never change their meaning within one major version.
"""


def page() -> str:
    """The whole page."""
    definitions = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
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
        if isinstance(command, click.Group):
            for part, own in command.commands.items():
                inner = click.Context(
                    own, info_name=part, parent=context, terminal_width=WIDTH, max_content_width=WIDTH
                )
                parts += [f"### sfm {name} {part}\n", _code(own.get_help(inner))]
        if name in definitions:
            rows = [f"| `{key}` | {text} |" for key, text in keys(definitions[name], definitions)]
            given = "What the program of `--notify` reads, [json-schema/sfm.json](json-schema/sfm.json), `watch`:\n"
            printed = given if name == "watch" else "With `--json`:\n"
            parts.append("\n".join([printed, "| key | meaning |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def keys(node: dict[str, Any], definitions: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key of a definition with its meaning; those of an object or a list in it follow, with its own before."""
    for name, member in node["properties"].items():
        key = prefix + name + ("" if name in node["required"] else "?")
        text = member.get("description", "")
        choices = [kind for kind in member.get("anyOf", [member]) if kind.get("type") != "null"]
        form = choices[0]
        items = form.get("items")
        inner = items if items is not None else form
        inner = definitions[inner["$ref"].rsplit("/", 1)[1]] if "$ref" in inner else inner
        known = "properties" in inner
        words = ", ".join(f"`{word}`" for word in form.get("enum", []) if "`" not in text)
        null = "anyOf" in member and known
        parts = (text, words and f"one of {words}", null and "null" not in text and "or null")
        meaning = "; ".join(part for part in parts if part)
        if text or not known or null:
            yield key, meaning
        if known:
            yield from keys(inner, definitions, f"{prefix}{name}[]." if items is not None else f"{prefix}{name}.")


def _exit_codes() -> str:
    rows = [f"| {code:d} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows]) + "\n"


def _code(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{PAGE} written\n")
