"""The limits that somebody asks for, before anything is read for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class LimitWords(NamedTuple):
    """`curves`: names, velocities and files, see `curves_from`; `airblast`: see `airblast_from`; `judge`: of
    `Judging`."""

    curves: Sequence[str] = ()
    airblast: str | None = None
    judge: str = "both"
