"""The types of arguments and options that name a file or folder."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sfm_archive.base.texts import quoted


class _Path(click.Path):
    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        try:
            return super().convert(value, param, ctx)
        except ValueError:
            # No system call takes it: a NUL in it, or longer than any path of Windows.
            self.fail(f"{quoted(str(value))} cannot be the name of a file; name another one", param, ctx)


def path_type(*, folders: bool = True, files: bool = True) -> click.Path:
    """A path, with or without anything there. Whether it may be read, its opening says, with exit code 6: click would
    ask for it beforehand, also of what is only written, and call it wrong usage."""
    return _Path(path_type=Path, readable=False, dir_okay=folders, file_okay=files)
