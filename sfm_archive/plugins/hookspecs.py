"""The hooks a package may implement; what they give is in `contracts`.

Hook API 1. Hooks are added and parameters never change within one version; a plug-in states the version that it was
written for as `SFM_HOOK_API = 1` in its module. Each hook is called once, when plug-ins are first needed. What one
raises costs only its own plug-in: it is skipped and named by `sfm plugins`. Two packages that claim one name of a kind
are refused, with both named, so that none can shadow the other. docs/writing-a-plugin.md has a whole plug-in of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pluggy

from sfm_archive.plugins.contracts import Decoder, Encoder, Exporter, Importer

PROJECT = "sfm_archive"
"""Name of pluggy's project and of the entry-point group that packages are found through."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def sfm_encoders() -> Iterable[Encoder]:  # type: ignore[empty-body]
    """The encoders that a package provides: each makes an event file of frames."""


@hookspec
def sfm_exporters() -> Iterable[Exporter]:  # type: ignore[empty-body]
    """The exporters that a package provides: each writes one event in another format."""


@hookspec
def sfm_decoders() -> Iterable[Decoder]:  # type: ignore[empty-body]
    """The decoders that a package provides: each turns event memory into samples or intervals."""


@hookspec
def sfm_importers() -> Iterable[Importer]:  # type: ignore[empty-body]
    """The importers that a package provides: each recognises a kind of source file, and reads it into events."""


@hookspec
def sfm_commands() -> Iterable[Any]:  # type: ignore[empty-body]
    """Commands that a package adds: click commands, found as `sfm NAME`.

    Called only when somebody asks for a command that is not built in, and by `sfm plugins`; import click and whatever
    else the commands need inside of the hook, so that everything else starts without it.
    """
