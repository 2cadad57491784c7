"""What tells an event's settings where neither its documents nor a person do: documents of its unit near it, then its
own samples. docs/waveforms.md, "Where nothing tells a setting", has the order and the reasons.

Pure, so that saving, rebuilding and verifying cannot come to different settings.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import half_of_the_last_digit, of_a_decoder
from sfm_archive.model.decode_settings import CONTRADICTED, SETTING_QUANTITIES, DecodeSettings, settings_from
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.model.timestamps import CLOCK_NEVER_SET_YEAR, local_text, parse_local_text
from sfm_archive.model.unit_settings import RATES
from sfm_archive.model.units import (
    DEFAULT_PRETRIGGER_SECONDS,
    NORMAL_RANGE_IN_S,
    RAIL,
    SENSITIVE_RANGE_IN_S,
    UNITS_PER_RANGE,
    VELOCITIES_MM_S,
    geo_quantum,
)
from sfm_archive.model.velocities import whole_nm_s

NEAR: Final = timedelta(days=30)
"""So far from an event documents of its unit may be that tell its settings."""

BY_UNIT_RECORD: Final = "by the compliance record of a capture"
BY_PEAKS: Final = "by the reported peaks"
BY_TIMES: Final = "by start, stop and length"
"""Texts of settings that the unit's own record, and an event's own samples, tell."""

_NOISE: Final = 4
"""Counts below which a peak tells no range: a count more or less would be another one."""

_LATE_S: Final = 3
"""Seconds by which a unit may note the stop of a record behind its last sample, whole seconds rounded in: open, no
document says when it does."""

_LONG_S: Final = 20
"""From so many seconds on such lateness cannot be taken for another rate, which is twice or half the record."""


Key = tuple[str, str]
"""A setting, and the type of the events among which it is the same, '' where it is of all."""


class UnitDocument(NamedTuple):
    """What the documents of one event tell. `start_local`: of the event."""

    start_local: str
    record_type: str
    settings: DecodeSettings


class _Moment(NamedTuple):
    start_local: str
    values: frozenset[float]


class UnitDocuments:
    """The documents of one unit that tell settings, by time. Which events they are of makes no difference, nor in
    which order they came."""

    def __init__(self, documents: Iterable[UnitDocument]) -> None:
        found: dict[Key, dict[str, set[float]]] = {}
        for one in documents:
            if has_a_date(one.start_local):
                for key, number in _told(one).items():
                    found.setdefault(key, {}).setdefault(one.start_local, set()).add(number)
        self._by_setting = {
            key: [_Moment(at, frozenset(values)) for at, values in sorted(moments.items())]
            for key, moments in found.items()
        }

    def around(self, setting: str, record_type: str, start_local: str) -> tuple[float, str] | None:
        """What the nearest documents before and after a moment, or at it, both tell, and their days in words; None
        where one of them is not there within `NEAR`, or where they differ."""
        moments = self._by_setting.get(_key(setting, record_type), [])
        after = bisect_left(moments, start_local, key=_at)
        before = bisect_right(moments, start_local, key=_at) - 1
        if before < 0 or after >= len(moments):
            return None
        both = moments[before], moments[after]
        earliest, latest = near(start_local)
        values = both[0].values | both[1].values
        if not earliest <= both[0].start_local or not both[1].start_local <= latest or len(values) != 1:
            return None
        return next(iter(values)), " and ".join(dict.fromkeys(moment.start_local[:10] for moment in both))

    def has(self, key: Key, first: str, last: str) -> bool:
        """Whether between two moments, themselves left out, a document tells a setting."""
        moments = self._by_setting.get(key, [])
        return bisect_right(moments, first, key=_at) < bisect_left(moments, last, key=_at)

    def span_of(self, document: UnitDocument) -> tuple[str, str]:
        """From when to when, both included, events of the unit can rest on a document: between those before and behind
        it that tell the same settings, at most so far as `NEAR`."""
        earliest, latest = near(document.start_local)
        first, last = latest, earliest
        for key in keys_told(document):
            moments = self._by_setting.get(key, [])
            before = bisect_left(moments, document.start_local, key=_at) - 1
            after = bisect_right(moments, document.start_local, key=_at)
            first = min(first, max(earliest, moments[before].start_local if before >= 0 else earliest))
            last = max(last, min(latest, moments[after].start_local if after < len(moments) else latest))
        return first, last


def _at(moment: _Moment) -> str:
    return moment.start_local


def keys_told(one: UnitDocument) -> list[Key]:
    """The settings that a document tells of other events."""
    return [*_told(one)]


def keys_asked(settings: DecodeSettings, record_type: str) -> list[Key]:
    """The settings of an event that documents of others are asked for."""
    return [_key(setting, record_type) for setting in settings.not_told if _has(record_type, setting)]


def _told(one: UnitDocument) -> dict[Key, float]:
    told = one.settings.told.items()
    return {_key(setting, one.record_type): number for setting, number in told if _has(one.record_type, setting)}


def _has(record_type: str, setting: str) -> bool:
    """A histogram has no pre-trigger, whatever is printed."""
    return setting != "pre-trigger" or record_type != RecordType.HISTOGRAM


def _key(setting: str, record_type: str) -> Key:
    """A unit has one range at a time; its rate for histograms can be another one than for waveforms."""
    return setting, "" if setting == "range" else record_type


def has_a_date(start_local: str) -> bool:
    """Whether a unit's clock was set: without, a date says nothing of what came before and after."""
    return start_local >= f"{CLOCK_NEVER_SET_YEAR + 1}"


