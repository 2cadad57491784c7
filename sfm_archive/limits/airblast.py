"""Limits of the peak sound pressure level, and what they say of an event. From docs/facts.md, "Limit curves"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.decimals import written_with_point
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import ValueState, read_value
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.model.units import MICROPHONE_RAIL_DB, REFERENCE_PA, pascals

OSMRE_SOURCE: Final = "30 CFR 816.67(b)(1)(i), maximum airblast limits"
NO_LIMIT: Final = "none"
"""The word by which airblast is held against nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirblastLimit:
    """The largest level, for a microphone of this response, in dB to a hundredth, as levels are kept.
    `written`: a pressure, as somebody wrote it; '' for a level."""

    name: str
    title: str
    response: str
    limit_db: float
    source: str = ""
    written: str = ""

    @property
    def text(self) -> str:
        """The limit in a few words: `133 dB(L) (OSMRE, 2 Hz high-pass)`, `100Pa (133.98 dB(L))`."""
        level = f"{self.limit_db:g} {self.response}"
        return f"{self.written} ({level})" if self.written else f"{level}{f' ({self.title})' if self.title else ''}"

    @property
    def is_of_stored_levels(self) -> bool:
        """Whether the levels of an archive, all dB(L), can be held against it."""
        return self.response == "dB(L)"


def _osmre(name: str, response: str, limit_db: float, title: str) -> AirblastLimit:
    return AirblastLimit(
        name=f"osmre-{name}", title=f"OSMRE, {title}", response=response, limit_db=limit_db, source=OSMRE_SOURCE
    )


AIRBLAST_LIMITS: Final = (
    _osmre("0.1hz", "dB(L)", 134.0, "0.1 Hz high-pass"),
    _osmre("2hz", "dB(L)", 133.0, "2 Hz high-pass"),
    _osmre("6hz", "dB(L)", 129.0, "6 Hz high-pass"),
    _osmre("c", "dBC", 105.0, "C-weighted, slow"),
)
"""Airblast limits by the lower frequency limit of the measuring system."""

USUAL: Final = "osmre-2hz"
"""With the curves of USBM and OSMRE. Which microphone a unit has is not recorded, so that this one is assumed."""


def airblast_limit(word: str) -> AirblastLimit | None:
    """The limit that a word means: one of AIRBLAST_LIMITS, a level or pressure with its unit (`120dB`, `100Pa`,
    `0.01psi`; dB is dB(L)); None for `none`. Raises UsageError naming what may be written."""
    plain = word.strip().lower()
    if plain == NO_LIMIT:
        return None
    for known in AIRBLAST_LIMITS:
        if known.name == plain:
            return known
    number, unit, state = read_value(written_with_point(plain))
    factor = pascals(unit)
    if number is not None and number > 0 and state is ValueState.OK:
        level = None
        if unit.replace(" ", "") in ("db", "db(l)", "dbl"):
            level = number
        elif factor is not None:
            level = 20.0 * math.log10(number * factor / REFERENCE_PA)
        if level is not None and 0 < level < 300:
            written = "" if factor is None else " ".join(word.split())
            return AirblastLimit(name=plain, title="", response="dB(L)", limit_db=round(level, 2), written=written)
    names = ", ".join(known.name for known in AIRBLAST_LIMITS)
    raise UsageError(
        f"{word!r} is not an airblast limit; give {names}, a level or pressure with its unit (120dB, 100Pa, 0.01psi), "
        f"or {NO_LIMIT}"
    )


class AirblastJudgement(NamedTuple):
    """What a limit says of an event's level in dB(L), None where there is none. `why`: a sentence where it was not
    compared or is undecided, else ''."""

    outcome: Outcome
    level_db: float | None = None
    why: str = ""


def judge_airblast(summary: EventSummary, record_type: RecordType, limit: AirblastLimit) -> AirblastJudgement:
    """Hold an event's peak level, in dB(L), against a limit.

    Over range it is at least the microphone's rail (`MICROPHONE_RAIL_DB`). Exactly at the limit is within, to the
    hundredth of a decibel in which levels are kept. Without a level, and with a limit for another weighting, nothing is
    compared.
    """
    level, basis = summary.pspl_db, summary.pspl_basis
    if level is None or basis == Basis.UNKNOWN or record_type is RecordType.MONITOR_LOG:
        return AirblastJudgement(Outcome.NOT_COMPARED, None, "no level in dB(L), Pa or psi is known")
    if not limit.is_of_stored_levels:
        return AirblastJudgement(Outcome.NOT_COMPARED, level, f"the limit is for {limit.response}, the level is dB(L)")
    over = basis == Basis.OVER_RANGE
    level = round(MICROPHONE_RAIL_DB, 2) if over else level
    if basis == Basis.AT_MOST:
        within = level <= limit.limit_db
        return AirblastJudgement(Outcome.WITHIN if within else Outcome.UNDECIDED, level, f"at most {level:g} dB(L)")
    if disputed := summary.disputed_peaks().get("MicL"):
        least, most = disputed
        if most is not None and most <= limit.limit_db:
            return AirblastJudgement(Outcome.WITHIN, level)
        if least > limit.limit_db:
            return AirblastJudgement(Outcome.EXCEEDED, level)
        to = "over range" if most is None else f"{most:g}"
        return AirblastJudgement(Outcome.UNDECIDED, level, f"reports print {least:g} to {to} dB(L)")
    if level > limit.limit_db:
        return AirblastJudgement(Outcome.EXCEEDED, level)
    if over or basis == Basis.AT_LEAST:
        what = "over range: " if over else ""
        return AirblastJudgement(Outcome.UNDECIDED, level, f"{what}at least {level:g} dB(L)")
    return AirblastJudgement(Outcome.WITHIN, level)
