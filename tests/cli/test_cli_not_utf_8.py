"""Arguments that are not UTF-8: Python hands them over with half characters in them, which no archive can hold."""

from __future__ import annotations

import sys

import pytest

NOT_UTF_8 = "Gel\udce4nde"

not_every_system = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="has no such names of files")

WITH_EVENTS = {
    "show": ["show", "quarry.sfm", NOT_UTF_8],
    "list": ["list", "quarry.sfm", NOT_UTF_8],
    "summary": ["summary", "quarry.sfm", NOT_UTF_8],
    "history": ["history", "quarry.sfm", NOT_UTF_8],
    "plot": ["plot", "quarry.sfm", NOT_UTF_8],
    "analyse": ["analyse", "quarry.sfm", NOT_UTF_8],
    "diff": ["diff", "quarry.sfm", NOT_UTF_8, "file"],
    "reencode": ["reencode", "quarry.sfm", "--encoder", "blastware@1", NOT_UTF_8],
    "export": ["export", "quarry.sfm", "out", NOT_UTF_8],
    "export-data": ["export-data", "quarry.sfm", "out", "--format", "csv", NOT_UTF_8],
    "report": ["report", "quarry.sfm", "-o", "a.pdf", NOT_UTF_8],
    "review": ["review", "quarry.sfm", "--false-trigger", "--reason", "x", NOT_UTF_8],
    "write": ["write", "quarry.sfm", NOT_UTF_8, "--as", "csv"],
}


@pytest.mark.parametrize("arguments", WITH_EVENTS.values(), ids=WITH_EVENTS)
def test_an_event_that_no_archive_can_name_is_not_found(sfm, quarry, arguments):
    assert r"holds no event 'Gel\udce4nde'" in sfm.error(*arguments, code=3)


def test_filters_that_no_archive_can_hold_find_nothing(sfm, quarry):
    for quantity in ("--project", "--client", "--location"):
        assert sfm("list", quarry, quantity, NOT_UTF_8).stderr == "0 of 0 shown\n"
        assert "no event passes the filters" in sfm.error("export", quarry, "out", quantity, NOT_UTF_8, code=3)


def test_an_actor_is_kept_with_question_marks(sfm, quarry):
    sfm("create", "new.sfm", "--actor", NOT_UTF_8)
    sfm("review", quarry, "1", "--false-trigger", "--reason", f"a {NOT_UTF_8}", "--actor", NOT_UTF_8)
    sfm("salvage", quarry, "saved.sfm", "--actor", NOT_UTF_8)
    for path in ("new.sfm", quarry, "saved.sfm"):
        assert sfm.json("history", path)["changes"][-1]["actor"] == "Gel?nde"
    (decided,) = sfm.json("review", quarry)["reviews"]
    assert (decided["reviewer"], decided["notes"]) == ("Gel?nde", "a Gel nde")


WITH_PATHS = {
    "create": ["create", NOT_UTF_8],
    "import --create": ["import", NOT_UTF_8, "quarry.sfm", "--create"],
    "backup": ["backup", "quarry.sfm", NOT_UTF_8],
    "salvage": ["salvage", "quarry.sfm", NOT_UTF_8],
    "extract": ["extract", "quarry.sfm", NOT_UTF_8],
}


@not_every_system
@pytest.mark.parametrize("arguments", WITH_PATHS.values(), ids=WITH_PATHS)
def test_an_archive_is_not_made_at_a_path_that_sqlite_does_not_take(sfm, quarry, arguments):
    before = sorted(path.name for path in sfm.folder.iterdir())
    assert "rename the file or folder" in sfm.error(*arguments, code=6)
    assert sorted(path.name for path in sfm.folder.iterdir()) == before


@not_every_system
def test_an_archive_whose_name_was_made_so_elsewhere_is_not_opened(sfm, quarry):
    (sfm.folder / quarry).rename(sfm.folder / NOT_UTF_8)
    for command in ("list", "verify", "info", "compact"):
        assert "its path is not UTF-8" in sfm.error(command, NOT_UTF_8, code=6)
    sfm("salvage", NOT_UTF_8, "saved.sfm")
    assert sfm.json("list", "saved.sfm")["shown"] == 7
