"""`sfm demo`, and the captures that come with the package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sfm_archive.demo import captures, run_demo
from sfm_archive.demo.make_captures import make_captures

DATA = Path(__file__).parents[1] / "data" / "blastware-ascii"


def test_the_shipped_captures_are_what_their_script_makes():
    texts = {path.name: path.read_text(encoding="ascii") for path in DATA.glob("*.TXT")}
    made = make_captures(texts)
    shipped = {path.name: path.read_bytes() for path in captures()}
    assert shipped.keys() == made.keys()
    assert [name for name in made if made[name] != shipped[name]] == []
    assert sum(map(len, shipped.values())) < 200_000


def test_the_whole_round(sfm):
    result = sfm("demo")
    story = result.stdout
    assert story.startswith(f"{Path('sfm-demo/demo.sfm')} holds 7 events from 3 captures that come with sfm-archive.\n")
    commands = [line for line in story.splitlines() if line.startswith("$ ")]
    assert commands == [
        f"$ sfm list {Path('sfm-demo/demo.sfm')}",
        f"$ sfm export {Path('sfm-demo/demo.sfm')} {Path('sfm-demo/blastware')}",
        f"$ sfm verify {Path('sfm-demo/demo.sfm')}",
    ]
    assert " 2  2026-04-19 09:41:50      BE9413   waveform   K413LJW8.9Q0W  1.415  in/s  not encodable\n" in story
    assert "everything is intact\n" in story
    assert "\nOne event of BE9413 is faulty on purpose. Event 2: blastware@2 refuses the frames: " in story
    assert re.search(r"^history head [0-9a-f]{64} \(\d+ changes\)$", result.stderr, re.MULTILINE)
    assert len([path for path in Path("sfm-demo/blastware").rglob("*") if path.is_file()]) == 6


def test_what_it_says_to_try_next_works(sfm):
    story = sfm("demo", "try").stdout
    offered = [line.split()[1:] for line in story.splitlines() if line.startswith("  sfm ")]
    assert len(offered) == 9
    for command in offered[:-2]:
        sfm(*command)
    assert (Path("try") / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_second_run_finds_nothing_new(sfm):
    first = run_demo(Path("again"))
    files = {path: path.stat().st_mtime_ns for path in Path("again/blastware").rglob("*")}
    result = sfm("demo", "again")
    assert result.stdout.startswith(
        f"{Path('again/demo.sfm')} was there from an earlier run: importing the same 3 captures again added 0 events.\n"
    )
    assert {path: path.stat().st_mtime_ns for path in Path("again/blastware").rglob("*")} == files
    assert first.first_run
    assert sfm.json("info", "again/demo.sfm")["history_head"] == first.verified.history_head


def test_a_changed_export_is_not_replaced_and_said(sfm):
    sfm("demo", "again")
    path = Path("again/blastware/BE9413/K413LJU3.C00H")
    path.write_bytes(b"mine")
    result = sfm("demo", "again", code=1)
    assert "not as it should be: " in result.stderr
    assert path.read_bytes() == b"mine"


def test_a_folder_of_something_else_is_not_touched(sfm):
    Path("mine").mkdir()
    Path("mine/report.txt").write_text("mine")
    assert sfm.error("demo", "mine", code=6) == (
        "mine holds other files and no demo; it was not touched. Name a new folder: sfm demo FOLDER"
    )
    assert [path.name for path in Path("mine").iterdir()] == ["report.txt"]


def test_an_archive_of_ones_own_with_the_demos_name_is_not_touched(sfm):
    Path("mine").mkdir()
    sfm("create", "mine/demo.sfm")
    before = Path("mine/demo.sfm").read_bytes()
    sentence = sfm.error("demo", "mine", code=6)
    assert sentence.startswith(f"{Path('mine/demo.sfm')} is not an archive that the demo made; it was not touched.")
    assert Path("mine/demo.sfm").read_bytes() == before


def test_a_file_in_the_folders_place(sfm):
    Path("sfm-demo").write_text("mine")
    assert sfm.error("demo", code=6).startswith("sfm-demo is a file; ")


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name)
def test_captures_are_named_as_downloads_are(capture):
    assert re.fullmatch(r"raw_s3_\d{8}_\d{6}\.bin", capture.name)


def test_what_the_readme_shows_is_what_is_printed(sfm, quarry):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    command, *shown = re.search(r"^\$ sfm (list .*)\n((?:[ i]?[ d].*\n)+)", readme, re.MULTILINE)[0].splitlines()
    assert len(shown) == 4
    assert sfm(*command.split()[2:]).stdout.splitlines() == shown
