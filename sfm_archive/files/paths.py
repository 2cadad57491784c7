"""Whether a text from an archive may become one part of a path: the same answer on every system.

Names and serials come from data that anybody may have written. What Windows would read as a device, a stream or a
drive is refused on Linux too: a folder made here is handed over there.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from sfm_archive.base.texts import quoted
from sfm_archive.errors import BadName

TEMPORARY_PREFIX = ".sfm-"
"""Starts the names of unfinished files. No event file may have such a name, or a later export would remove it."""

_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_MOST_BYTES = 255
_MOST_PARTS = 32
"""Folders in folders, and the file's name: no path that is exported has more than three."""
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(r"[A-Z][0-9A-Z]{7}\.[0-9A-Z]{3,4}|[A-Z]{2}[0-9]{5}", re.ASCII)


def part_problem(text: str) -> str:
    """Why `text` cannot be the name of one file or folder, '' where it can."""
    if _PLAIN.fullmatch(text):
        # An event file's name, or a serial, as nearly every one is: none of the cases below.
        return ""
    if not text:
        return "is empty"
    if not text.isprintable():
        return "has an invisible character"
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        return f"has a {forbidden.group()!r}"
    if text[-1] in ". ":
        return "ends with a point or a blank"
    if _DEVICE.fullmatch(text):
        return "is the name of a device on Windows"
    if text.casefold().startswith(TEMPORARY_PREFIX):
        return f"starts with {TEMPORARY_PREFIX}, as unfinished files do"
    if len(text.encode("utf-8")) > _MOST_BYTES:
        return f"is longer than {_MOST_BYTES} bytes"
    return ""


def check_name(path: Path, what: str = "file") -> None:
    """Raise BadName for a name that a person gave and Windows, where this runs, would not take as it stands: it would
    make `event.pdf:x` a hidden stream, `NUL.pdf` nothing at all, and `out.` something called `out`."""
    if os.name == "nt" and path.name not in ("", "..") and (problem := part_problem(path.name)):
        raise BadName(f"{path}: the name {problem}; name another {what}")


@lru_cache(maxsize=64)
def checked_path(path: str) -> tuple[str, ...]:
    """The parts of a relative path with forward slashes. Raises BadName for a part that is not safe on every system."""
    parts = tuple(path.split("/", _MOST_PARTS))
    if len(parts) > _MOST_PARTS:
        raise BadName(f"{quoted(path)} has {path.count('/') + 1:,} parts; this program writes up to {_MOST_PARTS}")
    for part in parts:
        if problem := part_problem(part):
            raise BadName(f"{quoted(part)} {problem}, and cannot be the name of a folder or file")
    return parts


def folded(text: str) -> str:
    """Equal for two names that are one name on a file system that does not tell cases or composed letters apart."""
    if text.isascii():
        return text.lower()
    from unicodedata import normalize

    return normalize("NFC", normalize("NFC", text).casefold())
