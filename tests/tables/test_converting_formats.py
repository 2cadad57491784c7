"""Data in the formats of analysts, read back with their own tools."""

from __future__ import annotations

import csv
import io
import os
import tracemalloc
import warnings
from datetime import datetime
from random import Random

import h5py
import numpy as np
import obspy
import pandas
import pyarrow.parquet
import pytest

from sfm_archive import Archive, Event, FileKind, ReceivedFile
from sfm_archive.analysing import recording_of
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.files.standing import WriteAction
from sfm_archive.formats.blastware.names import event_file_name
from sfm_archive.formats.csv_text import PLAIN
from sfm_archive.formats.data_tables import VALUE_COLUMNS
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.model.selection import select
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.tables.run import DataStatus, export_data
from sfm_archive.tables.table_file import TableFile
from sfm_archive.testing import HistogramInterval, blastware_file, read_out, simulate_histogram
from sfm_archive.waveforms import decode_event_file
from sfm_archive.waveforms.segments import CHAIN_OFFSET, decode_chain

START = datetime(2026, 5, 1, 12, 0, 0)


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


def cut_off(event):
    """An event file of a waveform that ends between two rounds of segments: no segment in it is odd."""
    data = blastware_file(event)
    (end,) = {decode_chain(data[18:], CHAIN_OFFSET, len(data) - 18 - 26).end}
    for size in range(end + 18, 100, -1):
        if decode_event_file(data[:size]).findings == ():
            return data[:size]
    raise AssertionError("no such place")


def test_a_cut_off_event_file_is_refused_by_obspy_and_by_the_analysis(made, tmp_path):
    event = made.events[1]
    for data in (cut_off(event), blastware_file(event)[:1000]):
        (tmp_path / "M529LK44.AB0").write_bytes(data)
        with pytest.raises(BadInput, match=r"M529LK44\.AB0: the file has .* it ends before .* incomplete=True"):
            obspy.read(str(tmp_path / "M529LK44.AB0"))
        with Archive.create(tmp_path / f"{len(data)}.sfm") as archive:
            file = ReceivedFile(kind=FileKind.EVENT_FILE, name="M529LK44.AB0", data=data)
            identity = Event(serial="BE11529", recorded_at=START, record_type=event.record_type)
            archive.save(identity, files=[file])
            recording = recording_of(archive, 1)
            assert recording.traces is None and "it ends before" in recording.why_not
            assert archive.analyse().stored == 0
    (tmp_path / "longer").write_bytes(blastware_file(event) + b"\x00" * 100)
    with pytest.warns(UserWarning, match="goes on past"):
        assert len(obspy.read(str(tmp_path / "longer"))) == 4


def test_what_is_there_of_a_cut_off_file_is_read_when_asked_for_and_says_so(made, tmp_path):
    data = cut_off(made.events[1])
    name = event_file_name("BE9413", START, made.events[1].record_type)
    for place, station, start, basis in (
        (name, "9413", obspy.UTCDateTime("2026-05-01T11:59:59.75"), "device-local"),
        ("some.bin", "", obspy.UTCDateTime(0), "unknown"),
    ):
        (tmp_path / place).write_bytes(data)
        with pytest.warns(UserWarning, match=f"{place}: the file has .* it ends before"):
            stream = obspy.read(str(tmp_path / place), incomplete=True)
        stats = stream[0].stats
        assert (stats.station, stats.starttime, stats.time_basis) == (station, start, basis)
        codes = {finding["code"] for finding in stats.blastware.findings}
        assert codes == {"size", *(["no-serial", "no-time"] if not station else ["serial-from-name", "time-from-name"])}
        assert 0 < len(stream[0]) <= len(made.events[1].motion.tran)


