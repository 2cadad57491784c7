"""The types of arguments and options that name a file or folder."""

from __future__ import annotations

from pathlib import Path

import click


def path_type(*, folders: bool = True, files: bool = True) -> click.Path:
    """A path, with or without anything there. Whether it may be read, its opening says, with exit code 6: click would
    ask for it beforehand, also of what is only written, and call it wrong usage."""
    return click.Path(path_type=Path, readable=False, dir_okay=folders, file_okay=files)
