"""How outputs are to look, as an option, an archive or a user's own file says: the first that says something counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

PAPERS: Final = ("a4", "letter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What one of them says; '' and () where it says nothing. `name`, `address`, `signature`, `logo`: of the firm whose
    report it is, the logo by its file's name. `paper`: of PAPERS; `language`: of reports, 'en'; `units`: 'in/s' or
    'mm/s'. `limits`, `airblast`: as the options of these names have them."""

    name: str = ""
    address: tuple[str, ...] = ()
    signature: str = ""
    logo: str = ""
    paper: str = ""
    language: str = ""
    units: str = ""
    limits: tuple[str, ...] = ()
    airblast: str = ""


KEYS: Final = tuple(one.name for one in fields(Preferences))
_OF_THE_FIRM: Final = frozenset({"name", "address", "signature", "logo"})
"""These belong together: no page has the name of one firm and the logo of another."""

OPTION: Final = "option"
NOTHING_PREFERRED: Final = Preferences()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """What counts. `preferences`: each part, '' or () where nobody said it; `said_by`: of each that somebody said who
    did, 'option', 'archive', or the path of the user's file."""

    preferences: Preferences
    said_by: dict[str, str]


def first_stated(levels: Mapping[str, Preferences]) -> Preferred:
    """Of each part what the first level says that says anything of it; the parts of the firm are of one level. Limits
    of points have levels of airblast of their own: beside 'point' none of another level counts."""
    found: dict[str, Any] = {}
    said_by: dict[str, str] = {}
    for level, said in levels.items():
        firm_is_said = any(key in _OF_THE_FIRM for key in found)
        own = {key: getattr(said, key) for key in KEYS}
        for key, value in own.items():
            if not value or key in found or (key in _OF_THE_FIRM and firm_is_said):
                continue
            if key == "airblast" and "point" in found.get("limits", ()) and said_by["limits"] != level:
                continue
            found[key], said_by[key] = value, level
    return Preferred(preferences=Preferences(**found), said_by=said_by)
