"""Data through exporters: one place for each event, what an exporter may say, and what becomes of one that breaks."""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint
from random import Random
from types import ModuleType

import pytest

from sfm_archive import Archive, Event, FileKind, ReceivedFile
from sfm_archive.analysing import recording_of, recordings_of
from sfm_archive.archive.finding import name_of
from sfm_archive.errors import BadInput, NotFound, NotInstalled, UsageError
from sfm_archive.exporting.other_formats import write_as
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.selection import select
from sfm_archive.plugins.api import ExportedEvent, Exporter
from sfm_archive.plugins.hookspecs import PROJECT, hookimpl
from sfm_archive.plugins.loading import Plugins, installed_entry_points, load_plugins
from sfm_archive.storage.store import open_file
from sfm_archive.tables.run import DataStatus, export_data
from sfm_archive.testing import ascii_report, read_out, simulate_histogram, simulate_waveform
from sfm_archive.waveforms import compare_intervals, read_report

NOON = datetime(2026, 5, 1, 12, 0, 0)


class Peaks(Exporter):
    """A stranger's exporter."""

    name, extension, description = "peaks", ".peaks", "one line"

    def export(self, exported):
        recording = exported.recording()
        return f"{exported.event.serial} {recording.sampled().values('Vert').max():.3f}".encode()


@pytest.fixture
def with_exporters(monkeypatch):
    """Opens an archive that finds these exporters besides those installed."""
    opened = []

    def opening(path, *exporters) -> Archive:
        module = ModuleType("made_exporters_of_data")
        module.sfm_exporters = hookimpl(sfm_exporters_giving(exporters))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        plugins = Plugins()
        point = EntryPoint("made", module.__name__, PROJECT)
        plugins.registry = load_plugins([*installed_entry_points(), point])
        assert plugins.registry.load_errors == ()
        archive = Archive(open_file(path, read_only=True), plugins)
        opened.append(archive)
        return archive

    yield opening
    for archive in opened:
        archive.close()


def sfm_exporters_giving(exporters):
    def sfm_exporters():
        return list(exporters)

    return sfm_exporters


def save(archive, simulated, key, **files):
    event = Event(serial="BE11529", recorded_at=simulated.recorded_at, record_type=simulated.record_type, start_key=key)
    return archive.save(event, read_out(simulated), **files).event_id


@pytest.fixture
def same_names(tmp_path):
    """Two waveforms of the hour that was repeated: one name, two events; and one of another name."""
    random = Random(7)
    made = [simulate_waveform(random, seconds=1.0, recorded_at=NOON) for _ in range(2)]
    made.append(simulate_waveform(random, seconds=1.0, recorded_at=NOON + timedelta(hours=1)))
    with Archive.create(tmp_path / "a.sfm") as archive:
        ids = [save(archive, one, one.start_key) for one in made]
        assert len({name_of(archive.event(one)) for one in ids}) == 2
    return tmp_path / "a.sfm", dict(zip(ids, made, strict=True))


def test_events_of_one_name_have_the_places_of_their_event_files_in_any_order_of_runs(same_names, tmp_path):
    path, made = same_names
    with Archive.open(path, read_only=True) as archive:
        at_once = {item.event_id: item.paths for item in export_data(archive, tmp_path / "all", "txt").items}
        for order in ([1, 2, 3], [3, 2, 1]):
            target = tmp_path / "".join(map(str, order))
            for event_id in order:
                (item,) = export_data(archive, target, "txt", select(event_ids=[event_id]), overwrite=True).items
                assert (item.status, item.paths) == (DataStatus.WRITTEN, at_once[event_id])
            for event_id, event in made.items():
                back = read_report((target / at_once[event_id][0]).read_bytes()).samples.traces()
                assert back.samples[0].tolist() == list(event.motion.tran)
        archive.export(tmp_path / "files")
        export_data(archive, tmp_path / "same", "blastware")
        for path in (tmp_path / "files").rglob("*.*W"):
            assert (tmp_path / "same" / path.relative_to(tmp_path / "files")).read_bytes() == path.read_bytes()
    folders = {item.parent.relative_to(tmp_path / "files").as_posix() for item in (tmp_path / "files").rglob("*.*W")}
    assert {paths[0].rpartition("/")[0] for paths in at_once.values()} == folders and len(folders) == 2
    assert at_once[1][0].count("/") == 1 and at_once[2][0].rpartition("/")[2] == at_once[1][0].rpartition("/")[2]


