"""`sfm handovers` and `sfm export --like`."""

from __future__ import annotations

from importlib.metadata import EntryPoint

from sfm_archive.plugins import loading as plugins


def test_nothing_was_handed_over(sfm, quarry, closed):
    result = sfm("handovers", quarry)
    assert (result.stdout, result.stderr) == ("", "quarry.sfm: nothing was handed over yet\n")
    document = sfm.json("handovers", quarry)
    closed("handovers", document)
    assert document["handovers"] == []


def test_an_export_says_its_record_and_it_is_listed(sfm, quarry, closed):
    result = sfm("export", quarry, "out", "--serial", "BE11529", "--actor", "tester")
    assert "recorded as hand-over 1\n" in result.stderr
    again = sfm("export", quarry, "out", "--serial", "BE11529")
    assert "hand-over" not in again.stderr
    title, line = sfm("handovers", quarry).stdout.splitlines()
    assert title.split() == ["N", "at", "(UTC)", "by", "kind", "files", "target", "manifest"]
    assert line.split()[0] == "1"
    assert line.split()[2] == "tester"
    document = sfm.json("handovers", quarry)
    closed("handovers", document)
    assert document["handovers"][0]["options"]["selection"] == {"serials": ["BE11529"]}


def test_the_files_of_one(sfm, quarry, closed):
    report = sfm.json("export", quarry, "out", code=1)
    assert (report["handover"], report["handover_is_new"], report["like"], report["proved"]) == (1, True, None, False)
    document = sfm.json("handovers", quarry, "1")
    closed("handovers", document)
    (one,) = document["handovers"]
    exported = {item["path"]: item["sha256"] for item in report["items"] if item["status"] == "written"}
    assert {file["path"]: file["sha256"] for file in one["list"]} == exported
    text = sfm("handovers", quarry, "1").stdout
    assert "asked for         everything\n" in text
    assert all(path in text for path in exported)
    assert "blastware@2  sfm-archive " in text


def test_a_record_says_every_filter_that_chose_its_files(sfm, quarry, closed):
    """A record without one of them would say that a part was everything."""
    sfm("export", quarry, "out", "--false-triggers", "without", "--serial", "BE11529")
    text = sfm("handovers", quarry, "1").stdout
    assert "asked for         false_triggers no, serials BE11529\n" in text
    assert sfm.json("handovers", quarry)["handovers"][0]["options"]["selection"] == {
        "serials": ["BE11529"],
        "false_triggers": False,
    }


def test_made_again_and_proved(sfm, quarry, closed):
    sfm("export", quarry, "out", "--manifest", code=1)
    sfm("encoders", quarry, "--pin", "blastware@1")
    result = sfm("export", quarry, "again", "--like", "1", "--manifest")
    assert "hand-over 1 is reproduced: every file and the manifest match the record\n" in result.stderr
    assert "recorded as hand-over 2\n" in result.stderr
    assert (sfm.folder / "again" / "SHA256SUMS").read_bytes() == (sfm.folder / "out" / "SHA256SUMS").read_bytes()
    assert "asked for         like hand-over 1\n" in sfm("handovers", quarry, "2").stdout
    document = sfm.json("export", quarry, "again", "--like", "1")
    closed("export", document)
    assert (document["like"], document["proved"], document["handover_is_new"]) == (1, True, False)


def test_a_file_in_the_way_is_no_proof(sfm, quarry):
    item = next(item for item in sfm.json("export", quarry, "out", code=1)["items"] if item["path"])
    (sfm.folder / "out" / item["path"]).write_bytes(b"edited")
    result = sfm("export", quarry, "out", "--like", "1", code=1)
    assert "hand-over 1 was not reproduced completely\n" in result.stderr
    assert "is reproduced" in sfm("export", quarry, "out", "--like", "1", "--overwrite").stderr


def test_a_missing_encoder_names_its_package(sfm, quarry, monkeypatch):
    sfm("export", quarry, "out", code=1)
    monkeypatch.setattr(plugins, "installed_entry_points", lambda: [EntryPoint("a", "sfm_blastware.v1", "sfm_archive")])
    sentence = sfm.error("export", quarry, "again", "--like", "1", code=3)
    assert sentence.startswith("hand-over 1 cannot be made again, nothing was written: encoder blastware@2")
    assert "package sfm-archive" in sentence
    assert not (sfm.folder / "again").exists()


def test_what_cannot_be_asked_for(sfm, quarry):
    assert "no hand-over 7" in sfm.error("export", quarry, "again", "--like", "7", code=3)
    assert "no hand-over 7" in sfm.error("handovers", quarry, "7", code=3)
    for more in (["--encoder", "blastware@1"], ["--names", "manual"], ["--serial", "BE11529"], ["1"]):
        assert sfm.usage_error("export", quarry, "again", *more, "--like", "1").startswith("--like makes")


def test_a_changed_encoder_ends_with_its_exit_code(sfm, quarry, monkeypatch):
    from sfm_archive.model.encoders import EncodedFile
    from sfm_archive.plugins.registry import RegisteredEncoder

    sfm("export", quarry, "out", code=1)
    monkeypatch.setattr(RegisteredEncoder, "encode", lambda self, event, frames: EncodedFile(b"other bytes"))
    result = sfm("export", quarry, "again", "--like", "1", code=5)
    assert "A released encoder must not change" in result.stderr
    assert not list((sfm.folder / "again").rglob("*.*"))
