"""Which curves are meant by words: names of sets and curves that come with the program, and files of users' own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from sfm_archive.base.code_pages import text_of
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.curve_files import MOST_BYTES, user_curve
from sfm_archive.limits.curves import CURVES, Curve

SETS = {
    "usbm": ("usbm-ri8507-drywall", "usbm-ri8507-plaster"),
    "osmre": ("osmre",),
    "din": ("din-4150-3-line-1", "din-4150-3-line-2", "din-4150-3-line-3"),
    "bs": ("bs-7385-2-line-1", "bs-7385-2-line-2"),
}
"""Short words for curves that are drawn together."""

_USUAL = {"in/s": ("usbm", "osmre"), "mm/s": ("din",)}


def curves_from(words: Sequence[str], unit: str = "in/s") -> tuple[Curve, ...]:
    """The curves that words name: a set, a curve's own name, or the path of a file with a user's curve (TOML or CSV).

    Without words those usual where `unit` is: USBM and OSMRE for in/s, DIN 4150-3 for mm/s. Raises UsageError naming
    what there is, or where a word means a file as well; BadInput for a file that describes no curve, or one of a name
    that is taken.
    """
    known = {curve.name: curve for curve in CURVES}
    found: dict[str, Curve] = {}
    for word in words or _USUAL.get(unit, ("usbm", "osmre")):
        if word.lower() in SETS or word.lower() in known:
            if words and Path(word).is_file():
                raise UsageError(
                    f"{word!r} is the name of limits that come with sfm-archive, and of a file here; write "
                    f".{os.sep}{word} for the file, or move it away for the others"
                )
            named = [known[name] for name in SETS.get(word.lower(), (word.lower(),))]
        else:
            named = [_own_curve(word, known)]
        for curve in named:
            if found.setdefault(curve.name, curve) != curve:
                raise UsageError(f"two different limit curves are named {curve.name!r}; give your own another name")
    return tuple(found.values())


def _own_curve(word: str, known: Iterable[str]) -> Curve:
    path = Path(word)
    if not path.is_file():
        raise UsageError(
            f"no limit curve and no file {word!r}; there are {', '.join(SETS)}, {', '.join(known)}, or name a TOML "
            "or CSV file with your own (docs/waveforms.md)"
        )
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path} is too large for a limit curve; give the right file")
    try:
        own = user_curve(text_of(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n"), path.stem)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    if own.name.lower() in SETS or own.name.lower() in known:
        raise BadInput(
            f"{path}: the limit curve is named {own.name!r}, as limits that come with sfm-archive are; give it another "
            'name (name = "…" in TOML, # name: … in CSV)'
        )
    return own
