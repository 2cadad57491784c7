"""What plug-ins offer, each with the package it comes from; and the registry in which it is looked up by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sfm_archive.base.extras import extra_of_format, optional_packages
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
from sfm_archive.model.encoders import EncodedFile, Encoder, EncoderName, parse_encoder_name
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading
from sfm_archive.plugins.contracts import Decoder, Exporter, Samples, checked_samples
from sfm_archive.plugins.importers import ImportedFile, Importer, checked_import, importer_failed

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


@dataclass(frozen=True, slots=True)
class LoadError:
    """A plug-in that could not be used, and why; all others work."""

    source: PluginSource
    reason: str


@dataclass(frozen=True, slots=True)
class RegisteredEncoder:
    """An encoder together with the package it comes from."""

    name: EncoderName
    encoder: Encoder
    source: PluginSource

    @property
    def description(self) -> str:
        """The encoder's own line about itself."""
        return self.encoder.description

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """Run the encoder.

        Raises EncodeRefused when it refuses, fails, or gives back no bytes: an empty or failed result must never
        stand where a file is expected (docs/facts.md, F8).
        """
        try:
            encoded = self.encoder.encode(event, frames)
        except EncodeRefused as error:
            sound = isinstance(error.findings, tuple) and all(isinstance(f, Finding) for f in error.findings)
            if sound and error.findings:
                raise
            raise EncodeRefused(str(error), (_refusal(str(error), "refused"),)) from error
        except BadFrames as error:
            raise EncodeRefused(f"{self.name} cannot read the frames: {error}", (_refusal(str(error)),)) from error
        except Exception as error:
            reason = f"{self.name} failed: {type(error).__name__}: {error}; report it to {self.source.distribution}"
            raise EncodeRefused(reason, (_refusal(reason, ENCODER_FAILED),)) from error
        if not _is_file(encoded):
            reason = f"{self.name} gave back no file; report it to {self.source.distribution}"
            raise EncodeRefused(reason, (_refusal(reason, ENCODER_FAILED),))
        return encoded


def _is_file(encoded: object) -> bool:
    return (
        isinstance(encoded, EncodedFile)
        and type(encoded.data) is bytes
        and len(encoded.data) > 0
        and type(encoded.findings) is tuple
        and all(isinstance(finding, Finding) for finding in encoded.findings)
    )


def _refusal(message: str, code: str = "unreadable-frames") -> Finding:
    return Finding(code=code, message=message, severity=Severity.REFUSAL)


