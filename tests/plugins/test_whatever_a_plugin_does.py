"""Whatever code of a plug-in does, every contract gives a value or an error that names it, and its prints stay out of
standard output."""

# ruff: noqa: T201 - what plug-ins print is what is tried

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import BadFrames, BadInput, EncodeRefused, ExporterFailed, SfmError
from sfm_archive.model.encoders import EncodedFile, parse_encoder_name
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import MOST_SAID, Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import LONGEST_TEXT, Reading
from sfm_archive.plugins import loading
from sfm_archive.plugins.contracts import Decoder, Encoder, ExportedEvent, Exporter, Importer, StatedSettings
from sfm_archive.plugins.hookspecs import PROJECT, hookimpl
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile
from sfm_archive.plugins.loading import installed_entry_points, load_plugins
from sfm_archive.plugins.registry import (
    PluginSource,
    RegisteredDecoder,
    RegisteredEncoder,
    RegisteredExporter,
    RegisteredImporter,
)
from sfm_archive.waveforms import DecodedEvent, Waveform
from sfm_archive.waveforms.histograms import Histogram

Behaviour = Callable[..., Any]
SHIPPED = installed_entry_points()
SOURCE = PluginSource("strange", "strange_module", "strange-package", "1.0")
EVENT = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34))
FRAME = A5Frame(0xA5, 0, 0, bytes(20), 0, True)


class OwnBase(BaseException):
    """Neither an Exception nor one that ends a program."""


class Speechless(Exception):
    """Its own text raises."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def plugin(hook: str, give: Behaviour) -> EntryPoint:
    """The entry point of a module with one hook that does as told."""
    module = ModuleType("strange_module")
    named: dict[str, Any] = {}
    exec(f"def {hook}():\n    return give()\n", {"give": give}, named)
    setattr(module, hook, hookimpl(named[hook]))
    sys.modules[module.__name__] = module
    return EntryPoint("strange", module.__name__, PROJECT)


@pytest.fixture(autouse=True)
def no_strange_module() -> Iterator[None]:
    yield
    sys.modules.pop("strange_module", None)


class AnEncoder(Encoder):
    family, version, description = "strange", 1, "x"

    def __init__(self, does: Behaviour) -> None:
        self.encode = does  # type: ignore[method-assign]

    def encode(self, event: Any, frames: Any) -> Any: ...


class ADecoder(Decoder):
    family, version, description = "strange", 1, "x"

    def __init__(self, does: Behaviour) -> None:
        self.decode = does  # type: ignore[method-assign]

    def decode(self, memory: Any, stated: Any) -> Any: ...


class AnExporter(Exporter):
    name, extension, description = "strange", ".x", "x"

    def __init__(self, does: Behaviour) -> None:
        self.does = does

    def export(self, exported: Any) -> Any:
        return self.does()

    def export_table(self, titles: Any, rows: Any) -> Any:
        return self.does()

    def recognise(self, data: Any) -> Any:
        return self.does()

    def file_name(self, event_file: Any) -> Any:
        return self.does()


class AnImporter(Importer):
    family, version, description = "strange", 1, "x"

    def __init__(self, does: Behaviour) -> None:
        self.does = does

    def recognise(self, data: Any, name: Any) -> Any:
        return self.does()

    def read(self, data: Any, name: Any) -> Any:
        return self.does()


def encoder(does: Behaviour) -> Any:
    name = parse_encoder_name("strange@1")
    return RegisteredEncoder(name, AnEncoder(lambda event, frames: does()), SOURCE).encode(EVENT, (FRAME,))


def decoder(does: Behaviour) -> Any:
    name = parse_encoder_name("strange@1")
    made = RegisteredDecoder(name, ADecoder(lambda memory, stated: does()), SOURCE)
    return made.decode(bytes(60), StatedSettings())


def exporter(does: Behaviour) -> RegisteredExporter:
    return RegisteredExporter("strange", AnExporter(does), SOURCE)


def importer(does: Behaviour) -> RegisteredImporter:
    return RegisteredImporter(parse_encoder_name("strange@1"), AnImporter(does), SOURCE)


CONTRACTS: dict[str, Callable[[Behaviour], Any]] = {
    "encoder": encoder,
    "decoder": decoder,
    "exporter": lambda does: exporter(does).export(ExportedEvent(event=EVENT)),
    "exporter in pieces": lambda does: exporter(lambda: (does() for _ in "x")).export(ExportedEvent(event=EVENT)),
    "exporter's table": lambda does: exporter(does).export_table((), ()),
    "exporter's recognise": lambda does: exporter(does).recognise(b""),
    "exporter's name": lambda does: exporter(does).file_name("x"),
    "importer": lambda does: importer(does).read(b"", "x"),
    "importer in pieces": lambda does: importer(lambda: Lazy(does)).read(b"", "x"),
    "importer's recognise": lambda does: importer(does).recognise(b"", "x"),
}
"""Every way in which this program runs a plug-in's code once it is loaded."""

