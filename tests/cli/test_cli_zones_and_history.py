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
