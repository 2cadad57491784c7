"""A Micromate's event file: recognised by its first bytes, kept and given back as received."""

from __future__ import annotations

from typing import Final

SIGNATURE: Final = bytes.fromhex("001201000000") + b"Instantel\0"
"""What such a file begins with (KNOWN); its extension proves nothing."""

NOT_DECODED: Final = (
    "this is a Micromate's (Series IV) event file, whose body is not decoded, for no such file is public to check it "
    "against; import the report that Blastware or THOR exports of it, with its samples"
)
"""Said where samples are asked for and nothing else has them."""


def is_micromate_file(data: bytes) -> bool:
    """Whether bytes begin as a Micromate's event file."""
    return data.startswith(SIGNATURE)
