"""Shell completion: what is offered, and each shell's own way of asking for it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sysconfig
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sfm_archive.cli import main
from sfm_archive.cli.completion import PLACES

BASH = shutil.which("bash")


@pytest.fixture
def ask(sfm):
    """Ask as a shell does, by the environment, but in this process. The scripts below ask the installed command."""

    def asked(**environment: str) -> Result:
        # A variable that the shell of these tests happens to have set is none of the question's.
        unset = dict.fromkeys(("_SFM_COMPLETE", "COMP_WORDS", "COMP_CWORD"))
        return CliRunner().invoke(main, [], prog_name="sfm", env={**unset, **environment})

    return asked


@pytest.fixture
def powershell(ask):
    """Completions as PowerShell's script gets them: type, value and explanation."""

    def complete(*words: str, unfinished: str = "") -> list[tuple[str, str, str]]:
        done = ask(_SFM_COMPLETE="powershell_complete", COMP_WORDS="\n".join(["sfm", *words]), COMP_CWORD=unfinished)
        assert (done.exit_code, done.stderr) == (0, "")
        rows = [tuple(line.split("\t")) for line in done.stdout.splitlines() if line]
        assert all(len(row) == 3 and row[2] for row in rows), rows
        return rows

    return complete


def values(rows):
    return [value for _, value, _ in rows]


def test_commands(powershell):
    assert values(powershell(unfinished="e")) == ["extract", "export", "encoders", "export-data"]


def test_options(powershell, quarry):
    assert {"--since", "--serial"} <= set(values(powershell("list", quarry, unfinished="--s")))


def test_event_ids_newest_first_with_what_they_are(powershell, quarry):
    rows = powershell("show", quarry)
    assert values(rows) == ["5", "7", "4", "6", "3", "2", "1"]
    assert rows[0] == ("plain", "5", "BE11529 2026-05-13 13:04:09 waveform M529LL4X.MX0W")


def test_event_names_whatever_their_case(powershell, quarry):
    assert values(powershell("show", quarry, unfinished="m529ll3")) == ["M529LL3G.O00H", "M529LL33.JM0W"]


def test_names_in_a_strangers_archive_move_no_cursor(powershell, quarry, sfm):
    with sqlite3.connect(sfm.folder / quarry) as database:
        database.execute("INSERT INTO event_name VALUES (7, 1, 2, 'M529LL99.MX0W\x1b]0;x\x07')")
    database.close()
    ((_, _, explanation),) = powershell("show", quarry, unfinished="7")
    assert explanation.endswith(" M529LL99.MX0W?]0;x?")
    assert powershell("show", quarry, unfinished="M529LL99") == []


def test_events_behind_the_folder_of_an_export_and_none_twice(powershell, quarry):
    assert values(powershell("export", quarry, "out", "5", "7", unfinished="")) == ["4", "6", "3", "2", "1"]


def test_serials(powershell, quarry):
    assert values(powershell("list", quarry, "--serial")) == ["BE11529", "BE14036", "BE9413"]
    assert values(powershell("list", quarry, "--serial", unfinished="be1")) == ["BE11529", "BE14036"]


@pytest.mark.parametrize("words", [("export", "QUARRY", "out", "--encoder"), ("encoders", "QUARRY", "--pin")])
def test_encoders(powershell, quarry, words):
    words = [quarry if word == "QUARRY" else word for word in words]
    rows = powershell(*words, unfinished="blastware@")
    assert values(rows) == ["blastware@0", "blastware@1", "blastware@2", "blastware@3"]
    assert rows[2][2].startswith("address-mapped")


def test_record_types(powershell, quarry):
    assert values(powershell("list", quarry, "--type", unfinished="m")) == ["monitor-log"]


def test_paths_with_blanks_and_backslashes_stay_whole(powershell, quarry, sfm):
    name = "my quarry.sfm" if os.name == "nt" else "my\\quarry archive.sfm"
    Path(quarry).rename(name)
    assert len(powershell("show", name)) == 7


