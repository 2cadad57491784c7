"""The rows of a report's sample table, read a block of whole lines at a time: plain blocks in whole by numpy, one that
holds words (`OORANGE`, `***`, …) or broken rows cell by cell.
"""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.code_pages import text_of
from sfm_archive.base.texts import quoted as in_quotes
from sfm_archive.formats.reports.lines import quoted_cells
from sfm_archive.formats.reports.wholeness import CUT_OFF
from sfm_archive.model.decimals import bytes_with_points, decimals_of
from sfm_archive.model.eight_channels import EIGHT_CHANNEL, eight_channels, names_eight_channels
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS, ValueState, read_value
from sfm_archive.waveforms.segments import MAX_SAMPLES

STATES: Final = tuple(ValueState)
"""What the numbers in states of cells stand for."""

LONG_TABLE: Final = "long-table"
"""Code of the finding for a table with more rows than this program reads."""

DOUBLED_COLUMN: Final = "doubled-column"
"""Code of the finding for a table with two columns of one channel."""

NO_WHOLE_TABLE: Final = frozenset({CUT_OFF, LONG_TABLE, DOUBLED_COLUMN, EIGHT_CHANNEL})
"""Codes of findings with which a table is not all the samples of its event, or nobody knows which they are."""

CELL_NOT_UNDERSTOOD: Final = "cell-not-understood"
"""Code of the finding for cells that are neither numbers nor known words."""

BELOW: Final = STATES.index(ValueState.BELOW_THRESHOLD)
_OK = STATES.index(ValueState.OK)
_PLAIN = b"0123456789.+- \t\r\n"
_OF_NUMBER = np.isin(np.arange(256, dtype=np.uint8), np.frombuffer(b"0123456789.+-", dtype=np.uint8))
_LONGEST_ROW = 1 << 16

_Cells = tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.uint8]]
"""Values (NaN where no number stands), printed digits behind the point, and positions in STATES; shape (columns, n)."""

Bounds = tuple[float | None, ...]
"""Of each column the greatest number behind a `<`, None where none is."""


@dataclass(slots=True)
class _Seen:
    """What was read so far."""

    rows: int = 0
    broken: int = 0
    first_broken: int = 0
    cut: bool = False
    odd: int = 0
    first_odd: str = ""
    first_odd_at: tuple[int, int] = (0, 0)
    blocks: list[_Cells] = field(default_factory=list)
    bounds: dict[int, float] = field(default_factory=dict)

    def findings(self, columns: int) -> tuple[Finding, ...]:
        found: tuple[Finding, ...] = ()
        if self.broken:
            message = (
                f"{self.broken} rows of the sample table do not have {columns} cells, the first is row "
                f"{self.first_broken}"
            )
            found = (Finding(code="broken-row", message=message),)
        if self.odd:
            message = (
                f"{self.odd:,} cells of the sample table are neither numbers nor known words, the first is "
                f"{in_quotes(self.first_odd, 40)} in row {self.first_odd_at[0]:,}, column "
                f"{self.first_odd_at[1]}; export it again with decimal points"
            )
            found = (*found, Finding(code=CELL_NOT_UNDERSTOOD, message=message))
        return found


def read_rows(
    blocks: Iterable[bytes], columns: int, *, quoted: bool, decimal_commas: bool
) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.uint8], Bounds, tuple[Finding, ...]]:
    """Values (NaN where no number stands), printed digits behind the point and states (positions in STATES), each of
    shape (columns, rows), of each column the greatest bound behind a `<`, and the findings of `read_table`. Never
    raises."""
    seen = _Seen()
    most = MAX_SAMPLES * len(CHANNELS) // max(columns, len(CHANNELS))
    for block in _first_rows(blocks, seen, most):
        body = bytes_with_points(block) if decimal_commas and (not quoted or b'"' in block) else block
        plain = body.replace(b'","', b"\t").replace(b'"', b" ") if quoted else body
        fast = _whole_table(plain, columns)
        if fast is None:
            seen.blocks.append(_cell_by_cell(body, columns, seen, quoted=quoted))
        else:
            seen.rows += fast[0].shape[1]
            seen.blocks.append((*fast, np.full(fast[0].shape, _OK, dtype=np.uint8)))
    findings = seen.findings(columns)
    if seen.cut:
        message = f"this program reads up to {most:,} rows of a table; the rest is left out"
        findings = (*findings, Finding(code=LONG_TABLE, message=message))
    values, decimals, states = zip(*seen.blocks, strict=True) if seen.blocks else ((), (), ())
    seen.blocks.clear()
    return (
        _joined(list(values), columns, np.dtype(np.float64)),
        _joined(list(decimals), columns, np.dtype(np.int8)),
        _joined(list(states), columns, np.dtype(np.uint8)),
        tuple(seen.bounds.get(column) for column in range(columns)),
        findings,
    )


