"""Importers: a stranger's source file becomes events, what ships has no privileges, and a fault costs one file only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from sfm_archive import testing
from sfm_archive.archive import Archive
from sfm_archive.errors import BadInput, PluginConflict
from sfm_archive.importing import ImportItem, ImportReport, import_sources
from sfm_archive.model.findings import Finding
from sfm_archive.plugins import loading as plugins
from sfm_archive.plugins.api import (
    ImportedEvent,
    ImportedFile,
    Importer,
    Reading,
    ValueState,
    measured_reading,
    read_capture,
)
from sfm_archive.plugins.hookspecs import PROJECT, hookimpl
from sfm_archive.plugins.loading import installed_entry_points, load_plugins

SHIPPED = installed_entry_points()
LOG = b"QUARRY LOG 1\nBE11529;2026-05-01 13:16:34;2.15 in/s\nBE11529;2026-05-02 08:00:00;OORANGE\n"
AT = datetime(2026, 5, 1, 13, 16, 34)


class AnImporter(Importer):
    """Reads files that begin with its mark; gives, or raises, what it was made with."""

    description = "x"

    def __init__(self, family: Any = "example", version: Any = 1, result: Any = (), **other: Any) -> None:
        self.family, self.version, self.result = family, version, result
        self.mark: bytes = b"EXAMPLE"
        self.recognises: BaseException | None = None
        self.__dict__.update(other)

    def recognise(self, data: bytes, name: str) -> bool:
        if self.recognises is not None:
            raise self.recognises
        return data.startswith(self.mark)

    def read(self, data: bytes, name: str) -> Any:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result(data) if callable(self.result) else self.result


@dataclass
class Place:
    """Imports into one archive, with these plug-ins beside those that ship."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def offer(self, *importers: Any, shipped: list[EntryPoint] = SHIPPED) -> None:
        points = [point(self.monkeypatch, f"offered-{i}", [one]) for i, one in enumerate(importers)]
        self.monkeypatch.setattr(plugins, "installed_entry_points", lambda: [*shipped, *points])

    def put(self, name: str, data: bytes) -> None:
        path = self.folder / "received" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def open(self) -> Archive:
        path = self.folder / "a.sfm"
        return Archive.open(path) if path.exists() else Archive.create(path, actor="tester")

    def __call__(self) -> ImportReport:
        with self.open() as archive:
            report = import_sources(archive, [self.folder / "received"])
        assert len({item.path for item in report.items}) == report.files_found == len(report.items)
        return report


def point(monkeypatch: pytest.MonkeyPatch, name: str, offered: Any) -> EntryPoint:
    """The entry point of a made plug-in that offers these importers."""
    module = ModuleType(f"made_importers_{name.replace('-', '_')}")

    @hookimpl
    def sfm_importers() -> Any:
        return offered

    module.sfm_importers = sfm_importers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, module.__name__, PROJECT)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    yield Place(tmp_path, monkeypatch)


@pytest.fixture
def documented(documented: Callable[[str], EntryPoint]) -> Any:
    """The importer of the page."""
    (importer,) = documented("importers").load().sfm_importers()
    return importer


def item(report: ImportReport, ending: str) -> ImportItem:
    (found,) = [one for one in report.items if one.path.endswith(ending)]
    return found


def test_a_strangers_file_is_imported_end_to_end_with_the_documented_importer(place: Place, documented: Any) -> None:
    place.offer(documented)
    place.put("monday.txt", LOG)
    report = place()
    assert (report.events_created, report.totals["new"]) == (2, 1) and not report.anything_rejected
    assert item(report, "monday.txt").kind == "quarry-log"
    with place.open() as archive:
        first, second = sorted(archive.events(), key=lambda row: row.recorded_at_local)
        assert (first.serial, first.recorded_at_local) == ("BE11529", "2026-05-01T13:16:34")
        (peak,) = archive.values(first.event_id)
        assert (peak.quantity, peak.number, peak.unit, peak.source) == ("pvs", 2.15, "in/s", "report")
        (loud,) = archive.values(second.event_id)
        assert loud.state == "over-range"
        (file,) = archive.files(first.event_id)
        assert (file.kind, archive.file_bytes(file)) == ("capture", LOG)
        head = archive.history_head()
    again = place()
    assert (again.events_created, again.totals["duplicate"]) == (0, 1)
    with place.open() as archive:
        assert archive.history_head() == head
    place.put("bad.txt", b"QUARRY LOG 1\nnothing\n")
    assert item(place(), "bad.txt").message == "line 2 is not 'unit;time;peak': 'nothing'"


