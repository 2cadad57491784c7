"""`sfm plugins`, and commands that plug-ins add."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import click
import pytest

from sfm_archive.errors import BadInput
from sfm_archive.plugins import loading as plugins
from sfm_archive.plugins.hookspecs import hookimpl

BUILT_IN = plugins.installed_entry_points()


@pytest.fixture
def offer(monkeypatch):
    """Installs a plug-in with this command beside what is installed."""

    def install(command):
        module = ModuleType("offered_command")

        @hookimpl
        def sfm_commands():
            return [command]

        module.sfm_commands = sfm_commands
        monkeypatch.setitem(sys.modules, module.__name__, module)
        point = EntryPoint("offered", module.__name__, "sfm_archive")
        monkeypatch.setattr(plugins, "installed_entry_points", lambda: [*BUILT_IN, point])

    return install


def test_what_is_installed(sfm):
    result = sfm("plugins")
    assert result.stderr == ""
    titles, *lines = result.stdout.splitlines()
    assert titles.split() == ["plug-in", "package", "version", "hooks", "offers"]
    assert [line.split()[0] for line in lines] == [point.name for point in BUILT_IN]
    assert "exporter ascii-values, exporter blastware" in result.stdout
    assert "importer capture@1" in result.stdout


def test_json_has_exactly_the_documented_keys(sfm, closed, monkeypatch):
    broken = EntryPoint("broken", "no_such_module_anywhere", "sfm_archive")
    monkeypatch.setattr(plugins, "installed_entry_points", lambda: [broken, *BUILT_IN])
    monkeypatch.setenv("SFM_PLUGINS", "broken,blastware-2,waveform-1")
    document = sfm.json("plugins")
    closed("plugins", document)
    found = {one["entry_point"]: one for one in document["plugins"]}
    assert found["blastware-2"]["encoders"] == ["blastware@2"]
    assert found["waveform-1"]["decoders"] == ["waveform@1"]
    assert found["waveform-1"]["hooks"] == ["sfm_decoders"]
    assert document["load_errors"][0]["entry_point"] == "broken"
    assert "exporters" in document["left_out"]


def test_a_broken_one_is_named_and_what_is_left_out_too(sfm, monkeypatch):
    broken = EntryPoint("broken", "no_such_module_anywhere", "sfm_archive")
    monkeypatch.setattr(plugins, "installed_entry_points", lambda: [broken, *BUILT_IN])
    monkeypatch.setenv("SFM_PLUGINS", "broken,exporters")
    result = sfm("plugins")
    assert "plug-in 'broken' (no_such_module_anywhere)" in result.stderr
    assert "SFM_PLUGINS=broken,exporters leaves out blastware-0, " in result.stderr


def test_a_plugin_that_is_left_out_is_missed_by_name(sfm, quarry, monkeypatch):
    monkeypatch.setenv("SFM_PLUGINS", "blastware-1")
    assert sfm("list", quarry).stdout.count("\n") == 8
    assert "blastware@2 is not installed" in sfm.error("export", quarry, "out", "--encoder", "blastware@2", code=3)


def test_a_command_of_a_plugin_runs_and_its_errors_are_sentences(sfm, offer):
    @click.command("shout")
    @click.argument("word")
    def shout(word):
        if word == "no":
            raise BadInput("no is no word to shout; give another")
        click.echo(word.upper())

    offer(shout)
    assert sfm("shout", "well").stdout == "WELL\n"
    assert sfm.error("shout", "no", code=1) == "no is no word to shout; give another"
    assert "shout" not in sfm("--help").stdout
    assert "command shout" in sfm("plugins").stdout


def test_a_command_that_is_built_in_cannot_be_taken(sfm, quarry, offer):
    offer(click.Command("list", callback=lambda: click.echo("taken")))
    assert "taken" not in sfm("list", quarry).stdout
    assert "the command 'list' is built in" in sfm("plugins").stderr


def test_a_word_that_is_no_command(sfm, monkeypatch):
    broken = EntryPoint("broken", "no_such_module_anywhere", "sfm_archive")
    monkeypatch.setattr(plugins, "installed_entry_points", lambda: [broken, *BUILT_IN])
    result = sfm("shout", code=2)
    assert "plug-in 'broken'" in result.stderr
    assert result.stderr.endswith("Error: No such command 'shout'.\n")
