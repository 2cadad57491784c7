"""The summary of an event: what lists, filters and sorts ask for, as one row of the derived half.

Pure: the same values give the same row, so that saving, rebuilding and verifying cannot come to different ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from sfm_archive.base.texts import folded
from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import as_printed
from sfm_archive.model.decode_settings import ASSUMED, DecodeSettings, is_assumed, settings_from
from sfm_archive.model.disputes import Bounds, disputed_frequencies, disputed_peaks, most_beside_samples
from sfm_archive.model.events import RecordType
from sfm_archive.model.families import family_of
from sfm_archive.model.frequency_bounds import ANY_FREQUENCY, frequency, hull_of
from sfm_archive.model.magnitudes import as_level, counted_vector_sum, greatest_peak
from sfm_archive.model.number_evidence import contradicted_frequencies
from sfm_archive.model.placing import NOWHERE
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.model.setting_evidence import contradicted_channels
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.model.units import (
    MICROPHONE_RAIL_DB,
    NORMAL_RANGE_IN_S,
    SENSITIVE_RANGE_IN_S,
    VELOCITIES_MM_S,
)
from sfm_archive.model.velocities import velocity_in, whole_nm_s

RULES: Final = 20
"""Version of the rules that make a summary. Whoever changes what a row says for the same content counts it up: then
every archive's rows are made again before it is written to."""

SUMMARY_QUANTITIES: Final = (
    "ppv", "pvs", "pspl", "zc_frequency", "geo_range", "project", "client", "location", "user_name", "general",
    "false_trigger", "sample_rate", "record_time", "intervals", "interval_size",
)  # fmt: skip
"""The values that count of which a summary is made."""

COMPUTED_QUANTITIES: Final = frozenset({"geo_range", "sample_rate", "zc_frequency", "ppv"})
"""What `summary_of` asks the decoder's own values for; what counts of them is among the values that count."""

FASTEST_HISTOGRAM: Final = 4
FASTEST: Final = 16
"""How many times the usual sample rate, 1024 sps, the fastest one of a unit is: 16384 sps, of a histogram 4096."""

RANGES: Final = round(NORMAL_RANGE_IN_S / SENSITIVE_RANGE_IN_S)
"""How much smaller a velocity is where the range was taken for Normal and is Sensitive."""

MOST_DB: Final = 300.0
"""No air has a greater level, in dB(L): it is 20 GPa."""


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
    ppv_least_nm_s: int | None
    ppv_most_nm_s: int | None
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
    assumed: str
    contradicted: str
    disputed: str
    job: int
    point: int
    placed: str
    shift_s: int
    corrected: str
    recorded_project: str
    recorded_client: str
    recorded_location: str

    def disputed_peaks(self) -> dict[str, Bounds]:
        """The peaks that whole reports print differently; see `model.disputes.disputed_peaks`."""
        found: dict[str, Bounds] = json.loads(self.disputed) if self.disputed else {}
        return found

    @property
    def is_false_trigger(self) -> bool:
        """Whether the review that counts calls the event so."""
        return self.review == "false trigger"

    def ppv(self) -> Reading | None:
        """The greatest peak of the geophones as lists show it; None where none is known."""
        if self.ppv_basis == Basis.UNKNOWN:
            return None
        of_channel = {"Tran": self.tran_basis, "Vert": self.vert_basis, "Long": self.long_basis}
        state = _STATES.get(of_channel.get(self.ppv_channel, self.ppv_basis), ValueState.OK)
        nm_s = None if state is ValueState.OVER_RANGE else self.ppv_nm_s
        number = None if nm_s is None else velocity_in(nm_s, self.ppv_unit)
        return Reading(
            quantity="ppv", channel=self.ppv_channel, number=number, unit=self.ppv_unit, state=state, text=self.ppv_text
        )

    def strength(self, quantity: str) -> int | None:
        """By what the greatest ppv, pvs or pspl of several events is found; None where nothing is known. Beyond the
        range is the strongest answer that a unit gives, above a limit the next, below a threshold the last. Velocities
        count to a nanometre a second, levels to a hundredth of a decibel."""
        number: float | None
        if quantity == "ppv":
            of_channel = {"Tran": self.tran_basis, "Vert": self.vert_basis, "Long": self.long_basis}
            number, basis = self.ppv_nm_s, of_channel.get(self.ppv_channel, self.ppv_basis)
        elif quantity == "pvs":
            # At least its largest channel: no greater than any other number for that.
            basis = Basis.REPORTED if self.pvs_basis == Basis.AT_LEAST else self.pvs_basis
            number = self.pvs_nm_s
        else:
            number, basis = None if self.pspl_db is None else self.pspl_db * 100, self.pspl_basis
        if basis == Basis.OVER_RANGE:
            return _PLACES[basis] << 55
        return None if number is None else (_PLACES.get(basis, 2) << 55) + round(number)


_PLACES = {Basis.OVER_RANGE.value: 4, Basis.AT_LEAST.value: 3, Basis.AT_MOST.value: 1}
"""Of a basis among all; of a number 2."""