def doubled_columns(channels: Sequence[str]) -> tuple[Finding, ...]:
    """The finding for channels that have more than one column; nothing without any."""
    if names_eight_channels(channels):
        return (eight_channels("its table has every geophone twice"),)
    doubled = [name for name in dict.fromkeys(channels) if name in CHANNELS and channels.count(name) > 1]
    message = (
        f"the report has more than one column {', '.join(doubled)}, and nothing says which of them is the channel's; "
        "export the event again"
    )
    return (Finding(code=DOUBLED_COLUMN, message=message),) if doubled else ()


def _joined(blocks: list[NDArray[Any]], columns: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The blocks side by side."""
    whole = np.empty((columns, sum(block.shape[1] for block in blocks)), dtype=dtype)
    at = 0
    for block in blocks:
        whole[:, at : at + block.shape[1]] = block
        at += block.shape[1]
    return whole


def _first_rows(blocks: Iterable[bytes], seen: _Seen, most: int) -> Iterator[bytes]:
    """Blocks with up to `most` lines together, which bounds the memory of a table; more is noted as seen."""
    left = most
    for block in blocks:
        lines = block.count(b"\n")
        if left > 0 and lines <= left:
            left -= lines
            yield block
            continue
        end = 0
        if left > 0:
            ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n"))
            end = int(ends[left - 1]) + 1
            left = 0
        if end:
            yield block[:end]
        if block[end:].strip():
            seen.cut = True
            return


def _whole_table(body: bytes, columns: int) -> tuple[NDArray[np.float64], NDArray[np.int8]] | None:
    """Values and decimals, shape (columns, rows); None unless each line is exactly so many plain decimal numbers."""
    if body.translate(None, _PLAIN):
        return None
    stored = np.frombuffer(body.rstrip() + b"\n", dtype=np.uint8)
    edges = np.diff(_OF_NUMBER[stored].astype(np.int8), prepend=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    dots = np.flatnonzero(stored == ord("."))
    rows = np.searchsorted(ends, np.flatnonzero(stored == ord("\n")), side="right")
    if len(dots) != len(ends) or not bool((np.diff(rows, prepend=0) == columns).all()):
        return None
    if bool((dots < starts).any()) or bool((dots >= ends).any()):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            numbers = np.fromstring(stored.tobytes().decode("ascii"), dtype=np.float64, sep=" ")
        except (ValueError, DeprecationWarning):
            return None
    if len(numbers) != len(ends) or not bool(np.isfinite(numbers).all()):
        return None
    decimals = np.minimum(ends - dots - 1, 99).astype(np.int8)
    shape = (-1, columns)
    return np.ascontiguousarray(numbers.reshape(shape).T), np.ascontiguousarray(decimals.reshape(shape).T)


def _cell_by_cell(body: bytes, columns: int, seen: _Seen, *, quoted: bool) -> _Cells:
    values, decimals, states = array("d"), array("b"), array("B")
    for printed in body.decode("latin-1").split("\n"):
        if not printed.strip():
            continue
        seen.rows += 1
        line = printed.removesuffix("\r")[:_LONGEST_ROW]
        texts = quoted_cells(line) if quoted else line.split("\t", columns)
        if len(texts) != columns:
            seen.broken += 1
            seen.first_broken = seen.first_broken or seen.rows
            texts = [*texts, *[""] * columns][:columns]
        for column, text in enumerate(texts, start=1):
            value, places, state, understood = _cell(text.strip())
            if state == BELOW:
                bound = read_value(text)[0] or 0.0
                seen.bounds[column - 1] = max(bound, seen.bounds.get(column - 1, bound))
            if not understood:
                seen.odd += 1
                if not seen.first_odd:
                    seen.first_odd = text_of(text.strip().encode("latin-1"))
                    seen.first_odd_at = (seen.rows, column)
            values.append(value)
            decimals.append(places)
            states.append(state)
    shape = (-1, columns)
    return (
        np.ascontiguousarray(np.array(values, dtype=np.float64).reshape(shape).T),
        np.ascontiguousarray(np.array(decimals, dtype=np.int8).reshape(shape).T),
        np.ascontiguousarray(np.array(states, dtype=np.uint8).reshape(shape).T),
    )


@lru_cache(maxsize=4096)
def _cell(text: str) -> tuple[float, int, int, bool]:
    """Number (NaN for none), decimals and state of a cell, and whether it is a number or a word that is known."""
    number, unit, state = read_value(text)
    # No cell has a unit; what follows a number there is not known, such as digits that are none of ASCII.
    understood = state is not ValueState.OK or (number is not None and not unit)
    value = np.nan if number is None or not understood or state is not ValueState.OK else number
    return value, decimals_of(text), STATES.index(state if understood else ValueState.ABSENT), understood
