"""Starting up: commands load only what they need. Times are measured by hand, never here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sfm_archive.base.version import __version__
from sfm_archive.cli import COMMANDS


def loaded(*arguments: str) -> set[str]:
    """Modules that a process has loaded at the end of a command."""
    program = (
        "import sys, json\n"
        "from sfm_archive.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_list_needs_no_plugin_and_no_codec(quarry):
    modules = loaded("list", quarry)
    assert "sfm_archive.archive.archive" in modules
    assert {"zstandard", "msgpack", "pluggy"} & modules == set()
    assert {
        "sfm_blastware.v1",
        "sfm_archive.cli.write",
        "sfm_formats.exporters",
        "sfm_formats.data_formats",
    } & modules == set()
    assert {"numpy", "matplotlib", "reportlab", "babel", "obspy", "pandas"} & modules == set()
    assert {"sfm_archive.waveforms", "sfm_archive.analysing", "sfm_archive.reporting"} & modules == set()
    assert {"sfm_archive.importing", "sfm_archive.exporting", "sfm_archive.testing"} & modules == set()
    writing = {"saving", "encoding", "describing", "telling"}
    assert {f"sfm_archive.archive.{name}" for name in writing} & modules == set()
    assert {"sfm_archive.storage.writing", "sfm_archive.plugins.registry"} & modules == set()
    assert {"sfm_archive.storage.changes", "sfm_archive.archive.results"} & modules == set()
    others = {f"sfm_archive.cli.{name}" for name in ("import_", "export", "demo", "completion")}
    assert others & modules == set()


def test_show_of_what_was_never_handed_over_loads_no_exporting(quarry):
    modules = loaded("show", quarry, "1")
    assert "sfm_archive.archive.describing" in modules
    assert {"sfm_archive.exporting", "sfm_archive.plugins.registry", "zstandard", "msgpack"} & modules == set()
    assert {"sfm_archive.archive.saving", "zoneinfo", "numpy"} & modules == set()


def test_summary_without_limits_needs_no_samples(quarry):
    modules = loaded("summary", quarry, "--by", "month,serial")
    assert "sfm_archive.reporting.summarising" in modules
    assert {"numpy", "zstandard", "pluggy", "sfm_archive.waveforms", "sfm_archive.analysing"} & modules == set()


def test_plugins_load_no_more_than_they_need(quarry):
    modules = loaded("export", quarry, "out")
    assert {"sfm_blastware.v2", "sfm_formats.waveform", "sfm_formats.data_formats"} <= modules
    assert {"numpy", "h5py", "obspy", "pyarrow", "pandas"} & modules == set()
    assert {"sfm_archive.waveforms", "sfm_archive.tables", "sfm_archive.cli.write"} & modules == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list", "--help"], ["import", "--help"]])
def test_help_opens_nothing(arguments):
    modules = loaded(*arguments)
    assert {"apsw", "pluggy", "zstandard", "msgpack", "numpy", "sfm_archive.archive.archive"} & modules == set()


def test_the_installed_program_answers(process):
    assert process("--version").stdout == f"sfm-archive {__version__}\n"
    text = process("--help").stdout
    assert text.startswith("Usage: sfm [OPTIONS] COMMAND [ARGS]...\n")
    listed = text[text.index("Commands:") :]
    assert [listed.index(f"\n  {name} ") for name in COMMANDS] == sorted(
        listed.index(f"\n  {name} ") for name in COMMANDS
    )
    assert "..." not in listed, "a command's first sentence is too long for the list"


def test_the_round_as_processes(process, sfm, imported):
    from sfm_archive.demo import captures

    assert process("create", "new.sfm").returncode == 0
    assert process("import", "new.sfm", captures()[0].parent).returncode == 1
    assert process("list", "new.sfm", "--limit", "1").stdout.count("\n") == 2
    assert process("export", "new.sfm", "out").returncode == 1
    assert process("show", "new.sfm", "99").returncode == 3
    assert [path.name for path in sfm.folder.glob("new.sfm*")] == ["new.sfm"]
