"""Exporters, decoders and commands: found like encoders, kept apart by name, and no stranger's fault stops the rest."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import EntryPoint
from random import Random
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest

import sfm_archive as sfm
from sfm_archive import testing, waveforms
from sfm_archive.errors import AlreadyExists, BadInput, NotFound, PluginConflict, UsageError
from sfm_archive.model.events import Event
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.plugins import api as plugin_api
from sfm_archive.plugins.contracts import (
    DEPRECATED_HOOK_APIS,
    HOOK_API,
    Decoder,
    ExportedEvent,
    Exporter,
    StatedSettings,
)
from sfm_archive.plugins.hookspecs import PROJECT, hookimpl
from sfm_archive.plugins.loading import installed_entry_points, load_plugins

EVENT = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34))
PPV = Reading(quantity="ppv", channel="Tran", number=0.1, unit="in/s", source=ValueSource.DEVICE_RECORD)
LOUD = Reading(
    quantity="ppv", channel="Vert", unit="in/s", state=ValueState.OVER_RANGE, text="OR", source=ValueSource.REPORT
)
BARE = ExportedEvent(event=EVENT)
WITH_VALUES = ExportedEvent(event=EVENT, give_values=lambda: (PPV, LOUD))
UNSTATED = StatedSettings()

Make = Callable[..., EntryPoint]
Documented = Callable[[str], EntryPoint]


class AnExporter(Exporter):
    extension = ".x"
    description = "x"

    def __init__(self, name: Any = "example", result: Any = b"bytes", **other: Any) -> None:
        self.name, self.result = name, result
        self.__dict__.update(other)

    def export(self, exported: ExportedEvent) -> Any:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


class ADecoder(Decoder):
    description = "x"

    def __init__(self, family: Any = "example", version: Any = 1, result: Any = None) -> None:
        self.family, self.version, self.result = family, version, result

    def decode(self, memory: bytes, stated: StatedSettings) -> Any:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes an importable plug-in with these hooks and its entry point."""
    made: list[str] = []

    def make_point(name: str | None = None, api: Any = None, **hooks: Any) -> EntryPoint:
        module = ModuleType(f"made_hooks_{len(made)}")
        made.append(module.__name__)
        for hook, given in hooks.items():

            def function(given: Any = given) -> Any:
                if isinstance(given, BaseException):
                    raise given
                return given

            plain = eval("lambda: function()", {"function": function})
            plain.__name__ = hook
            setattr(module, hook, hookimpl(plain))
        if api is not None:
            module.SFM_HOOK_API = api  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name or module.__name__, module.__name__, PROJECT)

    yield make_point


def test_what_ships_with_the_project_comes_through_the_hooks() -> None:
    registry = load_plugins(commands_beside=())
    assert [(one.name, one.source.module) for one in registry.exporters] == [
        ("ascii-values", "sfm_formats.exporters"),
        ("blastware", "sfm_formats.exporters"),
        ("csv", "sfm_formats.data_formats"),
        ("hdf5", "sfm_formats.data_formats"),
        ("miniseed", "sfm_formats.data_formats"),
        ("parquet", "sfm_formats.data_formats"),
        ("stationxml", "sfm_formats.data_formats"),
        ("txt", "sfm_formats.data_formats"),
    ]
    assert [(str(one.name), one.source.module) for one in registry.decoders] == [("waveform@1", "sfm_formats.waveform")]
    assert registry.commands == ()
    assert registry.load_errors == ()
    assert {loaded.hook_api for loaded in registry.loaded} <= {None, HOOK_API}


@pytest.mark.parametrize(
    "hooks",
    [
        {"sfm_exporters": [AnExporter(), AnExporter("Upper")]},
        {"sfm_exporters": [AnExporter(name=None)]},
        {"sfm_exporters": [AnExporter(extension="../x")]},
        {"sfm_exporters": [AnExporter(extension=None)]},
        {"sfm_exporters": [AnExporter(description=None)]},
        {"sfm_exporters": [AnExporter]},
        {"sfm_exporters": None},
        {"sfm_exporters": OSError("no licence")},
        {"sfm_decoders": [ADecoder(family="A b")]},
        {"sfm_decoders": [ADecoder(version="1")]},
        {"sfm_decoders": [object()]},
        {"sfm_decoders": [AnExporter("example")]},
        {"sfm_decoder": [ADecoder()]},
    ],
)
def test_what_is_none_is_named_and_the_others_work(hooks: dict[str, Any], make: Make) -> None:
    registry = load_plugins([make(**hooks), make(sfm_exporters=[AnExporter("good")], sfm_decoders=[ADecoder("good")])])
    assert [one.name for one in registry.exporters] == ["good"]
    assert [str(one.name) for one in registry.decoders] == ["good@1"]
    assert len(registry.load_errors) == 1


