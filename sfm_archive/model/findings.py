"""A finding: one observation about bytes that somebody should know of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters to someone who wants the file."""

    NOTE = "note"
    WARNING = "warning"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One observation.

    `code` is a stable word for programs (`gap`, `over-read`, …), `message` a sentence for people.
    `start` and `end` bound what it is about, half open, in the unit that the message names
    (device addresses for streams, byte offsets for files); both None where it is about the whole.
    """

    code: str
    message: str
    severity: Severity = Severity.WARNING
    start: int | None = None
    end: int | None = None

    def as_dict(self) -> dict[str, str | int]:
        """The finding as plain values for JSON; bounds are left out where there are none."""
        plain: dict[str, str | int] = {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
        }
        if self.start is not None:
            plain["start"] = self.start
        if self.end is not None:
            plain["end"] = self.end
        return plain


def finding_from_dict(plain: dict[str, str | int]) -> Finding:
    """The inverse of `Finding.as_dict`."""
    start, end = plain.get("start"), plain.get("end")
    return Finding(
        code=str(plain["code"]),
        message=str(plain["message"]),
        severity=Severity(str(plain["severity"])),
        start=None if start is None else int(start),
        end=None if end is None else int(end),
    )
