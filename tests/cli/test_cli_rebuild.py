"""`sfm rebuild` on the command line."""

from __future__ import annotations

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
