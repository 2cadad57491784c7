"""Limit curves held against an event's peaks: which curves are meant, and what they say of each channel."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from sfm_archive.analysing.recordings import Recording
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.curve_files import user_curve
from sfm_archive.limits.curves import (
    AIRBLAST_LIMITS,
    CURVES,
    AirblastLimit,
    Curve,
    Outcome,
    Verdict,
    airblast_verdict,
    verdict,
)
from sfm_archive.model.magnitudes import as_level, over_range_vector_sum
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import RAIL, SMALLEST_FREQUENCY_HZ, GeoUnit, geo_quantum

SETS = {
    "usbm": ("usbm-ri8507-drywall", "usbm-ri8507-plaster"),
    "osmre": ("osmre",),
    "din": ("din-4150-3-line-1", "din-4150-3-line-2", "din-4150-3-line-3"),
    "bs": ("bs-7385-2-line-1", "bs-7385-2-line-2"),
}
"""Short words for curves that are drawn together."""

_USUAL = {"in/s": ("usbm", "osmre"), "mm/s": ("din",)}
AIRBLAST = next(limit for limit in AIRBLAST_LIMITS if limit.name == "osmre-2hz")
"""The limit for a microphone that measures from 2 Hz on; which one a unit has is not recorded, so this is assumed."""

_NO_FREQUENCY = Reading(quantity="zc_frequency", unit="Hz", state=ValueState.ABSENT)
_MOST_BYTES = 1 << 20


def curves_from(words: Sequence[str], unit: str = "in/s") -> tuple[Curve, ...]:
    """The curves that words name: a set, a curve's own name, or the path of a file with a user's curve (TOML or CSV).

    Without words those usual where `unit` is: USBM and OSMRE for in/s, DIN 4150-3 for mm/s. Raises UsageError naming
    what there is, or where a word means a file as well; BadInput for a file that describes no curve, or one of a name
    that is taken.
    """
    known = {curve.name: curve for curve in CURVES}
    found: dict[str, Curve] = {}
    for word in words or _USUAL.get(unit, ("usbm", "osmre")):
        if word.lower() in SETS or word.lower() in known:
            if words and Path(word).is_file():
                raise UsageError(
                    f"{word!r} is the name of limits that come with sfm-archive, and of a file here; write "
                    f".{os.sep}{word} for the file, or move it away for the others"
                )
            named = [known[name] for name in SETS.get(word.lower(), (word.lower(),))]
        else:
            named = [_own_curve(word, known)]
        for curve in named:
            if found.setdefault(curve.name, curve) != curve:
                raise UsageError(f"two different limit curves are named {curve.name!r}; give your own another name")
    return tuple(found.values())


def _own_curve(word: str, known: Iterable[str]) -> Curve:
    path = Path(word)
    if not path.is_file():
        raise UsageError(
            f"no limit curve and no file {word!r}; there are {', '.join(SETS)}, {', '.join(known)}, or name a TOML "
            "or CSV file with your own (docs/waveforms.md)"
        )
    if path.stat().st_size > _MOST_BYTES:
        raise BadInput(f"{path} is too large for a limit curve; give the right file")
    try:
        # Spreadsheets put a byte-order mark in front of their CSV.
        own = user_curve(path.read_text(encoding="utf-8-sig"), path.stem)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no UTF-8 text; save it as such") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    if own.name.lower() in SETS or own.name.lower() in known:
        raise BadInput(
            f"{path}: the limit curve is named {own.name!r}, as limits that come with sfm-archive are; give it another "
            'name (name = "…" in TOML, # name: … in CSV)'
        )
    return own


class ValuesThatCount(Protocol):
    """An event's values by quantity and channel: the value that counts and its source, None where there is none."""

    def __call__(self, quantity: str, channel: str = "") -> tuple[Reading, str] | None:
        """The value of one quantity of one channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVerdict:
    """What a curve says of one channel. `ppv`, `frequency`: the values compared, with the sources they come from."""

    curve: Curve
    channel: str
    ppv: Reading
    ppv_source: str
    frequency: Reading
    frequency_source: str
    verdict: Verdict


def verdicts_of(recording: Recording, curves: Sequence[Curve]) -> tuple[ChannelVerdict, ...]:
    """For each curve and geophone with a peak, the verdict; reported values before computed ones."""
    settings = recording.settings
    return vibration_verdicts(recording.best, curves, range_in_s=settings.range, unit=settings.unit)


def vibration_verdicts(
    best: ValuesThatCount, curves: Sequence[Curve], *, range_in_s: float, unit: GeoUnit
) -> tuple[ChannelVerdict, ...]:
    """For each curve and geophone with a peak in a unit of velocity, the verdict.

    `range_in_s`: the geophones', tells how much an over-range peak is at least. `unit`: meant where a peak has none,
    as `OORANGE` is printed.
    """
    found = []
    for curve in curves:
        for channel in GEO_CHANNELS:
            ppv = best("ppv", channel)
            if ppv is None or ppv[0].state is ValueState.ABSENT or ppv[0].unit not in ("in/s", "mm/s", ""):
                continue
            reading = with_velocity_unit(ppv[0], unit)
            frequency = best("zc_frequency", channel) or (_NO_FREQUENCY, "")
            scale = full_scale(range_in_s, "mm/s" if reading.unit == "mm/s" else "in/s")
            found.append(
                ChannelVerdict(
                    curve=curve,
                    channel=channel,
                    ppv=reading,
                    ppv_source=ppv[1],
                    frequency=frequency[0],
                    frequency_source=frequency[1],
                    verdict=verdict(reading, frequency[0], curve, full_scale=scale),
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class AirblastVerdict:
    """What an airblast limit says of the microphone's peak level, and the source of the level."""

    limit: AirblastLimit
    pspl: Reading
    source: str
    outcome: Outcome


