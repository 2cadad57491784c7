"""Texts: what can be kept of them, and how a search compares them.

Lone surrogates are half characters that a Python text can hold, and that no UTF-8, hence no archive, can. JSON escapes
(`"\\ud800"`) and names and arguments that are not UTF-8 bring them. Everything that comes from outside is asked here
before it is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sfm_archive.errors import UsageError

_SAID = 20


def has_lone_surrogate(text: str) -> bool:
    """Whether a text can be neither kept nor written as UTF-8."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def is_text(value: object, most: int) -> bool:
    """Whether something is a text that can be kept, of at most so many characters."""
    return isinstance(value, str) and len(value) <= most and not has_lone_surrogate(value)


def without_lone_surrogates(text: str) -> str:
    """The text with a `?` for each of them: for what only names somebody, never for evidence."""
    return text.encode("utf-8", "replace").decode("utf-8")


def shortened(text: str, most: int = 60) -> str:
    """A text of others as far as a message repeats it."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def without_middle(text: str, begin: int, end: int) -> str:
    """A text of more signs than that without those between: its beginning and its end tell what it is about."""
    if len(text) <= begin + end:
        return text
    return f"{text[:begin]}… ({len(text):,} characters) …{text[-end:]}"


def quoted(text: str, most: int = 60) -> str:
    """The same in quotation marks, and with nothing that cannot be seen."""
    return repr(text) if len(text) <= most else f"{text[:most]!r}… ({len(text):,} characters)"


def checked_length(text: str, most: int, what: str) -> str:
    """The text. Raises UsageError where it has more characters than this program keeps of `what`."""
    if len(text) > most:
        raise UsageError(f"{what} has {len(text):,} characters; this program keeps up to {most:,}. Nothing was changed")
    return text


def sentences(texts: Iterable[str]) -> str:
    """The texts that differ and are not empty, in one line; of very many the first, and how many more there are."""
    said = list(dict.fromkeys(text for text in texts if text))
    more = [f"and {len(said) - _SAID:,} more"] if len(said) > _SAID else []
    return "; ".join(said[:_SAID] + more)


_BARE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters with a stroke, and others that Unicode does not take apart, as people type them without."""


def folded(text: str) -> str:
    """The text as a search compares it: without case and accents, whatever form they were typed in, one blank for any.

    `Québec` (with é as one sign or as e and an accent) and `QUEBEC` are equal, as are `MINERAÇÃO` and `mineracao`.
    `ß` is `ss`, `Łódź` is `lodz`, `Østre` is `ostre`.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(bare.translate(_BARE).split())


_COPY_MARK = re.compile(r" ?\([0-9]{1,3}\)(?=\.|\Z)")


def without_copy_mark(name: str) -> str:
    """The name without the `(1)` that browsers and file managers put into the name of a second copy."""
    return (_COPY_MARK.sub("", name) or name) if "(" in name else name
