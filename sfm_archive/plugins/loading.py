"""Finding plug-ins and keeping what they offer apart by name.

Environment: `SFM_PLUGINS=name,name` loads only the entry points of these names (empty: none at all);
`SFM_TRACE_PLUGINS=1` tells every hook call with its plug-in on standard error.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sfm_archive.errors import PluginConflict, UsageError
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.plugins.contracts import DEPRECATED_HOOK_APIS, HOOK_API, command_name, decoder_name, exporter_name
from sfm_archive.plugins.importers import importer_name
from sfm_archive.plugins.registry import (
    ENCODER_FAILED,
    LoadedPlugin,
    LoadError,
    PluginRegistry,
    PluginSource,
    RegisteredCommand,
    RegisteredDecoder,
    RegisteredEncoder,
    RegisteredExporter,
    RegisteredImporter,
)

if TYPE_CHECKING:
    # Imported when plug-ins are first needed: listing events needs none, and starts a fifth sooner without these.
    from importlib.metadata import EntryPoint

    import pluggy

__all__ = [
    "ENCODER_FAILED",
    "LoadError",
    "LoadedPlugin",
    "PluginRegistry",
    "PluginSource",
    "Plugins",
    "RegisteredCommand",
    "RegisteredDecoder",
    "RegisteredEncoder",
    "RegisteredExporter",
    "RegisteredImporter",
    "installed_entry_points",
    "load_plugins",
]

ONLY_THESE = "SFM_PLUGINS"
TRACE = "SFM_TRACE_PLUGINS"


def installed_entry_points() -> list[EntryPoint]:
    """Every entry point of this project's group, in the order of name and distribution."""
    from importlib.metadata import entry_points

    from sfm_archive.plugins.hookspecs import PROJECT

    found = entry_points(group=PROJECT)
    return sorted(found, key=lambda point: (point.name, _distribution(point)[0]))


def load_plugins(
    points: Iterable[EntryPoint] | None = None, *, commands_beside: Collection[str] | None = None
) -> PluginRegistry:
    """Load plug-ins (`points`, or all that are installed) and collect what they offer.

    `commands_beside`: ask for commands too; these names are built in and refused. A plug-in that does not import,
    misspells a hook, or gives back something that is not what the hook says is named in `load_errors` and skipped.
    Raises PluginConflict when two claim one name of a kind or one entry-point name: which of them would win must
    never depend on the order of loading. Raises UsageError where SFM_PLUGINS names what is not installed.
    """
    import pluggy

    from sfm_archive.plugins import hookspecs

    plugin_manager = pluggy.PluginManager(hookspecs.PROJECT)
    plugin_manager.add_hookspecs(hookspecs)
    loading = _Loading(plugin_manager, commands_beside)
    chosen, left_out = _chosen(installed_entry_points() if points is None else list(points))
    for point in chosen:
        loading.add(point)
    return PluginRegistry(
        encoders=tuple(RegisteredEncoder(*one) for one in loading.offered("encoder")),
        load_errors=tuple(loading.errors),
        exporters=tuple(RegisteredExporter(*one) for one in loading.offered("exporter")),
        decoders=tuple(RegisteredDecoder(*one) for one in loading.offered("decoder")),
        importers=tuple(sorted((RegisteredImporter(*one) for one in loading.offered("importer")), key=_turn)),
        commands=tuple(RegisteredCommand(*one) for one in loading.offered("command")),
        loaded=tuple(loading.loaded),
        left_out=tuple(_source(point) for point in left_out),
    )


def _chosen(points: list[EntryPoint]) -> tuple[list[EntryPoint], list[EntryPoint]]:
    """The entry points to load and those to leave out, as SFM_PLUGINS says."""
    only = os.environ.get(ONLY_THESE)
    if only is None:
        return points, []
    names = {name.strip() for name in only.split(",") if name.strip()}
    unknown = names - {point.name for point in points}
    if unknown:
        raise UsageError(
            f"{ONLY_THESE} names {', '.join(sorted(unknown))}, which is no installed plug-in (installed: "
            f"{', '.join(point.name for point in points)}); correct the variable, or remove it to load all"
        )
    return [point for point in points if point.name in names], [point for point in points if point.name not in names]


class Plugins:
    """The registry of one archive or program, loaded when first asked for: listing events needs no encoder."""

    @cached_property
    def registry(self) -> PluginRegistry:
        """All installed plug-ins."""
        return load_plugins()


