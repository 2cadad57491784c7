"""What plug-ins offer, each with the package it comes from; and the registry in which it is looked up by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sfm_archive.base.extras import extra_of_format, optional_packages
from sfm_archive.base.plain import flat
from sfm_archive.errors import (
    BadFrames,
    BadInput,
    EncodeRefused,
    EncoderNotFound,
    ExporterFailed,
    NotFound,
    NotInstalled,
    SfmError,
)
from sfm_archive.model.encoders import EncodedFile, EncoderName, parse_encoder_name
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity, are_findings
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.asking import PluginBroke, ask
from sfm_archive.plugins.contracts import Decoder, Encoder, ExportedEvent, Exporter, Importer, Offer, StatedSettings
from sfm_archive.plugins.importers import ImportedFile, checked_import

if TYPE_CHECKING:
    from sfm_archive.waveforms import DecodedEvent

_LARGEST_EXPORT = 1 << 30

ENCODER_FAILED = "encoder-failed"
"""Code of the finding for an encoder that broke: not its answer about the frames, so nothing to be recorded."""


@dataclass(frozen=True, slots=True)
class PluginSource:
    """Where a plug-in comes from: its entry point, and the distribution (package) that declares it."""

    entry_point: str
    module: str
    distribution: str
    distribution_version: str

    def __str__(self) -> str:
        return f"{self.entry_point!r} ({self.module}) of {self.distribution} {self.distribution_version}"


_FLAT = flat(*(one.name for one in fields(PluginSource)))


@dataclass(frozen=True, slots=True)
class LoadError:
    """A plug-in that could not be used, and why; all others work."""

    source: PluginSource = field(metadata=_FLAT)
    reason: str


Name = TypeVar("Name", EncoderName, str)
Offered = TypeVar("Offered", bound=Offer)


@dataclass(frozen=True, slots=True)
class Registered(Generic[Name, Offered]):
    """Something that a plug-in offers, together with the package it comes from."""

    name: Name
    offered: Offered
    source: PluginSource

    @property
    def description(self) -> str:
        """Its own line about itself."""
        return self.offered.description

    def _failed(self, error: PluginBroke) -> str:
        return f"failed: {error}; {self._report_it}"

    @property
    def _report_it(self) -> str:
        return f"report it to {self.source.distribution}"


@dataclass(frozen=True, slots=True)
class RegisteredEncoder(Registered[EncoderName, Encoder]):
    """An encoder that is asked so that a failure never passes for a file."""

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """Run the encoder.

        Raises EncodeRefused when it refuses, fails, or gives back no bytes: an empty or failed result must never
        stand where a file is expected (docs/facts.md, F8).
        """
        try:
            encoded = ask(lambda: self.offered.encode(event, frames), EncodeRefused, BadFrames)
        except EncodeRefused as error:
            if are_findings(error.findings) and error.findings:
                raise
            raise _refused(str(error), "refused") from error
        except BadFrames as error:
            message = f"{self.name} cannot read the frames: {error}"
            raise EncodeRefused(message, _refused(str(error), "unreadable-frames").findings) from error
        except PluginBroke as error:
            raise _refused(f"{self.name} {self._failed(error)}", ENCODER_FAILED) from error
        if not _is_file(encoded):
            raise _refused(f"{self.name} returned no file; {self._report_it}", ENCODER_FAILED)
        if len(encoded.data) > _LARGEST_EXPORT:
            message = f"{self.name} returned more than {_LARGEST_EXPORT:,} bytes, the most that this program writes"
            raise _refused(f"{message} as one file; {self._report_it}", ENCODER_FAILED)
        return encoded


def _no_answer(given: object) -> str:
    return f"gave {type(given).__name__} where only True or False is an answer"


def _is_file(encoded: object) -> bool:
    return (
        isinstance(encoded, EncodedFile)
        and type(encoded.data) is bytes
        and len(encoded.data) > 0
        and are_findings(encoded.findings)
    )


def _refused(message: str, code: str) -> EncodeRefused:
    return EncodeRefused(message, (Finding(code=code, message=message, severity=Severity.REFUSAL),))


@dataclass(frozen=True, slots=True)
class RegisteredExporter(Registered[str, Exporter]):
    """An exporter whose failures are kept apart from its refusals."""

    @property
    def names_files(self) -> bool:
        """Whether its files have names that belong to the names of event files."""
        return self._overrides("file_name")

    @property
    def writes_tables(self) -> bool:
        """Whether tables of all events are in its format too."""
        return self._overrides("export_table")

    @property
    def recognises(self) -> bool:
        """Whether it can tell that a received document is in its format already."""
        return self._overrides("recognise")

    def _overrides(self, method: str) -> bool:
        return getattr(type(self.offered), method) is not getattr(Exporter, method)

    def export(self, exported: ExportedEvent) -> bytes:
        """The event in the exporter's format.

        Raises BadInput where the format cannot hold it, ExporterFailed where the exporter breaks or gives no bytes,
        NotInstalled where a package that it imports is missing.
        """
        return self._bytes(lambda: self.offered.export(exported))

    def export_table(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
        """A table of all events. Raises as `export` does."""
        return self._bytes(lambda: self.offered.export_table(titles, rows))

    def recognise(self, data: bytes) -> bool:
        """Whether a document is in this format already. Raises ExporterFailed."""
        given = self._answer(lambda: self.offered.recognise(data))
        if not isinstance(given, bool):
            raise ExporterFailed(f"exporter {self.name} {_no_answer(given)}; {self._report_it}")
        return given

    def file_name(self, event_file: str) -> str:
        """The name of its file beside an event file of this name. Raises ExporterFailed."""
        given = self._answer(lambda: self.offered.file_name(event_file))
        if not isinstance(given, str) or not given:
            raise ExporterFailed(f"exporter {self.name} gave no name of a file; {self._report_it}")
        return given

    def _bytes(self, made: Callable[[], bytes | Iterable[bytes]]) -> bytes:
        def joined() -> bytes:
            given = made()
            pieces, size = [], 0
            for piece in (given,) if isinstance(given, bytes) else given:
                pieces.append(piece)
                size += len(piece)
                if size > _LARGEST_EXPORT:
                    raise ExporterFailed(
                        f"exporter {self.name} gives more than {_LARGEST_EXPORT:,} bytes, the most that this program "
                        f"writes as one file; {self._report_it}"
                    )
            return b"".join(pieces)

        data: bytes = self._answer(joined)
        if not data:
            raise ExporterFailed(f"exporter {self.name} gave no bytes; {self._report_it}")
        return data

    def _answer(self, asked: Callable[[], Any]) -> Any:
        def asked_with_packages() -> Any:
            with optional_packages(f"the format {self.name}", extra_of_format(self.name)):
                return asked()

        try:
            return ask(asked_with_packages, SfmError, ModuleNotFoundError)
        except ModuleNotFoundError as error:
            raise NotInstalled(
                f"the format {self.name} needs {error.name}, which is not installed: install it, or what "
                f"{self.source.distribution} says that it needs"
            ) from error
        except PluginBroke as error:
            raise ExporterFailed(f"exporter {self.name} {self._failed(error)}") from error


@dataclass(frozen=True, slots=True)
class RegisteredDecoder(Registered[EncoderName, Decoder]):
    """A decoder whose results carry its name."""

    def decode(self, memory: bytes, stated: StatedSettings) -> DecodedEvent:
        """What is in event memory.

        Raises BadInput where the decoder cannot read it or fails, UsageError for settings that cannot be, NotInstalled
        where numpy is missing.
        """

        def decoded() -> object:
            with optional_packages("decoding samples"):
                return self.offered.decode(memory, stated)

        try:
            found = ask(decoded, SfmError)
        except PluginBroke as error:
            raise BadInput(f"decoder {self.name} {self._failed(error)}") from error
        from sfm_archive.waveforms import DecodedEvent

        if not isinstance(found, DecodedEvent) or not found.is_sound:
            raise BadInput(f"decoder {self.name} gave something else than samples or intervals; {self._report_it}")
        return found if found.decoder == str(self.name) else replace(found, decoder=str(self.name))


@dataclass(frozen=True, slots=True)
class RegisteredImporter(Registered[EncoderName, Importer]):
    """An importer that, where it breaks, costs one file only."""

    def recognise(self, data: bytes, name: str) -> bool:
        """Whether the importer reads such a file. Raises BadInput, with the package, where it fails."""
        try:
            given = ask(lambda: self.offered.recognise(data, name))
        except PluginBroke as error:
            raise BadInput(f"importer {self.name} {self._failed(error)}") from error
        if not isinstance(given, bool):
            raise BadInput(f"importer {self.name} {_no_answer(given)}; {self._report_it}")
        return given

    def read(self, data: bytes, name: str) -> ImportedFile:
        """What the file holds. Raises BadInput where it cannot be read, or the importer fails."""
        try:
            return ask(lambda: checked_import(self.offered.read(data, name)), BadInput)
        except PluginBroke as error:
            raise BadInput(f"importer {self.name} {self._failed(error)}") from error


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plug-in in use: the hook API it was written for (None where it does not say) and the hooks it implements."""

    source: PluginSource = field(metadata=_FLAT)
    hook_api: int | None
    hooks: tuple[str, ...]


