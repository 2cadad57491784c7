"""Users' own limit curves in a small text: TOML, or CSV.

    # site.toml                                  # site.csv
    name = "quarry-permit"                       # name: quarry-permit
    title = "Permit 2026-17"                     # title: Permit 2026-17
    source = "Permit of 3 March 2026, annex 2"   # source: Permit of 3 March 2026, annex 2
    unit = "mm/s"                                # interpolation: log-log
    interpolation = "log-log"                    frequency_hz,limit_mm_s
    points = [[1, 3], [10, 3], [50, 8]]          1,3
    above = "flat"                               10,3

`interpolation`: linear or log-log. `below`, `above`: none, flat or slope beyond the first and last point (none and
flat when not given). `title`, `source`, `note` may be left out.
"""

from __future__ import annotations

import tomllib
from typing import Any

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.waveforms.limits import Curve, Edge, Interpolation

_KEYS = frozenset({"name", "title", "source", "note", "unit", "interpolation", "below", "above", "points"})
_LIMIT_COLUMNS = {"limit_mm_s": "mm/s", "limit_in_s": "in/s"}
_MAX_SIZE = 1 << 20


def user_curve(text: str, name: str = "user") -> Curve:
    """The curve that a TOML or CSV text describes; `name` where the text gives none.

    Raises BadInput that says which line or key cannot be used.
    """
    if len(text) > _MAX_SIZE:
        raise BadInput(f"limit curve {name}: {len(text)} characters; a curve has some lines, give the right file")
    try:
        plain = _from_csv(text) if _is_csv(text) else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"limit curve {name}: the text is no TOML ({error}); correct it or write CSV") from error
    unknown = sorted(set(plain) - _KEYS)
    if unknown:
        raise BadInput(f"limit curve {name}: no key {unknown[0]!r} is known; there are {', '.join(sorted(_KEYS))}")
    name = str(plain.get("name", name))
    missing = [key for key in ("unit", "interpolation", "points") if key not in plain]
    if missing:
        raise BadInput(f"limit curve {name}: {missing[0]} is missing; nothing is assumed in its place")
    try:
        return Curve(
            name=name,
            title=str(plain.get("title", name)),
            source=str(plain.get("source", "")),
            unit=plain["unit"],
            points=tuple((float(frequency), float(limit)) for frequency, limit in plain["points"]),
            interpolation=Interpolation(plain["interpolation"]),
            below=Edge(plain.get("below", "none")),
            above=Edge(plain.get("above", "flat")),
            note=str(plain.get("note", "")),
        )
    except (TypeError, ValueError, UsageError) as error:
        raise BadInput(f"limit curve {name}: {error}; correct the file") from error


def _is_csv(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.replace(" ", "").lower().startswith("frequency_hz,")


def _from_csv(text: str) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    points: list[tuple[float, float]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("#"):
            key, separator, value = stripped.lstrip("# ").partition(":")
            # Any other comment is one.
            if separator and key.strip().lower() in _KEYS - {"points", "unit"}:
                plain[key.strip().lower()] = value.strip()
        elif stripped:
            cells = [cell.strip() for cell in stripped.split(",")]
            if "unit" not in plain:
                unit = _LIMIT_COLUMNS.get(cells[1].lower()) if len(cells) == 2 else None
                if unit is None:
                    raise BadInput(f"limit curve: line {number} must be frequency_hz,limit_mm_s or …,limit_in_s")
                plain["unit"] = unit
                continue
            try:
                frequency, limit = (float(cell) for cell in cells)
            except ValueError as error:
                raise BadInput(f"limit curve: line {number} is not two numbers with a comma: {stripped!r}") from error
            points.append((frequency, limit))
    return {**plain, "points": points}
