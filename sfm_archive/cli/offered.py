"""What `sfm encoders` and `sfm decoders` print: what is installed, from which package, and which one is pinned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table, tell

if TYPE_CHECKING:
    from sfm_archive.plugins.registry import PluginRegistry


def show(
    registry: PluginRegistry, kind: str, archive: Path | None, pinned: str, output: OutputFormat, **more: Any
) -> None:
    """Those of a kind, `encoder` or `decoder`. `pinned`: by `archive`, '' without one; `more`: further keys in JSON."""
    whole = _plain(registry, f"{kind}s", pinned)
    if output is OutputFormat.JSON:
        emit_json({**whole, **more})
        return
    columns = (
        Column("", "pinned"),
        Column(kind, "name"),
        Column("package", "distribution"),
        Column("version", "distribution_version"),
        Column("description", "description"),
    )
    found = whole[f"{kind}s"]
    rows = [["*" if one["pinned"] else "", *(one[column.name] for column in columns[1:])] for one in found]
    if rows:
        emit(table(columns if pinned else columns[1:], rows if pinned else [row[1:] for row in rows]))
    if pinned:
        missing = "" if any(one["pinned"] for one in found) else ", which is not installed: install its package"
        tell(f"{archive} pins {pinned}{missing}")
    for error in registry.load_errors:
        tell(f"plug-in {error.source} could not be used: {error.reason}")


def _plain(registry: PluginRegistry, kinds: str, pinned: str) -> dict[str, Any]:
    return {
        kinds: [
            {
                "name": str(found.name),
                "family": found.name.family,
                "version": found.name.version,
                "description": found.description,
                "distribution": found.source.distribution,
                "distribution_version": found.source.distribution_version,
                "pinned": str(found.name) == pinned,
            }
            for found in getattr(registry, kinds)
        ],
        "load_errors": to_plain(registry.load_errors),
        "pinned": pinned or None,
    }
