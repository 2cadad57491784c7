"""Units of eight channels: two sets of geophones and microphone, whose layout in memory nobody has published.

They are refused by name and never read as four: nothing tells which of its bytes are of which channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS

EIGHT_CHANNEL: Final = "eight-channel"
"""Code of the finding for an event of such a unit. With it no number of the event counts."""

NOT_SUPPORTED: Final = "eight-channel, not supported: no number is read or computed of this event"
"""Why there is none."""


OF_SEVERAL_CHANNELS: Final = ("pspl", "pvs", "pvs_time")
"""Quantities that stand without a channel and are of channels all the same."""


def eight_channels(seen: str) -> Finding:
    """The finding for what was seen of such a unit, in words: `the 0C record has every channel twice`."""
    return Finding(code=EIGHT_CHANNEL, message=f"{seen}: {NOT_SUPPORTED}; its bytes are kept as received")


def names_eight_channels(names: Sequence[str]) -> bool:
    """Whether the columns of a table have every geophone twice."""
    second = {name[:-1].lower() for name in names if name.endswith("2")}
    return all(names.count(name) > 1 or name.lower() in second for name in GEO_CHANNELS)


def is_of_a_channel(quantity: str, channel: str) -> bool:
    """Whether a value is a channel's, or of several together: of eight it is not known which."""
    return channel in CHANNELS or quantity in OF_SEVERAL_CHANNELS
