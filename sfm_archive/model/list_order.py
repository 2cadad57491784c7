"""By which column a list of events is sorted, and where one of its pages ends."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import NamedTuple

from sfm_archive.errors import UsageError


class Order(StrEnum):
    """The columns by which a list is sorted. PPV: by what it is at most, so that over range stands above every number
    and unknown below; events of the same value by their ids."""

    ID = "event_id"
    TIME = "recorded_at_local"
    SERIAL = "serial"
    TYPE = "record_type"
    NAME = "name"
    PPV = "ppv"
    POINT = "point"
    ENCODING = "encoding"
    LEVEL = "level"
    REVIEW = "false_trigger"


class Behind(NamedTuple):
    """The last event of a page: of the next one all stand behind it. `part`: of what PPV is sorted in, 0 elsewhere."""

    part: int
    value: str | int
    event_id: int

    def text(self) -> str:
        """The same for an address."""
        return json.dumps(self, separators=(",", ":"))


def order_from(text: str) -> Order:
    """The column with this name. Raises UsageError."""
    try:
        return Order(text)
    except ValueError as error:
        raise UsageError(f"events are not sorted by {text!r}, only by {', '.join(Order)}") from error


def behind_from(text: str) -> Behind:
    """What `Behind.text` wrote. Raises UsageError for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    fits = isinstance(found, list) and list(map(type, found)) in ([int, int, int], [int, str, int])
    if not fits or not all(isinstance(one, str) or 0 <= one < 1 << 63 for one in found):
        raise UsageError(f"{text[:60]!r} is no place in a list of events; begin at its first page")
    return Behind(*found)
