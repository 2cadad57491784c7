"""`sfm encoders`."""

from __future__ import annotations

from importlib.metadata import EntryPoint

from sfm_archive.base.version import __version__
from sfm_archive.plugins import loading as plugins

TABLE = f"""\
encoder      package      version  description
blastware@0  sfm-archive  {__version__}    strip, historic (2026-05-04 only): sequential, and cuts what looks like a \
second header
blastware@1  sfm-archive  {__version__}    sequential: every frame's content in the order received, faults included
blastware@2  sfm-archive  {__version__}    address-mapped: exactly the event's memory; refuses what cannot be a whole \
event
blastware@3  sfm-archive  {__version__}    healing: as blastware@2, and leaves out frames proved wrong where the \
stream brings the right ones
"""


def test_what_is_installed(sfm):
    assert sfm("encoders").stdout == TABLE


def test_what_an_archive_pins(sfm, quarry):
    result = sfm("encoders", quarry)
    assert [line[0] for line in result.stdout.splitlines()] == [" ", " ", " ", "*", " "]
    assert result.stderr == "quarry.sfm pins blastware@2\n"


def test_json_has_exactly_the_documented_keys(sfm, quarry, closed):
    document = sfm.json("encoders", quarry)
    closed("encoders", document)
    assert document["pinned"] == "blastware@2"
    assert {one["name"]: one["pinned"] for one in document["encoders"]} == {
        "blastware@0": False,
        "blastware@1": False,
        "blastware@2": True,
        "blastware@3": False,
    }
    without = sfm.json("encoders")
    closed("encoders", without)
    assert without["pinned"] is None


def test_moving_the_pin_changes_what_counts_and_the_history(sfm, quarry):
    before = sfm.json("info", quarry)["history_head"]
    result = sfm("encoders", quarry, "--pin", "blastware@1")
    assert "quarry.sfm: pin moved from blastware@2 to blastware@1\n" in result.stderr
    after = sfm.json("info", quarry)
    assert after["pinned_encoder"] == "blastware@1"
    assert f"history head {after['history_head']} (10 changes)\n" in result.stderr
    assert after["history_head"] != before
    assert {event["encoding"] for event in sfm.json("list", quarry)["events"]} == {"not yet blastware@1"}


def test_pinning_what_is_pinned_changes_nothing(sfm, quarry):
    result = sfm("encoders", quarry, "--pin", "blastware@2")
    assert result.stderr == "quarry.sfm pins blastware@2\n"


def test_an_encoder_that_nobody_can_run_is_not_pinned(sfm, quarry):
    sentence = sfm.error("encoders", quarry, "--pin", "blastware@9", code=3)
    assert sentence.startswith("encoder blastware@9 is not installed")


def test_a_pin_needs_an_archive(sfm):
    sentence = sfm.usage_error("encoders", "--pin", "blastware@1")
    assert sentence == "--pin needs the archive to pin it in: sfm encoders ARCHIVE --pin NAME"


def test_a_broken_plugin_is_named_and_the_rest_works(sfm, monkeypatch, closed):
    broken = EntryPoint("broken", "no_such_module_anywhere", "sfm_archive")
    found = plugins.installed_entry_points()
    monkeypatch.setattr(plugins, "installed_entry_points", lambda: [broken, *found])
    result = sfm("encoders")
    assert result.stdout == TABLE
    assert result.stderr.startswith("plug-in 'broken' (no_such_module_anywhere) of an unknown package")
    assert "could not be used: ModuleNotFoundError: " in result.stderr
    document = sfm.json("encoders")
    closed("encoders", document)
    assert [error["entry_point"] for error in document["load_errors"]] == ["broken"]


def test_moving_the_pin_back_undoes_it(sfm, quarry):
    for name in ("blastware@3", "blastware@2"):
        result = sfm("encoders", quarry, "--pin", name)
        assert f"quarry.sfm pins {name}\n" in result.stderr