_OF_STATES = {
    ValueState.OVER_RANGE: Basis.OVER_RANGE,
    ValueState.ABOVE_LIMIT: Basis.AT_LEAST,
    ValueState.BELOW_THRESHOLD: Basis.AT_MOST,
}
_STATES = {basis.value: state for state, basis in _OF_STATES.items()}
NOTHING_DISPUTED: Final[Mapping[str, Bounds]] = {}
_UNKNOWN = (None, Basis.UNKNOWN.value)
_AS_RECORDED: Final = (0, "", "", "", "")
"""Of an event of which nothing is corrected."""

_Peak = tuple[int | None, str]
"""Whole nm/s and its basis."""

_Values = Mapping[tuple[str, str], Reading]


def summary_of(
    values: Sequence[Reading],
    *,
    name: str,
    start_local: str,
    record_type: RecordType,
    revision: int,
    encoding: str,
    computed: Sequence[Reading] = (),
    stop_local: str = "",
    serial: str = "",
    reports: Sequence[_Values] = (),
) -> EventSummary:
    """The summary of one event from the values that count of it (of SUMMARY_QUANTITIES; others are passed over).

    `serial`: of the unit, whose family says what over range is at least. `revision`: of the current frames, 0 without
    any; `encoding`: 'ok', 'refused', 'none' or ''. `computed`: what the decoder made of its samples, the settings that
    it used among it; `stop_local`: where those samples end, '' where that is not known. `reports`: what each of several
    whole reports says that contradict each other. At which point it was recorded its unit's windows say, and
    what is corrected of it other rows: here at none, and nothing.
    """
    known = {(value.quantity, value.channel): value for value in values}
    told = settings_from([value for value in values if value.source is not ValueSource.DECODER])
    used = {value.quantity: value for value in computed if value.quantity in dict(_SETTINGS).values()}
    assumed = [word for word, quantity in _SETTINGS if quantity in used and is_assumed(used[quantity].text)]
    rail = whole_nm_s(family_of(serial).least_over_range_in_s(_range(told, used.get("geo_range"))), "in/s")
    of_channels = {channel: _velocity(known.get(("ppv", channel)), rail, assumed) for channel in GEO_CHANNELS}
    greatest = greatest_peak([value for value in values if value.quantity in ("ppv", "pvs")])
    number, basis = _velocity(greatest, rail, assumed)
    partly = any(one is None for one, _ in of_channels.values()) and greatest is not None and greatest.channel != ""
    if partly and number is not None and basis not in (Basis.OVER_RANGE, Basis.AT_MOST):
        basis = Basis.AT_LEAST.value
    greatest = None if number is None else greatest
    vector = counted_vector_sum(known.get(("pvs", "")), (value for value in values if value.quantity == "ppv"))
    of_samples = {value.channel: value for value in computed if value.quantity == "zc_frequency"}
    fastest = FASTEST_HISTOGRAM if record_type is RecordType.HISTOGRAM else FASTEST
    times = fastest if "rate" in assumed else 1
    wrong = _contradicted(known, computed, used.get("geo_range"), told.range)
    differing = disputed_frequencies(known, reports) if reports else {}
    unlike = _unlike(known, computed) if record_type is RecordType.WAVEFORM and times == 1 else frozenset()
    hertz = [
        hull_of(differing.get(channel, ()))
        or (ANY_FREQUENCY if channel in unlike and channel not in wrong else None)
        or frequency(known.get(("zc_frequency", channel)), of_samples.get(channel), times, trusted=channel not in wrong)
        for channel in GEO_CHANNELS
    ]
    disputed = disputed_peaks(known, reports, rail) if reports else {}
    least, most = peak_bounds([*of_channels.values()], None if partly else (number, basis), disputed)
    texts = (_text(known, quantity) for quantity in ("project", "client", "location", "user_name", "general"))
    shown = ("", "", "") if greatest is None else (greatest.channel, greatest.unit, greatest.text)
    return EventSummary._make(
        (
            *(RULES, name, start_local, stop_local or _stop(start_local, record_type, told)),
            *(part for channel in GEO_CHANNELS for part in of_channels[channel]),
            *(number, basis, least, most_beside_samples(most, wrong, computed, rail), *shown),
            *_velocity(vector, rail, assumed),
            *(part for one in hertz for part in one),
            *_level(known),
            *texts,
            *(_review(known), encoding, revision, " ".join(assumed), " ".join(wrong)),
            json.dumps(disputed, separators=(",", ":")) if disputed else "",
            *NOWHERE,
            *_AS_RECORDED,
        )
    )


def peak_bounds(
    channels: Sequence[_Peak], of_event: _Peak | None, disputed: Mapping[str, Bounds] = NOTHING_DISPUTED
) -> tuple[int | None, int | None]:
    """What the greatest peak is at least and at most, None where nothing is known or where it is open. `of_event`: the
    greatest one itself, which says more than channels that are not known; None where it is that of a channel beside
    one that is not known. `disputed`: of peaks that reports print differently, by channel; `channels` are then all."""
    found: list[tuple[float | None, float | None]]
    if not disputed.keys().isdisjoint(GEO_CHANNELS):
        of_each = zip(GEO_CHANNELS, channels, strict=True)
        found = [disputed.get(name) or _bounds_of(*peak) for name, peak in of_each]
        return _together([one for one in found if one != (None, None) or of_event is None])
    found = [_bounds_of(*peak) for peak in channels if peak[0] is not None or of_event is None]
    if of_event is not None:
        found.append(_bounds_of(*of_event))
    return _together(found)


