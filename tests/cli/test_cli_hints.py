"""Commands that a sentence tells somebody to run can be pasted, whatever the names of the files."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.base.shell_words import command_line

ODD = "Müller Größe 2026.sfm"


@pytest.mark.parametrize(
    ("word", "posix", "windows"),
    [
        ("quarry.sfm", "quarry.sfm", "quarry.sfm"),
        ("Größe.sfm", "Größe.sfm", "Größe.sfm"),
        (ODD, f"'{ODD}'", f'"{ODD}"'),
        ("it's.sfm", "'it'\"'\"'s.sfm'", '"it\'s.sfm"'),
        ("a&b;c.sfm", "'a&b;c.sfm'", '"a&b;c.sfm"'),
        (r"C:\data\a.sfm", r"'C:\data\a.sfm'", r"C:\data\a.sfm"),
        ("$HOME", "'$HOME'", '"$HOME"'),
        ("", "''", '""'),
        ('the "old" pit', "'the \"old\" pit'", '"the ""old"" pit"'),
        ('a\\"b', "'a\\\"b'", '"a\\\\""b"'),
        ("pit 3\\", "'pit 3\\'", '"pit 3\\\\"'),
    ],
)
def test_a_word_is_quoted_where_its_shell_needs_it(word, posix, windows):
    assert command_line("sfm", "info", word, windows=False) == f"sfm info {posix}"
    assert command_line("sfm", "info", word, windows=True) == f"sfm info {windows}"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_a_shell_reads_the_same_words_again(words):
    assert shlex.split(command_line(*words, windows=False)) == words


@pytest.mark.parametrize("word", ['the "old" pit', "pit 3\\", 'a\\"b c', "it's", "a&b|c", "Größe 2", ""])
def test_the_shell_of_this_system_reads_the_same_word_again(word):
    show = "import sys; print(ascii(sys.argv[1]))"
    line = command_line(sys.executable, "-c", show, word)
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ascii(word)


@pytest.mark.skipif("__import__('os').name == 'nt'")
def test_hints_of_commands_are_quoted(sfm):
    assert sfm.error("info", ODD, code=3).endswith(f"make a new archive with sfm create '{ODD}'")
    assert f"Next: sfm import '{ODD}' FOLDER" in sfm("create", ODD).stderr
    (sfm.folder / "an empty.sfm").write_bytes(b"")
    assert "run sfm create 'an empty.sfm'" in sfm.error("info", "an empty.sfm", code=6)
    assert f"sfm handovers '{ODD}' lists them" in sfm.error("handovers", ODD, "7", code=3)
