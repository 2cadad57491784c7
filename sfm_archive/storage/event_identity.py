"""An event's identity as the history keeps it."""

from __future__ import annotations

from typing import NamedTuple


class Identity(NamedTuple):
    """An event as it came into the archive: enough to make its rows again. `start_key`: eight hexadecimal digits or
    ''."""

    serial: str
    recorded_at_local: str
    record_type: str
    start_key: str
    time_zone: str
