"""The words, numbers and dates of reports in a language: one file a language, `languages/CODE.toml`.

Texts are called by their English sentence, so that code reads as the page does. A file has, below `[texts]`, each of
them in its own language, with the same {placeholders}; one that is said of a {count} may be a table of plural forms
(`one`, `other` and what else the language has, as Unicode names them). In `en.toml` only those stand.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import get_decimal_symbol, get_group_symbol

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.curves import Interpolation
from sfm_archive.limits.outcomes import Cause, Outcome
from sfm_archive.model.asked_level import LevelAnswer
from sfm_archive.model.calibrations import CalibrationState
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.reading_text import NOT_RECORDED, OVER_RANGE, reading_text
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.zones import Certainty
from sfm_archive.reporting.period.report import CellState
from sfm_archive.sites.attenuation_pairs import Out

ENGLISH: Final = "en"
_FOLDER: Final = Path(__file__).parent / "languages"
_KEYS: Final = ("name", "locale", "date", "short_date", "month", "time")

_TABLES: Final = ("texts", "sentences", "parts", "findings")

Forms = str | Mapping[str, str]
"""A text, or its plural forms."""

TERMS: Final[tuple[type[StrEnum], ...]] = (
    Outcome, Cause, CalibrationState, RecordType, CellState, LevelAnswer, ValueSource, Interpolation, Certainty, Out,
)  # fmt: skip
"""Whose members are said by `Language.term`."""

_OF_PEOPLE: Final = frozenset({"point", "points", "name", "lab", "text", "zone", "words", "serial"})
"""Parts of sentences that people chose: they stay as they are in every language."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_COMMAND: Final = re.compile(r" \((?:sfm [a-z]|--judge )[^()]*\)")
_COUNTED: Final = re.compile(", (?=[0-9])")
_LEVEL: Final = re.compile(r"[0-9.]+ ?(?:mm/s|in/s)")
_PART: Final = re.compile(r"\{(\w+)\}")


def phrase(text: str) -> str:
    """An English text that is said elsewhere, such as a name in a table of names: itself."""
    return text