def _together(found: Sequence[tuple[float | None, float | None]]) -> tuple[int | None, int | None]:
    least = max((int(low) for low, _ in found if low is not None), default=None)
    open_ = any(high is None for _, high in found)
    return least, None if open_ else max((int(high) for _, high in found if high is not None), default=None)


def _bounds_of(nm_s: int | None, basis: str) -> tuple[int | None, int | None]:
    if nm_s is None:
        return None, None
    if basis in (Basis.OVER_RANGE, Basis.AT_LEAST):
        return nm_s, None
    if basis == Basis.AT_MOST:
        return 0, max(0, nm_s - 1)  # below what was printed
    return nm_s // RANGES if basis == Basis.ASSUMED else nm_s, nm_s


_SETTINGS: Final = (("range", "geo_range"), ("rate", "sample_rate"))
"""The settings on which computed numbers rest, by the words of `EventSummary.assumed`."""


def _contradicted(
    known: _Values, computed: Sequence[Reading], used: Reading | None, range_in_s: float
) -> tuple[str, ...]:
    """The geophones of which a document reports a peak that the samples contradict. `used`: the decoder's range, None
    of samples that were printed as velocities, of which nothing tells what over range is; `range_in_s`: as documents
    tell it."""
    if used is None or used.number is None:
        computed, used_in_s = [one for one in computed if one.state is ValueState.OK], range_in_s
    else:
        used_in_s = used.number
    peaks = (known.get(("ppv", channel)) for channel in GEO_CHANNELS)
    reported = [one for one in peaks if one is not None and one.source is not ValueSource.DECODER]
    return contradicted_channels(reported, computed, used_in_s) if reported else ()


def _unlike(known: _Values, computed: Sequence[Reading]) -> frozenset[str]:
    """The geophones of which a document prints another frequency than the samples give."""
    reported = [one for one in known.values() if one.source is not ValueSource.DECODER]
    return contradicted_frequencies(reported, computed)


def _range(told: DecodeSettings, used: Reading | None) -> float | None:
    """The range in in/s, None where nothing tells it. `used`: by the decoder."""
    if used is None or used.text == ASSUMED:
        return told.range_in_s
    return None if is_assumed(used.text) else used.number


def _stop(start_local: str, record_type: RecordType, told: DecodeSettings) -> str:
    """Where a record without samples ends, as its documents tell; a second that it has begun is one of it."""
    seconds = told.record_time_s
    if record_type is RecordType.HISTOGRAM:
        unknown = told.intervals is None or told.interval_s is None
        seconds = None if unknown else (told.intervals or 0.0) * (told.interval_s or 0.0)
    if seconds is None or not start_local:
        return ""
    return stop_of(parse_local_text(start_local), seconds)


def stop_of(start: datetime, seconds: float) -> str:
    """The first whole second that lies behind a record of so many seconds, or at its end, as archives write times; ''
    beyond the calendar."""
    try:
        return local_text(start + timedelta(seconds=math.ceil(round(seconds, 6))))
    except OverflowError:
        return ""


def _velocity(reading: Reading | None, rail: int, assumed: Sequence[str]) -> _Peak:
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
    return abs(number), _basis(reading, "range" in assumed).value


def _basis(reading: Reading, is_assumed: bool) -> Basis:
    if reading.state in _OF_STATES:
        return _OF_STATES[reading.state]
    if reading.source is not ValueSource.DECODER:
        return Basis.REPORTED
    return Basis.ASSUMED if is_assumed else Basis.COMPUTED


_UNWEIGHTED = ("db(l)", "dbl", "db")
"""Units of a level that is not weighted; one in dBC or dBA is another quantity."""


def _level(values: _Values) -> tuple[float | None, str]:
    """dB(L), to a hundredth, and its basis."""
    reading = values.get(("pspl", "MicL")) or values.get(("pspl", ""))
    if reading is None or reading.state is ValueState.ABSENT:
        return _UNKNOWN
    if reading.state is ValueState.OVER_RANGE:
        return round(MICROPHONE_RAIL_DB, 2), Basis.OVER_RANGE.value
    level = as_level(reading if reading.number is None else replace(reading, number=abs(reading.number)))
    if level.number is None or level.unit.lower() not in _UNWEIGHTED or not abs(level.number) <= MOST_DB:
        return _UNKNOWN
    return round(level.number, 2), _basis(level, is_assumed=False).value


def _text(values: _Values, quantity: str) -> str:
    reading = values.get((quantity, ""))
    return "" if reading is None else folded(reading.text)


def _review(values: _Values) -> str:
    reading = values.get(("false_trigger", ""))
    return {"yes": "false trigger", "no": "event"}.get("" if reading is None else reading.text, "")