HOOKS = ("sfm_encoders", "sfm_exporters", "sfm_decoders", "sfm_importers", "sfm_commands")


class Lazy(list[Any]):
    """A sequence that is made while it is read."""

    def __init__(self, does: Behaviour) -> None:
        self.does = does

    def __iter__(self) -> Iterator[Any]:
        yield self.does()


def raising(error: BaseException) -> Behaviour:
    def does() -> Any:
        raise error

    return does


TROUBLES = [
    SystemExit(0),
    SystemExit("bye"),
    GeneratorExit(),
    OwnBase("mine"),
    MemoryError(),
    RecursionError("deep"),
    KeyError("x"),
    StopIteration(),
    Speechless(),
    RuntimeError("\ud800 half"),
    RuntimeError("long " * 100_000),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_it_raises_is_a_failure_that_names_it(contract: str, trouble: BaseException) -> None:
    with pytest.raises(SfmError, match=r"(?s)strange.*(failed|gave).*report it to strange-package") as caught:
        CONTRACTS[contract](raising(trouble))
    told = str(caught.value)
    assert len(told) < 5_000
    told.encode("utf-8")
    if isinstance(caught.value, EncodeRefused):
        assert caught.value.findings[0].code == "encoder-failed"


@pytest.mark.parametrize(
    "trouble", [BadInput("x" * 1_000_000), BadInput("\udcff"), BadFrames("x"), sfm.UsageError("x")]
)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_error_of_this_project_is_a_sentence(contract: str, trouble: SfmError) -> None:
    with pytest.raises(SfmError) as caught:
        CONTRACTS[contract](raising(trouble))
    assert 0 < len(str(caught.value)) < 5_000
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_ctrl_c_is_the_users(contract: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        CONTRACTS[contract](raising(KeyboardInterrupt()))


@pytest.mark.parametrize("hook", HOOKS)
def test_ctrl_c_while_plugins_load_is_the_users(hook: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        load_plugins([plugin(hook, raising(KeyboardInterrupt()))], commands_beside=())


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("hook", HOOKS)
def test_what_a_hook_raises_is_named_and_the_others_work(hook: str, trouble: BaseException) -> None:
    def in_the_middle() -> Iterator[Any]:
        yield from ()
        raise trouble

    for give in (raising(trouble), lambda: in_the_middle()):
        found = load_plugins([*SHIPPED, plugin(hook, give)], commands_beside=())
        assert found.encoder("blastware@2").offered is not None
        (error,) = found.load_errors
        assert error.source.entry_point == "strange" and len(error.reason) < 5_000
        error.reason.encode("utf-8")


def test_a_hook_that_never_ends_is_named() -> None:
    def forever() -> Iterator[Any]:
        while True:
            yield AnEncoder(lambda event, frames: None)

    (error,) = load_plugins([plugin("sfm_encoders", forever)]).load_errors
    assert "must come to an end" in error.reason


def prints() -> None:
    print("printed")
    sys.stdout.write("written\n")
    sys.stdout.buffer.write(b"as bytes\n")
    click.echo("echoed")
    sys.stdout.flush()
    sys.stdout.close()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_it_prints_goes_to_standard_error(contract: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    before = sys.stdout
    with pytest.raises(SfmError):
        CONTRACTS[contract](lambda: prints() or raising(SystemExit(1))())
    print("mine")
    assert sys.stdout is before
    out, err = capsysbinary.readouterr()
    assert out.split() == [b"mine"]
    assert all(word in err for word in (b"printed", b"written", b"as bytes", b"echoed"))


@pytest.mark.parametrize("hook", HOOKS)
def test_what_a_hook_prints_goes_to_standard_error(hook: str, capsys: pytest.CaptureFixture[str]) -> None:
    load_plugins([plugin(hook, lambda: print("printed") or [])], commands_beside=())
    out, err = capsys.readouterr()
    assert out == "" and "printed" in err


def test_other_threads_print_where_they_did(capsys: pytest.CaptureFixture[str]) -> None:
    def does() -> Any:
        print("of the plug-in")
        other = threading.Thread(target=print, args=("of the program",))
        other.start()
        other.join()
        return b"data"

    before = sys.stdout
    assert exporter(does).export(ExportedEvent(event=EVENT)) == b"data"
    assert sys.stdout is before
    out, err = capsys.readouterr()
    assert (out, err) == ("of the program\n", "of the plug-in\n")


def test_many_threads_at_once_leave_standard_output_as_it_was() -> None:
    def work() -> None:
        for _ in range(300):
            exporter(lambda: b"x").export(ExportedEvent(event=EVENT))

    before, many = sys.stdout, [threading.Thread(target=work) for _ in range(8)]
    for one in many:
        one.start()
    for one in many:
        one.join()
    assert sys.stdout is before


def test_without_standard_streams_a_plugin_works(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        with monkeypatch.context() as patch:
            patch.setattr(sys, name, None)
            assert exporter(lambda: print("lost") or b"x").export(ExportedEvent(event=EVENT)) == b"x"


NOT_A_FINDING = [
    None,
    [],
    "text",
    ("x",),
    (None,),
    (Finding(code=5, message="x"),),  # type: ignore[arg-type]
    (Finding(code="x", message=b"x"),),  # type: ignore[arg-type]
    (Finding(code="x", message="\ud800"),),
    (Finding(code="x", message="x" * (MOST_SAID + 1)),),
    (Finding(code="x", message="x", severity="loud"),),  # type: ignore[arg-type]
    (Finding(code="x", message="x", start="0"),),  # type: ignore[arg-type]
    (Finding(code="x", message="x", end=1 << 70),),
    (Finding(code="x", message="x", start=1.5),),  # type: ignore[arg-type]
]
THINGS = [None, 0, 1.5, "text", object(), {}, [], (), {b"x": 1}, type, print, ...]


@pytest.mark.parametrize("given", [*THINGS, b"", bytearray(b"x"), b"x"], ids=lambda given: type(given).__name__)
def test_an_encoder_gives_a_file_or_none(given: Any) -> None:
    for result in (given, *([] if given == b"x" else [EncodedFile(given)])):
        with pytest.raises(EncodeRefused, match="strange@1 returned no file; report it to strange-package"):
            encoder(lambda result=result: result)


@pytest.mark.parametrize("findings", NOT_A_FINDING, ids=range(len(NOT_A_FINDING)))
def test_findings_that_are_none_never_reach_an_archive(findings: Any) -> None:
    with pytest.raises(EncodeRefused, match="returned no file"):
        encoder(lambda: EncodedFile(b"x", findings))
    with pytest.raises(EncodeRefused) as caught:
        encoder(raising(EncodeRefused("no", findings)))
    assert [finding.code for finding in caught.value.findings] == ["refused"]
    with pytest.raises(BadInput, match="something else than samples"):
        decoder(lambda: replace(NOTHING, findings=findings))
    for result in (ImportedFile(events=(), findings=findings), [ImportedEvent(findings=findings)]):
        with pytest.raises(BadInput, match=r"importer strange@1 failed.*report it to strange-package"):
            importer(lambda result=result: result).read(b"", "x")


@pytest.mark.parametrize(
    "given",
    [*(one for one in THINGS if not isinstance(one, dict)), ["text"], [None], iter("x"), b""],
    ids=lambda given: type(given).__name__,
)
@pytest.mark.parametrize("contract", ["exporter", "exporter's table"])
def test_an_exporter_gives_bytes(contract: str, given: Any) -> None:
    with pytest.raises(ExporterFailed, match=r"exporter strange .*report it to strange-package"):
        CONTRACTS[contract](lambda: given)


@pytest.mark.parametrize(
    "given", [None, 1, 0, "no", "yes", [], np.zeros(3), object()], ids=lambda given: type(given).__name__
)
@pytest.mark.parametrize("contract", ["exporter's recognise", "importer's recognise"])
def test_only_true_and_false_are_answers(contract: str, given: Any) -> None:
    with pytest.raises(BadInput, match=r"strange.* where only True or False is an answer"):
        CONTRACTS[contract](lambda: given)


@pytest.mark.parametrize("given", [None, 1, "", b"x", [], object()], ids=lambda given: type(given).__name__)
def test_an_exporter_names_its_file(given: Any) -> None:
    with pytest.raises(ExporterFailed, match="exporter strange gave no name of a file"):
        exporter(lambda: given).file_name("x")


def test_an_exporter_without_end_is_stopped_at_the_programs_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from sfm_archive.plugins import registry

    monkeypatch.setattr(registry, "_LARGEST_EXPORT", 10_000)

    def forever() -> Iterator[bytes]:
        while True:
            yield bytes(1000)

    said = "exporter strange gives more than 10,000 bytes, the most that this program writes as one file; report it to"
    for given in (forever, lambda: bytes(10_001), lambda: [bytes(10_001)]):
        with pytest.raises(ExporterFailed, match=said):
            exporter(given).export(ExportedEvent(event=EVENT))
        with pytest.raises(ExporterFailed, match=said):
            exporter(given).export_table((), ())
    assert len(exporter(lambda: bytes(10_000)).export(ExportedEvent(event=EVENT))) == 10_000
    with pytest.raises(EncodeRefused, match="strange@1 returned more than 10,000 bytes, the most that this program"):
        encoder(lambda: EncodedFile(bytes(10_001)))


NOTHING = DecodedEvent(record_type=RecordType.UNKNOWN, waveform=None, histogram=None, findings=())
COUNTS = np.zeros((4, 8), dtype=np.int32)
WAVE = Waveform(counts=COUNTS, sample_rate=1024.0, sample_rate_assumed=True, pretrigger=0, pretrigger_assumed=True)
HISTOGRAM = Histogram(
    index=np.arange(8, dtype=np.int32), peaks=COUNTS, half_periods=COUNTS, sample_rate=1024.0, sample_rate_assumed=True
)


@pytest.mark.parametrize(
    "given",
    [
        *THINGS,
        replace(NOTHING, record_type="waveform"),
        replace(NOTHING, waveform=COUNTS),
        replace(NOTHING, histogram=COUNTS),
        replace(NOTHING, waveform=replace(WAVE, counts=COUNTS.tolist())),
        replace(NOTHING, waveform=replace(WAVE, counts=COUNTS.astype(np.float64))),
        replace(NOTHING, waveform=replace(WAVE, counts=COUNTS[:3])),
        replace(NOTHING, waveform=replace(WAVE, counts=COUNTS[0])),
        replace(NOTHING, waveform=replace(WAVE, sample_rate=0.0)),
        replace(NOTHING, waveform=replace(WAVE, sample_rate=float("nan"))),
        replace(NOTHING, waveform=replace(WAVE, sample_rate="1024")),
        replace(NOTHING, waveform=replace(WAVE, pretrigger=None)),
        replace(NOTHING, waveform=replace(WAVE, pretrigger=-1)),
        replace(NOTHING, histogram=replace(HISTOGRAM, peaks=COUNTS[:, :3])),
        replace(NOTHING, histogram=replace(HISTOGRAM, half_periods=None)),
        replace(NOTHING, histogram=replace(HISTOGRAM, peaks=COUNTS - 1)),
        replace(NOTHING, histogram=replace(HISTOGRAM, index=np.arange(3))),
        replace(NOTHING, histogram=replace(HISTOGRAM, sample_rate=None)),
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_decoder_gives_samples_or_intervals(given: Any) -> None:
    with pytest.raises(BadInput, match="decoder strange@1 gave something else than samples or intervals"):
        decoder(lambda: given)


def test_what_a_decoder_may_give_passes() -> None:
    for given in (NOTHING, replace(NOTHING, waveform=WAVE), replace(NOTHING, histogram=HISTOGRAM)):
        assert decoder(lambda given=given: given).decoder == "strange@1"


READING = Reading(quantity="ppv", channel="Tran", number=1.0, unit="in/s")


@pytest.mark.parametrize(
    "given",
    [
        *(thing for thing in THINGS if thing not in ([], ())),
        b"bytes",
        [None],
        [ImportedEvent(), "x"],
        ImportedFile(events=[ImportedEvent()]),  # type: ignore[arg-type]
        ImportedFile(events=(), without_events=None),  # type: ignore[arg-type]
        [ImportedEvent(serial=5)],  # type: ignore[arg-type]
        [ImportedEvent(serial="B" * (MOST_SAID + 1))],
        [ImportedEvent(recorded_at="2026-05-01")],  # type: ignore[arg-type]
        [ImportedEvent(recorded_at=datetime.now(UTC))],
        [ImportedEvent(record_type="waveform")],  # type: ignore[arg-type]
        [ImportedEvent(start_key=-1)],
        [ImportedEvent(start_key=1 << 32)],
        [ImportedEvent(names=["x"])],  # type: ignore[arg-type]
        [ImportedEvent(names=("\ud800",))],
        [ImportedEvent(frames=[FRAME])],  # type: ignore[arg-type]
        [ImportedEvent(frames=("frame",))],  # type: ignore[arg-type]
        [ImportedEvent(frames=(FRAME._replace(data="text"),))],  # type: ignore[arg-type]
        [ImportedEvent(frames=(FRAME._replace(sub=256),))],
        [ImportedEvent(frames=(FRAME._replace(page_hi=None),))],  # type: ignore[arg-type]
        [ImportedEvent(frames=(FRAME._replace(chk_byte=-1),))],
        [ImportedEvent(frames=(FRAME._replace(checksum_valid=2),))],  # type: ignore[arg-type]
        [ImportedEvent(file=b"no event file")],
        [ImportedEvent(file="text")],  # type: ignore[arg-type]
        [ImportedEvent(readings=[READING])],  # type: ignore[arg-type]
        [ImportedEvent(readings=(READING, READING))],
        [ImportedEvent(readings=(replace(READING, number="1"),))],  # type: ignore[arg-type]
        [ImportedEvent(readings=(replace(READING, number=float("inf")),))],
        [ImportedEvent(readings=(replace(READING, number=10**400),))],
        [ImportedEvent(readings=(replace(READING, quantity=""),))],
        [ImportedEvent(readings=(replace(READING, quantity=["x"]),))],  # type: ignore[arg-type]
        [ImportedEvent(readings=(replace(READING, channel="Up"),))],
        [ImportedEvent(readings=(replace(READING, state="ok"),))],  # type: ignore[arg-type]
        [ImportedEvent(readings=(replace(READING, text="x" * (LONGEST_TEXT + 1)),))],
        [ImportedEvent(readings_source="rumour")],
        [ImportedEvent(place=4711)],  # type: ignore[arg-type]
    ],
    ids=lambda given: type(given).__name__,
)
def test_an_importer_of_a_wrong_type_costs_its_file_only(given: Any, tmp_path: Path, monkeypatch: Any) -> None:
    does = AnImporter(lambda: given)
    does.recognise = lambda data, name: data.startswith(b"STRANGE")  # type: ignore[method-assign]
    point = plugin("sfm_importers", lambda: [does])
    monkeypatch.setattr(loading, "installed_entry_points", lambda: [*SHIPPED, point])
    folder = tmp_path / "BE11529"
    folder.mkdir()
    (folder / "strange").write_bytes(b"STRANGE")
    event = testing.simulate_histogram(Random(1), serial="BE11529", count=3)
    (folder / testing.call_home_name(event)).write_bytes(testing.blastware_file(event))
    with sfm.create(tmp_path / "a.sfm") as archive:
        report = archive.import_from(folder)
        (refused,) = report.rejected
        assert refused.path.endswith("strange") and "strange@1 failed" in refused.message
        assert report.events_created == 1 and archive.verify().ok


def test_a_severity_travels() -> None:
    findings = (Finding(code="x", message="y", severity=Severity.NOTE, start=0, end=5),)
    assert encoder(lambda: EncodedFile(b"x", findings)).findings == findings


STRANGE = """
import os, subprocess, sys
os.write(1, b"at import\\n")
from sfm_archive.plugins.api import *
print("imported")
class E(Encoder):
    family, version, description = "strange", 1, "x"
    def encode(self, event, frames):
        print("encoding")
        if event.recorded_at.minute % 2: sys.exit(0)
        return EncodedFile(b"strange")
class X(Exporter):
    name, extension, description = "strange", ".x", "x"
    def export(self, exported):
        print("exporting")
        sys.exit(0)
class Past(Exporter):
    name, extension, description = "past", ".past", "x"
    def export(self, exported):
        sys.__stdout__.write("past the stream\\n")
        os.write(1, b"past Python\\n")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        return b"event " + os.linesep.encode() * exported.event.recorded_at.minute
@hookimpl
def sfm_encoders():
    print("asked")
    return [E()]
@hookimpl
def sfm_exporters():
    return [X(), Past()]
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in which the strange package is installed."""
    site = tmp_path / "site"
    (site / "strange-1.0.dist-info").mkdir(parents=True)
    (site / "strange-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
    (site / "strange-1.0.dist-info" / "entry_points.txt").write_text("[sfm_archive]\nstrange = strange_module\n")
    (site / "strange_module.py").write_text(STRANGE)
    return site


def test_json_stays_whole_and_no_exit_code_lies(tmp_path: Path, installed: Path) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from sfm_archive.cli import main; main()"
        command = [sys.executable, "-c", code, str(installed), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
        return done.returncode, done.stdout, done.stderr

    with sfm.create(tmp_path / "a.sfm") as archive:
        for minute in range(4):
            event = testing.simulate_histogram(
                Random(minute), serial="BE11529", count=3, recorded_at=datetime(2026, 5, 1, 8, minute)
            )
            archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))
    code, out, err = run("export", "a.sfm", "out", "--encoder", "strange@1", "--json")
    assert code == 1 and json.loads(out)["totals"] and "encoding" in err
    code, out, err = run("reencode", "a.sfm", "--encoder", "strange@1", "--json")
    assert code == 1 and json.loads(out) and "SystemExit" in out + err
    code, out, err = run("write", "a.sfm", "1", "--as", "strange")
    assert (code, out) == (1, "") and "exporter strange failed: SystemExit" in err
    for arguments in (("export-data", "a.sfm", "data", "--format", "past", "--json"), ("plugins", "--json")):
        code, out, err = run(*arguments)
        assert code == 0 and json.loads(out) and "at import" in err
    code, out, err = run("write", "a.sfm", "1", "--as", "past")
    assert (code, out) == (0, "event ")
    assert [said in err for said in ("past the stream", "past Python", "from a child", "at import")] == [True] * 4
    code, out, err = run("encoders", "--json")
    assert code == 0 and json.loads(out) and "asked" in err and "imported" in err
