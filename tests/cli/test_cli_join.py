"""`sfm join`: whose a report is, said by a person."""

from __future__ import annotations

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
    assert "holds no report other.TXT" in sfm.error("join", "q.sfm", "other.TXT", 2, *CHOICE, code=3)
    told = sfm("join", "q.sfm", "export.TXT", 2, *CHOICE).stderr
    assert "export.TXT: is of event 2" in told and "it does not count for event 1, though it is kept there too" in told
    document = sfm.json("join", "q.sfm", "export.TXT", 2, *CHOICE)
    closed("join", document)
    assert (document["joined"]["changed"], document["joined"]["others"]) == (False, [1])
    assert "is of event 2, as A. Miller decided" in sfm("show", "q.sfm", 1).stdout
    *_, last = sfm.json("history", "q.sfm", 2)["changes"]
    assert (last["action"], last["decided_by"], last["reason"]) == ("join report", CHOICE[1], CHOICE[3])