def test_a_whole_event_file_is_read_without_a_warning(made, tmp_path):
    (tmp_path / "x").write_bytes(blastware_file(made.events[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stats = obspy.read(str(tmp_path / "x"))[0].stats
    assert stats.blastware.findings == [] and stats.blastware.serial == made.events[1].serial


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
        assert len(stream) == 4 and {trace.stats.sampling_rate for trace in stream} <= {1024.0, 2048.0}
        for code, counts in zip(("PT", "PZ", "PR", "DF"), event.motion.channels, strict=True):
            assert by_channel[code].data.tolist() == list(counts)
        inventory = obspy.read_inventory(str(xml))
        physical = stream.copy().remove_sensitivity(inventory)
        for trace, counts in zip(physical, stream, strict=True):
            is_microphone = trace.stats.channel.endswith("DF")
            factor = 0.25 if is_microphone else 0.005 * 0.0254
            assert np.allclose(trace.data, counts.data * factor, rtol=1e-9)
            response = inventory.get_response(trace.id, trace.stats.starttime)
            assert response.instrument_sensitivity.input_units == ("PA" if is_microphone else "M/S")
            assert response.response_stages[0].stage_gain == pytest.approx(1 / factor)


def test_the_response_is_removed_without_a_warning(archive, tmp_path):
    (item,) = export_data(archive, tmp_path, "miniseed", select(event_ids=[1])).items
    stream, inventory = (
        read(str(tmp_path / path)) for read, path in zip((obspy.read, obspy.read_inventory), item.paths, strict=True)
    )
    for trace in stream:
        is_microphone = trace.stats.channel.endswith("DF")
        (stage,) = inventory.get_response(trace.id, trace.stats.starttime).response_stages
        assert (stage.input_units, stage.output_units) == ("PA" if is_microphone else "M/S", "COUNTS")
        quantum = 0.25 if is_microphone else 0.005 * 0.0254
        expected = trace.data * quantum
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            trace.remove_response(
                inventory, output="DEF" if is_microphone else "VEL", water_level=None, zero_mean=False, taper=False
            )
        # The way through the spectrum costs the mean, and what is at the Nyquist frequency.
        assert np.allclose(trace.data - trace.data.mean(), expected - expected.mean(), atol=quantum / 10)


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
            attributes = dict(file.attrs)
            assert attributes["serial"] == "BE11529"
            hdf5 = file["data/Vert"][:]
            assert file["data/Vert"].attrs["unit"] == unit["Vert"] == "in/s"
        expected = (
            np.array(event.motion.vert) if event.motion else np.array([interval.vert for interval in event.intervals])
        )
        for found in (table["Vert [in/s]"], parquet["Vert"].to_numpy(), hdf5):
            assert np.allclose(found, expected * 0.005, atol=1e-6)
            numbers = {"event_id": event_id, "sample_rate": 2048 if event_id == made.reported else 1024}
        assert {name: attributes[name] for name in numbers} == numbers
        assert attributes["geo_range_in_s"] == 10 and not isinstance(attributes["geo_range_in_s"], str)
        assert ("pretrigger_samples" in attributes) is (event.motion is not None)
        # A histogram has no pre-trigger that anybody could assume.
        samples = ["pre-trigger"] if event.motion else []
        rate = [] if event.motion else ["sample rate"]  # the length of a waveform tells it
        assumed = [] if event_id == made.reported else [*rate, *samples, "geophone range"]
        assert attributes.get("assumed", "") == ", ".join(assumed)
        assert parquet.schema.metadata.get(b"assumed", b"").decode() == ", ".join(assumed)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "csv" / "events.csv").read_text(encoding="utf-8"))))
    assert [int(row["event_id"]) for row in rows] == [row.event_id for row in archive.events()]
    assert {row["event_id"] for row in rows if not row["decoder"]} == {str(made.torn)}
    torn = rows[made.torn - 1]
    assert "not the whole event" in torn["message"]
    assert (torn["sample_rate"], torn["geo_range_in_s"], torn["assumed"]) == ("", "", ""), "nothing was decoded with it"
    with (tmp_path / "csv" / "values.csv").open(encoding="utf-8") as file:
        assert {row["source"] for row in csv.DictReader(file)} == {"report", "decoder"}


CHANNELS = ("Tran", "Vert", "Long", "MicL")
OVER = tuple(f"{name}_over_range" for name in CHANNELS)


def read_tables(archive, folder, event_id):
    """The data of one event as its own tools read them: pandas from CSV, pyarrow, h5py; columns by name, and units."""
    found = []
    for name in ("csv", "parquet", "hdf5"):
        export_data(archive, folder / name, name, select(event_ids=[event_id]))
        (path,) = [path for path in (folder / name).glob("BE11529/*") if path.stem.endswith(f"_{event_id}")]
        if name == "csv":
            table = pandas.read_csv(path)
            units = {title.partition(" [")[0]: title.partition(" [")[2].rstrip("]") for title in table.columns}
            found.append(({title.partition(" [")[0]: table[title].to_numpy() for title in table.columns}, units))
        elif name == "parquet":
            table = pyarrow.parquet.read_table(path)
            units = {field.name: field.metadata[b"unit"].decode() for field in table.schema}
            found.append(({column: table[column].to_numpy() for column in table.column_names}, units))
        else:
            with h5py.File(path) as file:
                columns = {column: dataset[:] for column, dataset in file["data"].items()}
                found.append((columns, {column: dataset.attrs["unit"] for column, dataset in file["data"].items()}))
    return found