def test_frames_and_an_event_file_out_of_one_source(place: Place) -> None:
    """What an event's own bytes say counts; the event file inside is kept, and only the source is reported."""
    simulated = testing.simulate_histogram(Random(7), serial="BE11529")
    name, file = testing.call_home_name(simulated), testing.blastware_file(simulated)
    whole = ImportedEvent(names=(name,), frames=tuple(testing.read_out(simulated)), file=file)
    place.offer(AnImporter(result=[whole]))
    place.put("x.dat", b"EXAMPLE 1")
    report = place()
    assert (report.events_created, item(report, "x.dat").outcome) == (1, "new")
    with place.open() as archive:
        (row,) = archive.events()
        assert (row.name, row.recorded_at_local) == (name, simulated.recorded_at.isoformat())
        assert archive.encode(row.event_id).data == file
        assert sorted(one.kind for one in archive.files(row.event_id)) == ["capture", "event file"]
    assert place().totals["duplicate"] == 1
    place.put("x.dat", b"EXAMPLE 2")
    assert item(place(), "x.dat").outcome == "joined"
    other = bytearray(file)
    other[-30] ^= 1
    place.offer(AnImporter(result=[ImportedEvent(names=(name,), file=bytes(other), start_key=simulated.start_key)]))
    place.put("x.dat", b"EXAMPLE 3")
    assert item(place(), "x.dat").outcome == "revised"


def test_one_event_that_cannot_be_told_does_not_keep_the_others_out(place: Place) -> None:
    events = (
        ImportedEvent(serial="BE11529", recorded_at=AT),
        ImportedEvent(recorded_at=AT, place="in line 2"),
        ImportedEvent(serial="no unit", recorded_at=AT),
        ImportedEvent(serial="BE11529", recorded_at=AT.replace(hour=3), names=("../x",)),
    )
    place.offer(AnImporter(result=ImportedFile(events=events, findings=(Finding(code="odd", message="it is odd"),))))
    place.put("x.dat", b"EXAMPLE")
    report = place()
    found = item(report, "x.dat")
    assert report.events_created == 1 and found.partly_rejected and report.anything_rejected
    assert "the event in line 2 waits: neither content, folder nor report gives" in found.message
    assert "the event number 3 was not taken: 'no unit'" in found.message
    assert "odd" in {finding.code for finding in found.findings}


def test_the_shipped_importer_has_no_privileges(place: Place) -> None:
    """Without its plug-in captures are rejected with a sentence, and all else is imported; a stranger can take over."""
    random = Random(3)
    memory = testing.simulate_memory(random, 3, serial="BE11529", histograms=1.0)
    deleted = EntryPoint("capture-1", "no_such_module_anywhere", PROJECT)
    without = [deleted, *(one for one in SHIPPED if one.name != "capture-1")]
    assert len(without) == len(SHIPPED)
    place.put("raw_s3_1.bin", testing.capture(random, memory[:2]))
    place.put("raw_bw_1.bin", testing.pc_capture(random, memory[:2]))
    place.put(testing.call_home_name(memory[2]), testing.blastware_file(memory[2]))
    place.offer(shipped=without)
    report = place()
    assert report.events_created == 1
    refused = item(report, "raw_s3_1.bin")
    assert refused.outcome == "rejected" and "no plug-in that is loaded reads it" in refused.message
    assert item(report, "raw_bw_1.bin").outcome == "rejected"

    def read(data: bytes) -> list[ImportedEvent]:
        return [ImportedEvent(frames=one.frames, start_key=one.strt.start_key) for one in read_capture(data).events]

    place.offer(AnImporter("another-capture", mark=b"", result=read), shipped=without)
    report = place()
    assert report.events_created == 2 and item(report, "raw_s3_1.bin").kind == "another-capture"
    assert item(report, "raw_s3_1.bin").outcome == "new"


def test_of_one_family_the_newest_version_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    one = point(monkeypatch, "one", [AnImporter("b", 1), AnImporter("b", 10), AnImporter("a", 2)])
    assert [str(each.name) for each in load_plugins([one]).importers] == ["a@2", "b@10", "b@1"]
    assert [str(each.name) for each in load_plugins().importers] == ["capture@1"]


def test_two_that_claim_one_name_are_refused_with_both_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point(monkeypatch, name, [AnImporter()]) for name in ("one", "two")]
    with pytest.raises(PluginConflict, match=r"two plug-ins claim the importer example@1: 'one'.* and 'two'"):
        load_plugins(points)