def near(start_local: str, before: timedelta = NEAR, behind: timedelta = NEAR) -> tuple[str, str]:
    """The first and the last moment that are near to one, or so far from it."""
    start = parse_local_text(start_local)
    earliest = max(start, datetime.min + before) - before
    latest = min(start, datetime.max.replace(microsecond=0) - behind) + behind
    return local_text(earliest), local_text(latest)


def with_unit_record(settings: DecodeSettings, said: Iterable[Reading]) -> DecodeSettings:
    """The settings of an event, with what its unit said of itself at the download of those that nothing told yet.
    `said`: all that tells settings of the event, the newest first."""
    of_record = (one for one in said if one.source is ValueSource.COMPLIANCE_RECORD and not one.channel)
    record = [replace(one, source=None) for one in of_record]
    if not record:
        return settings
    told, found = settings_from(record).told, settings
    for setting in settings.not_told:
        if setting in told:
            found = found.with_told(setting, told[setting], BY_UNIT_RECORD, inferred=True)
    return found


def with_near_documents(
    settings: DecodeSettings, documents: UnitDocuments, start_local: str, record_type: str
) -> DecodeSettings:
    """The settings of an event, with what documents of its unit near it tell of those that nothing told yet."""
    if not has_a_date(start_local):
        return settings
    found = settings
    for setting, _ in keys_asked(settings, record_type):
        around = documents.around(setting, record_type, start_local)
        if around is not None:
            number, days = around
            found = found.with_told(setting, number, f"documents of {days}", inferred=True)
    return found


# -- start and stop -------------------------------------------------------------------------------------------------


def with_times(
    settings: DecodeSettings, samples: int, lasted_s: float | None
) -> tuple[DecodeSettings, tuple[Finding, ...]]:
    """The settings of a waveform, with the rate that its start and stop and the number of its samples tell, and what
    contradicts them. `samples`: of each channel; `lasted_s`: whole seconds from start to stop, None where either is not
    noted.

    A rate is taken where no other can be: the samples then last as long as start and stop are apart, and behind the
    trigger for whole seconds, which is how record times are set, or so long that no rounding is twice as much.
    """
    if lasted_s is None or lasted_s < 0 or samples < 1:
        return settings, ()
    before, rate = settings.pretrigger_s, settings.sample_rate
    fitting = [one for one in RATES if _fits(samples, one, lasted_s, before)]
    whole = [one for one in fitting if _is_whole(samples, one, before)]
    told = fitting if len(fitting) == 1 and lasted_s >= _LONG_S else whole
    only = float(told[0]) if len(told) == 1 else None
    if rate is None:
        return (settings if only is None else settings.with_told("rate", only, BY_TIMES, inferred=True)), ()
    inferred = "rate" in settings.inferred
    fits = _fits(samples, rate, lasted_s, before) or (not fitting and not _is_too_long(samples, rate, lasted_s, before))
    if fits and (not inferred or only in (None, rate)):
        return settings, ()
    message = (
        f"{samples:,} samples of each channel are {samples / rate:.6g} s at {rate:g} sps ({settings.rate_from}), and "
        f"start and stop are {lasted_s:g} s apart"
    )
    if inferred:
        settings = settings.with_doubt("rate", f"{CONTRADICTED} {settings.rate_from}, start and stop do not fit")
    return settings, (Finding(code="rate-contradicted", message=message),)


