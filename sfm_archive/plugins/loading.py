"""Finding plug-ins and keeping what they offer apart by name.

Environment: `SFM_PLUGINS=name,name` loads only the entry points of these names (empty: none at all);
`SFM_TRACE_PLUGINS=1` prints every hook call with its plug-in on standard error.
"""

from __future__ import annotations

import os
import re
import sys
import time
import warnings
from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sfm_archive.base.texts import is_text
from sfm_archive.errors import PluginConflict, UsageError
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.findings import MOST_SAID
from sfm_archive.plugins.asking import PluginBroke, ask
from sfm_archive.plugins.contracts import (
    DEPRECATED_HOOK_APIS,
    HOOK_API,
    Decoder,
    Encoder,
    Exporter,
    Importer,
    Offer,
    Versioned,
)
from sfm_archive.plugins.registry import (
    LoadedPlugin,
    LoadError,
    PluginRegistry,
    PluginSource,
    Registered,
    RegisteredDecoder,
    RegisteredEncoder,
    RegisteredExporter,
    RegisteredImporter,
)

if TYPE_CHECKING:
    # Imported when plug-ins are first needed: listing events needs none, and starts a fifth sooner without these.
    from importlib.metadata import Distribution, EntryPoint

ONLY_THESE = "SFM_PLUGINS"
TRACE = "SFM_TRACE_PLUGINS"

