"""One SQLite file that keeps MiniMate Plus seismograph events and gives back Blastware folders.

    import sfm_archive as sfm

    with sfm.create("quarry.sfm") as archive:
        saved = archive.save(event, frames)
        file = archive.encode(saved.event_id)

The public API, which `__init__.pyi` lists: `Archive`, everything that its methods take and return, every error, and
whole operations beside it. Everything else may move. The names are imported when first used, so that a command pays
only for what it does.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="ascii")
_HOME_OF = {name: module for module, name in re.findall(r"^from (\S+) import (\w+) as \2$", _STUB, re.MULTILINE)}

__all__ = ["create", "open", *_HOME_OF]  # noqa: PLE0604 - every key is a name


def __getattr__(name: str) -> Any:
    if name in ("create", "open"):
        return getattr(import_module(_HOME_OF["Archive"]).Archive, name)
    if name in _HOME_OF:
        from sfm_archive.base.extras import optional_packages

        with optional_packages(f"sfm_archive.{name}"):
            return _checked(getattr(import_module(_HOME_OF[name]), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _checked(value: Any) -> Any:
    """What a program gets: of a function one that looks at its arguments first, as the archive's methods do."""
    if not isinstance(value, FunctionType) or hasattr(value, "__wrapped__"):
        return value
    from sfm_archive.base.checked_arguments import checked_arguments

    return checked_arguments(value)