def airblast_of(recording: Recording) -> AirblastVerdict | None:
    """The verdict on a recording's peak level; None where there is none in the limit's unit."""
    return airblast_on(recording.best)


def airblast_on(best: ValuesThatCount, limit: AirblastLimit = AIRBLAST) -> AirblastVerdict | None:
    """The verdict on the peak level among an event's values; None where there is none in the limit's unit.

    A pressure in psi or Pa is compared as its level in dB(L). `OORANGE` is printed without a unit; the limit's is
    taken.
    """
    found = best("pspl", "MicL") or best("pspl")
    if found is None or found[0].state is ValueState.ABSENT:
        return None
    pspl, source = as_level(found[0]), found[1]
    if pspl.state is ValueState.OVER_RANGE and not pspl.unit:
        pspl = replace(pspl, unit=limit.response)
    if pspl.unit != limit.response or (pspl.number is None and pspl.state is not ValueState.OVER_RANGE):
        return None
    return AirblastVerdict(limit=limit, pspl=pspl, source=source, outcome=airblast_verdict(pspl, limit).outcome)


def vector_sum_of(best: ValuesThatCount) -> tuple[Reading, str] | None:
    """The peak vector sum that counts, and its source; over range where a geophone is."""
    peaks = [found for channel in GEO_CHANNELS if (found := best("ppv", channel)) is not None]
    over = over_range_vector_sum(reading for reading, _ in peaks)
    if over is None:
        return best("pvs")
    return over, next(source for reading, source in peaks if reading.state is ValueState.OVER_RANGE)


def with_velocity_unit(reading: Reading, unit: GeoUnit) -> Reading:
    """`OORANGE` is printed without a unit; the one of the event's other values is meant."""
    return reading if reading.unit else replace(reading, unit=unit)


def full_scale(range_in_s: float, unit: GeoUnit) -> float:
    """The velocity at the rail: an over-range peak is at least this."""
    return RAIL * geo_quantum(range_in_s, unit)


def worst(verdicts: Iterable[ChannelVerdict]) -> Outcome | None:
    """The outcome for an event: exceeded before undecided before not covered before within; None without any."""
    outcomes = {found.verdict.outcome for found in verdicts}
    ordered = (Outcome.EXCEEDED, Outcome.UNDECIDED, Outcome.NOT_COVERED, Outcome.WITHIN)
    return next((outcome for outcome in ordered if outcome in outcomes), None)


def intervals_over(recording: Recording, curve: Curve) -> int:
    """Of a histogram, how many stored intervals have a geophone peak above the curve at its own frequency.

    A frequency below 1 Hz is compared as a channel's is (`Curve.lowest_hz`); an interval without a frequency counts
    where its peak is above the curve at every possible one.
    """
    histogram = recording.histogram
    if histogram is None:
        return 0
    peaks = np.vstack([histogram.physical(recording.settings.range, "in/s")[name] for name in GEO_CHANNELS])
    frequencies = histogram.frequencies()[: len(GEO_CHANNELS)]
    limits = curve.limits(np.maximum(frequencies, curve.lowest_hz), "in/s")
    anywhere = curve.between(SMALLEST_FREQUENCY_HZ, math.inf, "in/s")
    highest = anywhere.high if anywhere is not None and anywhere.whole else math.inf
    limits = np.where(np.isnan(frequencies), highest, limits)
    with np.errstate(invalid="ignore"):
        return int((peaks > limits).any(axis=0).sum())
