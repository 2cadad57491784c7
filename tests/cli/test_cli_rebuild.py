"""`sfm rebuild` on the command line."""

from __future__ import annotations

from dataclasses import replace

import apsw


def test_rebuilding_says_how_much_was_another_before(sfm, quarry, closed):
    document = sfm.json("rebuild", quarry)
    closed("rebuild", document)
    assert document["changed"] == document["removed"] == 0
    connection = apsw.Connection(str(quarry))
    connection.execute("UPDATE event_summary SET ppv_basis = 'reported', ppv_nm_s = 1 WHERE event_id = 1")
    connection.close()
    assert "sfm rebuild makes it again" in sfm("verify", quarry, code=5).stdout
    assert "the rows of 1 were others before" in sfm("rebuild", quarry).stdout
    assert sfm("verify", quarry).exit_code == 0


def test_a_list_made_of_rows_of_other_rules_says_so(sfm, quarry):
    connection = apsw.Connection(str(quarry))
    connection.execute("UPDATE event_summary SET rules = 0")
    connection.close()
    assert "computed anew for this answer" in sfm("list", quarry).stderr
    sfm("rebuild", quarry)
    assert "computed anew" not in sfm("list", quarry).stderr


def test_a_reader_with_sql_alone_gets_the_peak_that_show_prints(sfm, quarry):
    from sfm_archive.model.decimals import as_printed
    from sfm_archive.model.magnitudes import greatest_peak
    from sfm_archive.model.readings import Reading, ValueState
    from sfm_archive.model.velocities import whole_nm_s

    connection = apsw.Connection(str(quarry), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute("SELECT event_id, ppv_nm_s, ppv_basis, ppv_channel FROM event_summary").fetchall()
    connection.close()
    assert len(rows) == sfm.json("info", quarry)["events"]
    known = 0
    for event_id, nm_s, basis, channel in rows:
        shown = [
            Reading(**{key: one[key] for key in ("quantity", "channel", "number", "unit", "text")}, state=one["state"])
            for one in sfm.json("show", quarry, event_id)["values"]
        ]
        states = {state.value: state for state in ValueState}
        peak = greatest_peak([replace(one, state=states[one.state]) for one in shown])
        if peak is None:
            assert (nm_s, basis, channel) == (None, "unknown", "")
            continue
        known += 1
        assert channel == peak.channel
        assert (basis == "over range") == (peak.state is ValueState.OVER_RANGE)
        if peak.number is not None:
            assert nm_s == whole_nm_s(as_printed(peak.number), peak.unit)
    assert known > 0
