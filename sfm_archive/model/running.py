"""Spans in which a unit was running, as documents say them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

MONITORING_REPLY: Final = "monitoring reply"
"""A unit's reply to 0A that tells an interval without a trigger."""

MONITOR_LOG: Final = "monitor log"
"""Rows of a report's monitor log."""


class UnitRan(NamedTuple):
    """One span of a unit as a file says it, device-local. `serial`: '' where the file does not say whose; `text`: what
    it says beside."""

    serial: str
    since: datetime
    until: datetime
    text: str = ""


class Running(NamedTuple):
    """One span, device-local, whole seconds. `source`: what says so, such as `monitoring reply`; `origin_sha256`: of
    the document, '' where it is an event of the archive; `text`: what it says beside, such as `Geo: 0.020 in/s`."""

    since: datetime
    until: datetime
    source: str
    origin_sha256: str = ""
    text: str = ""