def test_an_event_without_data_keeps_its_place_from_another_of_its_name(same_names, tmp_path):
    path, _ = same_names
    with Archive.open(path, read_only=True) as archive:
        second = export_data(archive, tmp_path / "one", "txt", select(event_ids=[2])).items[0].paths
    assert second[0].count("/") == 2, "the first of the name may get data later"


def test_names_that_are_one_as_texts_only_have_places_of_their_own_too(tmp_path):
    random = Random(9)
    names = ("M529LK44.AB_0", "M529LK44_AB.0", "m529lk44.ab_0", "L" * 246 + ".AB0")
    with Archive.create(tmp_path / "a.sfm") as archive:
        for number, name in enumerate(names):
            made = simulate_waveform(random, seconds=1.0, recorded_at=NOON + timedelta(hours=number))
            event = Event(serial="BE11529", recorded_at=made.recorded_at, record_type=made.record_type)
            archive.save(event, read_out(made), names=[name])
        items = export_data(archive, tmp_path / "data", "txt").items
        paths = [item.paths[0] for item in sorted(items, key=lambda item: item.event_id)]
        assert {item.status for item in items} == {DataStatus.WRITTEN}
        backwards = [
            export_data(archive, tmp_path / "back", "txt", select(event_ids=[number]), overwrite=True).items[0].paths[0]
            for number in (4, 3, 2, 1)
        ]
    assert backwards[::-1] == paths and len({path.casefold() for path in paths}) == 4
    assert paths[0] == "BE11529/M529LK44_AB_0_ASCII.TXT"
    assert paths[3] == "BE11529/BE11529_20260501T150000_4_ASCII.TXT", "the name it came under leaves no room for more"


def test_a_histogram_as_text_or_why_not(tmp_path):
    random = Random(3)
    even = simulate_histogram(random, count=40, interval_seconds=300, recorded_at=NOON)
    with Archive.create(tmp_path / "a.sfm") as archive:
        save(archive, even, even.start_key)
        odd = Event(serial="BE11529", recorded_at=even.recorded_at + timedelta(seconds=7), record_type=even.record_type)
        archive.save(odd, read_out(even))
        short = Event(
            serial="BE11529", recorded_at=even.stopped_at - timedelta(seconds=7), record_type=even.record_type
        )
        archive.save(short, read_out(even))
        late = Event(serial="BE11529", recorded_at=even.stopped_at, record_type=even.record_type)
        archive.save(late, read_out(even))
        report = export_data(archive, tmp_path / "data", "txt")
        text = read_report((tmp_path / "data" / report.items[0].paths[0]).read_bytes())
        assert compare_intervals(recording_of(archive, 1).histogram, text.intervals).agree
        assert [row.at for row in text.intervals.rows][::39] == [NOON + timedelta(minutes=5), even.stopped_at]
        assert (text.header.value("Number of Intervals"), text.header.value("Interval Size")) == ("40", "300 seconds")
        unfinished = read_report((tmp_path / "data" / report.items[1].paths[0]).read_bytes())
        assert unfinished.header.value("Interval Size") == "300 seconds", "the last one of 40 did not end"
        for item, why in zip(report.items[2:], ("give 0.175 s for each of 40", "no stop time after"), strict=True):
            assert (
                item.status is DataStatus.NO_DATA and why in item.message and "import its ASCII report" in item.message
            )


def test_a_histogram_that_a_document_says_is_longer_is_written_and_said(tmp_path):
    longer = simulate_histogram(Random(3), count=42, interval_seconds=300, recorded_at=NOON)
    event = simulate_histogram(Random(3), count=40, recorded_at=NOON, stopped_at=longer.stopped_at)
    with Archive.create(tmp_path / "a.sfm") as archive:
        save(archive, event, event.start_key)
        told = tuple(read_report(ascii_report(longer, file_name="x")).header.readings)
        archive.attach(1, [], [ReadingSet(source=ValueSource.REPORT, origin_sha256="d" * 64, readings=told)])
        recording = recording_of(archive, 1)
        assert [found.code for found in recording.findings] == ["histogram-cut"]
        assert recording.interval == timedelta(minutes=5)
        for number, data_format in enumerate(("csv", "txt", "hdf5", "parquet")):
            target = tmp_path / f"data{number}"
            (item,) = export_data(archive, target, data_format).items
            assert item.status is DataStatus.WRITTEN and "read up to its interval 40" in item.message
            if data_format != "parquet":
                rows = list(csv.DictReader((target / "events.csv").read_text(encoding="utf-8").splitlines()))
                assert rows[0]["message"] == item.message and rows[0]["data_file"] == item.paths[0]


