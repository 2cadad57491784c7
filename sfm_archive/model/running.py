"""Spans in which a unit was running, as documents say them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Running(NamedTuple):
    """One span, device-local, whole seconds. `source`: what says so, such as `monitoring reply`; `origin_sha256`: of
    the document, '' where it is an event of the archive; `text`: what it says beside, such as `Geo: 0.020 in/s`."""

    since: datetime
    until: datetime
    source: str
    origin_sha256: str = ""
    text: str = ""
