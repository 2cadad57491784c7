"""Serials of units: two or more letters and the digits that event-file names are made from."""

from __future__ import annotations

import re

from sfm_archive.errors import BadSerial

# Matched before the text is made upper case: of other scripts some letters become A-Z by that (`ß` SS, `ı` I).
_SERIAL = re.compile(r"[A-Za-z]{1,4}[0-9]{1,6}", re.ASCII)


def checked_serial(text: str) -> str:
    """The serial in upper case, without surrounding blanks.

    Raises BadSerial for anything else, `UNKNOWN` and the empty text included: an event without its unit cannot be
    told from another unit's event of the same second (docs/facts.md, F1).
    """
    serial = text.strip() if isinstance(text, str) else ""
    if not _SERIAL.fullmatch(serial):
        raise BadSerial(f"{text!r} is not the serial of a unit; expected letters and digits such as BE11529")
    return serial.upper()


def is_serial(text: str) -> bool:
    return _SERIAL.fullmatch(text.strip()) is not None


def serial_number(serial: str) -> int:
    """N: the digits of the serial as a number (`BE11529` → 11529). The letters are lost in file names."""
    return int(checked_serial(serial).lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