def test_a_strangers_exporter_fills_a_folder(made, with_exporters, tmp_path):
    archive = with_exporters(made.path, Peaks())
    report = export_data(archive, tmp_path, "peaks")
    written = [item for item in report.items if item.status is DataStatus.WRITTEN]
    assert len(written) == sum(event.motion is not None for event in made.events.values())
    for item in written:
        serial, peak = (tmp_path / item.paths[0]).read_text(encoding="ascii").split()
        assert serial == "BE11529"
        assert float(peak) == pytest.approx(max(made.events[item.event_id].motion.vert) * 0.005, abs=5e-4)
    (histogram,) = {item.message for item in report.items if item.event_id in (6, 7)}
    assert "a histogram has no samples" in histogram
    assert "not the whole event (gap)" in report.items[made.torn - 1].message
    rows = list(csv.DictReader((tmp_path / "events.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(report.items)


class Breaking(Peaks):
    """Breaks on one event."""

    name = "breaking"

    def export(self, exported):
        if exported.event.recorded_at.hour == 13:
            raise ZeroDivisionError("oh")
        return b"x"


def test_an_exporter_that_breaks_on_one_event_writes_the_others_and_says_so(made, with_exporters, tmp_path):
    report = export_data(with_exporters(made.path, Breaking()), tmp_path, "breaking")
    (failed,) = report.failed
    assert failed.event_id == 2 and "ZeroDivisionError: oh; report it to an unknown package" in failed.message
    assert report.totals["written"] == len(report.items) - 1


class Needy(Peaks):
    """Needs a package that nobody has."""

    name = "needy"

    def export(self, exported):
        import no_such_package_of_segy

        return no_such_package_of_segy.write(exported)


def test_a_missing_package_is_named_when_the_format_is_used(made, with_exporters, tmp_path, monkeypatch):
    archive = with_exporters(made.path, Needy())
    with pytest.raises(NotInstalled, match="the format needy needs no_such_package_of_segy, which is not installed"):
        export_data(archive, tmp_path / "none", "needy")
    for name, package, extra in (("parquet", "pyarrow", "formats"), ("hdf5", "h5py", "formats")):
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.delitem(sys.modules, f"sfm_archive.tables.{name}", raising=False)
        with pytest.raises(
            NotInstalled, match=rf"the format {name} needs {package}.*pip install 'sfm-archive\[{extra}\]'"
        ):
            export_data(archive, tmp_path / "none", name)
    assert not (tmp_path / "none").exists()
    with pytest.raises(NotFound, match="'segy' is not installed"):
        export_data(archive, tmp_path / "none", "segy")


class Doubled(Peaks):
    """Wants a file beside it that has its own name."""

    name, beside = "doubled", ("peaks",)


def test_two_files_of_one_name_beside_each_other_are_refused_before_anything_is_written(made, with_exporters, tmp_path):
    archive = with_exporters(made.path, Peaks(), Doubled())
    with pytest.raises(UsageError, match="doubled and peaks give their files the same names"):
        export_data(archive, tmp_path / "none", "doubled")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("wrong", [{"export": 1}, {"beside": "csv"}, {"beside": [1]}, {"recognise": b""}])
def test_what_an_exporter_may_have_is_checked_when_it_is_loaded(wrong, monkeypatch):
    exporter = Peaks()
    exporter.__dict__.update(wrong)
    module = ModuleType("made_wrong_exporter")
    module.sfm_exporters = hookimpl(sfm_exporters_giving([exporter]))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    registry = load_plugins([EntryPoint("wrong", module.__name__, PROJECT)])
    (error,) = registry.load_errors
    assert "exporter peaks" in error.reason and registry.exporters == ()


class Keeps(Exporter):
    """Keeps what it gets."""

    name, extension, description = "keeps", ".x", "one line"

    def __init__(self):
        self.got = []

    def export(self, exported):
        self.got.append((exported.event, exported.file, exported.values, exported.recording()))
        return b"x"


def test_what_an_exporter_gets_is_what_the_archive_has(made, with_exporters):
    keeps = Keeps()
    with with_exporters(made.path, keeps) as archive:
        for event_id in (*made.events, made.torn):
            whole = recording_of(archive, event_id)
            write_as(archive, event_id, "keeps")
            event, file, values, recording = keeps.got[-1]
            assert event == archive.event(event_id).event() == recording.event
            assert [(one.quantity, one.channel, one.number, one.source) for one in values] == [
                (one.quantity, one.channel, one.number, one.source) for one in archive.values(event_id)
            ]
            for name in ("settings", "computed", "why_not", "provenance", "interval", "stopped_at"):
                assert getattr(recording, name) == getattr(whole, name), (event_id, name)
            if event_id == made.torn:
                assert file is None and recording.traces is None
                with pytest.raises(BadInput, match="gap"):
                    recording.sampled()
            else:
                assert file == write_as(archive, event_id, "blastware").data


def test_a_page_of_events_is_what_they_are_alone_and_asks_the_archive_once_for_all(made):
    with Archive.open(made.path) as archive:
        rows = list(archive.events())
        asked = []
        archive.store.connection.exec_trace = lambda cursor, sql, values: asked.append(sql) or True
        try:
            together = list(recordings_of(archive, rows))
        finally:
            archive.store.connection.exec_trace = None
        for row, one in zip(rows, together, strict=True):
            alone = recording_of(archive, row)
            for name in ("event_id", "event", "name", "zone", "utc", "settings", "computed", "reported", "provenance"):
                assert getattr(one, name) == getattr(alone, name), (row.event_id, name)
    assert len(rows) > 3
    assert [sql for sql in asked if asked.count(sql) >= len(rows) - 1] == [], "no statement runs once an event"


@pytest.mark.parametrize("name", ["csv", "parquet", "hdf5", "miniseed", "stationxml", "txt"])
def test_formats_write_recordings_and_ask_for_nothing_else(made, name):
    with Archive.open(made.path, read_only=True) as archive:
        exporter = archive.plugins.exporter(name)
        recording = recording_of(archive, 1)
        alone = ExportedEvent(event=recording.event, give_recording=lambda: recording)
        assert len(exporter.export(alone)) > 200
        with pytest.raises(BadInput, match="nothing decodes this event"):
            exporter.export(ExportedEvent(event=recording.event))


def test_a_damaged_report_is_no_missing_data(tmp_path):
    event = simulate_waveform(Random(4), seconds=1.0, sample_rate=1024, loudness="quiet")
    text = ascii_report(event, file_name="x.AB0")
    with Archive.create(tmp_path / "a.sfm") as archive:
        file = ReceivedFile(kind=FileKind.REPORT, name="x.TXT", data=text)
        save(archive, event, event.start_key, files=[file])
        with archive.store.transaction() as connection:
            for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {trigger}")
            connection.execute("UPDATE file_piece SET data = x'00'")
        (item,) = export_data(archive, tmp_path / "data", "txt").failed
        assert "x.TXT (file 1)" in item.message and "Take it from a backup" in item.message


@pytest.mark.parametrize("missing", [1, 2, 23, 39])
@pytest.mark.parametrize("exporter", ["csv", "parquet", "hdf5", "txt", "blastware", "ascii-values"])
def test_records_that_are_missing_at_the_end_are_said_and_stop_no_exporter(tmp_path, exporter, missing):
    whole = simulate_histogram(Random(3), count=40, interval_seconds=60, recorded_at=NOON)
    event = simulate_histogram(Random(3), count=40 - missing, recorded_at=NOON, stopped_at=whole.stopped_at)
    with Archive.create(tmp_path / "a.sfm") as archive:
        save(archive, event, event.start_key)
        recording = recording_of(archive, 1)
        assert recording.interval == timedelta(seconds=60) or missing == 39
        assert [found.code for found in recording.findings] == ["histogram-cut"]
        report = export_data(archive, tmp_path / "out", exporter)
        (item,) = report.items
        assert item.status == "written" and f"read up to its interval {40 - missing}: " in item.message
        if exporter == "txt":
            data = (tmp_path / "out" / item.paths[0]).read_bytes()
            assert b'"Note : the histogram was read up to its interval' in data
