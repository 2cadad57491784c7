"""Finding plug-ins and keeping their encoders apart by (family, version)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sfm_archive.errors import BadFrames, EncodeRefused, EncoderNotFound, PluginConflict, UsageError
from sfm_archive.formats.encoded import EncodedFile, Encoder, EncoderName, parse_encoder_name
from sfm_archive.formats.events import Event
from sfm_archive.formats.findings import Finding, Severity
from sfm_archive.formats.frames import A5Frame

if TYPE_CHECKING:
    # Imported when plug-ins are first needed: listing events needs none, and starts a fifth sooner without these.
    from importlib.metadata import EntryPoint

    import pluggy

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
class PluginRegistry:
    """All encoders that are installed, in the order of their names, and the plug-ins that could not be used."""

    encoders: tuple[RegisteredEncoder, ...]
    load_errors: tuple[LoadError, ...] = field(default=())

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


def installed_entry_points() -> list[EntryPoint]:
    """Every entry point of this project's group, in the order of name and distribution."""
    from importlib.metadata import entry_points

    from sfm_archive.hookspecs import PROJECT

    found = entry_points(group=PROJECT)
    return sorted(found, key=lambda point: (point.name, _distribution(point)[0]))


def load_plugins(points: Iterable[EntryPoint] | None = None) -> PluginRegistry:
    """Load plug-ins (`points`, or all that are installed) and collect their encoders.

    A plug-in that does not import, misspells a hook, or gives back something that is not an encoder is named in
    `load_errors` and skipped. Raises PluginConflict when two claim one (family, version) or one entry-point name:
    which of them would win must never depend on the order of loading.
    """
    import pluggy

    from sfm_archive import hookspecs

    plugin_manager = pluggy.PluginManager(hookspecs.PROJECT)
    plugin_manager.add_hookspecs(hookspecs)
    errors: list[LoadError] = []
    encoders: dict[EncoderName, RegisteredEncoder] = {}
    by_name: dict[str, PluginSource] = {}
    for point in installed_entry_points() if points is None else points:
        source = _source(point)
        if point.name in by_name:
            # pluggy would skip the second one without a word.
            raise PluginConflict(
                f"two plug-ins have the entry-point name {point.name!r}: {by_name[point.name]} and {source}; "
                "remove one of the two packages"
            )
        by_name[point.name] = source
        try:
            found = _encoders_of(plugin_manager, point)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module raises, the rest must work
            errors.append(LoadError(source, f"{type(error).__name__}: {error}"))
            continue
        for name, encoder in found:
            if name in encoders:
                raise PluginConflict(
                    f"two plug-ins claim {name}: {encoders[name].source} and {source}; remove one of the two packages"
                )
            encoders[name] = RegisteredEncoder(name, encoder, source)
    ordered = tuple(encoders[name] for name in sorted(encoders))
    return PluginRegistry(ordered, tuple(errors))


class Plugins:
    """The registry of one archive or program, loaded when first asked for: listing events needs no encoder."""

    @cached_property
    def registry(self) -> PluginRegistry:
        """All installed plug-ins."""
        return load_plugins()


def _encoders_of(plugin_manager: pluggy.PluginManager, point: EntryPoint) -> list[tuple[EncoderName, Encoder]]:
    plugin = point.load()
    plugin_manager.register(plugin, name=point.name)
    try:
        plugin_manager.check_pending()
        if not plugin_manager.get_hookcallers(plugin):
            raise UsageError("it implements no hook of this project; mark its functions with @hookimpl")
        given: list[Any] = []
        for implementation in plugin_manager.hook.sfm_encoders.get_hookimpls():
            if implementation.plugin is plugin:
                answer: Any = implementation.function()
                given.extend(answer)
        return [(_checked_name(encoder), encoder) for encoder in given]
    except BaseException:
        plugin_manager.unregister(plugin)
        raise


def _checked_name(encoder: Any) -> EncoderName:
    family, version = getattr(encoder, "family", None), getattr(encoder, "version", None)
    is_number = isinstance(version, int) and not isinstance(version, bool)
    if isinstance(encoder, type) or not is_number or not callable(getattr(encoder, "encode", None)):
        raise UsageError(f"{encoder!r} is not an encoder: it needs family, version (a number) and encode()")
    if not isinstance(getattr(encoder, "description", None), str):
        raise UsageError(f"encoder {family}@{version} has no description")
    return parse_encoder_name(f"{family}@{version}")


def _distribution(point: EntryPoint) -> tuple[str, str]:
    dist = point.dist
    # Metadata without a name or version reads as None, whatever the annotations promise.
    return ("an unknown package", "") if dist is None else (dist.name or "an unknown package", dist.version or "")


def _source(point: EntryPoint) -> PluginSource:
    return PluginSource(point.name, point.value, *_distribution(point))
