"""Tables, JSON, CSV, and consoles that cannot show every sign."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

import sfm_archive.cli
from sfm_archive.cli.output import (
    Column,
    counted,
    emit_csv,
    emit_json,
    pairs,
    prepare_streams,
    shown,
    size_text,
    table,
    tell,
)
from sfm_archive.cli.progress_bar import ProgressBar, progress_on_terminal
from sfm_archive.formats.csv_text import PLAIN

COLUMNS = (Column("n", "number", number=True), Column("name", "name"))


def test_a_table_is_aligned_and_numbers_stand_to_the_right():
    assert table(COLUMNS, [(1, "a"), (1000, "bc")], indent="  ") == "     n  name\n     1  a\n  1000  bc"


def test_a_table_without_rows_has_its_titles():
    assert table(COLUMNS, []) == "n  name"


def test_names_cannot_move_the_cursor():
    assert shown("a\x1b[2Jb\n") == "a?[2Jb?"
    assert shown(None) == ""
    assert pairs([("a", 1), ("long", "x\ty")]) == "a     1\nlong  x?y"


def test_what_is_told_cannot_move_it_either(capsys):
    tell("rejected: a\x1b[2Jb\nlook at: c")
    assert capsys.readouterr().err == "rejected: a?[2Jb\nlook at: c\n"


def test_every_command_prints_through_the_one_place_that_cleans_lines():
    folder = Path(sfm_archive.cli.__file__).parent
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    assert len(sources) > 30
    printing = re.compile(r"click\.s?echo|\bprint\(|sys\.stdout\.write")
    assert [name for name, text in sources.items() if printing.search(text)] == ["output.py"]


def test_csv_quotes_and_leaves_nothing_empty(capsys):
    emit_csv(COLUMNS, [(None, 'He said "no", twice'), (2, "ß")], PLAIN)
    assert capsys.readouterr().out == 'number,name\n,"He said ""no"", twice"\n2,ß\n'


def test_json_is_ascii(capsys):
    emit_json({"name": "Straße"})
    assert capsys.readouterr().out == '{\n  "name": "Stra\\u00dfe"\n}\n'


@pytest.mark.parametrize(("number", "text"), [(0, "0 events"), (1, "1 event"), (12345, "12,345 events")])
def test_counts(number, text):
    assert counted(number, "event") == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (9999, "9,999 B"), (10_000, "10.0 kB"), (2_500_000, "2.5 MB"), (3e12, "3,000.0 GB")]
)
def test_sizes(size, text):
    assert size_text(int(size)) == text


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_no_sign_ends_a_command_on_a_narrow_console(monkeypatch, system):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", newline="\n"))
    monkeypatch.setattr("os.name", system)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    prepare_streams()
    sys.stdout.write("Δ ß \udcff\n")
    sys.stdout.flush()
    assert (
        raw.getvalue()
        == {
            "posix": b"\\u0394 \xdf \\udcff\n",
            "nt": "Δ ß \\udcff\n".encode(),
        }[system]
    )


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bar_only_when_it_takes_a_while():
    clock, stream = Clock(), io.StringIO()
    bar = ProgressBar("importing", stream, clock)
    bar(1, 1000)
    clock.now = 0.99
    bar(400, 1000)
    assert stream.getvalue() == ""
    clock.now = 1.0
    bar(500, 1000)
    bar(501, 1000)
    assert stream.getvalue() == "\rimporting [############------------] 500/1,000 50%"
    clock.now = 1.2
    bar(1000, 1000)
    assert stream.getvalue().endswith("\rimporting [########################] 1,000/1,000 100%")
    bar.clear()
    assert stream.getvalue().endswith("100%\r" + " " * 53 + "\r")


def test_nothing_to_do_and_a_terminal_that_went_away():
    clock, stream = Clock(), io.StringIO()
    bar = ProgressBar("importing", stream, clock)
    clock.now = 5.0
    bar(0, 0)
    assert stream.getvalue() == ""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError("gone")

    bar = ProgressBar("importing", Gone(), clock)
    clock.now = 9.0
    bar(1, 2)
    bar(2, 2)


def test_no_bar_where_there_is_no_terminal(capsys):
    with progress_on_terminal("importing") as progress:
        for done in range(10):
            progress(done, 10)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_the_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress_on_terminal("importing") as progress:
        assert isinstance(progress, ProgressBar)
