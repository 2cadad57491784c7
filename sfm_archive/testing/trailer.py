"""What follows the samples in event memory: the ASCII settings and the 26-byte footer.

Layout: docs/facts.md, "Layout". Positions of the settings vary from event to event on purpose:
readers must search the labels. Not claimed to be right, because nobody has published them: the binary bytes
around the settings and the footer's last eight, all drawn at random.
"""

from __future__ import annotations

import struct
from datetime import datetime
from random import Random

from sfm_archive.testing.identity import Texts

LABELS = (b"Project:", b"Client:", b"User Name:", b"Seis Loc:", b"Extended Notes")
FOOTER_SIZE = 26


def device_time(moment: datetime) -> bytes:
    """Eight bytes: day, month, year u16 BE, 00, hour, minute, second (derived)."""
    return struct.pack(">BBHBBBB", moment.day, moment.month, moment.year, 0, moment.hour, moment.minute, moment.second)


def settings(random: Random, texts: Texts, serial: str) -> bytes:
    """The five texts behind their labels and the serial between NULs, padded with NULs of varying number.

    It starts with at least 16 NULs, so that a reader who expects one more segment does not find its
    `02 00`. Raises ValueError for a text that is not ASCII or holds a NUL.
    """
    values = [_ascii(text) for text in texts]
    pieces = [bytes(random.randrange(16, 48)), random.randbytes(random.randrange(8, 40)), b"\0"]
    for label, value in zip(LABELS, values, strict=True):
        pieces += [label, bytes(random.randrange(1, 9)), value, bytes(random.randrange(1, 24))]
    pieces.insert(random.choice((3, len(pieces))), b"\0" + _ascii(serial) + bytes(random.randrange(1, 5)))
    pieces += [random.randbytes(random.randrange(4, 24)), bytes(random.randrange(1, 9))]
    return b"".join(pieces)


def footer(random: Random, started: datetime, stopped: datetime) -> bytes:
    """`0e 08`, start time, stop time, eight open bytes."""
    return b"\x0e\x08" + device_time(started) + device_time(stopped) + random.randbytes(8)


def _ascii(text: str) -> bytes:
    try:
        value = text.encode("ascii")
    except UnicodeEncodeError as error:
        raise ValueError(f"{text!r} is not ASCII; the unit's display has nothing else") from error
    if b"\0" in value:
        raise ValueError(f"{text!r} holds a NUL, which ends a text")
    return value