class _Loading:
    """Plug-ins while they are loaded one by one."""

    def __init__(self, plugin_manager: pluggy.PluginManager, commands_beside: Collection[str] | None) -> None:
        self.errors: list[LoadError] = []
        self.loaded: list[LoadedPlugin] = []
        self._manager = plugin_manager
        self._built_in = commands_beside
        self._trace = os.environ.get(TRACE, "") not in ("", "0")
        self._sources: dict[str, PluginSource] = {}
        self._offered: dict[str, dict[Any, tuple[Any, PluginSource]]] = {kind: {} for kind in (*_KINDS, "command")}

    def offered(self, kind: str) -> list[tuple[Any, Any, PluginSource]]:
        """Name, object and source of everything of a kind, in the order of names."""
        return [(name, *found) for name, found in sorted(self._offered[kind].items(), key=lambda item: item[0])]

    def add(self, point: EntryPoint) -> None:
        """Load one. Raises PluginConflict."""
        source = _source(point)
        if point.name in self._sources:
            # pluggy would skip the second one without a word.
            raise PluginConflict(
                f"two plug-ins have the entry-point name {point.name!r}: {self._sources[point.name]} and {source}; "
                "remove one of the two packages"
            )
        self._sources[point.name] = source
        try:
            plugin, found = self._load(point, source)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module raises, the rest must work
            self._failed(source, error)
            return
        for kind, name, offered in found:
            self._take(kind, name, offered, source)
        hooks = tuple(sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or ()))
        self.loaded.append(LoadedPlugin(source, getattr(plugin, "SFM_HOOK_API", None), hooks))
        if self._built_in is not None and "sfm_commands" in hooks:
            self._commands(plugin, source, self._built_in)

    def _load(self, point: EntryPoint, source: PluginSource) -> tuple[Any, list[tuple[str, Any, Any]]]:
        plugin = point.load()
        _check_hook_api(getattr(plugin, "SFM_HOOK_API", HOOK_API), source)
        self._manager.register(plugin, name=point.name)
        try:
            self._manager.check_pending()
            if not self._manager.get_hookcallers(plugin):
                raise UsageError("it implements no hook of this project; mark its functions with @hookimpl")
            return plugin, [
                (kind, name_of(offered), offered)
                for kind, (hook, name_of) in _KINDS.items()
                for offered in self._call(hook, plugin, source)
            ]
        except BaseException:
            self._manager.unregister(plugin)
            raise

    def _commands(self, plugin: Any, source: PluginSource, built_in: Collection[str]) -> None:
        """A plug-in's commands. What is wrong with them costs it these, not what else it offers."""
        try:
            found = [(command_name(command), command) for command in self._call("sfm_commands", plugin, source)]
            for name, _ in found:
                if name in built_in:
                    raise UsageError(f"the command {name!r} is built in and cannot be taken; give yours another name")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - see `add`
            self._failed(source, error)
            return
        for name, command in found:
            self._take("command", name, command, source)

    def _take(self, kind: str, name: Any, offered: Any, source: PluginSource) -> None:
        taken = self._offered[kind]
        if name in taken:
            what = name if kind == "encoder" else f"the {kind} {name}"
            raise PluginConflict(
                f"two plug-ins claim {what}: {taken[name][1]} and {source}; remove one of the two packages"
            )
        taken[name] = (offered, source)

    def _call(self, hook: str, plugin: Any, source: PluginSource) -> list[Any]:
        given: list[Any] = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            if implementation.plugin is plugin:
                before = time.perf_counter()
                answer: Any = None
                try:
                    answer = list(implementation.function())
                finally:
                    if self._trace:
                        told = "failed" if answer is None else f"gave {len(answer)}"
                        took = (time.perf_counter() - before) * 1000
                        sys.stderr.write(f"plug-in trace: {hook} of {source} {told} in {took:.1f} ms\n")
                given.extend(answer)
        return given

    def _failed(self, source: PluginSource, error: BaseException) -> None:
        self.errors.append(LoadError(source, f"{type(error).__name__}: {error}"))


def _check_hook_api(stated: Any, source: PluginSource) -> None:
    """Raises UsageError for a hook API that this version does not have; warns once for one that is on its way out."""
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        raise UsageError(f"its SFM_HOOK_API is {stated!r}; it must be a number from 1 to {HOOK_API}")
    if stated > HOOK_API:
        raise UsageError(
            f"it is written for hook API {stated} and this sfm-archive has {HOOK_API}; install a newer sfm-archive, or "
            "an older version of the plug-in"
        )
    if stated in DEPRECATED_HOOK_APIS and (source, stated) not in _WARNED:
        _WARNED.add((source, stated))
        warnings.warn(
            f"plug-in {source} is written for hook API {stated}: {DEPRECATED_HOOK_APIS[stated]}",
            DeprecationWarning,
            stacklevel=2,
        )


_WARNED: set[tuple[PluginSource, int]] = set()


def _checked_name(encoder: Any) -> EncoderName:
    family, version = getattr(encoder, "family", None), getattr(encoder, "version", None)
    is_number = isinstance(version, int) and not isinstance(version, bool)
    if isinstance(encoder, type) or not is_number or not callable(getattr(encoder, "encode", None)):
        raise UsageError(f"{encoder!r} is not an encoder: it needs family, version (a number) and encode()")
    if not isinstance(getattr(encoder, "description", None), str):
        raise UsageError(f"encoder {family}@{version} has no description")
    return parse_encoder_name(f"{family}@{version}")


def _turn(registered: RegisteredImporter) -> tuple[str, int]:
    """By family, and the newest version of each first."""
    return registered.name.family, -registered.name.version


def _distribution(point: EntryPoint) -> tuple[str, str]:
    dist = point.dist
    # Metadata without a name or version reads as None, whatever the annotations promise.
    return ("an unknown package", "") if dist is None else (dist.name or "an unknown package", dist.version or "")


def _source(point: EntryPoint) -> PluginSource:
    return PluginSource(point.name, point.value, *_distribution(point))


_KINDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "encoder": ("sfm_encoders", _checked_name),
    "exporter": ("sfm_exporters", exporter_name),
    "decoder": ("sfm_decoders", decoder_name),
    "importer": ("sfm_importers", importer_name),
}
"""For each kind that is always collected: the hook, and how the name of an offered object is checked."""
