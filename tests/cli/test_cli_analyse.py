"""`sfm analyse` on the demo's events."""

from __future__ import annotations


def test_the_numbers_are_there_before_an_analysis(sfm, quarry):
    first = sfm("analyse", quarry)
    assert "6  unchanged" in first.stdout and "1  nothing decoded" in first.stdout
    assert "event 2: nothing decoded: frames revision 1: the frames are not the whole event" in first.stderr
    assert "history head" not in first.stderr
    second = sfm("analyse", quarry)
    assert "6  unchanged" in second.stdout and "history head" not in second.stderr
    values = sfm.json("show", quarry, "3")["values"]
    assert {v["source"] for v in values if v["quantity"] == "ppv"} == {"device record"}
    assert {v["source"] for v in values if v["quantity"] == "zc_frequency"} == {"decoder"}
    assert sfm("verify", quarry).exit_code == 0


def test_a_dry_run_keeps_nothing(sfm, quarry, closed):
    document = sfm.json("analyse", quarry, "--dry-run")
    assert document["stored"] == 0 and document["dry_run"] is True
    assert document["renewed"] == []
    assert document["totals"]["unchanged"] == 6 == len(document["items"]) - 1
    assert "6  unchanged" in sfm("analyse", quarry, "--dry-run").stdout


def test_a_difference_is_told_and_ends_with_one(sfm, quarry, closed):
    from sfm_archive import Archive
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading

    wrong = ReadingSet(
        source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(measured_reading("pvs", "9.000 in/s"),)
    )
    with Archive.open(quarry) as archive:
        archive.attach(3, [], [wrong])
    result = sfm("analyse", quarry, "3", code=1)
    assert "1 event with documents that differ from the samples" in result.stdout
    assert "event 3: pvs: computed 1.243 in/s, report says 9.000 in/s" in result.stderr
    document = sfm.json("analyse", quarry, "--dry-run", code=1)
    assert document["differing"] == 1


def test_events_are_told_in_the_order_of_their_ids_however_many_there_are(sfm, quarry, monkeypatch):
    monkeypatch.setattr("sfm_archive.analysing.run._CHUNK", 1)
    ids = [item["event_id"] for item in sfm.json("analyse", quarry, "--dry-run")["items"]]
    assert ids == sorted(ids) and len(ids) == 7


def test_a_dry_run_says_what_would_be_made_again(sfm, quarry):
    import apsw

    connection = apsw.Connection(quarry)
    connection.execute("UPDATE event_computed SET numbers = '{}', decoder = 'waveform@0' WHERE event_id IN (3, 5)")
    connection.close()
    result = sfm("analyse", quarry, "--dry-run")
    assert "numbers of 2 events would be made again (dry run: nothing was)" in result.stdout
    assert "others than waveform@1 gives: events 3, 5" in result.stderr
    document = sfm.json("analyse", quarry, "--dry-run")
    assert (document["renewed"], document["stored"]) == ([3, 5], 0)
    document = sfm.json("analyse", quarry)
    assert (document["renewed"], document["stored"]) == ([3, 5], 2)