def _fits(samples: int, rate: float, lasted_s: float, before: float | None) -> bool:
    """Whether so many samples can lie between a start and a stop of whole seconds."""
    return not _is_too_long(samples, rate, lasted_s, before) and samples / rate >= lasted_s - _LATE_S


def _is_too_long(samples: int, rate: float, lasted_s: float, before: float | None) -> bool:
    """Whether samples last longer than from start to stop; the longest pre-trigger of a unit is a second."""
    return samples / rate - (1.0 if before is None else before) > lasted_s + 1


def _is_whole(samples: int, rate: float, before: float | None) -> bool:
    """Whether what lies behind the trigger are whole seconds, to a sample."""
    seconds = samples / rate - (DEFAULT_PRETRIGGER_SECONDS if before is None else before)
    return seconds > 0.5 and abs(seconds - round(seconds)) * rate <= 1


# -- peaks ----------------------------------------------------------------------------------------------------------


def with_peaks(
    settings: DecodeSettings, reported: Sequence[Reading], computed: Sequence[Reading]
) -> tuple[DecodeSettings, tuple[Finding, ...]]:
    """The settings, with the range that reported peaks tell against those of the samples, and what contradicts them.
    `reported`: the peaks that count of documents; `computed`: those of whole samples, with the range of `settings`.

    Sensitive peaks are an eighth of Normal ones. Where reported peaks are those of another range than was told, that is
    a contradiction, and nothing tells the range; where they are of neither, they are not of these samples.
    """
    used = settings.range
    if not settings.has_range:
        # Of samples that were printed nothing tells what over range is.
        pairs = _peak_pairs(reported, [one for one in computed if one.state is ValueState.OK], used)
        differing = [pair for pair in pairs if not _peak_fits(*pair, used, used)]
        return settings, (_differing(differing),) if differing else ()
    pairs = _peak_pairs(reported, computed, used)
    if settings.range_in_s is not None and all(_peak_fits(*pair, used, used) for pair in pairs):
        return settings, ()
    ranges = sorted({used, NORMAL_RANGE_IN_S, SENSITIVE_RANGE_IN_S})
    fitting = [one for one in ranges if all(_peak_fits(*pair, used, one) for pair in pairs)] if pairs else ranges
    if used in fitting and len(fitting) > 1:
        return settings, ()
    if len(fitting) == 1 and settings.range_in_s is None:
        return settings.with_told("range", fitting[0], BY_PEAKS, inferred=True), ()
    if not fitting:
        return settings, (_differing([pair for pair in pairs if not _peak_fits(*pair, used, used)]),)
    said = " or ".join(f"{one:g} in/s" for one in fitting)
    message = f"a geophone range of {used:g} in/s ({settings.range_from}), and reported peaks are those of {said}"
    doubted = settings.with_doubt("range", f"{CONTRADICTED} {settings.range_from}, reported peaks do not fit")
    return doubted, (Finding(code="range-contradicted", message=message),)


def _peak_pairs(reported: Iterable[Reading], computed: Iterable[Reading], used: float) -> list[tuple[Reading, Reading]]:
    """Peaks of a geophone, as a document says and as its samples give, where both say something and one of them is of
    more than noise."""
    own = {one.channel: one for one in computed if one.quantity == "ppv" and one.state is not ValueState.ABSENT}
    return [
        (one, own[one.channel])
        for one in reported
        if one.quantity == "ppv"
        and one.channel in GEO_CHANNELS
        and one.channel in own
        and one.state is not ValueState.ABSENT
        and (one.state is ValueState.OVER_RANGE or (one.number is not None and one.unit in VELOCITIES_MM_S))
        and (_is_loud(one, NORMAL_RANGE_IN_S) or _is_loud(own[one.channel], used))
    ]


