"""Plug-ins that break: every contract with everything that code of strangers may raise, print or give.

Each trial ends in a value that the contract allows, or in an error of this project that names the package; Ctrl-C goes
through, and nothing reaches standard output.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

import sfm_archive as sfm
from sfm_archive.errors import BadFrames, BadInput, EncodeRefused, SfmError
from sfm_archive.model.encoders import EncodedFile, parse_encoder_name
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.contracts import Decoder, Encoder, ExportedEvent, Exporter, Importer, StatedSettings
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile
from sfm_archive.plugins.registry import (
    PluginSource,
    RegisteredDecoder,
    RegisteredEncoder,
    RegisteredExporter,
    RegisteredImporter,
)

_SOURCE = PluginSource("bad", "bad_module", "bad-package", "1.0")
_NAME = parse_encoder_name("bad@1")
_EVENT = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34))
_FRAME = A5Frame(0xA5, 0, 0, bytes(20), 0, True)


class _Endless(BaseException):
    """Of no kind that a program expects."""


_RAISED: tuple[Callable[[], BaseException], ...] = (
    lambda: SystemExit(0),
    lambda: SystemExit("bye"),
    GeneratorExit,
    lambda: _Endless("mine"),
    MemoryError,
    lambda: RecursionError("deep"),
    StopIteration,
    lambda: KeyError("\ud800"),
    lambda: RuntimeError("long " * 20_000),
    lambda: BadInput("x" * 20_000),
    lambda: BadFrames("\udcff"),
    lambda: EncodeRefused("no", (_TEXT,)),
    lambda: sfm.UsageError("x"),
)

_TEXT: Any = "text"
_NONE: Any = None

_GIVEN: tuple[object, ...] = (
    None, 0, 1.5, float("nan"), "text", b"", bytearray(b"x"), [], [None], ["x"], {}, object(), type, ...,
    EncodedFile(_TEXT), EncodedFile(b"x", (_TEXT,)), EncodedFile(b"x", (Finding(code="x", message="\ud800"),)),
    [ImportedEvent(frames=(A5Frame(_TEXT, 0, 0, b"", 0, True),))], [ImportedEvent(serial="B" * 20_000)],
    ImportedFile(events=_NONE), [ImportedEvent(start_key=-1)], [ImportedEvent(place=_NONE)],
)  # fmt: skip


class _Bad(Encoder, Decoder, Exporter, Importer):
    """Everything at once; whatever it is asked, it does the same."""

    family, version, name, extension, description = "bad", 1, "bad", ".bad", "breaks"

    def __init__(self, does: Callable[[], Any]) -> None:
        self._does = does

    def encode(self, event: Any, frames: Any) -> Any:
        return self._does()

    def decode(self, memory: Any, stated: Any) -> Any:
        return self._does()

    def export(self, exported: Any) -> Any:
        return self._does()

    def export_table(self, titles: Any, rows: Any) -> Any:
        return self._does()

    def file_name(self, event_file: Any) -> Any:
        return self._does()

    def recognise(self, data: bytes, name: str = "") -> Any:
        return self._does()

    def read(self, data: bytes, name: str) -> Any:
        return self._does()


def _asked(bad: _Bad) -> tuple[Callable[[], object], ...]:
    """Every question that is put to a plug-in."""
    exporter = RegisteredExporter("bad", bad, _SOURCE)
    importer = RegisteredImporter(_NAME, bad, _SOURCE)
    return (
        lambda: RegisteredEncoder(_NAME, bad, _SOURCE).encode(_EVENT, (_FRAME,)),
        lambda: RegisteredDecoder(_NAME, bad, _SOURCE).decode(bytes(60), StatedSettings()),
        lambda: exporter.export(ExportedEvent(event=_EVENT)),
        lambda: exporter.export_table((), ()),
        lambda: exporter.recognise(b""),
        lambda: exporter.file_name("x"),
        lambda: importer.recognise(b"", "x"),
        lambda: importer.read(b"", "x"),
    )


class Broken(NamedTuple):
    """How many questions were put to bad plug-ins, and what was wrong."""

    questions: int
    wrong: list[str]


def break_and_check(number: int, seed: int = 0) -> Broken:
    """Put so many questions to plug-ins that break."""
    random = Random(seed)
    wrong: list[str] = []
    for _ in range(number):
        ending = _ending(random)
        question = random.choice(_asked(_Bad(ending)))
        said = _wrong_with(question, interrupts=ending.raised is KeyboardInterrupt)
        if said:
            wrong.append(f"{said}, where a plug-in {ending}")
    return Broken(number, wrong)


class _Ending:
    """What one bad plug-in does: print, then raise or give something."""

    def __init__(self, raised: Callable[[], BaseException] | None, given: object) -> None:
        self.raised, self.given = raised, given

    def __call__(self) -> Any:
        sys.stdout.write("printed by the plug-in\n")
        if self.raised is not None:
            raise self.raised()
        return self.given

    def __str__(self) -> str:
        return f"gave {self.given!r:.100}" if self.raised is None else f"raised {type(self.raised()).__name__}"


def _ending(random: Random) -> _Ending:
    if random.random() < 0.05:
        return _Ending(KeyboardInterrupt, None)
    return _Ending(random.choice(_RAISED), None) if random.random() < 0.5 else _Ending(None, random.choice(_GIVEN))


def _wrong_with(call: Callable[[], object], *, interrupts: bool) -> str:
    out = io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            call()
    except KeyboardInterrupt:
        return "" if interrupts else "an interrupt that nobody sent"
    except SfmError as error:
        told = str(error)
        if not told or len(told) > 10_000 or told != told.encode("utf-8", "replace").decode("utf-8"):
            return f"an unfit sentence: {told[:100]!r}"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__} went through: {error!r:.200}"
    if interrupts:
        return "an interrupt was swallowed"
    return f"standard output got {out.getvalue()!r}" if out.getvalue() else ""
