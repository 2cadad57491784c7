"""The summary of an event: what lists, filters and sorts ask for, as one row of the derived half.

Pure: the same values give the same row, so that saving, rebuilding and verifying cannot come to different ones.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from sfm_archive.base.texts import folded
from sfm_archive.errors import UsageError
from sfm_archive.model.decode_settings import settings_from
from sfm_archive.model.magnitudes import as_level, greatest_peak, over_range_vector_sum
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.model.units import (
    MICROPHONE_RAIL_DB,
    RAIL,
    SENSITIVE_RANGE_IN_S,
    UNITS_PER_RANGE,
    VELOCITIES_MM_S,
)
from sfm_archive.model.velocities import velocity_in, whole_nm_s

RULES: Final = 1
"""Version of the rules that make a summary. Whoever changes what a row says for the same content counts it up: then
every archive's rows are made again before it is written to."""

SUMMARY_QUANTITIES: Final = (
    "ppv", "pvs", "pspl", "zc_frequency", "geo_range", "project", "client", "location", "user_name", "general",
    "false_trigger",
)  # fmt: skip
"""The values that count of which a summary is made."""

LARGEST_KNOWN_RATE: Final = 4
"""How many times the usual sample rate the fastest one is that is known: 4096 to 1024."""


class Basis(StrEnum):
    """What a number of a summary stands on.

    OVER_RANGE: the number is the rail, so it is at least that. AT_LEAST: a limit that was passed, or another channel is
    not known. AT_MOST: a threshold that was not reached. ASSUMED: computed with a setting that no document states.
    UNKNOWN: there is no number.
    """

    REPORTED = "reported"
    COMPUTED = "computed"
    ASSUMED = "assumed"
    OVER_RANGE = "over range"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    UNKNOWN = "unknown"


class EventSummary(NamedTuple):
    """A row of `event_summary` behind its key; schema.sql says what each column is."""

    rules: int
    name: str
    start_local: str
    stop_local: str
    tran_nm_s: int | None
    tran_basis: str
    vert_nm_s: int | None
    vert_basis: str
    long_nm_s: int | None
    long_basis: str
    ppv_nm_s: int | None
    ppv_basis: str
    ppv_channel: str
    ppv_unit: str
    ppv_text: str
    pvs_nm_s: int | None
    pvs_basis: str
    tran_hz: float | None
    tran_hz_low: float | None
    tran_hz_high: float | None
    vert_hz: float | None
    vert_hz_low: float | None
    vert_hz_high: float | None
    long_hz: float | None
    long_hz_low: float | None
    long_hz_high: float | None
    pspl_db: float | None
    pspl_basis: str
    project: str
    client: str
    location: str
    user_name: str
    notes: str
    review: str
    encoding: str
    revision: int

    def ppv(self) -> Reading | None:
        """The greatest peak of the geophones as lists show it; None where none is known."""
        if self.ppv_basis == Basis.UNKNOWN:
            return None
        of_channel = {"Tran": self.tran_basis, "Vert": self.vert_basis, "Long": self.long_basis}
        state = _STATES.get(of_channel.get(self.ppv_channel, self.ppv_basis), ValueState.OK)
        number = None
        if state is not ValueState.OVER_RANGE and self.ppv_nm_s is not None:
            number = velocity_in(self.ppv_nm_s, self.ppv_unit)
        return Reading(
            quantity="ppv", channel=self.ppv_channel, number=number, unit=self.ppv_unit, state=state, text=self.ppv_text
        )


_OF_STATES = {
    ValueState.OVER_RANGE: Basis.OVER_RANGE,
    ValueState.ABOVE_LIMIT: Basis.AT_LEAST,
    ValueState.BELOW_THRESHOLD: Basis.AT_MOST,
}
_STATES = {basis.value: state for state, basis in _OF_STATES.items()}
_UNKNOWN = (None, Basis.UNKNOWN.value)

_Values = Mapping[tuple[str, str], Reading]


def summary_of(
    values: Sequence[Reading],
    *,
    name: str,
    start_local: str,
    revision: int,
    encoding: str,
    stop_local: str = "",
    assumed: Collection[str] = (),
) -> EventSummary:
    """The summary of one event from the values that count of it (of SUMMARY_QUANTITIES; others are passed over).

    `revision`: of the current frames, 0 without any; `encoding`: 'ok', 'refused', 'none' or ''. `assumed`: settings
    that a decoder's values were computed with though no document states them, as `DecodeSettings.assumed` names them.
    """
    known = {(value.quantity, value.channel): value for value in values}
    rail = _rail_nm_s(values)
    of_channels = {channel: _velocity(known.get(("ppv", channel)), rail, assumed) for channel in GEO_CHANNELS}
    greatest = greatest_peak([value for value in values if value.quantity in ("ppv", "pvs")])
    number, basis = _velocity(greatest, rail, assumed)
    partly = any(one is None for one, _ in of_channels.values()) and greatest is not None and greatest.channel != ""
    if partly and number is not None and basis not in (Basis.OVER_RANGE, Basis.AT_MOST):
        basis = Basis.AT_LEAST.value
    if number is None:
        greatest = None
    over = over_range_vector_sum(value for value in values if value.quantity == "ppv")
    frequencies = [one for channel in GEO_CHANNELS for one in _frequency(known.get(("zc_frequency", channel)), assumed)]
    texts = (_text(known, quantity) for quantity in ("project", "client", "location", "user_name", "general"))
    shown = ("", "", "") if greatest is None else (greatest.channel, greatest.unit, greatest.text)
    return EventSummary._make(
        (
            *(RULES, name, start_local, stop_local),
            *(part for channel in GEO_CHANNELS for part in of_channels[channel]),
            *(number, basis, *shown),
            *_velocity(known.get(("pvs", "")) if over is None else over, rail, assumed),
            *frequencies,
            *_level(known),
            *texts,
            *(_review(known), encoding, revision),
        )
    )


