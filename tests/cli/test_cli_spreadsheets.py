"""CSV that people open in a spreadsheet: notes with formulas and umlauts, German numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "csv_spreadsheet"
MARK = b"\xef\xbb\xbf"
NOTES = ["=1+1", "-5 m from wall", 'Süd; Halde 2, "alt"']
GUARDED = ["'=1+1", "'-5 m from wall", 'Süd; Halde 2, "alt"']


@pytest.fixture
def notes(sfm):
    sfm("import", "notes.sfm", DATA, "--create")
    return "notes.sfm"


def rows(data: bytes, separator: str) -> list[dict[str, str]]:
    """As a spreadsheet reads them: a mark first, then UTF-8."""
    assert data.startswith(MARK) and data.count(MARK) == 1
    return list(csv.DictReader(io.StringIO(data.removeprefix(MARK).decode("utf-8"), newline=""), delimiter=separator))


def test_a_german_summary(sfm, notes):
    found = rows(sfm("summary", notes, "--by", "project", "--spreadsheet", "de").stdout_bytes, ";")
    assert sorted(row["project"] for row in found) == sorted(GUARDED)
    assert {row["ppv"] for row in found} == {"0,29"} and {row["pspl"] for row in found} == {"107,0"}
    assert {row["events"] for row in found} == {"1"}


def test_an_english_list(sfm, notes):
    found = rows(sfm("list", notes, "--spreadsheet=en-GB").stdout_bytes, ",")
    assert [row["ppv"] for row in found] == ["0.29"] * 3


def test_plain_csv_stays_plain(sfm, notes):
    plain = sfm("summary", notes, "--by", "project", "--csv").stdout_bytes
    found = list(csv.DictReader(io.StringIO(plain.decode("utf-8"), newline="")))
    assert sorted(row["project"] for row in found) == sorted(NOTES)
    assert not plain.startswith(MARK)


def test_data_for_spreadsheets(sfm, notes):
    sfm("export-data", notes, "data", "--format", "csv", "--spreadsheet", "de")
    events = rows((sfm.folder / "data" / "events.csv").read_bytes(), ";")
    assert sorted(row["project"] for row in events) == sorted(GUARDED)
    values = rows((sfm.folder / "data" / "values.csv").read_bytes(), ";")
    pretrigger = [row for row in values if row["quantity"] == "pretrigger"]
    assert {(row["number"], row["text"]) for row in pretrigger} == {("-0,25", "'-0.250 sec")}
    samples = rows((sfm.folder / "data" / events[0]["data_file"]).read_bytes(), ";")
    assert samples[0]["time [s]"] == "-0,25" and not any("'" in cell for row in samples for cell in row.values())
    # Imported again, such tables are known as what was made here.
    report = sfm.json("import", notes, sfm.folder / "data" / "events.csv")
    assert report["totals"]["left out"] == 1


def test_a_format_that_is_not_csv_says_so(sfm, notes):
    message = sfm.error("export-data", notes, "data", "--format", "txt", "--spreadsheet", "de", code=2)
    assert message == "txt is not written for spreadsheets; ascii-values, csv are"


def test_an_unknown_language_is_a_usage_error(sfm, notes):
    assert "give one of af, " in sfm.usage_error("list", notes, "--spreadsheet", "klingon")
    assert sfm.usage_error("list", notes, "--json", "--spreadsheet").startswith("--json and --spreadsheet exclude")


def test_without_a_word_the_system_decides(notes, process):
    german = process("list", notes, "--spreadsheet", LC_ALL="de_DE.UTF-8", LANG="en_US.UTF-8")
    assert german.returncode == 0 and german.stdout.startswith("\ufeff")
    import os

    if os.name == "posix" and os.uname().sysname != "Darwin":
        assert "event_id;recorded_at_local" in german.stdout