def test_samples_over_range_times_and_units_read_back_from_every_table(archive, made, tmp_path):
    (clipped,) = [
        event_id
        for event_id, event in made.events.items()
        if event.motion and max(map(max, event.motion.channels[:3])) == 2047
        and event_id != made.reported
    ][-1:]  # fmt: skip
    motion = made.events[clipped].motion
    over = (np.array(motion.channels) == 2047) | (np.array(motion.channels) == -2048)
    assert over.any() and not over.all(axis=0).any(), "which channel it was differs"
    for columns, units in read_tables(archive, tmp_path, clipped):
        assert units == {"time": "s", **dict.fromkeys(CHANNELS[:3], "in/s"), "MicL": "Pa", **dict.fromkeys(OVER, "")}
        assert np.allclose(columns["time"], (np.arange(len(motion.tran)) - motion.pretrigger) / motion.sample_rate)
        for name, counts, quantum in zip(CHANNELS, motion.channels, (0.005,) * 3 + (0.25,), strict=True):
            assert np.allclose(columns[name], np.array(counts) * quantum, atol=1e-6)
        for name, row in zip(OVER, over, strict=True):
            assert (columns[name].astype(bool) == row).all()


def test_intervals_frequencies_and_over_range_read_back_from_every_table(tmp_path):
    intervals = [
        HistogramInterval(tran=number, tran_half=7 + number, vert=2048 if number == 3 else 9, vert_half=20,
                          long=1, long_half=0, micl=4 * number, micl_half=5)
        for number in range(1, 7)
    ]  # fmt: skip
    event = simulate_histogram(Random(1), intervals=intervals, interval_seconds=60, recorded_at=START)
    with Archive.create(tmp_path / "a.sfm") as archive:
        identity = Event(serial="BE11529", recorded_at=START, record_type=event.record_type)
        archive.save(identity, read_out(event))
        for columns, units in read_tables(archive, tmp_path, 1):
            assert units == {
                "interval": "", "start_local": "", "MicL": "Pa", **dict.fromkeys(OVER, ""),
                **dict.fromkeys(CHANNELS[:3], "in/s"), **{f"{name}_frequency": "Hz" for name in CHANNELS},
            }  # fmt: skip
            assert np.allclose(columns["Tran"], np.arange(1, 7) * 0.005)
            assert np.allclose(columns["Tran_frequency"], 512 / np.arange(8, 14))
            assert columns["Vert"][2] == pytest.approx(10.24) and columns["Vert"][0] == pytest.approx(0.045)
            assert columns["Vert_over_range"].astype(bool).tolist() == [False, False, True, False, False, False]
            assert not any(columns[name].astype(bool).any() for name in OVER if name != "Vert_over_range")
            assert np.isnan(columns["Long_frequency"].astype(float)).all()
            assert np.allclose(columns["MicL"], np.arange(1, 7.0))
            starts = [text.decode() if isinstance(text, bytes) else text for text in columns["start_local"]]
            assert starts[0] == "2026-05-01T12:00:00" and starts[-1] == "2026-05-01T12:05:00"


def test_hdf5_has_every_sources_values_and_parquet_and_pandas_the_provenance(archive, made, tmp_path):
    name = export_data(archive, tmp_path / "h", "hdf5", select(event_ids=[made.reported])).items[0].paths[0]
    with h5py.File(tmp_path / "h" / name) as file:
        said, computed = file["values/report/ppv_Vert"].attrs, file["values/decoder/ppv_Vert"].attrs
        assert file["values/decoder"].attrs["reader"] == "waveform@1"
        assert computed["unit"] == said["unit"] == "in/s"
        assert computed["state"] == "over-range" or computed["number"] == pytest.approx(said["number"], abs=5e-4)
        assert file.attrs["decoder"] == "waveform@1" and "assumed" not in file.attrs
    name = export_data(archive, tmp_path / "p", "parquet", select(event_ids=[1])).items[0].paths[0]
    metadata = pyarrow.parquet.read_schema(tmp_path / "p" / name).metadata
    assert metadata[b"assumed"] == b"pre-trigger, geophone range"
    assert metadata[b"decoded_from_sha256"].decode() == archive.revisions(1)[-1].sha256
    assert list(pandas.read_parquet(tmp_path / "p" / name).columns) == ["time", *CHANNELS, *OVER]
    events = pandas.read_parquet(tmp_path / "p" / "events.parquet")
    assert events["data_file"].tolist() == [name]


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


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_below_the_folder_is_never_followed(archive, tmp_path, overwrite):
    target, outside = tmp_path / "data", tmp_path / "outside"
    target.mkdir()
    outside.mkdir()
    (outside / "values.csv").write_bytes(b"somebody's own")
    (target / "BE11529").symlink_to(outside)
    (target / "values.csv").symlink_to(outside / "values.csv")
    report = export_data(archive, target, "csv", overwrite=overwrite)
    written = [item for item in report.items if item.status is not DataStatus.NO_DATA]
    assert {item.status for item in written} == {DataStatus.IN_THE_WAY} and len(written) == len(report.items) - 1
    assert all("BE11529 is a link" in item.message for item in written)
    assert (report.tables, report.tables_in_the_way) == (("events.csv", "peaks.csv"), ("values.csv",))
    assert [(path.name, path.read_bytes()) for path in outside.iterdir()] == [("values.csv", b"somebody's own")]


