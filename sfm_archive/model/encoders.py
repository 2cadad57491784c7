"""What an encoder gives back, and how encoders are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.model.findings import Finding

_REFERENCE = re.compile(r"([a-z][a-z0-9-]{0,63})@(0|[1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """One event file as an encoder makes it: its bytes, and everything odd about them."""

    data: bytes
    findings: tuple[Finding, ...] = ()


class EncoderName(NamedTuple):
    """`family@version`."""

    family: str
    version: int

    def __str__(self) -> str:
        return f"{self.family}@{self.version}"


@lru_cache(maxsize=256)  # every save and every row of an export reads the same few
def parse_encoder_name(text: str) -> EncoderName:
    """The name in `blastware@2`. Raises UsageError for anything else."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is not the name of an encoder; write family@version, such as blastware@2")
    return EncoderName(match.group(1), int(match.group(2)))