def _rail_nm_s(values: Sequence[Reading]) -> int:
    """What a geophone over range measured at least: with a range that is not stated, the rail of the smaller one."""
    told = settings_from(value for value in values if value.source is not ValueSource.DECODER).range_in_s
    return whole_nm_s((SENSITIVE_RANGE_IN_S if told is None else told) * RAIL / UNITS_PER_RANGE, "in/s")


def _velocity(reading: Reading | None, rail: int, assumed: Collection[str]) -> tuple[int | None, str]:
    """Whole nm/s and its basis."""
    if reading is None or reading.state is ValueState.ABSENT:
        return _UNKNOWN
    if reading.state is ValueState.OVER_RANGE:
        return rail, Basis.OVER_RANGE.value
    if reading.number is None or reading.unit not in VELOCITIES_MM_S:
        return _UNKNOWN
    try:
        number = whole_nm_s(as_printed(reading.number), reading.unit)
    except UsageError:
        return _UNKNOWN  # no velocity that the ground has
    return abs(number), _basis(reading, "geophone range" in assumed).value


def _basis(reading: Reading, is_assumed: bool) -> Basis:
    if reading.state in _OF_STATES:
        return _OF_STATES[reading.state]
    if reading.source is not ValueSource.DECODER:
        return Basis.REPORTED
    return Basis.ASSUMED if is_assumed else Basis.COMPUTED


def as_printed(number: float) -> float:
    """The decimal that a 32-bit number stands for; any other number as it is.

    A unit stores its peaks in 32 bits: 0.885 reads as 0.8849999904632568, and would be a nanometre or more off.
    """
    try:
        packed = struct.pack("<f", number)
    except OverflowError:
        return number
    if struct.unpack("<f", packed)[0] != number:
        return number
    shortest = (float(f"{number:.{digits}g}") for digits in range(6, 10))
    return next((one for one in shortest if struct.pack("<f", one) == packed), number)


def _frequency(reading: Reading | None, assumed: Collection[str]) -> tuple[float | None, float | None, float | None]:
    """Hz, and the interval in which it lies; None at its end where it is open, and three times where nothing is known.

    Printed numbers lie within half of their last digit. With an assumed sample rate a computed one is of the slowest
    rate that is known.
    """
    if reading is None or reading.number is None or reading.state is ValueState.ABSENT:
        return None, None, None
    number = reading.number
    if reading.state is ValueState.ABOVE_LIMIT:
        return number, number, None
    if reading.state is ValueState.BELOW_THRESHOLD:
        return number, 0.0, number
    if reading.source is ValueSource.DECODER:
        return number, number, number * (LARGEST_KNOWN_RATE if "sample rate" in assumed else 1)
    half = _half_of_the_last_digit(reading.text)
    return number, max(0.0, round(number - half, 6)), round(number + half, 6)


def _half_of_the_last_digit(text: str) -> float:
    """Of a printed number; 0 where nothing was printed."""
    printed = text.strip().partition(" ")[0]
    if not printed[:1].isdigit():
        return 0.0
    return 0.5 * float(10.0 ** -len(printed.partition(".")[2].rstrip("Hhz")))


def _level(values: _Values) -> tuple[float | None, str]:
    """dB(L), to a hundredth, and its basis."""
    reading = values.get(("pspl", "MicL")) or values.get(("pspl", ""))
    if reading is None or reading.state is ValueState.ABSENT:
        return _UNKNOWN
    if reading.state is ValueState.OVER_RANGE:
        return round(MICROPHONE_RAIL_DB, 2), Basis.OVER_RANGE.value
    level = as_level(reading)
    if level.number is None or not level.unit.startswith("dB"):
        return _UNKNOWN
    return round(level.number, 2), _basis(level, is_assumed=False).value


def _text(values: _Values, quantity: str) -> str:
    reading = values.get((quantity, ""))
    return "" if reading is None else folded(reading.text)


def _review(values: _Values) -> str:
    reading = values.get(("false_trigger", ""))
    return {"yes": "false trigger", "no": "event"}.get("" if reading is None else reading.text, "")
