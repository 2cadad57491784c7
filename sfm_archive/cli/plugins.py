"""`sfm plugins`: what is installed, what each plug-in offers, and what could not be used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.options import json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table, tell

if TYPE_CHECKING:
    from sfm_archive.plugins.registry import LoadedPlugin, PluginRegistry

COLUMNS = (
    Column("plug-in", "entry_point"),
    Column("package", "distribution"),
    Column("version", "distribution_version"),
    Column("hooks", "hooks"),
    Column("offers", "offers"),
)
KINDS = ("encoders", "exporters", "decoders", "importers", "commands")


@click.command("plugins")
@json_option
def command(output: OutputFormat) -> None:
    """List the installed plug-ins.

    For each: its package, the hooks that it implements, and what it offers by them. A plug-in that cannot be used is
    named on standard error with the reason; all others work. SFM_PLUGINS=NAME,NAME loads only these (empty: none);
    SFM_TRACE_PLUGINS=1 prints every call of a hook.

    \b
    Examples:
      sfm plugins
      SFM_TRACE_PLUGINS=1 sfm plugins
    """
    from sfm_archive.cli import COMMANDS
    from sfm_archive.plugins.loading import load_plugins

    registry = load_plugins(commands_beside=COMMANDS)
    whole = _plain(registry)
    if output is OutputFormat.JSON:
        emit_json(whole)
        return
    rows = []
    for one in whole["plugins"]:
        offers = [f"{kind[:-1]} {name}" for kind in KINDS for name in one[kind]]
        shown = {**one, "hooks": ", ".join(one["hooks"]), "offers": ", ".join(offers)}
        rows.append([shown[column.name] for column in COLUMNS])
    if rows:
        emit(table(COLUMNS, rows))
    for error in registry.load_errors:
        tell(f"plug-in {error.source} could not be used: {error.reason}")
    if registry.left_out:
        names = ", ".join(source.entry_point for source in registry.left_out)
        tell(f"SFM_PLUGINS={os.environ.get('SFM_PLUGINS', '')} leaves out {names}")


def _plain(registry: PluginRegistry) -> dict[str, Any]:
    from sfm_archive.plugins.contracts import HOOK_API

    return {
        "hook_api": HOOK_API,
        "plugins": [_plugin(registry, loaded) for loaded in registry.loaded],
        "load_errors": to_plain(registry.load_errors),
        "left_out": [source.entry_point for source in registry.left_out],
    }


def _plugin(registry: PluginRegistry, loaded: LoadedPlugin) -> dict[str, Any]:
    offered = {
        kind: [str(one.name) for one in getattr(registry, kind) if one.source == loaded.source] for kind in KINDS
    }
    return {**to_plain(loaded), **offered}