@pytest.mark.parametrize(
    ("hook", "offered", "named"),
    [
        ("sfm_exporters", AnExporter(), "the exporter example"),
        ("sfm_decoders", ADecoder(), "the decoder example@1"),
        ("sfm_commands", click.Command("example"), "the command example"),
    ],
)
def test_two_of_one_name_are_refused_with_both_packages(hook: str, offered: Any, named: str, make: Make) -> None:
    points = [make("one", **{hook: [offered]}), make("two", **{hook: [offered]})]
    with pytest.raises(PluginConflict, match=rf"two plug-ins claim {named}: 'one'.* and 'two'"):
        load_plugins(points, commands_beside=())


def test_an_exporter_that_breaks_says_whose_it_is(make: Make) -> None:
    for result in (ValueError("bad"), b"", [], "text", None, 5, [b"a", 1]):
        exporter = load_plugins([make(sfm_exporters=[AnExporter(result=result)])]).exporter("example")
        with pytest.raises(BadInput, match="report it to an unknown package"):
            exporter.export(BARE)
    pieces = load_plugins([make(sfm_exporters=[AnExporter(result=iter([b"a", b"b"]))])]).exporter("example")
    assert pieces.export(BARE) == b"ab"
    own = load_plugins([make(sfm_exporters=[AnExporter(result=BadInput("no such event"))])]).exporter("example")
    with pytest.raises(BadInput, match=r"^no such event$"):
        own.export(BARE)


def decoded(counts: Any) -> Any:
    waveform = waveforms.Waveform(
        counts=counts, sample_rate=1.0, sample_rate_assumed=True, pretrigger=0, pretrigger_assumed=True
    )
    return waveforms.DecodedEvent(record_type=sfm.RecordType.WAVEFORM, waveform=waveform, histogram=None, findings=())


def test_a_decoder_that_breaks_says_so(make: Make) -> None:
    three, floats, sound = np.zeros((3, 9), np.int32), np.zeros((4, 9)), np.zeros((4, 9), np.int32)
    for result in (ValueError("bad"), None, [1, 2], decoded(three), decoded(floats), decoded([[1], [2, 3]])):
        decoder = load_plugins([make(sfm_decoders=[ADecoder(result=result)])]).decoder("example@1")
        with pytest.raises(BadInput, match=r"example@1 .*; report it to an unknown package"):
            decoder.decode(b"x", UNSTATED)
    decoder = load_plugins([make(sfm_decoders=[ADecoder(result=decoded(sound))])]).decoder("example@1")
    assert decoder.decode(b"x", UNSTATED).decoder == "example@1", "what it makes bears its own name"


def test_what_is_not_installed_is_named_with_what_is() -> None:
    registry = load_plugins()
    with pytest.raises(NotFound, match="installed: ascii-values, blastware"):
        registry.exporter("xlsx")
    with pytest.raises(NotFound, match="installed: waveform@1"):
        registry.decoder("waveform@9")
    with pytest.raises(UsageError):
        registry.decoder("waveform")


def test_commands_are_only_asked_for_when_somebody_wants_one(make: Make) -> None:
    point = make(sfm_commands=RuntimeError("called"), sfm_exporters=[AnExporter()])
    assert load_plugins([point]).load_errors == ()
    registry = load_plugins([point], commands_beside=())
    assert "called" in registry.load_errors[0].reason
    assert [one.name for one in registry.exporters] == ["example"], "what else it offers is not taken away"


@pytest.mark.parametrize("offered", [click.Command("list"), click.Command("A b"), click.Command(None), object(), 5])
def test_a_command_that_cannot_be_is_named(offered: Any, make: Make) -> None:
    points = [make(sfm_commands=[offered]), make(sfm_commands=[click.Command("good")])]
    registry = load_plugins(points, commands_beside=("list",))
    assert [one.name for one in registry.commands] == ["good"]
    assert len(registry.load_errors) == 1


# --- hook API ---


@pytest.mark.parametrize("api", [HOOK_API + 1, 0, -1, "1", 1.0, True])
def test_a_hook_api_that_is_not_here_is_refused_with_a_sentence(api: Any, make: Make) -> None:
    registry = load_plugins([make(api=api, sfm_exporters=[AnExporter()]), make(sfm_exporters=[AnExporter("good")])])
    assert [one.name for one in registry.exporters] == ["good"]
    assert "hook API" in registry.load_errors[0].reason or "SFM_HOOK_API" in registry.load_errors[0].reason


def test_the_api_of_today_loads_without_a_word(make: Make) -> None:
    registry = load_plugins([make(api=HOOK_API, sfm_exporters=[AnExporter()])])
    assert registry.loaded[0].hook_api == HOOK_API == plugin_api.HOOK_API


