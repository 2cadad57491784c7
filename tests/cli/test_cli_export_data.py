"""`sfm export-data`: the demo's events as data."""

from __future__ import annotations

import obspy
import pytest


@pytest.mark.parametrize("data_format", ["csv", "parquet", "hdf5", "miniseed"])
def test_each_format(sfm, quarry, data_format, closed):
    document = sfm.json("export-data", quarry, "data", "--format", data_format)
    closed("export-data", document)
    assert sum(document["totals"].values()) == 7 == len(document["items"])
    assert document["totals"]["written"] == (3 if data_format == "miniseed" else 6)
    for item in document["items"]:
        assert all((sfm.folder / "data" / path).is_file() for path in item["paths"])
    assert sfm.json("export-data", quarry, "data", "--format", data_format)["totals"]["written"] == 0


def test_miniseed_says_whose_clock_it_is(sfm, quarry):
    result = sfm("export-data", quarry, "data", "3", "--format", "miniseed")
    assert "1 event with device-local times" in result.stderr
    sfm("zones", quarry, "BE11529", "America/New_York")
    again = sfm("export-data", quarry, "utc", "3", "--format", "miniseed")
    assert "device-local" not in again.stderr
    (path,) = (sfm.folder / "utc").rglob("*.mseed")
    assert obspy.read(str(path))[0].stats.starttime == obspy.UTCDateTime("2026-05-12T17:16:33.75")


def test_a_file_in_the_way(sfm, quarry):
    sfm("export-data", quarry, "data", "3", "--format", "csv")
    (path,) = (sfm.folder / "data" / "BE11529").iterdir()
    path.write_text("mine", encoding="utf-8")
    result = sfm("export-data", quarry, "data", "3", "--format", "csv", code=1)
    assert "different file in the way" in result.stdout and "--overwrite" in result.stderr
    more = sfm("export-data", quarry, "data", "--format", "csv", code=1)
    assert "events.csv is there already and different" in more.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    sfm("export-data", quarry, "data", "3", "--format", "csv", "--overwrite")
    assert path.read_text(encoding="utf-8").startswith("time [s]")