def test_of_an_event_with_a_file_in_the_way_none_is_written(archive, tmp_path):
    report = export_data(archive, tmp_path / "data", "miniseed")
    seed, xml = next(item for item in report.items if item.status is DataStatus.WRITTEN).paths
    (tmp_path / "data" / xml).write_bytes(b"mine")
    (tmp_path / "data" / seed).unlink()
    (item,) = export_data(archive, tmp_path / "data", "miniseed").in_the_way
    assert item.paths == (seed, xml) and xml in item.message and "--overwrite" in item.message
    assert not (tmp_path / "data" / seed).exists() and (tmp_path / "data" / xml).read_bytes() == b"mine"


def test_tables_are_the_same_whatever_the_pages(archive, tmp_path, monkeypatch):
    for data_format in ("csv", "parquet"):
        export_data(archive, tmp_path / "whole", data_format)
        with monkeypatch.context() as patched:
            patched.setattr("sfm_archive.tables.run._PAGE", 2)
            export_data(archive, tmp_path / "pages", data_format)
        for name in (f"events.{data_format}", f"values.{data_format}"):
            assert (tmp_path / "pages" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_table_takes_the_memory_of_a_page_and_leaves_nothing_when_it_is_not_finished(tmp_path):
    csv_exporter = load_plugins().exporter("csv")
    with TableFile(tmp_path, csv_exporter, "values", VALUE_COLUMNS, PLAIN) as table:
        tracemalloc.start()
        try:
            for page in range(60):
                table.add([(page, "ppv", "Tran", 0.005 * row, "in/s", "ok", f"{row}", "report") for row in range(500)])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert table.finish(overwrite=False) is WriteAction.CREATE
    size = (tmp_path / "values.csv").stat().st_size
    assert peak < size / 2, "the whole of it is never held"
    with pytest.raises(KeyboardInterrupt), TableFile(tmp_path, csv_exporter, "values", VALUE_COLUMNS, PLAIN) as table:
        table.add([(1, "", "", None, "", "", "", "")])
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["values.csv"]


def test_a_frame_has_no_vector_sum_below_the_greatest_peak(tmp_path):
    printed = (("ppv", "0.750 in/s", "Tran"), ("ppv", "0.1 in/s", "Vert"), ("ppv", "0.1 in/s", "Long"))
    readings = tuple(measured_reading(*one) for one in (*printed, ("pvs", "0.400 in/s", "")))
    with Archive.create(tmp_path / "a.sfm") as archive:
        read = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)
        archive.save(Event(serial="BE11529", recorded_at=datetime(2026, 5, 1)), readings=[read])
        row = archive.frame().loc[1]
    assert (row.pvs, row.pvs_state, row.pvs_unit) == (0.75, "above-limit", "in/s")


def test_frame_and_stream_of_an_archive(site):
    with Archive.open(site.path) as archive:
        archive.analyse()
        frame = archive.frame(record_type="waveform")
        assert frame.loc[1, "ppv_Vert"] == pytest.approx(site.events[1].peaks.vert, abs=1e-6)
        assert (frame.loc[1, "ppv_Vert_unit"], frame.loc[1, "ppv_Vert_source"]) == ("in/s", "decoder")
        assert frame.loc[site.reported, "ppv_Vert_source"] == "report"
        assert archive.frame(serial="BE1").empty
        everything = archive.frame()
        over = everything[everything.ppv_basis == "over range"]
        assert not over.empty and (over.ppv_at_least_mm_s > 10).all()
        loudest = frame.loc[1, ["ppv_Tran", "ppv_Vert", "ppv_Long"]].max()
        assert frame.loc[1, "ppv_at_least_mm_s"] in (
            pytest.approx(loudest * 25.4, rel=1e-6), pytest.approx(loudest * 25.4 / 8, rel=1e-6),
        )  # fmt: skip
        assert len(archive.stream(1)) == 4
        histogram = next(event_id for event_id, event in site.events.items() if event.intervals)
        with pytest.raises(UsageError, match="no traces"):
            archive.stream(histogram)


def test_the_plugin_refuses_what_is_no_event_file():
    from sfm_archive.tables.obspy_plugin import is_blastware, read_blastware

    assert not is_blastware("/no/such/file") and not is_blastware(io.BytesIO(b""))
    with pytest.raises(BadInput):
        read_blastware(io.BytesIO(b"x"))