def test_an_older_api_warns_once_when_it_is_deprecated(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfm_archive.plugins.loading.HOOK_API", 2)
    monkeypatch.setitem(DEPRECATED_HOOK_APIS, 1, "export gets one more argument from 2 on")
    point = make(api=1, sfm_exporters=[AnExporter()])
    with pytest.warns(DeprecationWarning, match="hook API 1: export gets one more") as caught:
        assert load_plugins([point]).exporter("example")
        assert load_plugins([point]).exporter("example")
    assert len(caught) == 1


# --- environment ---


def test_only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFM_PLUGINS", " blastware-2 , exporters")
    registry = load_plugins()
    assert [str(one.name) for one in registry.encoders] == ["blastware@2"]
    assert len(registry.exporters) == 2
    assert {source.entry_point for source in registry.left_out} == {
        point.name for point in installed_entry_points()
    } - {"blastware-2", "exporters"}
    monkeypatch.setenv("SFM_PLUGINS", "")
    assert load_plugins().loaded == ()
    monkeypatch.setenv("SFM_PLUGINS", "blastware-2,no-such")
    with pytest.raises(UsageError, match="SFM_PLUGINS names no-such"):
        load_plugins()


def test_every_call_is_traced(make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    points = [make("good", sfm_exporters=[AnExporter()]), make("bad", sfm_decoders=ValueError("x"))]
    load_plugins(points)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("SFM_TRACE_PLUGINS", "1")
    load_plugins(points)
    one, two = capsys.readouterr().err.splitlines()
    assert one.startswith("plug-in trace: sfm_exporters of 'good' (made_hooks_0) of an unknown package  gave 1 in ")
    assert two.startswith("plug-in trace: sfm_decoders of 'bad' (made_hooks_1) of an unknown package  failed in ")


# --- the plug-ins of the page, and what ships ---


def test_the_example_of_an_exporter_works(documented: Documented) -> None:
    registry = load_plugins([documented("exporters")])
    data = registry.exporter("peaks-json").export(WITH_VALUES)
    assert json.loads(data)["ppv"] == {"Tran": [0.1, "in/s", "ok"], "Vert": [None, "in/s", "over-range"]}


def test_the_example_of_a_decoder_works(documented: Documented) -> None:
    decoder = load_plugins([documented("decoders")]).decoder("raw-words@1")
    simulated = testing.simulate_waveform(Random(1), seconds=1.0)
    found = decoder.decode(simulated.memory, UNSTATED)
    assert found.waveform is not None and found.waveform.size > 100 and found.decoder == "raw-words@1"
    with pytest.raises(BadInput, match="no body"):
        decoder.decode(b"", UNSTATED)


def test_the_example_of_a_command_works(documented: Documented, tmp_path: Any) -> None:
    from click.testing import CliRunner

    (registered,) = load_plugins([documented("commands")], commands_beside=()).commands
    sfm.create(tmp_path / "a.sfm").close()
    assert CliRunner().invoke(registered.offered, [str(tmp_path / "a.sfm")]).output == "0\n"


def test_the_values_as_csv() -> None:
    data = load_plugins().exporter("ascii-values").export(WITH_VALUES)
    first, second = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    assert (first["serial"], first["recorded_at_local"]) == ("BE11529", "2026-05-01T13:16:34")
    assert (first["number"], first["unit"], first["state"]) == ("0.1", "in/s", "ok")
    assert (second["number"], second["state"], second["text"]) == ("", "over-range", "OR")


def test_the_decoder_that_ships_gives_what_the_waveform_room_gives() -> None:
    simulated = testing.simulate_waveform(Random(3), seconds=1.0)
    decoder = load_plugins().decoder("waveform@1")
    for told in ({}, {"sample_rate": 2048.0, "pretrigger": 7, "samples": 99}):
        found = decoder.decode(simulated.memory, StatedSettings(**told))
        expected = waveforms.decode_event(simulated.memory, **told)
        assert (found.waveform.counts == expected.waveform.counts).all()
        assert (found.decoder, found.findings) == (expected.decoder, expected.findings)
        settings = [(one.sample_rate, one.pretrigger) for one in (found.waveform, expected.waveform)]
        assert settings[0] == settings[1]
    histogram = decoder.decode(testing.simulate_histogram(Random(3), count=30).memory, UNSTATED).histogram
    assert histogram.size == 30
    with pytest.raises(UsageError, match="is not a rate"):
        decoder.decode(simulated.memory, StatedSettings(sample_rate=-1.0))


def test_an_event_in_another_format(tmp_path: Any) -> None:
    simulated = testing.simulate_waveform(Random(5), seconds=1.0)
    event = sfm.Event(serial=simulated.serial, recorded_at=simulated.recorded_at, record_type=simulated.record_type)
    with sfm.create(tmp_path / "a.sfm") as archive:
        saved = archive.save(event, testing.read_out(simulated))
        bare = archive.save(sfm.Event(serial="BE7", recorded_at=simulated.recorded_at))
        head = archive.history_head()
        written = archive.write_as(saved.event_id, "blastware", tmp_path / "out")
        assert written.data == archive.encode(saved.event_id).data
        assert (tmp_path / "out" / saved.filename).read_bytes() == written.data
        with pytest.raises(AlreadyExists):
            archive.write_as(saved.event_id, "blastware", tmp_path / "out")
        assert archive.write_as(saved.event_id, "ascii-values").filename == f"{saved.filename}.csv"
        with pytest.raises(BadInput, match=r"^event 2: BE7 .*no event file was received"):
            archive.write_as(bare.event_id, "blastware")
        with pytest.raises(NotFound):
            archive.write_as(saved.event_id, "xlsx")
        assert archive.history_head() == head
