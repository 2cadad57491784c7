"""Values of a job's report as its pages say them: numbers, units and dates of the language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from sfm_archive.limits.outcomes import Outcome, velocity_text
from sfm_archive.model.blasting import FOOT_M, Charge
from sfm_archive.model.reading_text import digits, digits_below
from sfm_archive.model.statements import shift_text
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import NM_S
from sfm_archive.reporting.language import Language, phrase
from sfm_archive.reporting.page import Cell
from sfm_archive.reporting.period.report import (
    BlastAtPoint,
    BlastBeside,
    BlastShare,
    ReportedExceedance,
    ReportedPeriod,
    StatedClock,
)
from sfm_archive.reporting.period.values import (
    ChannelPeak,
    DayMaximum,
    DayShare,
    EventElsewhere,
    FalseTriggerThere,
    PeriodValue,
    PeriodVerdict,
)
from sfm_archive.reporting.style import FAINT
from sfm_archive.reporting.verdicts import outcome_colour, three_digits
from sfm_archive.reporting.words import with_root

NONE = "–"
NOTHING = Cell(NONE, FAINT)


def value_text(words: Language, value: PeriodValue | None) -> str:
    return NONE if value is None else words.reading(value.text)


def day_text(words: Language, day: str) -> str:
    """Of 'YYYY-MM-DD'."""
    return words.day(date.fromisoformat(day))


def last_day_text(words: Language, until_local: str) -> str:
    """The last day before a moment that is not included."""
    return words.day(parse_local_text(until_local) - timedelta(seconds=1))


def moment_text(words: Language, local: str) -> str:
    """A local time; '' of none."""
    return words.moment(parse_local_text(local)) if local else ""


def border_text(words: Language, local: str) -> str:
    """From when or until when something holds: of midnight the date."""
    return day_text(words, local[:10]) if local.endswith("T00:00:00") else moment_text(words, local)


def span_text(words: Language, from_local: str, until_local: str, always: str) -> str:
    """From when until when; `always`: where it has no begin."""
    begin = words.says("from {moment}", moment=border_text(words, from_local)) if from_local else always
    end = words.says("until {moment}", moment=border_text(words, until_local)) if until_local else ""
    return f"{begin} {end}".strip()


def period_text(words: Language, period: ReportedPeriod) -> str:
    """`1 May 2026 to 31 May 2026`."""
    days = list(dict.fromkeys(day_text(words, day) for day in (period.first_day, period.last_day)))
    return words.says("{first} to {last}", first=days[0], last=days[1]) if days[1:] else days[0]


def distance_text(words: Language, metres: float | None, unit: str) -> str:
    """In metres beside mm/s, in feet beside in/s."""
    if metres is None:
        return NONE
    number, name = (metres, "m") if unit == "mm/s" else (metres / FOOT_M, "ft")
    return words.digits(f"{number:,.1f} {name}" if number < 100 else f"{number:,.0f} {name}")


def maximum_text(words: Language, one: DayMaximum | None, digits_after: int) -> str:
    """A day's greatest interval with the signs of what it stands on; '' of none."""
    if one is None:
        return ""
    sign = "≥" if one.at_least else "≤" if one.at_most else "~" if one.assumed else ""
    return words.digits(f"{sign}{one.number:.{digits_after}f}{'†' if one.may_be_of_another_day else ''}")


def day_share_text(words: Language, share: DayShare | None) -> str:
    """Of the limit, a range where it is one, open where nothing says its end; '' of none."""
    if share is None:
        return ""
    least = _percent(100 * share.least)
    if share.most is None:
        return words.says("{number} %", number=words.digits(f"≥{least}"))
    ends = dict.fromkeys((least, _percent(100 * share.most)))
    return words.says("{number} %", number=words.digits("–".join(ends)))


def ratio_text(ratio: float) -> str:
    """Of a limit in whole percent, with decimals where rounding would make it the limit: `56%`, `100.4%`."""
    places = next(places for places in range(10) if ratio == 1.0 or round(100 * ratio, places) != 100.0 or places == 9)
    return f"{ratio:.{places}%}"


def charge_text(words: Language, charge: Charge, unit: str) -> str:
    """A charge as stated; where scaled distances of the report have the other unit, with what it is in that."""
    own = f"{charge.amount:g} {charge.unit}"
    number, name = (charge.kg, "kg") if unit == "mm/s" else (charge.lb, "lb")
    return words.digits(own if name == charge.unit else f"{own} ({number:.4g} {name})")


