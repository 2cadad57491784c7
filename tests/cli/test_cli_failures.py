"""Errors: one sentence on standard error, the documented exit code, nothing on standard output."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from sfm_archive import errors
from sfm_archive.cli import COMMANDS, EXIT_CODES, main
from sfm_archive.cli.failures import interrupted, sentence_of, sentences_for_errors
from sfm_archive.cli.output import emit_exactly
from sfm_archive.errors import ExitCode

READING = ["list", "info", "verify", "encoders"]

HOLDS_A_WRITE_LOCK = """
import sys, apsw
connection = apsw.Connection(sys.argv[1])
connection.pragma("journal_mode", "wal")
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("command", READING)
def test_a_missing_archive(sfm, command):
    sentence = sfm.error(command, "nowhere.sfm", code=3)
    assert sentence == "nowhere.sfm does not exist; make a new archive with sfm create nowhere.sfm"


@pytest.mark.parametrize("command", READING)
def test_a_folder_as_archive(sfm, command):
    Path("store").mkdir()
    sentence = sfm.error(command, "store", code=6)
    assert sentence == "store is a folder, not an archive; to read it, import it into an archive"


@pytest.mark.parametrize(
    "arguments", [*([name] for name in READING), ["show", "1"], ["export", "out"], ["import", "."]]
)
def test_another_programs_sqlite_file(sfm, arguments):
    sqlite3.connect("other.db").execute("CREATE TABLE mine (a)").connection.close()
    before = Path("other.db").read_bytes()
    sentence = sfm.error(arguments[0], "other.db", *arguments[1:], code=6)
    assert sentence.startswith("other.db is a SQLite file of another program, not an sfm archive; it was not touched.")
    assert not Path("out").exists()
    if arguments[0] in READING:
        assert Path("other.db").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "is empty, not an archive"), (b"PK" * 99, "is not a SQLite file")]
)
def test_a_file_that_is_no_archive(sfm, content, sentence):
    Path("wrong.sfm").write_bytes(content)
    assert sentence in sfm.error("list", "wrong.sfm", code=6)


def test_an_archive_of_a_later_format(sfm, quarry):
    data = bytearray(Path(quarry).read_bytes())
    data[60:64] = (99).to_bytes(4, "big")
    Path(quarry).write_bytes(data)
    sentence = sfm.error("list", quarry, code=6)
    assert sentence == "quarry.sfm has format version 99; this sfm-archive reads up to 1. Update sfm-archive"


def test_a_damaged_archive(sfm, quarry):
    data = bytearray(Path(quarry).read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    Path(quarry).write_bytes(data)
    assert sfm.error("list", quarry, code=5).startswith("quarry.sfm ")


def test_an_archive_whose_structure_was_altered(sfm, quarry):
    with sqlite3.connect(quarry) as connection:
        connection.execute("DROP TRIGGER history_is_never_changed")
    connection.close()
    sentence = sfm.error("list", quarry, code=5)
    assert sentence == (
        "quarry.sfm: the trigger 'history_is_never_changed' is missing; "
        "work on with a backup, or save what is in it with sfm salvage"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "quarry.sfm", "more.bin"],
        ["encoders", "quarry.sfm", "--pin", "blastware@1"],
    ],
)
def test_while_another_program_writes(sfm, quarry, process, arguments):
    from sfm_archive.demo import captures

    sfm("create", "other.sfm")
    shutil.copyfile("other.sfm", quarry)
    shutil.copyfile(captures()[0], "more.bin")
    command = [sys.executable, "-c", HOLDS_A_WRITE_LOCK, quarry]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "locked\n"
            done = process(*arguments, "--wait", "0.2")
        finally:
            holder.communicate("")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        "Error: quarry.sfm: another program is writing to this archive and did not finish in time; nothing was "
        "changed. Try again when it is done, or wait longer with --wait\n"
    )
    assert sfm.json("info", quarry)["history_length"] == 1


def test_reading_goes_on_while_another_program_writes(sfm, quarry):
    command = [sys.executable, "-c", HOLDS_A_WRITE_LOCK, quarry]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            holder.stdout.readline()
            assert sfm.json("list", quarry, "--wait", "0")["shown"] == 7
        finally:
            holder.communicate("")


