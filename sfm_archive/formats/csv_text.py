"""CSV: plain for programs, or as the spreadsheet of a language opens it by a double click.

Nothing else writes CSV. Plain CSV is UTF-8 without a mark, commas, points, every text as it is: a spreadsheet of a
language with decimal commas puts all of it into one column, one that expects another encoding shows other letters, and
any takes a text that begins with `=` for a formula. So for people a file has a mark, the separator and decimal sign of
their language, and `'` before each text that would be computed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.formats.spreadsheet_languages import (
    DECIMAL_COMMA,
    DECIMAL_POINT,
    REGIONS_WITH_COMMA,
    REGIONS_WITH_POINT,
    SEMICOLON_BESIDE_POINT,
)

MARK: Final = "\ufeff"
"""By which spreadsheets know UTF-8."""

_COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet may compute, at once or once somebody edits the cell."""


class NumberText(str):
    """A number in the digits that a file shall have, with a point."""

    __slots__ = ()


class CsvForm(NamedTuple):
    """How CSV is written. `for_people`: with a mark and guarded texts, as a spreadsheet opens it."""

    separator: str = ","
    decimal: str = "."
    for_people: bool = False

    def text(self, rows: Iterable[Sequence[object]], line_end: str = "\n") -> str:
        """Rows of numbers (also as NumberText) and texts; None is an empty field. Without the mark: a file can be
        written part by part."""
        buffer = io.StringIO()
        usual, quoted = (
            csv.writer(buffer, delimiter=self.separator, lineterminator=line_end, quoting=quoting)
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
        )
        for row in rows:
            cells = [self._cell(value) for value in row]
            # Python's writer leaves a lone return bare, which readers take for the end of the row.
            (quoted if any("\r" in cell for cell in cells) else usual).writerow(cells)
        return buffer.getvalue()

    def encoded(self, rows: Iterable[Sequence[object]], *, beginning: bool) -> bytes:
        """The same as UTF-8; with the mark, where there is one, at the `beginning` of a file."""
        return ((MARK if beginning and self.for_people else "") + self.text(rows)).encode("utf-8")

    def _cell(self, value: object) -> str:
        text = "" if value is None else str(value)
        if isinstance(value, (float, NumberText)):
            return text if self.decimal == "." else text.replace(".", self.decimal)
        if self.for_people and text.startswith(_COMPUTED) and not isinstance(value, int):
            return f"'{text}"
        return text


PLAIN: Final = CsvForm()


def spreadsheet_form(word: str) -> CsvForm:
    """The form for a language with or without its region, as `de`, `pt-BR` or `de_CH.UTF-8`.

    Raises UsageError, naming the known ones, for any other word.
    """
    language, _, rest = word.strip().partition("@")[0].partition(".")[0].replace("_", "-").partition("-")
    language = language.lower()
    region = next((part.upper() for part in reversed(rest.split("-")) if len(part) == 2), "")
    if language not in DECIMAL_COMMA and language not in DECIMAL_POINT:
        known = ", ".join(sorted(DECIMAL_COMMA | DECIMAL_POINT))
        raise UsageError(
            f"{word!r} is no language whose spreadsheets are known; give one of {known}, or one with its region, such "
            "as de-CH (--spreadsheet takes the word behind it for one)"
        )
    if region in (REGIONS_WITH_COMMA if language in DECIMAL_POINT else REGIONS_WITH_POINT).get(language, ()):
        comma = language in DECIMAL_POINT
    else:
        comma = language in DECIMAL_COMMA
    semicolon = comma or f"{language}-{region}" in SEMICOLON_BESIDE_POINT
    return CsvForm(";" if semicolon else ",", "," if comma else ".", for_people=True)