_MOST_OFFERED = 1_000
"""Things of one kind that one plug-in may offer; a hook that never ends must not hold the program."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_EXTENSION = re.compile(r"(\.[A-Za-z0-9]{1,16})?", re.ASCII)


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
    loading = _Loading(commands_beside)
    chosen, left_out = _chosen(installed_entry_points() if points is None else list(points))
    for point in chosen:
        loading.add(point)
    # Of one family the newest is shown a file first.
    importers = sorted(loading.taken(RegisteredImporter), key=lambda one: (one.name.family, -one.name.version))
    return PluginRegistry(
        encoders=loading.taken(RegisteredEncoder),
        exporters=loading.taken(RegisteredExporter),
        decoders=loading.taken(RegisteredDecoder),
        importers=tuple(importers),
        commands=loading.taken(Registered),
        load_errors=tuple(loading.errors),
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
            f"{ONLY_THESE} names {', '.join(sorted(unknown))}, which is not an installed plug-in (installed: "
            f"{', '.join(point.name for point in points)}); correct the variable, or remove it to load all"
        )
    return [point for point in points if point.name in names], [point for point in points if point.name not in names]


class Plugins:
    """The registry of one archive or program, loaded when first asked for: listing events needs no encoder."""

    @cached_property
    def registry(self) -> PluginRegistry:
        """All installed plug-ins."""
        return load_plugins()


class _Kind(NamedTuple):
    """One kind of things offered: its hook, what they are objects of, and what they become here."""

    word: str
    hook: str
    base: type[Any]
    registered: type[Registered[Any, Any]]


_COMMANDS = _Kind("command", "sfm_commands", object, Registered)
_KINDS = (
    _Kind("encoder", "sfm_encoders", Encoder, RegisteredEncoder),
    _Kind("exporter", "sfm_exporters", Exporter, RegisteredExporter),
    _Kind("decoder", "sfm_decoders", Decoder, RegisteredDecoder),
    _Kind("importer", "sfm_importers", Importer, RegisteredImporter),
)
"""What is always collected; commands are asked for apart."""


def _name_of(kind: _Kind, offered: Any) -> EncoderName | str:
    """The name of something offered. Raises UsageError for what its kind cannot be."""
    if kind is _COMMANDS and (isinstance(offered, type) or not callable(getattr(offered, "make_context", None))):
        raise UsageError(f"{offered!r} is not a click command; decorate the function with @click.command()")
    if not isinstance(offered, kind.base):
        raise UsageError(f"{offered!r} is no {kind.word}; give objects of a subclass of {kind.base.__name__}")
    for name, own in vars(kind.base).items() if isinstance(offered, Offer) else ():
        if callable(own) and not name.startswith("_") and not callable(getattr(offered, name)):
            raise UsageError(f"{kind.word} {_told(offered)}: {name} is not a method; see docs/writing-a-plugin.md")
    if isinstance(offered, Offer) and not is_text(getattr(offered, "description", None), MOST_SAID):
        raise UsageError(f"{kind.word} {_told(offered)} has no description")
    if isinstance(offered, Versioned):
        version = getattr(offered, "version", None)
        if not isinstance(version, int) or isinstance(version, bool):
            raise UsageError(f"{kind.word} {_told(offered)}: the version is {version!r}, not a whole number")
        return parse_encoder_name(_told(offered))
    if isinstance(offered, Exporter):
        _check_exporter(offered)
    name = getattr(offered, "name", None)
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot be the name of a {kind.word}; use lower-case letters, digits and hyphens")
    return name


def _told(offered: Any) -> str:
    """What it calls itself."""
    if isinstance(offered, Versioned):
        return f"{getattr(offered, 'family', None)}@{getattr(offered, 'version', None)}"
    return str(getattr(offered, "name", None))


def _check_exporter(exporter: Exporter) -> None:
    extension = getattr(exporter, "extension", None)
    if not isinstance(extension, str) or _EXTENSION.fullmatch(extension) is None:
        raise UsageError(f"exporter {_told(exporter)}: {extension!r} is no extension; give one such as '.csv', or ''")
    if not isinstance(exporter.beside, tuple | list) or not all(isinstance(one, str) for one in exporter.beside):
        raise UsageError(f"exporter {_told(exporter)}: beside is {exporter.beside!r}; give names of other exporters")


OneKind = TypeVar("OneKind", bound=Registered[Any, Any])


class _Loading:
    """Plug-ins while they are loaded one by one."""

    def __init__(self, commands_beside: Collection[str] | None) -> None:
        import pluggy

        from sfm_archive.plugins import hookspecs

        self.errors: list[LoadError] = []
        self.loaded: list[LoadedPlugin] = []
        self._pluggy = pluggy.PluginManager(hookspecs.PROJECT)
        self._pluggy.add_hookspecs(hookspecs)
        self._built_in = commands_beside
        self._trace = os.environ.get(TRACE, "") not in ("", "0")
        self._sources: dict[str, PluginSource] = {}
        self._taken: dict[tuple[str, Any], Registered[Any, Any]] = {}

    def taken(self, registered: type[OneKind]) -> tuple[OneKind, ...]:
        """Everything of a kind, in the order of names."""
        return tuple(sorted((one for one in self._taken.values() if type(one) is registered), key=lambda one: one.name))

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
            plugin = ask(lambda: self._load(point))
        except PluginBroke as error:
            self.errors.append(LoadError(source, str(error)))
            return
        if not self._take_all(_KINDS, plugin, source):
            return
        hooks = tuple(sorted(caller.name for caller in self._pluggy.get_hookcallers(plugin) or ()))
        self.loaded.append(LoadedPlugin(source, getattr(plugin, "SFM_HOOK_API", None), hooks))
        if self._built_in is not None:
            # What is wrong with its commands costs a plug-in these, not what else it offers.
            self._take_all((_COMMANDS,), plugin, source)

    def _load(self, point: EntryPoint) -> Any:
        plugin = point.load()
        _check_hook_api(getattr(plugin, "SFM_HOOK_API", HOOK_API), _source(point))
        self._pluggy.register(plugin, name=point.name)
        try:
            self._pluggy.check_pending()
            if not self._pluggy.get_hookcallers(plugin):
                raise UsageError("it implements no hook of this project; mark its functions with @hookimpl")
        except BaseException:
            self._pluggy.unregister(plugin)
            raise
        return plugin

    def _take_all(self, kinds: Iterable[_Kind], plugin: Any, source: PluginSource) -> bool:
        """Whether all that a plug-in offers of these kinds could be used; else it is named and none of it is taken.

        Raises PluginConflict.
        """
        try:
            found = ask(lambda: self._offered(kinds, plugin, source))
        except PluginBroke as error:
            self.errors.append(LoadError(source, str(error)))
            return False
        for kind, one in found:
            standing = self._taken.setdefault((kind.word, one.name), one)
            if standing is not one:
                what = one.name if kind.base is Encoder else f"the {kind.word} {one.name}"
                raise PluginConflict(
                    f"two plug-ins claim {what}: {standing.source} and {source}; remove one of the two packages"
                )
        return True

    def _offered(
        self, kinds: Iterable[_Kind], plugin: Any, source: PluginSource
    ) -> list[tuple[_Kind, Registered[Any, Any]]]:
        """What a plug-in offers of these kinds. Raises UsageError for what cannot be used."""
        found = [
            (kind, kind.registered(_name_of(kind, offered), offered, source))
            for kind in kinds
            for offered in self._call(kind.hook, plugin, source)
        ]
        for kind, one in found:
            if kind is _COMMANDS and one.name in (self._built_in or ()):
                raise UsageError(f"the command {one.name!r} is built in and cannot be taken; choose another name")
        return found

    def _call(self, hook: str, plugin: Any, source: PluginSource) -> list[Any]:
        given: list[Any] = []
        for implementation in getattr(self._pluggy.hook, hook).get_hookimpls():
            if implementation.plugin is plugin:
                before = time.perf_counter()
                answer: Any = None
                try:
                    answer = list(islice(implementation.function(), _MOST_OFFERED + 1))
                finally:
                    if self._trace:
                        told = "failed" if answer is None else f"gave {len(answer)}"
                        took = (time.perf_counter() - before) * 1000
                        sys.stderr.write(f"plug-in trace: {hook} of {source} {told} in {took:.1f} ms\n")
                given.extend(answer)
        if len(given) > _MOST_OFFERED:
            raise UsageError(f"its {hook} gives more than {_MOST_OFFERED:,} things; a hook must come to an end")
        return given


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


def _distribution(point: EntryPoint) -> tuple[str, str]:
    return ("an unknown package", "") if point.dist is None else _name_and_version(point.dist)


@lru_cache(maxsize=256)
def _name_and_version(dist: Distribution) -> tuple[str, str]:
    # Each look at `metadata` parses the file anew, a millisecond of every command, and one package has many entry
    # points. A name or version that it lacks reads as None, whatever the annotations promise.
    metadata = dist.metadata
    return metadata["Name"] or "an unknown package", metadata["Version"] or ""


def _source(point: EntryPoint) -> PluginSource:
    return PluginSource(point.name, point.value, *_distribution(point))
