"""`sfm create`."""

from __future__ import annotations

import re
from pathlib import Path


def test_a_new_archive_is_one_file_and_says_its_head(sfm):
    result = sfm("create", "quarry.sfm", "--actor", "tester")
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert (
        first
        == "quarry.sfm created; encoder blastware@2, decoder waveform@1 pinned. Next: sfm import quarry.sfm FOLDER"
    )
    assert re.fullmatch(r"history head [0-9a-f]{64} \(1 change\)", second)
    assert [path.name for path in sfm.folder.iterdir()] == ["quarry.sfm"]


def test_another_encoder_can_be_pinned(sfm):
    sfm("create", "quarry.sfm", "--encoder", "blastware@1")
    assert sfm.json("info", "quarry.sfm")["pinned_encoder"] == "blastware@1"


def test_nothing_is_ever_replaced(sfm):
    Path("quarry.sfm").write_text("mine")
    assert sfm.error("create", "quarry.sfm", code=6) == (
        "quarry.sfm exists already and is not replaced; choose another name or use what is there"
    )
    assert Path("quarry.sfm").read_text() == "mine"


def test_an_encoder_that_is_not_installed_leaves_no_file(sfm):
    sentence = sfm.error("create", "quarry.sfm", "--encoder", "blastware@9", code=3)
    assert sentence.startswith("encoder blastware@9 is not installed (installed: blastware@0, blastware@1, ")
    assert not Path("quarry.sfm").exists()


def test_text_that_names_no_encoder(sfm):
    assert sfm.usage_error("create", "quarry.sfm", "--encoder", "newest") == (
        "Invalid value for '--encoder': 'newest' is not the name of an encoder; "
        "write family@version, such as blastware@2"
    )


def test_a_folder_that_is_not_there(sfm):
    sentence = sfm.error("create", "nowhere/quarry.sfm", code=6)
    name, why = sentence.partition(";")[0].split(" cannot be written: ")
    assert name == str(Path("nowhere/quarry.sfm"))
    # Of Linux and macOS, of Windows, and of Wine.
    assert re.fullmatch(
        r"No such file or directory|.*cannot find the (file|path) specified\.?|(File|Path) not found", why
    )
