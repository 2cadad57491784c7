"""`sfm join`: whose a report is, said by a person."""

from __future__ import annotations

from datetime import datetime
from random import Random

from sfm_archive.testing import FIRST_KEY, ascii_report, blastware_file, simulate_waveform

CHOICE = ("--by", "A. Miller", "--reason", "printed from the second download")


def test_a_report_of_two_events_is_told_by_both_until_a_person_joins_it(sfm, closed):
    first, second = (
        simulate_waveform(Random(5), seconds=0.3, sample_rate=1024, serial="BE11529", start_key=FIRST_KEY + key)
        for key in (0, 0x9000)
    )
    for name, data in (
        ("a.AB0", blastware_file(first)),
        ("b.AB0", blastware_file(second)),
        ("export.TXT", ascii_report(first, file_name="x")),
    ):
        (sfm.folder / name).write_bytes(data)
    told = sfm("import", "q.sfm", "a.AB0", "b.AB0", "export.TXT", "--create").stderr
    assert "export.TXT fits events 1 and 2" in told and "sfm join says whose it is" in told
    for event in (1, 2):
        assert "report-in-doubt" in {one["code"] for one in sfm.json("show", "q.sfm", event)["sample_findings"]}
    assert "needs a reason" in sfm.error("join", "q.sfm", "export.TXT", 2, "--reason", " ", code=2)
    assert "holds no file other.TXT" in sfm.error("join", "q.sfm", "other.TXT", 2, *CHOICE, code=3)
    told = sfm("join", "q.sfm", "export.TXT", 2, *CHOICE).stderr
    assert "export.TXT: is of event 2" in told and "it does not count for event 1, though it is kept there too" in told
    document = sfm.json("join", "q.sfm", "export.TXT", 2, *CHOICE)
    closed("join", document)
    assert (document["joined"]["changed"], document["joined"]["others"]) == (False, [1])
    assert "is of event 2, as A. Miller decided" in sfm("show", "q.sfm", 1).stdout
    *_, last = sfm.json("history", "q.sfm", 2)["changes"]
    assert (last["action"], last["decided_by"], last["reason"]) == ("join file", CHOICE[1], CHOICE[3])


def test_a_binary_that_two_reports_name_is_decided_and_a_dry_run_changes_no_byte(sfm, closed):
    name = "UM16127_20261025033000.IDFW"
    (sfm.folder / name).write_bytes(bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256)))
    for seed in (4, 5):
        at = datetime(2026, 10, 25, 2, 6 * seed)
        event = simulate_waveform(Random(seed), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=at)
        (sfm.folder / str(seed)).mkdir()
        (sfm.folder / str(seed) / f"{name}.TXT").write_bytes(ascii_report(event, file_name="x"))
    sfm("import", "q.sfm", name, "4", "5", "--create")
    before = (sfm.folder / "q.sfm").read_bytes()
    told = sfm("join", "q.sfm", name, 1, *CHOICE, "--dry-run").stderr
    assert f"{name}: would be of event 1" in told and "it would not count for event 2" in told
    assert (sfm.folder / "q.sfm").read_bytes() == before
    document = sfm.json("join", "q.sfm", name, 1, *CHOICE)
    closed("join", document)
    assert document["joined"] | {"file": name, "others": [2], "dry_run": False} == document["joined"]
    assert f"{name} is of event 1, as A. Miller decided" in sfm("show", "q.sfm", 2).stdout
