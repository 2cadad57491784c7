"""Lengths of time as they are typed: `5s`, `10min`, `26h`, `2d`."""

from __future__ import annotations

import re
from typing import Any

import click

_FORM = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(s|min|h|d)\s*", re.ASCII)
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST_S = 3650 * 86_400.0


class Duration(click.ParamType[float]):
    """A length of time, in seconds, from `least_s` to ten years."""

    name = "duration"

    def __init__(self, least_s: float) -> None:
        self._least_s = least_s

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds. Raises click's BadParameter."""
        if isinstance(value, float):
            return value
        found = _FORM.fullmatch(str(value))
        seconds = 0.0 if found is None else float(found[1]) * _SECONDS[found[2]]
        if found is None or not self._least_s <= seconds <= _LONGEST_S:
            self.fail(
                f"{value!r:.80} is not a time; write a number with s, min, h or d, such as 5s or 26h, at least "
                f"{self._least_s:g}s",
                param,
                ctx,
            )
        return seconds
