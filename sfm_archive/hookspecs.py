"""The plug-in contract: the hooks a package may implement. docs/writing-a-plugin.md shows a whole one."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from sfm_archive.formats.encoded import Encoder

PROJECT = "sfm_archive"
"""Name of pluggy's project and of the entry-point group that packages are found through."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def sfm_encoders() -> Iterable[Encoder]:  # type: ignore[empty-body]
    """The encoders that a package provides.

    Called once when plug-ins are first needed. Every package's encoders are collected; two with one
    (family, version) are refused by name, so that none can shadow another.

    A complete plug-in, in a module named by an entry point of the group `sfm_archive`::

        from sfm_archive.plugin_api import FILE_PREFIX, EncodedFile, hookimpl, logical_frame

        class PrefixAndContents:
            family = "example"
            version = 1
            description = "prefix and contents, nothing checked"

            def encode(self, event, frames):
                contents = (logical_frame(frame).content for frame in frames)
                return EncodedFile(FILE_PREFIX + b"".join(contents))

        @hookimpl
        def sfm_encoders():
            return [PrefixAndContents()]
    """