def scaled_unit(unit: str) -> str:
    """Of scaled distances by the square root of the charge."""
    return with_root("m/kg^½" if unit == "mm/s" else "ft/lb^½")


def scaled_text(words: Language, point: BlastAtPoint, unit: str) -> str:
    number = point.m_kg_square if unit == "mm/s" else point.ft_lb_square
    return NONE if number is None else words.digits(f"{number:.1f}" if number < 100 else f"{number:,.0f}")


def verdict_cell(words: Language, verdict: PeriodVerdict, why: str = "") -> Cell:
    """The outcome; `why`: a mark that stands for what makes it so."""
    text = words.term(verdict.outcome)
    bold = verdict.outcome is Outcome.EXCEEDED
    return Cell(f"{text} {why}".strip(), outcome_colour(verdict.outcome), bold)


def percent_text(words: Language, percent: float) -> str:
    """What share of its limit something reaches: 100.0 is the limit itself, and what lies above or below it is never
    rounded to it."""
    return words.says("{number} %", number=words.digits(_percent(percent)))


def _percent(number: float) -> str:
    """To one place, to more where that would make it 100."""
    places = next(places for places in range(1, 10) if number == 100.0 or round(number, places) != 100.0 or places == 9)
    return f"{number:,.{places}f}"


def share_text(words: Language, share: BlastShare) -> str:
    """Of the blasts of some months how many percent are within, a range where some are undecided, to one place: what
    is within at least is rounded down, what may be within at most is rounded up; so 99.96 is 99.9, and a share that
    is stated never says more than what is true."""
    if not share.n:
        return NONE
    least = 1000 * share.within // share.n
    most = least if not share.undecided else -(-1000 * (share.within + share.undecided) // share.n)
    texts = [f"{tenths / 10:g}" for tenths in (least, most)]
    return words.says("{number} %", number=words.digits("–".join(dict.fromkeys(texts))))


def of_limit_text(words: Language, verdict: PeriodVerdict) -> str:
    """What share of its limit the channel reaches that reaches most of it."""
    if verdict.ratio is None:
        if verdict.least is None or verdict.most is not None or not verdict.limit_high:
            return NONE
        least = words.digits(f"≥{math.floor(1000 * verdict.least / verdict.limit_high) / 10:,.1f}")
        return f"{verdict.channel} {words.says('{number} %', number=least)}".lstrip()
    return f"{verdict.channel} {percent_text(words, 100 * verdict.ratio)}".lstrip()


def limits_text(words: Language, verdict: PeriodVerdict, unit: str) -> str:
    """The limit at the peak's frequency, a range where that is one."""
    known = [one for one in (verdict.limit_low, verdict.limit_high) if one is not None]
    texts = [digits(one, unit) if unit.startswith("dB") else three_digits(one) for one in known]
    return words.digits("–".join(dict.fromkeys(texts))) or NONE


def blast_text(words: Language, number: int, name: str) -> str:
    """By the name that people gave it, and the archive's number; `name`: '' where it has none."""
    if not name:
        return words.says("blast no. {number}", number=str(number))
    return words.says("blast {name} (no. {number})", name=name, number=str(number))


def exceedance_text(words: Language, one: ReportedExceedance, unit: str) -> str:
    """What is above: `Vert ≥259.9 mm/s`, `121.3 dB(L)`."""
    return decided_text(words, one.verdict, "dB(L)" if one.what == "airblast" else unit)


def decided_text(words: Language, verdict: PeriodVerdict, unit: str) -> str:
    """What decides: `Vert ≥259.9 mm/s`, `Long 4.10 mm/s to 5.20 mm/s`, `121.3 dB(L)`; of nothing its channel."""
    least, most = verdict.least, verdict.most
    if least is None and most is None:
        return verdict.channel or NONE
    own, other = (_number_text(one, verdict.limit_low, unit) for one in (least, most))
    if most is None or least == most:
        text = own if least is None or most is not None else f"≥{digits_below(least, unit)} {unit}"
    else:
        text = words.says("{first} to {last}", first=own, last=other) if least else f"≤{other}"
    return words.digits(f"{verdict.channel} {text}".lstrip())


def _number_text(number: float | None, limit: float | None, unit: str) -> str:
    """In more digits where those usual would make it its limit."""
    if number is None:
        return ""
    usual = [_usual(one, unit) for one in (number, number if limit is None else limit)]
    return f"{number:.7g} {unit}" if number != limit and limit is not None and usual[0] == usual[1] else usual[0]


def _usual(number: float, unit: str) -> str:
    if unit == "dB(L)":
        return f"{digits(number, unit)} {unit}"
    geo: GeoUnit = "mm/s" if unit == "mm/s" else "in/s"
    return velocity_text(number * NM_S[geo], geo)


def component_text(words: Language, one: ChannelPeak) -> str:
    """A geophone's peak with its frequency: `Vert 8.30 mm/s 18.0 Hz`."""
    hertz = "" if one.frequency is None else words.reading_of(one.frequency)
    return f"{one.value.channel} {value_text(words, one.value)} {hertz}".rstrip()


def deciding_text(words: Language, verdict: PeriodVerdict, unit: str) -> str:
    """What a limit was held against, with the frequency by which it was read; '' where no event's peak was."""
    if verdict.event_id is None or not verdict.channel:
        return ""
    value, hertz = decided_text(words, verdict, unit), frequencies_text(words, verdict)
    return value if hertz == NONE else words.says("{value} at {frequency}", value=value, frequency=hertz)


def airblast_limit_text(words: Language, verdict: PeriodVerdict) -> str:
    """The limit of the level, without where it is from: `120 dB(L)`."""
    return words.digits(verdict.limit.partition(" (")[0]) or NONE


def frequencies_text(words: Language, one: PeriodVerdict) -> str:
    """Of what decides: a frequency, or between which it lies."""
    if one.low_hz is None or (one.low_hz <= 0 and one.high_hz is None):
        return NONE
    known = [one.low_hz, *([] if one.high_hz is None else [one.high_hz])]
    texts = [f"{hertz:.4g}" for hertz in known]
    sign = "≥" if one.high_hz is None else ""
    return words.digits(f"{sign}{'–'.join(dict.fromkeys(texts))} Hz")


def beside_text(words: Language, blasts: Sequence[BlastBeside]) -> str:
    """The blasts beside an event, and what was decided; '' of none."""
    said = {
        "confirmed": phrase("confirmed for {blast} of {day}, outside the period"),
        "proposed": phrase("proposed to {blast}, and nobody decided"),
        "refused": phrase("refused for {blast}"),
    }
    texts = []
    for one in blasts:
        blast = blast_text(words, one.blast, one.name)
        day = {"day": day_text(words, one.at_local[:10])} if one.decision == "confirmed" else {}
        text = words.says(said[one.decision], blast=blast, **day)
        texts.append(f"{text}: {one.reason}" if one.reason and one.decision == "refused" else text)
    return "; ".join(texts)


def clock_text(words: Language, one: StatedClock) -> str:
    """What is stated of a unit's clock: `clock 5 s ahead, stated by A. Miller, from 2026-05-01`."""
    if one.zone:
        said = words.says("clock shows {zone}", zone=one.zone)
    else:
        size = f"{abs(one.shift_s)} s" if abs(one.shift_s) < 120 else shift_text(abs(one.shift_s)).removeprefix("+")
        clock = phrase("clock {time} ahead") if one.shift_s < 0 else phrase("clock {time} behind")
        said = words.says(clock, time=size)
        said = said if one.shift_s else words.says("clock right")
    of_event = words.says("event {number}", number=str(one.event_id)) if one.event_id else ""
    by = words.says("stated by {name}", name=one.decided_by) if one.decided_by else ""
    span = "" if one.event_id else span_text(words, one.from_local, one.until_local, "")
    return ", ".join(filter(None, (said, of_event, by, span)))


def false_trigger_text(words: Language, found: Sequence[FalseTriggerThere]) -> str:
    """Which false triggers a value may be of; '' of none."""
    said = (
        phrase("event {number}, marked as a false trigger, lies in this interval"),
        phrase("event {number}, marked as a false trigger, lies in this histogram"),
    )
    return "; ".join(words.says(said[not one.in_interval], number=str(one.event_id)) for one in found)


def elsewhere_text(words: Language, found: Sequence[EventElsewhere]) -> str:
    """Events beside a blast at no point of the job; '' of none."""
    said = {
        "confirmed": phrase("confirmed, and at no point of the job: {events}"),
        "proposed": phrase("proposed, undecided, and at no point of the job: {events}"),
    }
    texts = []
    for decision, text in said.items():
        events = [
            f"{words.says('event {number}', number=str(one.event_id))} ({one.serial}{_ppv(words, one.ppv)})"
            for one in found
            if one.decision == decision
        ]
        texts += [words.says(text, events=", ".join(events))] if events else []
    return "; ".join(texts)


def _ppv(words: Language, value: PeriodValue | None) -> str:
    return "" if value is None else f", {f'{value.channel} {value_text(words, value)}'.lstrip()}"


def numbers_text(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or NONE