@dataclass(frozen=True, slots=True)
class RegisteredExporter:
    """An exporter together with the package it comes from."""

    name: str
    exporter: Exporter
    source: PluginSource

    @property
    def extension(self) -> str:
        """What is put behind a file's name."""
        return self.exporter.extension

    @property
    def description(self) -> str:
        """The exporter's own line about itself."""
        return self.exporter.description

    @property
    def beside(self) -> tuple[str, ...]:
        """Names of exporters whose files belong beside this one's."""
        return tuple(getattr(self.exporter, "beside", ()))

    @property
    def utc_only(self) -> bool:
        """Whether the format knows no device-local times."""
        return bool(getattr(self.exporter, "utc_only", False))

    @property
    def takes_recordings(self) -> bool:
        """Whether it is given the decoded event in place of its file."""
        return hasattr(self.exporter, "export_recording")

    @property
    def names_files(self) -> bool:
        """Whether its files have names that belong to the names of event files."""
        return hasattr(self.exporter, "file_name")

    @property
    def writes_tables(self) -> bool:
        """Whether tables of all events are in its format too."""
        return hasattr(self.exporter, "export_table")

    @property
    def recognises(self) -> bool:
        """Whether it can tell that a received document is in its format already."""
        return hasattr(self.exporter, "recognise")

    def export(self, event: Event, file: bytes | None, values: Sequence[Reading]) -> bytes:
        """The event in the exporter's format.

        Raises BadInput where the format cannot hold it, ExporterFailed where the exporter breaks or gives no bytes,
        NotInstalled where a package that it imports is missing.
        """
        return self._bytes(lambda: self.exporter.export(event, file, values))

    def export_recording(self, recording: Any) -> bytes:
        """The same, of the decoded event."""
        return self._bytes(lambda: self._own("export_recording")(recording))

    def export_table(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
        """A table of all events. Raises as `export` does."""
        return self._bytes(lambda: self._own("export_table")(titles, rows))

    def recognise(self, data: bytes) -> bool:
        """Whether a document is in this format already; False for an exporter that cannot tell."""
        return self.recognises and bool(self._answer(lambda: self._own("recognise")(data)))

    def file_name(self, event_file: str) -> str:
        """The name of its file beside an event file of this name. Raises ExporterFailed."""
        if not self.names_files:
            return f"{event_file}{self.extension}"
        given = self._answer(lambda: self._own("file_name")(event_file))
        if not isinstance(given, str) or not given:
            raise ExporterFailed(f"exporter {self.name} gave no name of a file; {self._report_it}")
        return given

    @property
    def _report_it(self) -> str:
        return f"report it to {self.source.distribution}"

    def _own(self, method: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self.exporter, method)
        return found

    def _bytes(self, made: Callable[[], bytes | Iterable[bytes]]) -> bytes:
        def joined() -> bytes:
            given = made()
            return given if isinstance(given, bytes) else b"".join(given)

        data: bytes = self._answer(joined)
        if not data:
            raise ExporterFailed(f"exporter {self.name} gave no bytes; {self._report_it}")
        return data

    def _answer(self, asked: Callable[[], Any]) -> Any:
        try:
            with optional_packages(f"the format {self.name}", extra_of_format(self.name)):
                return asked()
        except SfmError:
            raise
        except ModuleNotFoundError as error:
            raise NotInstalled(
                f"the format {self.name} needs {error.name}, which is not installed: install it, or what "
                f"{self.source.distribution} says that it needs"
            ) from error
        except Exception as error:
            raise ExporterFailed(
                f"exporter {self.name} failed: {type(error).__name__}: {error}; {self._report_it}"
            ) from error


@dataclass(frozen=True, slots=True)
class RegisteredDecoder:
    """A decoder together with the package it comes from."""

    name: EncoderName
    decoder: Decoder
    source: PluginSource

    def decode(self, memory: bytes) -> Samples:
        """The samples of event memory. Raises BadInput where it holds none, or the decoder fails."""
        try:
            found = self.decoder.decode(memory)
        except SfmError:
            raise
        except Exception as error:
            raise BadInput(
                f"decoder {self.name} failed: {type(error).__name__}: {error}; report it to {self.source.distribution}"
            ) from error
        return checked_samples(found, str(self.name))


@dataclass(frozen=True, slots=True)
class RegisteredImporter:
    """An importer together with the package it comes from."""

    name: EncoderName
    importer: Importer
    source: PluginSource

    def recognise(self, data: bytes, name: str) -> bool:
        """Whether the importer reads such a file. Raises BadInput, with the package, where it fails."""
        try:
            return bool(self.importer.recognise(data, name))
        except (Exception, SystemExit) as error:
            raise importer_failed(self.name, error, self.source.distribution) from error

    def read(self, data: bytes, name: str) -> ImportedFile:
        """What the file holds. Raises BadInput where it cannot be read, or the importer fails."""
        try:
            return checked_import(self.importer.read(data, name))
        except BadInput:
            raise
        except (Exception, SystemExit) as error:
            raise importer_failed(self.name, error, self.source.distribution) from error


@dataclass(frozen=True, slots=True)
class RegisteredCommand:
    """A click command together with the package it comes from."""

    name: str
    command: Any
    source: PluginSource


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plug-in in use: the hook API it was written for (None where it does not say) and the hooks it implements."""

    source: PluginSource
    hook_api: int | None
    hooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PluginRegistry:
    """Everything that plug-ins offer, in the order of names, and the plug-ins that could not be used.

    `commands` are there only where they were asked for; `importers` stand in the order in which files are shown to
    them. `left_out`: entry points that SFM_PLUGINS does not name.
    """

    encoders: tuple[RegisteredEncoder, ...]
    load_errors: tuple[LoadError, ...] = field(default=())
    exporters: tuple[RegisteredExporter, ...] = ()
    decoders: tuple[RegisteredDecoder, ...] = ()
    importers: tuple[RegisteredImporter, ...] = ()
    commands: tuple[RegisteredCommand, ...] = ()
    loaded: tuple[LoadedPlugin, ...] = ()
    left_out: tuple[PluginSource, ...] = ()

    def exporter(self, name: str) -> RegisteredExporter:
        """The exporter of this name. Raises NotFound with what is installed."""
        for registered in self.exporters:
            if registered.name == name:
                return registered
        known = ", ".join(registered.name for registered in self.exporters) or "none"
        raise NotFound(f"exporter {name!r} is not installed (installed: {known}); sfm plugins shows what was loaded")

    def decoder(self, name: str | EncoderName) -> RegisteredDecoder:
        """The decoder with exactly this name. Raises UsageError for text that names none, NotFound."""
        wanted = name if isinstance(name, EncoderName) else parse_encoder_name(name)
        for registered in self.decoders:
            if registered.name == wanted:
                return registered
        known = ", ".join(str(registered.name) for registered in self.decoders) or "none"
        raise NotFound(f"decoder {wanted} is not installed (installed: {known}); sfm plugins shows what was loaded")

    def encoder(self, name: str | EncoderName) -> RegisteredEncoder:
        """The encoder with exactly this name; nothing else is ever put in its place.

        Raises UsageError for text that is no encoder's name, EncoderNotFound with what is installed and what failed.
        """
        wanted = name if isinstance(name, EncoderName) else parse_encoder_name(name)
        for registered in self.encoders:
            if registered.name == wanted:
                return registered
        installed = ", ".join(str(registered.name) for registered in self.encoders) or "none"
        failed = "".join(f"; plug-in {error.source} failed to load: {error.reason}" for error in self.load_errors)
        raise EncoderNotFound(
            f"encoder {wanted} is not installed (installed: {installed}){failed}; install the package that provides "
            f"it, or choose another with --encoder"
        )
