"""What this computer says of its user's language, and of the signs that its spreadsheets use."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

_LANGUAGE, _SEPARATOR, _DECIMAL = 0x5C, 0x0C, 0x0E
"""LOCALE_SNAME, LOCALE_SLIST, LOCALE_SDECIMAL of Windows' GetLocaleInfoEx."""

_LONGEST = 85
"""LOCALE_NAME_MAX_LENGTH."""


class SystemLocale(NamedTuple):
    """`language`: with its region, as `de_DE.UTF-8` or `de-CH`, '' where nothing says it. `separator` of columns and
    `decimal`: where a user can set them apart from the language, else ''."""

    language: str
    separator: str = ""
    decimal: str = ""


def system_locale() -> SystemLocale:
    """Windows: the user's regional settings. macOS: the region of the system settings. Elsewhere, and where macOS gives
    none: LC_ALL, LC_NUMERIC or LANG, the first that is set."""
    if sys.platform == "win32":
        return SystemLocale(_windows(_LANGUAGE), _windows(_SEPARATOR), _windows(_DECIMAL))
    language = _macos() if sys.platform == "darwin" else ""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_NUMERIC", "LANG"))
    return SystemLocale(language or next((name for name in named if name), ""))


def _windows(what: int) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    buffer = ctypes.create_unicode_buffer(_LONGEST)
    # No name means the user's own settings, with what they changed of them.
    written = ctypes.WinDLL("kernel32").GetLocaleInfoEx(None, what, buffer, _LONGEST)
    return buffer.value if written else ""


def _macos() -> str:
    """What spreadsheets follow; a terminal's LANG can say something else, or nothing."""
    import subprocess  # nobody else pays for loading it

    try:
        asked = subprocess.run(
            ["/usr/bin/defaults", "read", "-g", "AppleLocale"],
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
