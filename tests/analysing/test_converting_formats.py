"""Data in the formats of analysts, read back with their own tools."""

from __future__ import annotations

import csv
import io

import h5py
import numpy as np
import obspy
import pandas
import pyarrow.parquet
import pytest

from sfm_archive import Archive
from sfm_archive.converting.run import DataStatus, export_data
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.testing import blastware_file


@pytest.fixture
def archive(made):
    with Archive.open(made.path, read_only=True) as opened:
        yield opened


def test_obspy_reads_event_files(made, tmp_path):
    for event_id, event in made.events.items():
        path = tmp_path / f"M529LK44.AB{event_id}"
        path.write_bytes(blastware_file(event))
        if event.motion is None:
            with pytest.raises(UsageError, match="holds no samples"):
                obspy.read(str(path))
            continue
        stream = obspy.read(str(path), sample_rate=event.motion.sample_rate)
        assert [trace.stats._format for trace in stream] == ["BLASTWARE"] * 4
        for trace, channel in zip(stream, event.motion.channels, strict=True):
            assert trace.data.tolist() == list(channel)
        assert stream[0].stats.calib == 0.005 and stream[0].stats.units == "in/s"
        assert stream[0].stats.time_basis == "device-local"
    (stream,) = {len(obspy.read(io.BytesIO(blastware_file(made.events[1]))))}
    assert stream == 4
    (tmp_path / "other").write_bytes(b"nothing of the kind")
    with pytest.raises(TypeError):
        obspy.read(str(tmp_path / "other"))


def test_miniseed_and_stationxml_read_back_equal(archive, made, tmp_path):
    report = export_data(archive, tmp_path, "miniseed")
    written = [item for item in report.items if item.status is DataStatus.WRITTEN]
    assert len(written) == sum(event.motion is not None for event in made.events.values())
    assert report.local_times == len(written)
    for item in written:
        event = made.events[item.event_id]
        seed, xml = (tmp_path / path for path in item.paths)
        stream = obspy.read(str(seed)).select(station="11529")
        by_channel = {trace.stats.channel[1:]: trace for trace in stream}
        for code, counts in zip(("PT", "PZ", "PR", "DF"), event.motion.channels, strict=True):
            assert by_channel[code].data.tolist() == list(counts)
        inventory = obspy.read_inventory(str(xml))
        vert = by_channel["PZ"].copy()
        vert.remove_sensitivity(inventory)
        assert np.abs(vert.data).max() / 0.0254 == pytest.approx(event.peaks.vert, abs=1e-5)


def test_a_stated_zone_makes_the_time_utc(site):
    with Archive.open(site.path) as archive:
        archive.state_time_zone("BE11529", "America/New_York")
        trace = archive.stream(1)[0]
    assert trace.stats.time_basis == "UTC"
    assert trace.stats.starttime == obspy.UTCDateTime("2026-05-01T16:00:00") - 0.25
    assert trace.stats.blastware.decoded_from == "frames revision 1"


def test_csv_parquet_and_hdf5_say_the_same(archive, made, tmp_path):
    for data_format in ("csv", "parquet", "hdf5"):
        report = export_data(archive, tmp_path / data_format, data_format)
        assert sum(report.totals.values()) == archive.count()
        assert report.totals["no data"] == 1
    paths = {item.event_id: item.paths[0] for item in report.items if item.paths}
    for event_id, event in made.events.items():
        stem = paths[event_id].removesuffix(".h5")
        table = pandas.read_csv(tmp_path / "csv" / f"{stem}.csv")
        parquet = pyarrow.parquet.read_table(tmp_path / "parquet" / f"{stem}.parquet")
        unit = {field.name: field.metadata[b"unit"].decode() for field in parquet.schema}
        with h5py.File(tmp_path / "hdf5" / f"{stem}.h5") as file:
            assert file.attrs["serial"] == "BE11529"
            hdf5 = file["data/Vert"][:]
            assert file["data/Vert"].attrs["unit"] == unit["Vert"] == "in/s"
        expected = (
            np.array(event.motion.vert) if event.motion else np.array([interval.vert for interval in event.intervals])
        )
        for found in (table["Vert [in/s]"], parquet["Vert"].to_numpy(), hdf5):
            assert np.allclose(found, expected * 0.005, atol=1e-6)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "csv" / "events.csv").read_text(encoding="utf-8"))))
    assert [int(row["event_id"]) for row in rows] == [row.event_id for row in archive.events()]
    assert {row["event_id"] for row in rows if not row["decoder"]} == {str(made.torn)}
    assert "not the whole event" in rows[made.torn - 1]["message"]


def test_a_different_file_is_never_replaced_unasked(archive, tmp_path):
    first = export_data(archive, tmp_path, "csv")
    again = export_data(archive, tmp_path, "csv")
    assert again.totals["unchanged"] == first.totals["written"]
    changed = tmp_path / first.items[0].paths[0]
    changed.write_text("mine", encoding="utf-8")
    third = export_data(archive, tmp_path, "csv")
    assert [item.event_id for item in third.in_the_way] == [first.items[0].event_id] and third.tables_in_the_way == ()
    assert changed.read_text(encoding="utf-8") == "mine"
    export_data(archive, tmp_path, "csv", overwrite=True)
    assert changed.read_text(encoding="utf-8").startswith("time [s],")
    assert not list(tmp_path.rglob(".sfm-*"))


def test_frame_and_stream_of_an_archive(site):
    with Archive.open(site.path) as archive:
        archive.analyse()
        frame = archive.frame(record_type="waveform")
        assert frame.loc[1, "ppv_Vert"] == pytest.approx(site.events[1].peaks.vert, abs=1e-6)
        assert (frame.loc[1, "ppv_Vert_unit"], frame.loc[1, "ppv_Vert_source"]) == ("in/s", "decoder")
        assert frame.loc[site.reported, "ppv_Vert_source"] == "report"
        assert archive.frame(serial="BE1").empty
        assert len(archive.stream(1)) == 4
        histogram = next(event_id for event_id, event in site.events.items() if event.intervals)
        with pytest.raises(UsageError, match="no traces"):
            archive.stream(histogram)


def test_the_plugin_refuses_what_is_no_event_file():
    from sfm_archive.converting.obspy_plugin import is_blastware, read_blastware

    assert not is_blastware("/no/such/file") and not is_blastware(io.BytesIO(b""))
    with pytest.raises(BadInput):
        read_blastware(io.BytesIO(b"x"))
