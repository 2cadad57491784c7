"""Commands that a message asks a person to run: their words, quoted for the shell of that person's system."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import PurePath
from typing import Final

_PLAIN_ON_WINDOWS: Final = frozenset("-_.:/\\+#=~")
_QUOTE_OR_END: Final = re.compile(r'(\\*)("|\Z)')


def command_line(*words: str | PurePath, windows: bool = os.name == "nt") -> str:
    """`sfm create 'Müller Größe 2026.sfm'`, as it can be pasted: each word quoted where the shell needs it.

    On Windows in double quotes, which cmd and PowerShell both take.
    """
    return " ".join(_quoted_on_windows(str(word)) if windows else _quoted(str(word)) for word in words)


def _quoted(word: str) -> str:
    # `shlex` quotes letters beyond ASCII too, which no shell needs.
    ascii_word = "".join("a" if sign.isalpha() else sign for sign in word)
    return word if shlex.quote(ascii_word) == ascii_word else shlex.quote(word)


def _quoted_on_windows(word: str) -> str:
    plain = word and all(sign.isalnum() or sign in _PLAIN_ON_WINDOWS for sign in word)
    # No name of a file holds a quote there, but a title may: doubled, it is one. Backslashes before a quote are read as
    # half as many.
    return word if plain else '"' + _QUOTE_OR_END.sub(r"\1\1\2\2", word) + '"'
