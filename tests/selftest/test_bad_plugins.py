"""A short run of plug-ins that break; and that the trial would see one that gets through."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from sfm_archive.plugins import registry
from sfm_archive.selftest.bad_plugins import break_and_check


def test_no_bad_plugin_gets_through(tried: Any) -> None:
    found = break_and_check(2_000, seed=99)
    assert found.wrong == []
    tried("questions to plug-ins that break", found.questions)


def test_what_gets_through_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(call: Any, *may_raise: Any) -> Any:
        try:
            return call()
        except Exception as error:
            raise registry.PluginBroke(str(error)) from error

    monkeypatch.setattr(registry, "ask", careless)
    before = sys.stdout
    found = break_and_check(500, seed=99)
    assert sys.stdout is before
    assert any("SystemExit went through" in one for one in found.wrong)
    assert any("standard output got 'printed" in one for one in found.wrong)