CHANNEL_NAMES: Final = {
    "Tran": phrase("Transverse"),
    "Vert": phrase("Vertical"),
    "Long": phrase("Longitudinal"),
    "MicL": phrase("Microphone"),
}
VALUE_WORDS: Final = (OVER_RANGE, "printed", NOT_RECORDED)
"""Of `model.reading_text`, in values."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """`code`: the file's name. `day_form`, `short_form`, `month_form`, `clock_form`: how dates, months and times of day
    are written, in Unicode's letters. `texts`: what pages say; `sentences`: what reasons, notes and the like are made
    of, with their {parts}; `parts`: what such parts are made of, nowhere else. `findings`: a sentence for each code."""

    code: str
    name: str
    locale: Locale
    day_form: str
    short_form: str
    month_form: str
    clock_form: str
    texts: Mapping[str, Forms]
    sentences: Mapping[str, str]
    parts: Mapping[str, str]
    findings: Mapping[str, str]

    def says(self, text: str, /, **values: str | int) -> str:
        """An English text of this program in the language, whole numbers in it written as the language does. Raises
        BadInput where its file has none."""
        found = self.texts.get(text, text if self.code == ENGLISH else None)
        if found is None:
            raise BadInput(f"{_FOLDER / self.code}.toml has no text for {text!r}; add it, or choose another language")
        if not isinstance(found, str):
            count = values.get("count")
            form = self.locale.plural_form(count) if isinstance(count, int) else "other"
            found = found.get(form, found["other"])
        if not values:
            return found
        shown = {name: self.whole(value) if isinstance(value, int) else value for name, value in values.items()}
        return found.format_map(shown)

    def term(self, member: StrEnum) -> str:
        """A member of TERMS."""
        assert type(member) in TERMS, member
        return self.says(member.value)

    def known(self, text: str) -> str:
        """A text that may be a person's, such as the title of a curve, which then stays as it is."""
        return self.says(text) if text in self.texts else text

    def curve(self, label: str) -> str:
        """The short name of a curve; of one that is a velocity, its number as the language writes it."""
        return self.digits(label) if _LEVEL.fullmatch(label) else self.known(label)

    def told(self, sentence: str) -> str:
        """A reason or a note that was made elsewhere, by the patterns of `sentences`; one that fits none, which a
        person or a document wrote, stays as it is."""
        if self.code == ENGLISH or not sentence:
            return sentence
        told = self._told(sentence, self.sentences)
        return self.known(sentence) if told == sentence else told

    def reason(self, sentence: str) -> str:
        """The same for who reads a page: without the command that would mend it."""
        return _COMMAND.sub("", self.told(sentence))

    def finding(self, found: Finding) -> str:
        """What was noticed, with its values; where no pattern knows these, in general, with the archive's wording."""
        if self.code == ENGLISH:
            return found.message
        told = self.told(found.message)
        if told != found.message:
            return told
        general = self.findings.get(found.code)
        return f"{general} ({found.message})" if general else found.message

    def _told(self, sentence: str, forms: Mapping[str, str]) -> str:
        exact = forms.get(sentence)
        if exact is not None:
            return exact
        for pattern, said in _patterns(tuple(forms.items())):
            if found := pattern.fullmatch(sentence):
                return said.format_map({name: self._part(name, text) for name, text in found.groupdict().items()})
        for sign in ("; ", ": "):  # several of them, or one with a name before it
            parts = sentence.split(sign) if sign == "; " else sentence.split(sign, 1)
            told = [self._told(part, forms) for part in parts] if len(parts) > 1 else parts
            if sign == ": " and told[0] != told[-1]:
                told[0] = ", ".join(self.known(label) for label in parts[0].split(", "))
            if told[-1] != parts[-1] or (sign == "; " and told != parts):
                return sign.join(told)
        return sentence

    def _part(self, name: str, text: str) -> str:
        """A part of a sentence: a person's word as it is, a date, a sentence of its own, or a value."""
        if name in _OF_PEOPLE:
            return text
        if name == "reasons":
            numbers = [one.partition(" ") for one in _COUNTED.split(text)]
            return ", ".join(f"{number} {self.known(why)}" for number, _, why in numbers)
        if name == "codes":
            return "; ".join(self.findings.get(code, code) for code in text.split(", "))
        if name == "channel" and ": " in text:
            labels, _, channel = text.rpartition(": ")
            return f"{', '.join(self.known(label) for label in labels.split(', '))}: {channel}"
        if _DAY.fullmatch(text):
            return self.day(date.fromisoformat(text))
        if _MOMENT.fullmatch(text):
            return self.moment(datetime.fromisoformat(text))
        told = self._told(text, {**self.sentences, **self.parts})
        return self.reading(text) if told == text else told

    def reading(self, text: str) -> str:
        """A value as `model.reading_text` writes it: its numbers and the few words in it."""
        for word in VALUE_WORDS:
            if word in text:
                text = text.replace(word, self.says(word))
        return self.digits(text)

    def reading_of(self, reading: Reading) -> str:
        """A value with its unit."""
        return self.reading(reading_text(reading))

    def channel(self, channel: str) -> str:
        """The name of a channel; '' of none."""
        return self.says(CHANNEL_NAMES[channel]) if channel in CHANNEL_NAMES else channel

    def whole(self, number: int) -> str:
        """A whole number, with the language's sign between thousands."""
        return self.digits(f"{number:,}")

    def digits(self, text: str) -> str:
        """A text of numbers and units such as `≥1,234.5 mm/s`, with the language's signs."""
        signs = {".": get_decimal_symbol(self.locale), ",": get_group_symbol(self.locale)}
        return "".join(signs[sign] if _is_inside(text, at) else sign for at, sign in enumerate(text))

    def day(self, day: date) -> str:
        """A date."""
        return format_date(day, self.day_form, locale=self.locale)

    def short_day(self, day: date) -> str:
        """A date without its year, below a chart."""
        return format_date(day, self.short_form, locale=self.locale)

    def month(self, day: date) -> str:
        """The month of a date."""
        return format_date(day, self.month_form, locale=self.locale)

    def clock(self, moment: datetime) -> str:
        """The time of day, to the second."""
        return format_time(moment, self.clock_form, locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """A date with the time of day, to the second."""
        return f"{self.day(moment)} {self.clock(moment)}"


def _is_inside(text: str, at: int) -> bool:
    """Whether a point or comma stands between digits."""
    return text[at] in ".," and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


@cache
def _patterns(forms: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    """Sentences that have parts, those first that say most."""
    found = []
    for sentence, said in forms:
        pieces = _PART.split(sentence)
        if len(pieces) > 1:
            form = "".join(f"(?P<{one}>.+?)" if at % 2 else re.escape(one) for at, one in enumerate(pieces))
            found.append((sum(map(len, pieces[::2])), re.compile(form), said))
    return [(pattern, said) for _, pattern, said in sorted(found, key=lambda one: -one[0])]


def languages() -> tuple[str, ...]:
    """The codes of those that there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def language(code: str) -> Language:
    """Raises UsageError for one that there is not, BadInput for a file that says no such thing."""
    known = languages()
    if code not in known:
        raise UsageError(f"{code!r} is no language of reports; choose {' or '.join(known)}")
    path = _FOLDER / f"{code}.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        name, locale, day, short, month, clock = (str(told[key]) for key in _KEYS)
        texts, sentences, parts, findings = (dict(told.get(key, {})) for key in _TABLES)
        return Language(code, name, Locale.parse(locale), day, short, month, clock, texts, sentences, parts, findings)
    except (KeyError, ValueError, UnknownLocaleError) as error:
        raise BadInput(f"{path} is no file of a language: {error}; compare it with {ENGLISH}.toml") from error