Kind = TypeVar("Kind", bound=Registered[Any, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRegistry:
    """Everything that plug-ins offer, in the order of names, and the plug-ins that could not be used.

    `commands` (of click) are there only where they were asked for; `importers` stand in the order in which files are
    shown to them. `left_out`: entry points that SFM_PLUGINS does not name.
    """

    encoders: tuple[RegisteredEncoder, ...] = ()
    exporters: tuple[RegisteredExporter, ...] = ()
    decoders: tuple[RegisteredDecoder, ...] = ()
    importers: tuple[RegisteredImporter, ...] = ()
    commands: tuple[Registered[str, Any], ...] = ()
    load_errors: tuple[LoadError, ...] = ()
    loaded: tuple[LoadedPlugin, ...] = ()
    left_out: tuple[PluginSource, ...] = ()

    def exporter(self, name: str) -> RegisteredExporter:
        """The exporter of this name. Raises NotFound with what is installed."""
        return self._find("exporter", self.exporters, name)

    def decoder(self, name: str | EncoderName) -> RegisteredDecoder:
        """The decoder with exactly this name. Raises UsageError for text that names none, NotFound."""
        return self._find("decoder", self.decoders, parse_encoder_name(name) if isinstance(name, str) else name)

    def encoder(self, name: str | EncoderName) -> RegisteredEncoder:
        """The encoder with exactly this name; nothing else is ever put in its place.

        Raises UsageError for text that is no encoder's name, EncoderNotFound with what is installed and what failed.
        """
        return self._find("encoder", self.encoders, parse_encoder_name(name) if isinstance(name, str) else name)

    def _find(self, kind: str, registered: tuple[Kind, ...], name: str | EncoderName) -> Kind:
        for one in registered:
            if one.name == name:
                return one
        known = ", ".join(str(one.name) for one in registered) or "none"
        failed = "".join(f"; plug-in {error.source} failed to load: {error.reason}" for error in self.load_errors)
        if kind == "encoder":
            raise EncoderNotFound(
                f"encoder {name} is not installed (installed: {known}){failed}; install the package that provides it, "
                "or choose another with --encoder"
            )
        wanted = repr(name) if kind == "exporter" else str(name)
        install = "install the package that provides it; " if kind == "decoder" else ""
        raise NotFound(
            f"{kind} {wanted} is not installed (installed: {known}){failed}; {install}sfm plugins shows what was loaded"
        )
