"""Which limits are meant by words: names of sets and curves that come with the program, files of users' own, and a
velocity for a limit that is the same at every frequency."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sfm_archive.base.code_pages import text_of
from sfm_archive.base.regular_files import read_file
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.airblast import USUAL, AirblastLimit, airblast_limit
from sfm_archive.limits.curve_files import MOST_BYTES, unread_lines, user_curve
from sfm_archive.limits.curves import CURVES, Curve, Edge, Interpolation
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.outcomes import Judging, velocity_text
from sfm_archive.limits.verdicts import Limits
from sfm_archive.model.selection import written_velocity
from sfm_archive.model.units import GEO_UNITS, GeoUnit
from sfm_archive.model.velocities import NM_S

SETS = {
    "usbm": ("usbm-ri8507-drywall", "usbm-ri8507-plaster"),
    "osmre": ("osmre",),
    "din": ("din-4150-3-line-1", "din-4150-3-line-2", "din-4150-3-line-3"),
    "bs": ("bs-7385-2-line-1", "bs-7385-2-line-2"),
}
"""Short words for curves that are drawn together."""

_LEVEL_TITLE = "{} at every frequency"
_USUAL = {"in/s": ("usbm", "osmre"), "mm/s": ("din",)}


def curves_from(words: Sequence[str], unit: str = "in/s") -> tuple[Curve, ...]:
    """The curves that words name: a set, a curve's own name, a velocity (`0.5in/s`, `12mm/s`) as a limit at every
    frequency, or the path of a file with a user's curve (TOML or CSV).

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
            named = list(_named(word, known))
        elif (level := _level_curve(word)) is not None:
            named = [level]
        else:
            named = [_own_curve(word, known)]
        for curve in named:
            if found.setdefault(curve.name, curve) != curve:
                raise UsageError(f"two different limit curves are named {curve.name!r}; give your own another name")
    return tuple(found.values())


def is_own_file(word: str) -> bool:
    """Whether a word means a file with a user's curve: it is no known name and no velocity."""
    known = {curve.name for curve in CURVES}
    return word.lower() not in SETS and word.lower() not in known and _level_curve(word) is None


def kept_curves(words: Sequence[str], text: str) -> tuple[Curve, ...]:
    """The curves of words that an archive keeps, without a look for files. `text`: of the curve file that the one word
    names, '' for words alone. Raises UsageError, BadInput for words that mean none."""
    if text:
        return (user_curve(text, Path(words[0]).stem),)
    known = {curve.name: curve for curve in CURVES}
    found: list[Curve] = []
    for word in words:
        if word.lower() in SETS or word.lower() in known:
            found += _named(word, known)
        elif (level := _level_of(word)) is not None:
            found.append(level)
        else:
            raise UsageError(f"{word!r} is no limit curve that this version knows")
    return tuple(dict.fromkeys(found))


def _named(word: str, known: Mapping[str, Curve]) -> list[Curve]:
    return [known[name] for name in SETS.get(word.lower(), (word.lower(),))]


def title_in(curve: Curve, unit: GeoUnit) -> str:
    """The title of a curve; that of a velocity in the other unit with what it is in this one: `5 mm/s (0.197 in/s) at
    every frequency`."""
    if curve.unit == unit or curve.title != _LEVEL_TITLE.format(curve.short):
        return curve.title
    ((_, level),) = curve.points
    return _LEVEL_TITLE.format(f"{curve.short} ({velocity_text(level * NM_S[curve.unit], unit)})")


def limits_from(words: LimitWords, unit: str | None = None) -> Limits:
    """The curves that words name, and the airblast limit that goes with them; without words those usual for `unit`, or
    none. Raises UsageError and BadInput as `curves_from` and `airblast_from`, and for a way of judging that is none."""
    curves = curves_from(words.curves, unit or "in/s") if words.curves or unit else ()
    limit = airblast_from(words.airblast, curves)
    assumed = limit is not None and words.airblast is None and not any(curve.airblast for curve in curves)
    return Limits(curves, limit, assumed, judging_from(words.judge))


def judging_from(word: str) -> Judging:
    """What decides of a waveform. Raises UsageError."""
    try:
        return Judging(word)
    except ValueError as error:
        raise UsageError(f"events are not judged by {word!r}; there are {', '.join(Judging)}") from error


def airblast_from(word: str | None, curves: Sequence[Curve]) -> AirblastLimit | None:
    """The airblast limit that goes with curves: the one that `word` means, else the one that the curves state, else the
    usual one with those of USBM and OSMRE; None where there is none.

    Raises UsageError for a word that means none, and where curves state different ones.
    """
    if word is not None:
        return airblast_limit(word)
    stated = {curve.airblast: curve.name for curve in curves if curve.airblast}
    if len({airblast_limit(one) for one in stated}) > 1:
        said = " and ".join(f"{one} ({name})" for one, name in stated.items())
        raise UsageError(f"the limit curves state different airblast limits, {said}; choose one with --airblast")
    if stated:
        return airblast_limit(next(iter(stated)))
    usual = {name for words in ("usbm", "osmre") for name in SETS[words]}
    return airblast_limit(USUAL) if any(curve.name in usual for curve in curves) else None


def _level_curve(word: str) -> Curve | None:
    """The curve of a velocity, level at every frequency; None for another word, and for one that names a file."""
    return None if Path(word).is_file() else _level_of(word)


def _level_of(word: str) -> Curve | None:
    if not word.strip().lower().endswith(GEO_UNITS):
        return None
    number, unit = written_velocity(word)
    name = f"{number:g}{unit}"
    return Curve(
        name=name,
        title=_LEVEL_TITLE.format(f"{number:g} {unit}"),
        short=f"{number:g} {unit}",
        source="",
        unit=unit,
        points=((1.0, number),),
        interpolation=Interpolation.LINEAR,
        below=Edge.FLAT,
        above=Edge.FLAT,
    )


def own_curve_text(word: str) -> str:
    """The text of the file with a user's curve that a word means. Raises as `curves_from`."""
    known = {curve.name for curve in CURVES}
    _own_curve(word, known)
    return _text_of(Path(word))


def unread_in(words: Sequence[str]) -> list[str]:
    """A sentence for each file among these words with lines that look like keys and are none; see `unread_lines`.
    Raises as `curves_from`."""
    found = []
    for word in words:
        if is_own_file(word) and (lines := unread_lines(own_curve_text(word))):
            named = ", ".join(f"'{line:.60}'" for line in lines)
            found.append(f"{word}: not read, for a limit curve has no such key: {named}; the limits are as without it")
    return found


def _text_of(path: Path) -> str:
    return text_of(read_file(path)).replace("\r\n", "\n").replace("\r", "\n")


def _own_curve(word: str, known: Iterable[str]) -> Curve:
    path = Path(word)
    if not path.is_file():
        raise UsageError(
            f"no limit curve and no file {word!r}; there are {', '.join(SETS)}, {', '.join(known)}, a velocity such as "
            "0.5in/s for every frequency, or name a TOML or CSV file with your own (docs/waveforms.md)"
        )
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadInput(
            f"{path} has {size:,} bytes, and this program reads limit curves of up to {MOST_BYTES:,}; give the "
            "right file"
        )
    try:
        own = user_curve(_text_of(path), path.stem)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    if own.name.lower() in SETS or own.name.lower() in known:
        raise BadInput(
            f"{path}: the limit curve is named {own.name!r}, as limits that come with sfm-archive are; give it another "
            'name (name = "…" in TOML, # name: … in CSV)'
        )
    return own
