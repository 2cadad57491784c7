"""How computed numbers look beside printed ones, wherever both are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sfm_archive.cli.output import Column, table
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import CHANNELS

if TYPE_CHECKING:
    from sfm_archive.waveforms.compare import QuantityComparison

_NUMBERS = (
    Column("number", "quantity"),
    Column("channel", "channel"),
    Column("computed", "computed", number=True),
    Column("report", "reported", number=True),
    Column("", "agrees"),
)


def columns_not_known(names: Sequence[str]) -> list[str]:
    """The sentence for columns of a report that name no channel; none without any."""
    if not names:
        return []
    shown = ", ".join(names)
    return [f"its columns {shown} are not known, nothing was compared with them; a unit has {', '.join(CHANNELS)}"]


def numbers_table(quantities: Iterable[QuantityComparison]) -> str:
    """One line for each number that was compared."""
    return table(
        _NUMBERS,
        [
            (
                q.computed.quantity,
                q.computed.channel,
                reading_text(q.computed),
                reading_text(q.reported),
                "agrees" if q.agrees else "DIFFERS",
            )
            for q in quantities
        ],
    )
