"""The form of a list's times, as people write it, in the words of `strptime`.

`M` is the month, and minutes where it stands next behind the hours; letters count in any case.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from typing import Final

from sfm_archive.base.texts import quoted
from sfm_archive.errors import UsageError

_YEARS, _DAYS, _MONTHS, _HOURS, _MINUTES = ("%Y", "%y"), ("%d",), ("%m", "%b", "%B"), ("%H", "%I"), ("%M",)
_WORDS: Final = {
    "YYYY": "%Y", "JJJJ": "%Y", "AAAA": "%Y", "YY": "%y", "JJ": "%d", "DD": "%d", "D": "%d", "TT": "%d",
    "HH": "%H", "H": "%H", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "SS": "%S", "S": "%S",
    "AM/PM": "%p", "AM": "%p", "PM": "%p", "A": "%p", "T": "T",
}  # fmt: skip
_WORD: Final = re.compile(r"AM/PM|[^\W\d_]+", re.IGNORECASE)
_RUN: Final = re.compile(r"([^\W\d_])\1*", re.IGNORECASE)
_LONGEST: Final = 60
_TRIED: Final = datetime(2026, 9, 4, 17, 35)
"""No two of its parts are the same number."""


def strptime_form(form: str) -> str:
    """A form as `strptime` takes it, of one as people write it, `DD.MM.YYYY hh:mm`, or as it is where it has `%`.

    Raises UsageError for a form without a day, a month, a year, an hour and a minute, or that is none.
    """
    if len(form) > _LONGEST:
        raise UsageError(f"{quoted(form)} is no form of a time; write it as DD.MM.YYYY hh:mm")
    written = form if "%" in form else _in_strptime(form)
    parts = (_DAYS, _MONTHS, _YEARS, _HOURS, _MINUTES)
    lacks = not all(any(one in written for one in part) for part in parts) and "%T" not in written
    if lacks or "%c" in written or "%x" in written:
        raise UsageError(
            f"{quoted(form)} is no whole form of a time; it needs day, month, year, hour and minute, as in "
            "DD.MM.YYYY hh:mm"
        )
    if "%I" in written and "%p" not in written:
        raise UsageError(f"{quoted(form)}: with hours to 12 it must say AM or PM (%p)")
    try:
        found = datetime.strptime(_TRIED.strftime(written), written)
    except (ValueError, IndexError, re.error) as error:
        # strptime makes a pattern of the form; that of a part which stands twice is no pattern.
        raise UsageError(
            f"{quoted(form)} is no form of a time, which has each part once; write it as DD.MM.YYYY hh:mm"
        ) from error
    if found.replace(tzinfo=None) != _TRIED:
        raise UsageError(f"{quoted(form)} does not tell one time from another; write it as DD.MM.YYYY hh:mm")
    return written


def _in_strptime(form: str) -> str:
    """A form of letters. Raises UsageError for letters that stand for no part of a time."""
    parts: list[str] = []
    done = 0
    for word in _WORD.finditer(form):
        parts += [form[done : word.start()], *_parts(word[0], form)]
        done = word.end()
    parts.append(form[done:])
    named = [place for place, part in enumerate(parts) if part.startswith("%")]
    for before, place in pairwise(named):
        if parts[before] == "%H" and parts[place] == "%m":
            parts[place] = "%M"
    if "%p" in parts:
        parts = ["%I" if part == "%H" else part for part in parts]
    return "".join(parts)


def _parts(word: str, form: str) -> list[str]:
    whole = _WORDS.get(word.upper())
    if whole is not None and (word.upper() != "TT" or "JJJJ" in form.upper()):
        return [whole]
    if word.upper() == "TT":
        return ["%p"]  # as programs for Windows name it
    runs = [run[0].upper() for run in _RUN.finditer(word)]
    if any(run not in _WORDS for run in runs):
        raise UsageError(
            f"{quoted(form)}: {quoted(word)} is no part of a time; write the form as DD.MM.YYYY hh:mm (MMMM is a "
            "month's name, AM says that hours go to 12)"
        )
    return [_WORDS[run] for run in runs]
