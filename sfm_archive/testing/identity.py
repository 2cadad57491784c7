"""Who recorded, when, where and for whom: everything about an event that an operator or a clock put in."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

_FIRST_YEAR = datetime(2014, 1, 1)
_SECONDS = 12 * 365 * 86400

# Some contain a channel's label: a reader that searches `Tran` or `Long` without care finds them.
_SITES = (
    "North Quarry", "Long Hill", "Transit Tunnel", "Vertex Plaza", "Pit 7", "Dam road", "Saint Marys",
    "Bench 12", "Pipeline km", "Old Mill", "Route", "Harbour Lot",
)  # fmt: skip
_FIRMS = (
    "Granite & Sons",
    "Acme Aggregates",
    "Longfellow Blasting",
    "City of Troy",
    "Northern Rock Co.",
    "ProjectCo",
)
_PEOPLE = ("J. Smith", "A. Tremblay", "M. O'Neil", "R. Kowalski", "Field crew", "S. Garcia", "T. Vertovec")
_PLACES = ("house", "church", "well head", "gas line", "porch slab", "garage", "school", "pump station")
_REMARKS = ("shot", "holes", "kg per delay", "m to structure", "dB limit", "pre-split row", "blast no.")


class Texts(NamedTuple):
    """The five texts that an operator types: ASCII, without NUL."""

    project: str
    client: str
    user_name: str
    seis_loc: str
    notes: str


def draw_texts(random: Random) -> Texts:
    """Five texts, none of them empty: readers that skip NULs after a label cannot tell an empty one."""

    def numbered(words: tuple[str, ...], top: int) -> str:
        return f"{random.choice(words)} {random.randrange(1, top)}"

    return Texts(
        numbered(_SITES, 3000),
        numbered(_FIRMS, 40),
        numbered(_PEOPLE, 9),
        f"{random.randrange(1, 9999)} Main St, {numbered(_PLACES, 30)}",
        f"{numbered(_REMARKS, 900)}, {numbered(_REMARKS, 900)}",
    )


def draw_serial(random: Random) -> str:
    """A serial whose file-name letters are known: a number below 25000."""
    return f"{random.choice(('BE', 'BE', 'BE', 'BA', 'UM'))}{random.randrange(1000, 25000)}"


def draw_time(random: Random) -> datetime:
    """A device-local time between 2014 and 2025, whole seconds, without a zone."""
    return _FIRST_YEAR + timedelta(seconds=random.randrange(_SECONDS))


def draw_start_key(random: Random) -> int:
    """A start key: fresh after an erase, somewhere in the memory, or, rarely, any 32-bit address."""
    kind = random.random()
    if kind < 0.2:
        return 0x0111_0000
    if kind < 0.9:
        return 0x0111_0000 + random.randrange(0x10_0000)
    return random.randrange(0xFF00_0000)
