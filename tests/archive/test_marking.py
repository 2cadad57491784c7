"""Names for heads of the history: given once, shown, and found by --as-of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sfm_archive as sfm
from sfm_archive.cli import main


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    with sfm.create(tmp_path / "quarry.sfm", actor="tester") as made:
        sfm.add_job(made, "North")
        yield made


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_mark_names_what_was_there(archive: sfm.Archive) -> None:
    marked = sfm.mark(archive, "handed to  Rock Ltd")
    assert (marked.name, marked.change, marked.new) == ("handed to Rock Ltd", 3, True)
    assert (marked.change, marked.history_head) == archive.history_head()
    assert not sfm.mark(archive, "handed to Rock Ltd").new
    sfm.add_job(archive, "South")
    with pytest.raises(sfm.UsageError, match="change 3 is marked 'handed to Rock Ltd' already; take another name"):
        sfm.mark(archive, "handed to Rock Ltd")
    with sfm.open(archive.path, as_of="handed to Rock Ltd") as then:
        assert [one.name for one in sfm.overview(then).jobs] == ["North"]
        assert then.history_head() == (3, marked.history_head)
    told = sfm.told_history(archive)[2]
    assert (told.action, told.what, told.actor) == ("mark", "handed to Rock Ltd", "tester")
    assert archive.verify().ok


@pytest.mark.parametrize("name", ["", "  ", "12", "2026-05-31", "0123abcd", "x" * 256])
def test_a_name_that_is_none_or_reads_as_a_change_is_refused(archive: sfm.Archive, name: str) -> None:
    with pytest.raises(sfm.UsageError):
        sfm.mark(archive, name)
    assert archive.history_head()[0] == 2


def test_a_mark_that_nobody_gave_is_not_found(archive: sfm.Archive) -> None:
    with pytest.raises(sfm.UsageError, match=r"names no change; .* or a name that sfm mark gave"):
        sfm.open(archive.path, as_of="handed to nobody")


def test_the_command_marks_and_lists_look_back_by_the_name(archive: sfm.Archive) -> None:
    path = archive.path
    assert "change 3 is marked 'handed to Rock Ltd'" in run("mark", path, "handed to Rock Ltd").stderr
    document = json.loads(run("mark", path, "handed to Rock Ltd", "--json").stdout)
    assert (document["change"], document["new"]) == (3, False)
    assert "handed to Rock Ltd" in run("history", path).stdout
    run("list", path, "--as-of", "handed to Rock Ltd")
    run("list", path, "--as-of", "handed to another", code=2)


def test_a_salvaged_archive_keeps_the_mark_as_evidence(archive: sfm.Archive, tmp_path: Path) -> None:
    sfm.mark(archive, "handed to Rock Ltd")
    archive.close()
    sfm.salvage(archive.path, tmp_path / "new.sfm")
    with sfm.open(tmp_path / "new.sfm", read_only=True) as new:
        assert any("handed to Rock Ltd" in one.what for one in sfm.told_history(new))
