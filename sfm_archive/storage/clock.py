"""Times that the program stamps: UTC, as text that sorts."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """Now, such as `2026-11-22T19:02:11.123456Z`."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