@pytest.mark.parametrize("archive", ["nowhere.sfm", "wrong.sfm", ".", ""])
@pytest.mark.parametrize("words", [("show",), ("list",), ("export",)])
def test_what_cannot_be_read_offers_nothing_and_says_nothing(powershell, sfm, words, archive):
    Path("wrong.sfm").write_bytes(b"SQLite format 3\x00" + bytes(99))
    assert [row for row in powershell(*words, archive, "out") if row[0] == "plain"] == []


@pytest.mark.parametrize("shell", [*PLACES, "tcsh", ""])
@pytest.mark.parametrize("asked", ["complete", "source", "nonsense", ""])
def test_no_question_ends_in_a_traceback(ask, shell, asked):
    for words in ({}, {"COMP_WORDS": "sfm show 'a", "COMP_CWORD": "x"}, {"COMP_WORDS": "\n\n", "COMP_CWORD": "9"}):
        done = ask(_SFM_COMPLETE=f"{shell}_{asked}", **words)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert "Traceback" not in done.stderr
        assert done.exit_code in (0, 1)


def test_the_installed_command_answers_a_shell(process):
    done = process(_SFM_COMPLETE="powershell_complete", COMP_WORDS="sfm", COMP_CWORD="enc")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("plain\tencoders\t")


@pytest.mark.parametrize("shell", PLACES)
def test_the_script_goes_to_stdout_and_its_place_to_stderr(sfm, shell):
    result = sfm("completion", shell)
    assert f"_SFM_COMPLETE={shell}_complete" in result.stdout or "'powershell_complete'" in result.stdout
    assert "sfm" in result.stdout and "%(" not in result.stdout
    assert result.stderr == f"To use it, {PLACES[shell]}\n"


def test_a_shell_that_nobody_wrote_for(sfm):
    assert sfm.usage_error("completion", "tcsh").startswith("Invalid value for '{bash|zsh|fish|powershell}'")


def test_the_powershell_script_is_balanced_and_restores_the_environment(sfm):
    """There is no PowerShell to run it here; what it asks is tested above."""
    script = sfm("completion", "powershell").stdout
    for opening, closing in ("{}", "()", "[]"):
        assert script.count(opening) == script.count(closing)
    assert script.count("'") % 2 == 0
    assert script.startswith("Register-ArgumentCompleter -Native -CommandName sfm -ScriptBlock {\n")
    assert "$env:_SFM_COMPLETE, $env:COMP_WORDS, $env:COMP_CWORD = $before" in script
    assert "finally" in script


DRIVE_BASH = """
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
_sfm_completion sfm "" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(BASH is None or os.name == "nt", reason="no bash")
@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("sfm exp", ["export", "export-data"]),
        ("sfm show quarry.sfm ", ["5", "7", "4", "6", "3", "2", "1"]),
        ("sfm show quarry.sfm m529ll4", ["M529LL4X.MX0W"]),
        ("sfm show 'my quarry.sfm' m529ll4", ["M529LL4X.MX0W"]),
        ("sfm list quarry.sfm --serial BE1", ["BE11529", "BE14036"]),
        ("sfm list quarry.sfm --serial=BE1", ["BE11529", "BE14036"]),
        # bash breaks words at `@` and replaces only what stands behind it.
        ("sfm export quarry.sfm out --encoder blast", [f"blastware@{version}" for version in range(4)]),
        ("sfm export quarry.sfm out --encoder blastware@", ["0", "1", "2", "3"]),
        ("sfm export quarry.sfm out --encoder blastware@2", ["2"]),
        ("sfm export quarry.sfm out --encoder=blastware@", ["0", "1", "2", "3"]),
        ("sfm show nowhere.sfm ", [""]),
    ],
)
def test_bash_gets_what_it_puts_into_the_line(sfm, quarry, line, replies):
    shutil.copyfile(quarry, "my quarry.sfm")
    script = sfm.folder / "completion.bash"
    script.write_text(sfm("completion", "bash").stdout, encoding="utf-8")
    done = subprocess.run(
        [str(BASH), "--norc", "-c", DRIVE_BASH, "bash", str(script), line],
        env={**os.environ, "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == replies
