"""docs/cli.md and the schema of `--json` are what the commands and types say."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from sfm_archive.cli import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"
KEYS = Path(__file__).with_name("json_keys.txt")
SCHEMA = json.loads((DOCS / "json-schema" / "sfm.json").read_bytes())


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_commands_say(monkeypatch: pytest.MonkeyPatch):
    written = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert written == script("make_cli_reference", monkeypatch).page(), "run: python docs/make_cli_reference.py"


def test_the_schema_is_what_the_types_say(monkeypatch: pytest.MonkeyPatch):
    written = (DOCS / "json-schema" / "sfm.json").read_text(encoding="utf-8")
    assert written == script("make_json_schema", monkeypatch).schema(), "run: python docs/make_json_schema.py"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_command_with_json_is_in_the_schema_and_every_key_is_described():
    commands = {one["$ref"].removeprefix("#/$defs/") for one in SCHEMA["anyOf"]}
    assert commands == set(COMMANDS) - {"create", "demo", "completion", "plot", "report", "write", "serve", "page"}
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert "|  |" not in page and not any(constant in page for constant in ("QUANTITIES", "ItemOutcome", "''"))


def keys(node: dict[str, Any], at: str) -> Iterator[str]:
    """`command a.b[].c` for every key in a part of the schema that is no object and no list of them."""
    if "$ref" in node:
        yield from keys(SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]], at)
    elif "anyOf" in node:
        for one in node["anyOf"]:
            yield from keys(one, at)
    elif "items" in node:
        yield from keys(node["items"], f"{at}[]" if "$ref" in node["items"] else at)
    elif "properties" in node:
        for name, member in node["properties"].items():
            yield from keys(member, f"{at}.{name}")
    elif node.get("type") != "null":
        yield at


def test_no_key_is_removed_or_renamed():
    """json_keys.txt holds the keys of the first release: add the new ones; none of the old may go."""
    found = {key.replace(" .", " ") for one in SCHEMA["anyOf"] for key in keys(one, f"{one['$ref'][8:]} ")}
    assert set(KEYS.read_text(encoding="utf-8").split("\n")[:-1]) == found
