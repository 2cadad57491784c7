"""The A5 frame: six fields as every existing tool stores them."""

from __future__ import annotations

from typing import NamedTuple


class A5Frame(NamedTuple):
    """One frame as the older tools stored it; see docs/facts.md, "The stored frame".

    `checksum_valid` is the older parser's own comparison. False is normal on good A5 frames: it is kept as
    recorded and nothing is ever decided by it; `logical_frame(...).checksum_ok` is the real check.
    """

    sub: int
    page_hi: int
    page_lo: int
    data: bytes
    chk_byte: int
    checksum_valid: bool
