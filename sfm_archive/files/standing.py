"""What stands at a name, against what would be written there, and what therefore is to be done: one rule for all."""

from __future__ import annotations

from enum import Enum
from pathlib import Path


class Standing(Enum):
    ABSENT = "nothing"
    SAME = "the same bytes"
    DIFFERENT = "a different file"
    OBSTRUCTED = "a link, a folder or a device"


class WriteAction(Enum):
    CREATE = "write a new file"
    REPLACE = "replace a different file"
    LEAVE = "leave the same bytes as they are"
    REFUSE = "leave what is in the way"

    @property
    def writes(self) -> bool:
        return self in (WriteAction.CREATE, WriteAction.REPLACE)


def write_action(standing: Standing, *, overwrite: bool) -> WriteAction:
    """What to do: the same bytes are left alone, only a different file is replaced, and only with `overwrite`."""
    if standing is Standing.ABSENT:
        return WriteAction.CREATE
    if standing is Standing.SAME:
        return WriteAction.LEAVE
    return WriteAction.REPLACE if overwrite and standing is Standing.DIFFERENT else WriteAction.REFUSE


def in_the_way(path: Path, standing: Standing) -> str:
    if standing is Standing.OBSTRUCTED:
        return f"{path} is a link or not a regular file, and was not touched; move it or choose another place"
    return f"{path} is there already and different; move it, or replace it with --overwrite"