def _is_loud(peak: Reading, range_in_s: float) -> bool:
    """Whether a peak is over range, or of some counts of a range."""
    if peak.number is None or peak.unit not in VELOCITIES_MM_S:
        return peak.state is ValueState.OVER_RANGE
    return abs(peak.number) * VELOCITIES_MM_S[peak.unit] >= (_NOISE - 0.5) * geo_quantum(range_in_s, "mm/s")


def _peak_fits(reported: Reading, computed: Reading, used: float, range_in_s: float) -> bool:
    """Whether a reported peak is that of samples, had they been recorded with a range; `computed`: with the range
    `used`. It may be another by what it is rounded, and by one count."""
    count = range_in_s / UNITS_PER_RANGE * 25.4e6
    over = computed.state is ValueState.OVER_RANGE
    if reported.state is ValueState.OVER_RANGE:
        return over
    try:
        said = abs(whole_nm_s(reported.number or 0.0, reported.unit))
        own = RAIL * count if over else abs(whole_nm_s(computed.number or 0.0, computed.unit)) * range_in_s / used
    except UsageError:
        return False  # no velocity that the ground has
    slack = count + _half_a_digit(reported) + 1e-6 * own
    if over:
        return abs(said - own) <= slack + count
    if reported.state is ValueState.BELOW_THRESHOLD:
        return own <= said + slack
    if reported.state is ValueState.ABOVE_LIMIT:
        return own >= said - slack
    return abs(said - own) <= slack


def _half_a_digit(reported: Reading) -> float:
    """nm/s by which rounding can have moved a reported peak."""
    half = half_of_the_last_digit(reported.text) or half_of_the_last_digit(f"{reported.number or 0.0:.9g}")
    return half * VELOCITIES_MM_S[reported.unit] * 1e6


def _differing(pairs: Sequence[tuple[Reading, Reading]]) -> Finding:
    said = "; ".join(
        f"{reported.channel} {reading_text(reported)} is reported, and the samples give {reading_text(computed)}"
        for reported, computed in pairs
    )
    return Finding(code="peak-contradicted", message=f"{said}: they are not of one record")


def contradicted_channels(
    reported: Sequence[Reading], computed: Sequence[Reading], range_in_s: float
) -> tuple[str, ...]:
    """The geophones of which samples contradict the reported peak. `range_in_s`: with which the samples' peaks were
    computed."""
    pairs = _peak_pairs(reported, computed, range_in_s)
    return tuple(said.channel for said, own in pairs if not _peak_fits(said, own, range_in_s, range_in_s))


_NAMES: Final = {"sample_rate": "rate", "geo_range": "range"}


def as_it_was_decoded(settings: DecodeSettings, kept: Iterable[Reading]) -> DecodeSettings:
    """Settings, with what the samples told or contradicted of them when they were decoded. `kept`: the settings that
    stand beside computed numbers."""
    for one in kept:
        setting = _NAMES.get(one.quantity)
        if setting is None or one.number is None:
            continue
        if one.text in (BY_PEAKS, BY_TIMES):
            settings = settings.with_told(setting, one.number, one.text, inferred=True)
        elif one.text.startswith(CONTRADICTED):
            settings = settings.with_doubt(setting, one.text)
    return settings


def is_as_it_was_decoded(settings: DecodeSettings, kept: Iterable[Reading]) -> bool:
    """Whether samples, decoded with these settings, would have those that are kept beside their numbers. False also
    where only decoding can tell."""
    own = {one.quantity: one for one in kept if one.quantity in SETTING_QUANTITIES}
    by_samples = {_NAMES[quantity] for quantity, one in own.items() if one.text in (BY_PEAKS, BY_TIMES)}
    if not by_samples <= {*settings.not_told} or any(one.text.startswith(CONTRADICTED) for one in own.values()):
        return False
    found = replace(as_it_was_decoded(settings, own.values()), has_pretrigger="pretrigger" in own).readings()
    return {one.quantity: (of_a_decoder(one.number or 0.0), one.text) for one in found} == {
        quantity: (one.number, one.text) for quantity, one in own.items()
    }
