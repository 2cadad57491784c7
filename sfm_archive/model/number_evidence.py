"""What a document prints of an event held against itself and against the event's own samples: numbers that neither
rounding nor another way to compute them explains.

Peaks of geophones have rules of their own, for they also tell the range (`model.setting_evidence`). Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from sfm_archive.model.disputes import Printed, printed_bounds
from sfm_archive.model.findings import Finding
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import VELOCITIES_MM_S

_WORDS: Final = {
    "zc_frequency": "frequency", "peak_acceleration": "acceleration", "peak_displacement": "displacement",
    "pvs": "vector sum",
}  # fmt: skip

COMPARED: Final = frozenset(_WORDS)
"""Quantities of which a document and samples are compared here."""

APART: Final = 1.25
"""How many times as great a number can be as samples give it, beyond rounding, before it is said to be another. The
rules of the quantities are known from prints of two units only (docs/waveforms.md, "The numbers"): a unit that computes
a little otherwise is not accused."""

_LOUD_MM_S: Final = 1.0
"""Below it a channel's numbers rest on a few counts."""


def sum_is_too_great(readings: Iterable[Reading]) -> tuple[Finding, ...]:
    """A finding where the vector sum that is printed beside peaks of all three geophones is more than all of them at
    one moment give: √(Tran² + Vert² + Long²)."""
    printed = {(one.quantity, one.channel): one for one in readings}
    own = printed.get(("pvs", ""))
    peaks = [printed.get(("ppv", channel)) for channel in GEO_CHANNELS]
    vector = None if own is None else _mm_s(own)
    extents = [None if peak is None else _mm_s(peak) for peak in peaks]
    if own is None or vector is None or None in extents:
        return ()
    most = math.hypot(*(extent.most for extent in extents if extent is not None))
    if vector.least <= most * (1 + 1e-6):
        return ()
    beside = ", ".join(f"{peak.channel} {reading_text(peak)}" for peak in peaks if peak is not None)
    message = (
        f"a vector sum of {reading_text(own)} is printed beside {beside}, which give {most:.4g} mm/s at most. Compare "
        "it with the vendor's software"
    )
    return (Finding(code="impossible-value", message=message),)


def contradicted_numbers(reported: Iterable[Reading], computed: Iterable[Reading]) -> tuple[Finding, ...]:
    """A finding for the numbers of a document that are not those of the samples. `reported`: what counts of documents;
    `computed`: of whole samples of a waveform, whose rate a document or the unit tells."""
    said = [
        f"{' '.join(filter(None, (one.channel, _WORDS[one.quantity])))} {reading_text(one)} is reported, and the "
        f"samples give {reading_text(own)}"
        for one, own in _others(reported, computed)
    ]
    if not said:
        return ()
    return (Finding(code="number-contradicted", message=f"{'; '.join(said)}: nothing tells which is right"),)


def contradicted_frequencies(reported: Iterable[Reading], computed: Iterable[Reading]) -> frozenset[str]:
    """The channels of which a document prints another frequency than the samples give; as `contradicted_numbers`."""
    return frozenset(one.channel for one, _ in _others(reported, computed) if one.quantity == "zc_frequency")


def _others(reported: Iterable[Reading], computed: Iterable[Reading]) -> Iterator[tuple[Reading, Reading]]:
    own = {(one.quantity, one.channel): one for one in computed}
    for one in reported:
        beside = own.get((one.quantity, one.channel))
        if one.quantity in COMPARED and beside is not None and _is_loud(own, one.channel) and is_another(one, beside):
            yield one, beside


def is_another(reported: Reading, computed: Reading) -> bool:
    """Whether no rounding and no neighbouring rule makes a printed number of that which samples give."""
    if ValueState.OVER_RANGE in (reported.state, computed.state):
        return False  # a peak's own rule says so
    said, own = printed_bounds(reported), printed_bounds(computed)
    if said is None or own is None or said.kind != own.kind:
        return False
    return own.least > APART * said.most or said.least > APART * own.most


def _is_loud(own: dict[tuple[str, str], Reading], channel: str) -> bool:
    """Whether the samples of a channel, of any geophone where it is '', are of more than some counts."""
    peaks = [own.get(("ppv", one)) for one in ((channel,) if channel else GEO_CHANNELS)]
    extents = [None if peak is None else _mm_s(peak) for peak in peaks]
    return any(one is not None and one.least >= _LOUD_MM_S for one in extents)


def _mm_s(reading: Reading) -> Printed | None:
    """Between what a velocity lies; None for one that says nothing or is over range."""
    if reading.state is ValueState.OVER_RANGE or reading.unit not in VELOCITIES_MM_S:
        return None
    return printed_bounds(reading)
