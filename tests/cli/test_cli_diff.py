"""`sfm diff`."""

from __future__ import annotations

import pytest


@pytest.fixture
def file(sfm, quarry) -> str:
    """Event 1 as it was exported; its name."""
    sfm("export", quarry, "out", "1")
    (path,) = (path for path in (sfm.folder / "out").rglob("*") if path.is_file())
    return str(path.relative_to(sfm.folder))


def test_encoders_that_agree(sfm, quarry):
    result = sfm("diff", quarry, "1", "--encoders", "blastware@1,blastware@2")
    assert result.stdout.splitlines()[-1] == "blastware@1 and blastware@2: the same"
    assert result.stderr == ""


def test_encoders_that_do_not(sfm, quarry, closed):
    result = sfm("diff", quarry, "2", "--encoders", "blastware@1, blastware@2", code=1)
    assert "blastware@2 makes no file: event 2 " in result.stdout
    document = sfm.json("diff", quarry, "2", "--encoders", "blastware@1,blastware@2", code=1)
    closed("diff", document)
    assert not document["same"]
    assert [bool(side["sha256"]) for side in document["sides"]] == [True, False]


def test_a_file_that_differs_is_told_in_words(sfm, quarry, file, closed):
    assert sfm("diff", quarry, "1", file).stdout.endswith(f"blastware@2 and {file}: the same\n")
    path = sfm.folder / file
    data = path.read_bytes()
    path.write_bytes(data[:34] + bytes((data[34] ^ 1, data[35])) + data[36:-3] + b"xyz")
    result = sfm("diff", quarry, "1", file, "--encoder", "blastware@1", code=1)
    told = result.stdout.split("\n\n")[1].splitlines()
    assert told[0] == f"blastware@1 and {file}: 4 bytes differ"
    assert told[2].split() == ["0x22", "0x22", "1", "STRT:", "start", "key", "changed"]
    assert told[3].split()[3:] == ["footer:", "open", "bytes", "changed"]
    document = sfm.json("diff", quarry, "1", file, code=1)
    closed("diff", document)
    assert document["comparisons"][0]["differences"][0]["part"] == "STRT: start key"


def test_the_archive_is_only_read(sfm, quarry):
    before = (sfm.folder / quarry).read_bytes()
    sfm("diff", quarry, "1", "--encoders", "blastware@0,blastware@3")
    assert (sfm.folder / quarry).read_bytes() == before


TWO = ["--encoders", "blastware@1,blastware@2"]


@pytest.mark.parametrize("arguments", [[], ["file", *TWO], [*TWO, "--encoder", "blastware@3"]])
def test_two_sides_are_needed(sfm, quarry, arguments):
    assert sfm.usage_error("diff", quarry, "1", *arguments) == "give either FILE, or --encoders with two names or more"


def test_what_is_not_there(sfm, quarry):
    assert sfm.error("diff", quarry, "1", "nothing", code=3) == "nothing does not exist; name a file to compare with"
    assert "not installed" in sfm.error("diff", quarry, "1", "--encoders", "blastware@1,blastware@9", code=3)
    assert "name at least two" in sfm.error("diff", quarry, "1", "--encoders", "blastware@1", code=2)
    assert "is not the name of an encoder" in sfm("diff", quarry, "1", "--encoders", "one,two", code=2).stderr