@pytest.mark.parametrize(
    "offered",
    [
        None,
        [object()],
        [AnImporter],
        [AnImporter(family="A b")],
        [AnImporter(version="1")],
        [AnImporter(read=None)],
        [AnImporter(recognise=None)],
        [AnImporter(description=None)],
    ],
)
def test_what_is_no_importer_is_named_and_the_others_work(offered: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = load_plugins([point(monkeypatch, "bad", offered), point(monkeypatch, "good", [AnImporter("good")])])
    assert [str(one.name) for one in registry.importers] == ["good@1"]
    assert [error.source.entry_point for error in registry.load_errors] == ["bad"]


def event_with(**fields: Any) -> list[ImportedEvent]:
    return [ImportedEvent(**{"serial": "BE11529", "recorded_at": AT, **fields})]


@pytest.mark.parametrize(
    "result",
    [
        ValueError("bad"),
        SystemExit(3),
        None,
        5,
        "text",
        [1],
        ImportedFile(events=[]),  # type: ignore[arg-type]
        ImportedFile(events=(), findings=("odd",)),  # type: ignore[arg-type]
        event_with(recorded_at="2026-05-01"),
        event_with(recorded_at=AT.replace(tzinfo=UTC)),
        event_with(serial=7),
        event_with(start_key=-1),
        event_with(frames=(b"x",)),
        event_with(file=b"no event file"),
        event_with(readings=("2 in/s",)),
        event_with(readings=(Reading(quantity="ppv", channel="Up"),)),
        event_with(readings=(Reading(quantity="ppv", number=float("nan")),)),
        event_with(readings=(Reading(quantity="ppv", state="ok", text="\ud800"),)),  # type: ignore[arg-type]
        event_with(readings=(measured_reading("pvs", "1 in/s"), measured_reading("pvs", "2 in/s"))),
        event_with(readings_source="decoder"),
        event_with(findings=("odd",)),
        event_with(place=None),
    ],
)
def test_one_that_breaks_costs_its_file_only_and_is_named(result: Any, place: Place, documented: Any) -> None:
    place.offer(AnImporter(result=result), documented)
    place.put("bad.dat", b"EXAMPLE")
    place.put("good.txt", LOG)
    report = place()
    assert (report.events_created, item(report, "good.txt").outcome) == (2, "new")
    bad = item(report, "bad.dat")
    assert (bad.outcome, bad.kind) == ("rejected", "example")
    assert "importer example@1 failed: " in bad.message and "report it to an unknown package" in bad.message


def test_one_that_breaks_when_it_is_asked_is_named_and_passed_over(place: Place, documented: Any) -> None:
    place.offer(AnImporter(recognises=RuntimeError("no licence")), documented)
    place.put("junk.dat", b"EXAMPLE")
    place.put("good.txt", LOG)
    report = place()
    junk, good = item(report, "junk.dat"), item(report, "good.txt")
    assert junk.outcome == "rejected" and junk.message.startswith("importer example@1 failed: RuntimeError: no licence")
    assert good.outcome == "new" and "importer-failed" in {finding.code for finding in good.findings}


def test_its_own_sentence_is_the_message(place: Place) -> None:
    place.offer(AnImporter(result=BadInput("the file is cut off")), AnImporter("empty", mark=b"EMPTY"))
    place.put("x.dat", b"EXAMPLE")
    place.put("y.dat", b"EMPTY")
    report = place()
    assert item(report, "x.dat").message == "the file is cut off"
    assert item(report, "y.dat").message == "no event and no part of one is in this file; it is not kept"


def test_built_in_kinds_are_never_shown_to_importers(place: Place) -> None:
    simulated = testing.simulate_histogram(Random(7), serial="BE11529")
    place.offer(AnImporter("all", mark=b"", result=ValueError("asked")))
    place.put(testing.call_home_name(simulated), testing.blastware_file(simulated))
    place.put("a.db", b"SQLite format 3\x00" + bytes(100))
    place.put("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(100))
    report = place()
    assert report.events_created == 1 and not any("asked" in one.message for one in report.items)


def test_states_of_readings_travel(place: Place) -> None:
    reading = Reading(quantity="ppv", channel="Tran", unit="in/s", state=ValueState.OVER_RANGE, text="OORANGE")
    place.offer(AnImporter(result=event_with(readings=(reading,), readings_source="device record")))
    place.put("x.dat", b"EXAMPLE")
    place()
    with place.open() as archive:
        (row,) = archive.events()
        (value,) = archive.values(row.event_id)
        assert (value.state, value.number, value.source) == ("over-range", None, "device record")


def test_the_start_key_in_frames_counts_before_the_one_that_an_importer_states(place: Place) -> None:
    simulated = testing.simulate_histogram(Random(7), serial="BE11529")
    frames = tuple(testing.read_out(simulated))
    place.offer(AnImporter(result=[ImportedEvent(frames=frames, start_key=simulated.start_key ^ 0x100)]))
    place.put("x.dat", b"EXAMPLE")
    place()
    with place.open() as archive:
        (row,) = archive.events()
        assert row.event().start_key == simulated.start_key
