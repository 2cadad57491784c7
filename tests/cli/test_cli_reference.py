"""docs/cli.md is what the commands say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from sfm_archive.cli import COMMANDS
from sfm_archive.cli.json_reference import FREE_FORM, JSON_KEYS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_the_commands_say():
    spec = importlib.util.spec_from_file_location("make_cli_reference", DOCS / "make_cli_reference.py")
    assert spec is not None and spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    written = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert written == maker.page(), "run: python docs/make_cli_reference.py"


def test_every_command_with_json_is_documented():
    assert set(JSON_KEYS) == set(COMMANDS) - {"create", "demo", "completion", "plot", "report", "write"}
    assert all(entry.split(" ", 1)[1] in JSON_KEYS[entry.split(" ", 1)[0]] for entry in FREE_FORM)
