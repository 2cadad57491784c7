"""`sfm zones` and `sfm history`: their JSON is what is documented."""

from __future__ import annotations


def test_zones_in_json(sfm, quarry, closed):
    sfm("zones", quarry, "BE11529", "America/Denver")
    document = sfm.json("zones", quarry)
    closed("zones", document)
    assert document["zones"] == {"BE11529": "America/Denver"}


def test_history_in_json(sfm, quarry, closed):
    document = sfm.json("history", quarry, "--verify")
    closed("history", document)
    assert document["verified"] is True
    assert document["length"] == len(document["changes"])
    assert sfm.json("history", quarry)["verified"] is None


def test_the_history_of_an_event_says_who_decided_what_and_why(sfm, quarry):
    sfm("zones", quarry, "BE11529", "America/New_York")
    sfm("zones", quarry, "BE9413", "Europe/Berlin")
    sfm("encoders", quarry, "--pin", "blastware@3")
    sfm("review", quarry, "3", "--false-trigger", "--by", "A. Miller", "--reason", "truck on the haul road")
    sfm("review", quarry, "1", "--false-trigger", "--by", "B. Smith", "--reason", "thunder")
    sfm("export", quarry, "out", "3")
    sfm("export", quarry, "other", "1")
    changes = sfm.json("history", quarry, "3")["changes"]
    told = {change["action"]: (change["what"], change["decided_by"], change["reason"]) for change in changes}
    assert [change["action"] for change in changes] == [
        "save", "state time zone", "pin encoder", "review", *(["encode"] if "encode" in told else []), "hand over",
    ]  # fmt: skip
    assert told["save"][0].startswith("new event, ") and "frames" in told["save"][0]
    assert told["state time zone"][0] == "clock of BE11529: unknown → America/New_York"
    assert told["pin encoder"][0] == "blastware@2 → blastware@3"
    assert told["review"] == ("a false trigger", "A. Miller", "truck on the haul road")
    assert told["hand over"][0] == "hand-over 1 to out: folder, 1 file, BE11529/M529LL33.JM0W among them"
    text = sfm("history", quarry, "3").stdout
    assert "a false trigger, says A. Miller: truck on the haul road" in text and "B. Smith" not in text
    assert "says A. Miller: truck on the haul road" in sfm("show", quarry, "3").stdout
    assert [change["action"] for change in sfm.json("history", quarry, "3", "--limit", "1")["changes"]] == ["hand over"]
    whole = sfm.json("history", quarry)["changes"]
    assert [change["reason"] for change in whole if change["reason"]] == ["truck on the haul road", "thunder"]


def test_a_file_that_waited_and_one_that_is_left_out_belong_to_their_event(sfm):
    from tests.cli.test_cli_fonts import DATA

    report, event_file = sfm.folder / "M529LKO1_400W_ASCII.TXT", DATA / "M529LKO1.400W"
    report.write_bytes((DATA / report.name).read_bytes().replace(b"Event Date", b"Date of event"))
    sfm("import", "a.sfm", report, "--create")
    sfm("import", "a.sfm", event_file)
    sfm("import", "a.sfm", "--leave-out", report, "--by", "A. Miller", "--reason", "another edition counts")
    told = [(change["action"], change["what"]) for change in sfm.json("history", "a.sfm", "1")["changes"]]
    assert told == [
        ("keep file", "kept until its event comes: report M529LKO1_400W_ASCII.TXT"),
        ("save", "new event, event file M529LKO1.400W"),
        ("add files", "joined: report M529LKO1_400W_ASCII.TXT"),
        ("leave out", "M529LKO1_400W_ASCII.TXT"),
    ]
