"""Jobs and points, and what the command line says of them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.sites.titles import resembling


@pytest.mark.parametrize(
    ("coordinates", "grid", "error"),
    [
        ("190,8", "", "nowhere on earth"),
        ("100,47", "", "latitude comes first"),
        ("47,1;8,2", "", "with decimal points"),
        ("47.1", "", "written as"),
        ("４７.1,8", "", "written as"),
        ("nan,8", "", "written as"),
        ("", "1e9,5", "written as"),
        ("47,8", "1,2", "give one of them"),
    ],
)
def test_a_place_that_cannot_be_is_refused(archive: sfm.Archive, coordinates: str, grid: str, error: str) -> None:
    with pytest.raises(sfm.UsageError, match=error):
        sfm.add_point(archive, "North", "House", coordinates=coordinates, grid=grid)


def test_points_of_a_job_have_one_kind_of_place(archive: sfm.Archive) -> None:
    sfm.add_point(archive, "North", "House", coordinates="47.1,8.2")
    with pytest.raises(sfm.UsageError, match="point House of that job has coordinates"):
        sfm.add_point(archive, "North", "Pipe", grid="1,2")
    sfm.add_point(archive, "South", "Pipe", grid="1,2")


def test_names_are_found_whatever_their_case_and_accents(archive: sfm.Archive) -> None:
    sfm.add_job(archive, "Carrière Québec")
    sfm.add_point(archive, "carriere quebec", "École")
    of_job = sfm.points_meant(archive, ("Carrière Québec",), ())
    assert sfm.points_meant(archive, (), ("CARRIERE QUEBEC/ecole",)) == of_job
    with pytest.raises(sfm.UsageError, match="there is a job 'Carrière Québec' already"):
        sfm.add_job(archive, "CARRIERE QUEBEC", client="x")


def test_a_correction_keeps_what_is_not_named_and_needs_a_reason(archive: sfm.Archive) -> None:
    sfm.correct_job(archive, "North", client="Rock Ltd", reason="asked")
    sfm.correct_job(archive, "North", name="North Quarry", reason="asked")
    (north, _) = sfm.overview(archive).jobs
    assert (north.name, north.client, north.time_zone) == ("North Quarry", "Rock Ltd", "Europe/Berlin")
    with pytest.raises(sfm.UsageError, match="needs a reason"):
        sfm.correct_job(archive, "South", client="x", reason=" ")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("North Quarry", "NORTH  QUARRY", True),
        ("North Quarry", "Nroth Quarry", True),
        ("North Quarry", "North Quary May", True),
        ("Phase 1", "Phase 2", False),
        ("Tunnel", "Quarry", False),
        ("", "x", False),
    ],
)
def test_titles_with_a_slip_resemble_the_name(one: str, other: str, same: bool) -> None:
    assert resembling(one, other) is same


def test_the_command_line_says_what_a_program_does(archive: sfm.Archive) -> None:
    runner = CliRunner()
    done = runner.invoke(main, ["point", "add", str(archive.path), "South", "Pipe", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["statement"]["what"] == "point Pipe"
    wrong = runner.invoke(main, ["place", str(archive.path), "BE11529", "--at", "Pipe"])
    assert wrong.exit_code == 2
    assert "a window needs a unit, a point and a begin" in wrong.stderr
    nobody = runner.invoke(main, ["job", "add", str(archive.path), "  "])
    assert (nobody.exit_code, nobody.stderr) == (2, "Error: a job needs a name\n")