def test_every_exit_code_is_in_the_help_and_every_error_has_one():
    assert set(EXIT_CODES) == set(ExitCode)
    text = CliRunner().invoke(main, ["--help"]).stdout
    for code, meaning in EXIT_CODES.items():
        assert f"    {code:<4} {meaning}\n" in text
    raised = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SfmError)]
    assert {kind.exit_code for kind in raised} <= set(EXIT_CODES)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.BadInput("raw.bin: cut off; receive it again"), 1, "Error: raw.bin: cut off; receive it again\n"),
        (errors.Busy("a.sfm: two\nlines\x1b[31m"), 4, "Error: a.sfm: two lines [31m\n"),
        (
            PermissionError(errno.EACCES, "Permission denied", "locked.bin"),
            6,
            "Error: locked.bin: Permission denied; check the permissions\n",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            6,
            "Error: No space left on device; free some space and try again\n",
        ),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 0, ""),
        (
            KeyboardInterrupt(),
            130,
            "\nInterrupted; run the same command again\n",
        ),
    ],
)
def test_what_becomes_of_an_error(error, code, said, capsys):
    with pytest.raises(click.exceptions.Exit) as left, sentences_for_errors():
        raise error
    assert left.value.exit_code == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("import", "what was finished before is kept"),
        ("export-data", "what was finished before is kept"),
        ("report", "nothing was written"),
        ("backup", "nothing was written"),
        ("verify", "--resume"),
        ("list", "run the same command again"),
        (None, "run the same command again"),
    ],
)
def test_an_interrupted_command_says_what_it_leaves(command, said):
    assert said in interrupted(command)
    assert ("is kept" in interrupted(command)) == (command in ("import", "export-data"))


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), sentences_for_errors():
        _ = 1 / 0


def test_an_error_of_the_system_without_words_still_has_a_step():
    assert sentence_of(OSError()) == "OSError; check the path, the disk and the connection to it"


def test_a_pipe_that_windows_calls_an_invalid_argument_is_a_reader_who_left(monkeypatch):
    def closed(*arguments, **options):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("click.echo", closed)
    monkeypatch.setattr("sfm_archive.cli.output.silence", lambda stream: None)
    monkeypatch.setattr("sfm_archive.cli.output.os", SimpleNamespace(name="nt"))
    emit_exactly("text")
    monkeypatch.setattr("sfm_archive.cli.output.os", SimpleNamespace(name="posix"))
    with pytest.raises(OSError, match="Invalid argument"):
        emit_exactly("text")


def test_a_reader_who_leaves_early_changes_nothing(sfm, quarry, process):
    command = [str(Path(sys.executable)), "-c", "from sfm_archive.cli import main; main()", "list", quarry]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        said = done.stderr.read()
    assert (done.returncode, said.decode()) == (0, f"7 of 7 shown{os.linesep}")


ON_WINDOWS = pytest.mark.skipif(sys.platform != "win32", reason="Ctrl-Break is Windows' own")


@pytest.mark.parametrize("pressed", ["SIGINT", pytest.param("SIGBREAK", marks=ON_WINDOWS)])
def test_ctrl_c_and_ctrl_break_end_with_130(pressed):
    program = (
        "import signal; from sfm_archive.cli.opening import Access\n"
        f"Access.to_read = lambda self: signal.raise_signal(signal.{pressed})\n"
        "from sfm_archive.cli import main; main(['list', 'a.sfm'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert "Interrupted; " in done.stderr


def test_ctrl_c_in_a_report_promises_nothing_that_is_not_there(tmp_path):
    program = (
        "import signal; from sfm_archive.cli.opening import Access\n"
        "Access.to_read = lambda self: signal.raise_signal(signal.SIGINT)\n"
        "from sfm_archive.cli import main; main(['report', 'a.sfm', '-o', 'a.pdf'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 130 and "nothing was written" in done.stderr and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name):
    text = CliRunner().invoke(main, [name, "--help"]).stdout
    assert "  Example:\n    " in text or "  Examples:\n    sfm " in text


def test_a_command_that_does_not_exist(sfm):
    assert sfm.usage_error("remove").startswith("No such command 'remove'.")


@pytest.mark.parametrize("number", ["\uff12", "1_0", "nan", "1e400", "0x10"])
def test_a_number_is_typed_in_digits_of_ascii(sfm, number):
    sfm("create", "a.sfm")
    for arguments in (
        ["list", "a.sfm", "--limit", number],
        ["list", "a.sfm", "--wait", number],
        ["list", "a.sfm", "--since", f"202{number}"],
        ["verify", "a.sfm", "--max-time", number],
        ["verify", "a.sfm", "--processes", number],
        ["history", "a.sfm", "--limit", number],
        ["handovers", "a.sfm", number],
        ["settings", "a.sfm", "--withdraw", number],
        ["export", "a.sfm", "out", "--like", number],
    ):
        assert number in sfm(*arguments, code=2).stderr
