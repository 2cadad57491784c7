"""`sfm plugins`: what is installed, what each plug-in offers, and what could not be used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.options import json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table, tell

if TYPE_CHECKING:
    from sfm_archive.plugins.registry import LoadedPlugin, PluginRegistry, PluginSource

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
    SFM_TRACE_PLUGINS=1 tells every call of a hook.

    \b
    Examples:
      sfm plugins
      SFM_TRACE_PLUGINS=1 sfm plugins
    """
    from sfm_archive.cli import COMMANDS
    from sfm_archive.plugins.loading import load_plugins

    registry = load_plugins(commands_beside=COMMANDS)
    whole = as_dict(registry)
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


def as_dict(registry: PluginRegistry) -> dict[str, Any]:
    """Everything as plain values for JSON."""
    from sfm_archive.plugins.contracts import HOOK_API

    return {
        "hook_api": HOOK_API,
        "plugins": [_plugin(registry, loaded) for loaded in registry.loaded],
        "load_errors": [{**_source(error.source), "reason": error.reason} for error in registry.load_errors],
        "left_out": [source.entry_point for source in registry.left_out],
    }


def _plugin(registry: PluginRegistry, loaded: LoadedPlugin) -> dict[str, Any]:
    offered = {
        kind: [str(one.name) for one in getattr(registry, kind) if one.source == loaded.source] for kind in KINDS
    }
    return {**_source(loaded.source), "hook_api": loaded.hook_api, "hooks": list(loaded.hooks), **offered}


def _source(source: PluginSource) -> dict[str, str]:
    return {
        "entry_point": source.entry_point,
        "module": source.module,
        "distribution": source.distribution,
        "distribution_version": source.distribution_version,
    }
