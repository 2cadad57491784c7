"""Verdicts on events: the rules of docs/waveforms.md, "Verdicts", written a second time, and tried on what is
possible."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.limits.curve_files import user_curve
from sfm_archive.limits.curves import CURVES, Curve, Edge, Interpolation, curve
from sfm_archive.limits.judging import judge, judge_channels, needs_all_pairs
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.outcomes import Cause, Judging, Outcome
from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import Reading
from sfm_archive.model.summaries import summary_of

EMPTY = summary_of(
    [], name="", start_local="2026-05-01 10:00:00", record_type=RecordType.WAVEFORM, revision=1, encoding="ok"
)
MM = 1_000_000
INCH = 25_400_000
WAVEFORM, HISTOGRAM = RecordType.WAVEFORM, RecordType.HISTOGRAM
CHANNELS = ("tran", "vert", "long")
QUIET = {"vert": (MM // 10, "reported", 20.0), "long": (MM // 10, "reported", 20.0)}


def event(assumed="", **channels):
    """A summary: of each channel its peak in nm/s, its basis, and its frequency (Hz, lowest, highest; one number for
    three; None for none)."""
    found = {"assumed": assumed}
    greatest = None
    for name in CHANNELS:
        nm_s, basis, hertz = channels.get(name, (None, "unknown", None))
        if hertz is None or isinstance(hertz, float):
            hertz = (hertz, hertz, hertz)
        found |= {f"{name}_nm_s": nm_s, f"{name}_basis": basis}
        found |= dict(zip((f"{name}_hz", f"{name}_hz_low", f"{name}_hz_high"), hertz, strict=True))
        if nm_s is not None and (greatest is None or nm_s > greatest[0]):
            greatest = nm_s, basis, name.capitalize()
    if greatest is not None:
        found |= dict(zip(("ppv_nm_s", "ppv_basis", "ppv_channel"), greatest, strict=True)) | {"ppv_unit": "mm/s"}
    return EMPTY._replace(**found)


def day(intervals=0, **channels):
    return DayPeaks(
        "2026-05-01", *(tuple(Pair(*pair) for pair in channels.get(name, ())) for name in CHANNELS), intervals, None
    )


def outcome(summary, days=(), kind=WAVEFORM, against="din-4150-3-line-2", by=Judging.BOTH, **more):
    (limits,) = curves_from((against,)) if isinstance(against, str) else (against,)
    return judge(summary, days, kind, limits, by, **more)


# --- exactly at the limit ---


@pytest.mark.parametrize("count", range(1, 2048, 13))
def test_every_count_is_within_its_own_decimal_whatever_the_units(count):
    for unit, value in (("in/s", Decimal(count) * 5 / 1000), ("mm/s", Decimal(count) * Decimal("0.127"))):
        summary = event(tran=(count * 127_000, "computed", 20.0), **QUIET)
        assert (
            outcome(summary, [day(tran=[(20.0, count * 127_000)])], against=f"{value}{unit}").outcome is Outcome.WITHIN
        )
        one_more = event(tran=(count * 127_000 + 1, "reported", 20.0), **QUIET)
        if count > 1:
            assert outcome(one_more, against=f"{value}{unit}").outcome is Outcome.EXCEEDED


@pytest.mark.parametrize("name", ["osmre", "usbm-ri8507-drywall"])
def test_three_quarters_of_an_inch_is_19_05_mm_s(name):
    for hertz in (5.0, 7.0, 10.9):
        assert outcome(event(tran=(19_050_000, "reported", hertz), **QUIET), against=name).outcome is Outcome.WITHIN
        assert outcome(event(tran=(19_050_001, "reported", hertz), **QUIET), against=name).outcome is Outcome.EXCEEDED


def test_a_slope_has_a_slack_for_floating_point_alone():
    for hertz in (2.0, 15.3, 29.9):
        limit = curve("osmre").limit(hertz, "mm/s") * MM
        assert (
            outcome(event(tran=(math.floor(limit), "reported", hertz), **QUIET), against="osmre").outcome
            is Outcome.WITHIN
        )
        above = event(tran=(math.ceil(limit) + 1, "reported", hertz), **QUIET)
        assert outcome(above, against="osmre").outcome is Outcome.EXCEEDED


# --- half waves and intervals ---


def test_another_half_wave_above_its_own_limit_leaves_a_peak_within_undecided_and_is_named():
    summary = event(tran=(10_270_000, "reported", 55.0), **QUIET)
    days = [day(tran=[(14.0, 7_270_000), (55.0, 10_270_000)])]
    found = outcome(summary, days)
    assert (found.outcome, found.cause) == (Outcome.UNDECIDED, Cause.HALF_WAVE_ABOVE)
    assert found.why("mm/s") == (
        "the peak is within; another half wave, Tran 7.27 mm/s at 14.0 Hz, is 1.21 times the limit"
    )
    assert outcome(summary, days, by=Judging.PEAK).outcome is Outcome.WITHIN
    assert outcome(summary, days, by=Judging.RECORD).outcome is Outcome.EXCEEDED
    without = outcome(summary)
    assert (without.outcome, without.why("mm/s")) == (
        Outcome.WITHIN, "without samples, other half waves are not known",
    )  # fmt: skip
    assert outcome(summary, by=Judging.RECORD).outcome is Outcome.UNDECIDED
    assert outcome(summary, by=Judging.PEAK).why("mm/s") == ""


def test_a_half_wave_that_the_record_cuts_can_be_of_any_frequency():
    summary = event(tran=(10_270_000, "reported", 55.0), **QUIET)
    found = outcome(summary, [day(tran=[(None, 6 * MM), (55.0, 10_270_000)])])
    assert (found.outcome, found.cause) == (Outcome.UNDECIDED, Cause.HALF_WAVE_OPEN)
    assert outcome(summary, [day(tran=[(None, 5 * MM), (55.0, 10_270_000)])]).outcome is Outcome.WITHIN


def test_the_peak_itself_is_taken_as_printed():
    summary = event(tran=(351 * INCH // 1000, "reported", 20.0), **QUIET)
    own = [day(tran=[(20.0, 562 * 15_875)])]  # 0.35125 in/s, at Sensitive range
    assert outcome(summary, own, against="0.351in/s").outcome is Outcome.WITHIN
    lower = [day(tran=[(8.0, 562 * 15_875)])]
    assert outcome(summary, lower, against="0.351in/s").cause is Cause.HALF_WAVE_ABOVE, "as high, and not the peak"


def test_a_histogram_is_above_where_any_interval_is_at_its_own_frequency():
    summary = event(tran=(95 * INCH // 100, "computed", 64.0), **QUIET)
    days = [day(20, tran=[(10.2, 90 * INCH // 100), (64.0, 95 * INCH // 100)])]
    found = outcome(summary, days, HISTOGRAM, "osmre")
    assert (found.outcome, found.other.least_nm_s, found.other.low_hz) == (Outcome.EXCEEDED, 22_860_000, 10.2)
    assert found.why("in/s") == "the peak is within; an interval, Tran 0.900 in/s at 10.2 Hz, is 1.20 times the limit"
    later = [day(10), DayPeaks("2026-05-02", (Pair(10.2, 22_860_000),), (), (), 10, None)]
    assert outcome(summary, later, HISTOGRAM, "osmre").outcome is Outcome.EXCEEDED
    without = outcome(summary, (), HISTOGRAM, "osmre")
    assert (without.outcome, without.cause) == (Outcome.UNDECIDED, Cause.INTERVALS_UNKNOWN)
    small = event(tran=(4_826_000, "reported", 64.0), **QUIET)
    assert outcome(small, (), HISTOGRAM, "osmre").outcome is Outcome.WITHIN, "no frequency has a lower limit"
    assert (
        outcome(event(tran=(2 * INCH + 1, "reported", 64.0), **QUIET), (), HISTOGRAM, "osmre").outcome
        is Outcome.EXCEEDED
    )


# --- what is not a number ---


@pytest.mark.parametrize(
    ("basis", "millimetres", "hertz", "expected"),
    [
        ("reported", 4, None, Outcome.WITHIN),
        ("reported", 10, None, Outcome.UNDECIDED),
        ("reported", 21, None, Outcome.EXCEEDED),
        ("reported", 5, (1.0, 0.0, 1.0), Outcome.WITHIN),
        ("reported", 6, (1.0, 0.0, 1.0), Outcome.EXCEEDED),
        ("reported", 20, (100.0, 100.0, None), Outcome.WITHIN),
        ("reported", 21, (100.0, 100.0, None), Outcome.EXCEEDED),
        ("reported", 15, (50.0, 49.5, 50.5), Outcome.UNDECIDED),
        ("over range", 31, 20.0, Outcome.EXCEEDED),
        ("over range", 6, 20.0, Outcome.UNDECIDED),
        ("at least", 6, 20.0, Outcome.UNDECIDED),
        ("at most", 7, 20.0, Outcome.WITHIN),
        ("at most", 8, 20.0, Outcome.UNDECIDED),
    ],
)
def test_a_verdict_holds_for_all_that_is_possible(basis, millimetres, hertz, expected):
    assert outcome(event(tran=(millimetres * MM, basis, hertz), **QUIET)).outcome is expected


def test_a_limit_without_frequency_needs_none():
    for hertz in (None, (1.0, 0.0, 1.0), (100.0, 100.0, None)):
        assert outcome(event(tran=(12 * MM, "reported", hertz), **QUIET), against="12mm/s").outcome is Outcome.WITHIN
        assert (
            outcome(event(tran=(12 * MM + 1, "reported", hertz), **QUIET), against="12 mm/s").outcome
            is Outcome.EXCEEDED
        )


def test_an_unknown_channel_is_never_within_and_another_one_can_exceed():
    known = {"tran": (MM, "reported", 20.0), "vert": (MM, "reported", 20.0)}
    found = outcome(event(**known))
    assert (found.outcome, found.why("mm/s")) == (Outcome.UNDECIDED, "the peak of Long is not known")
    assert outcome(event(**known | {"tran": (30 * MM, "reported", 20.0)})).outcome is Outcome.EXCEEDED
    nothing = outcome(event())
    assert (nothing.outcome, nothing.why("mm/s")) == (Outcome.UNDECIDED, "no peak is known")
    assert outcome(event(**known), (), RecordType.MONITOR_LOG).outcome is Outcome.NOT_COMPARED


def test_a_peak_of_no_channel_bounds_those_that_are_not_known():
    for millimetres, expected in ((5, Outcome.WITHIN), (6, Outcome.UNDECIDED), (21, Outcome.EXCEEDED)):
        whole = Reading(quantity="ppv", number=float(millimetres), unit="mm/s")
        summary = summary_of(
            [whole], name="", start_local="2026-05-01 10:00:00", record_type=WAVEFORM, revision=0, encoding=""
        )
        assert outcome(summary).outcome is expected


def test_where_a_curve_says_nothing_a_peak_is_not_compared_or_undecided():
    line = "bs-7385-2-line-2"
    assert outcome(event(tran=(MM, "reported", 3.0), **QUIET), against=line).outcome is Outcome.NOT_COMPARED
    assert outcome(event(tran=(20 * MM, "reported", None), **QUIET), against=line).outcome is Outcome.UNDECIDED
    assert outcome(event(tran=(MM, "reported", None), **QUIET), against=line).outcome is Outcome.NOT_COMPARED


# --- assumed settings ---


def test_an_assumed_rate_does_not_decide():
    """1.22 in/s at 16.5 Hz of 1024 sps; the unit recorded at 2048 sps, where the limit is 2.0 in/s."""
    peak = (244 * 127_000, "computed", (16.5, 16.5, 16.5 * 16))
    days = [day(tran=[(16.5, 244 * 127_000)])]
    found = outcome(event("rate", tran=peak, **QUIET), days, against="osmre")
    assert (found.outcome, found.cause) == (Outcome.UNDECIDED, Cause.ASSUMED_RATE)
    assert outcome(event("rate", tran=peak, **QUIET), days, against="1in/s").outcome is Outcome.EXCEEDED
    assert (
        outcome(event("rate", tran=(244 * 127_000, "computed", (40.0, 40.0, 640.0)), **QUIET)).outcome
        is Outcome.EXCEEDED
    )


def test_an_assumed_range_does_not_decide():
    peak = (400 * 127_000, "assumed", 50.0)
    days = [day(tran=[(50.0, 400 * 127_000)])]
    for against, expected in (("60mm/s", Outcome.WITHIN), ("6mm/s", Outcome.EXCEEDED), ("7mm/s", Outcome.UNDECIDED)):
        assert outcome(event("range", tran=peak, **QUIET), days, against=against).outcome is expected
    reported = event("range", tran=(400 * 127_000, "reported", 50.0), **QUIET)
    assert outcome(reported, days, against="7mm/s").outcome is Outcome.EXCEEDED, "what was reported rests on no setting"


def test_only_settings_that_change_a_verdict_are_named():
    """A reported peak that is 244 counts of Normal range tells the range; the rate alone is open."""
    peak = (244 * 127_000, "reported", (16.5, 16.5, 16.5 * 16))
    days = [day(tran=[(16.5, 244 * 127_000)])]
    found = outcome(event("range rate", tran=peak, **QUIET), days, against="osmre")
    assert (found.outcome, found.cause) == (Outcome.UNDECIDED, Cause.ASSUMED_RATE)
    eighth = event("range rate", tran=(244 * 15_875, "reported", (16.5, 16.5, 264.0)), vert=(8 * MM, "assumed", 16.5))
    small = [day(tran=[(16.5, 244 * 127_000)], vert=[(16.5, 8 * MM)], long=[])]
    assert outcome(eighth, small, against="7mm/s").cause is not Cause.ASSUMED_BOTH, "it was Sensitive"
    both = event("range rate", tran=(244 * 127_000, "assumed", (16.5, 16.5, 264.0)), **QUIET)
    assert outcome(both, days, against="osmre").cause is Cause.ASSUMED_BOTH
    of_neither = event("range rate", tran=(100 * 127_000, "reported", (16.5, 16.5, 264.0)), **QUIET)
    assert outcome(of_neither, days, against="0.6in/s").outcome is Outcome.UNDECIDED, "it tells nothing"


# --- curves that fall ---

FALLS = user_curve(
    'name = "falls"\nunit = "mm/s"\ninterpolation = "linear"\npoints = [[1, 20], [10, 5], [50, 8]]\nbelow = "flat"'
)


def test_a_curve_that_falls_needs_every_half_wave():
    assert (
        FALLS.falls
        and curve("bs-7385-2-line-2").falls
        and not any(curve(n).falls for n in ("osmre", "din-4150-3-line-2"))
    )
    summary = event(tran=(18 * MM, "reported", 1.5), **QUIET)
    kept, every = [day(tran=[(1.5, 18 * MM)])], [day(tran=[(1.5, 18 * MM), (12.0, 6 * MM)])]
    assert needs_all_pairs(kept, FALLS)
    assert outcome(summary, kept, against=FALLS).cause is Cause.NOT_ALL_KEPT
    assert outcome(summary, every, against=FALLS, all_pairs=True).cause is Cause.HALF_WAVE_ABOVE
    assert outcome(summary, kept, against=FALLS, all_pairs=True).outcome is Outcome.WITHIN


# --- the rules a second time ---

COUNTS = [1, 30, 40, 55, 77, 118, 150, 200, 400, 2000, 2047]
HERTZ = [0.4, 1.0, 1.7, 3.9, 4.0, 7.3, 10.0, 11.0, 14.2, 15.0, 29.3, 30.0, 40.0, 51.2, 73.1, 100.0, 170.7, 512.0]
OWN = [
    FALLS,
    Curve(
        name="slopes", title="", source="", unit="in/s", points=((2, 0.3), (20, 0.9), (90, 1.7)),
        interpolation=Interpolation.LOG_LOG, below=Edge.SLOPE, above=Edge.SLOPE,
    ),
    Curve(name="ends", title="", source="", unit="mm/s", points=((1, 5), (60, 9)), interpolation=Interpolation.LINEAR,
          above=Edge.NONE),
    *curves_from(("0.5in/s",)),
]  # fmt: skip
ANY_CURVE = st.sampled_from([*CURVES, *OWN])


def limit_at(against, hertz):
    """In nm/s by the words of the page; None where the curve has none."""
    first, last = against.points[0], against.points[-1]
    hertz = max(hertz, min(1.0, first[0]))
    per = {"in/s": INCH, "mm/s": MM}[against.unit]
    inside = [limit for at, limit in against.points if at == hertz]
    if inside:
        return float(Decimal(repr(float(inside[0]))) * per)
    for edge, beyond, (_, y), near in (
        (against.below, hertz < first[0], first, against.points[:2]),
        (against.above, hertz > last[0], last, against.points[-2:]),
    ):
        if beyond:
            if edge == "none":
                return None
            if edge == "flat":
                return float(Decimal(repr(float(y))) * per)
            (x0, y0), (x1, y1) = near
            break
    else:
        (x0, y0), (x1, y1) = next(
            (a, b) for a, b in zip(against.points, against.points[1:], strict=False) if a[0] < hertz < b[0]
        )
    if y0 == y1:
        return float(Decimal(repr(float(y0))) * per)
    if against.interpolation == "log-log":
        return y0 * (hertz / x0) ** (math.log(y1 / y0) / math.log(x1 / x0)) * per * (1 + 1e-9)
    return (y0 + (y1 - y0) * (hertz - x0) / (x1 - x0)) * per * (1 + 1e-9)


def what_is_possible(against, velocities, frequencies):
    """One outcome for every velocity and frequency that is possible."""
    each = set()
    for hertz in frequencies:
        limit = limit_at(against, hertz)
        each |= {"none" if limit is None else "above" if velocity > limit else "within" for velocity in velocities}
    if each == {"above"}:
        return Outcome.EXCEEDED
    if each == {"within"}:
        return Outcome.WITHIN
    return Outcome.UNDECIDED if "above" in each else Outcome.NOT_COMPARED


def between(against, low, high):
    """Frequencies that show all a curve does from low to high."""
    high = min(high, 1e5)
    middle = [x for x, _ in against.points if low <= x <= high] + [
        x * 0.999 for x, _ in against.points if low <= x * 0.999
    ]
    return [low, *(x for x in middle if x <= high), high]


def worst_of(outcomes):
    order = [Outcome.EXCEEDED, Outcome.UNDECIDED, Outcome.NOT_COMPARED, Outcome.WITHIN]
    return min(outcomes, key=order.index)


@st.composite
def events(draw):
    """An event in truth: every half wave or interval of each channel (Hz or None, counts), how its peak is known, the
    kind, what is assumed, whether there are samples."""
    channels = {}
    for name in CHANNELS:
        waves = draw(
            st.lists(
                st.tuples(st.one_of(st.sampled_from(HERTZ), st.none()), st.sampled_from(COUNTS)),
                min_size=1, max_size=5, unique=True,
            )
        )  # fmt: skip
        known = draw(st.sampled_from(["computed", "computed", "computed", "reported", "printed", "at most", "unknown"]))
        over = known != "unknown" and any(count == 2047 for _, count in waves)
        channels[name] = waves, "computed" if over else known
    kind = draw(st.sampled_from([WAVEFORM, HISTOGRAM]))
    assumed = draw(st.sampled_from(["", "", "range", "rate", "range rate"]))
    return channels, kind, assumed, draw(st.booleans())


def known_of(waves, known, kind, assumed):
    """The row of a channel as archives make it, and by which rules it may be read: velocities and frequencies."""
    hertz, count = max(waves, key=lambda wave: wave[1])
    fastest = 4 if kind is HISTOGRAM else 16
    frequency = (None, None, None) if hertz is None else (hertz, hertz, hertz)
    if known == "unknown":
        return (None, "unknown", (None, None, None)), (hertz, count)
    if known == "at most":
        return ((count + 1) * 127_000, "at most", frequency), (hertz, count)
    if known == "printed" and hertz is not None:
        frequency = (hertz * 1.07, hertz * 1.06, hertz * 1.08)  # the samples deny it
    if known == "computed":
        if "rate" in assumed and hertz is not None:
            frequency = (hertz, hertz, hertz * fastest)
        basis = "over range" if count == 2047 else "assumed" if "range" in assumed else "computed"
        rail = 15_875 if "range" in assumed else 127_000
        return (count * (rail if count == 2047 else 127_000), basis, frequency), (hertz, count)
    return (count * 127_000, "reported", frequency), (hertz, count)


def expected(channels, kind, assumed, against, by, with_samples):
    ranges = (1, 0.125) if "range" in assumed else (1,)
    rates = ((1, 2, 4) if kind is HISTOGRAM else (1, 2, 4, 8, 16)) if "rate" in assumed else (1,)
    worlds = set()
    for of_range in ranges:
        for of_rate in rates:
            worlds.add(
                worst_of(
                    [
                        of_one_channel(waves, known, kind, assumed, against, by, with_samples, of_range, of_rate)
                        for waves, known in channels.values()
                    ]
                )
            )
    return worlds.pop() if len(worlds) == 1 else Outcome.UNDECIDED


def of_one_channel(waves, known, kind, assumed, against, by, with_samples, of_range, of_rate):
    (nm_s, basis, (hz, low, high)), peak = known_of(waves, known, kind, assumed)
    if basis == "assumed":
        nm_s *= of_range
    velocities = {
        "unknown": [0, 1e15], "at most": [0, nm_s], "over range": [nm_s, 1e15], "at least": [nm_s, 1e15],
    }.get(basis, [nm_s])  # fmt: skip
    if hz is None:
        frequencies = between(against, 0.001, 1e5)
    elif known == "computed":
        frequencies = [hz * of_rate]
    else:
        frequencies = between(against, low, high)
    own = what_is_possible(against, velocities, frequencies)
    others = []
    for hertz, count in waves:
        itself = (hertz, count) == peak and basis not in ("unknown", "over range", "at most")
        itself = itself and (known != "printed" or hertz is None)
        if itself and (of_rate == 1 or hertz is None or known == "computed") and (basis == "assumed" or of_range == 1):
            continue
        speeds = [count * 127_000 * of_range, *([1e15] if count == 2047 else [])]
        at = between(against, 0.001, 1e5) if hertz is None else [hertz * of_rate]
        others.append(what_is_possible(against, speeds, at))
    lowest = min(limit for x, _ in against.points if (limit := limit_at(against, x)) is not None)
    beyond = [limit_at(against, 0.01), limit_at(against, 1e5)]
    lowest = min([lowest, *(limit for limit in beyond if limit is not None)])
    if kind is WAVEFORM and by is Judging.PEAK:
        return own
    any_counts = kind is HISTOGRAM or by is Judging.RECORD
    if not with_samples:
        open_ = any_counts and own in (Outcome.WITHIN, Outcome.NOT_COMPARED) and max(velocities) > lowest
        return Outcome.UNDECIDED if open_ else own
    if any_counts:
        if Outcome.EXCEEDED in (own, *others):
            return Outcome.EXCEEDED
        return Outcome.UNDECIDED if Outcome.UNDECIDED in others else own
    if own in (Outcome.WITHIN, Outcome.NOT_COMPARED) and {Outcome.EXCEEDED, Outcome.UNDECIDED} & set(others):
        return Outcome.UNDECIDED
    return own


def rows(channels, kind, assumed, with_samples, kept):
    summary = event(assumed, **{name: known_of(*of_it, kind, assumed)[0] for name, of_it in channels.items()})
    if not with_samples:
        return summary, []
    pairs = {name: kept((hertz, count * 127_000) for hertz, count in waves) for name, (waves, _) in channels.items()}
    flagged = {name: [(hz, n, n == 2047 * 127_000) for hz, n in found] for name, found in pairs.items()}
    return summary, [day(5 if kind is HISTOGRAM else 0, **flagged)]


@given(events(), ANY_CURVE, st.sampled_from(Judging))
def test_verdicts_by_the_rules_written_a_second_time_on_every_half_wave(drawn, against, by):
    channels, kind, assumed, with_samples = drawn
    summary, days = rows(channels, kind, assumed, with_samples, sorted_pairs)
    found = judge(summary, days, kind, against, by, all_pairs=True)
    assert found.outcome is expected(channels, kind, assumed, against, by, with_samples)
    assert isinstance(found.why("mm/s"), str)


def not_outdone(pairs):
    """As archives keep them, by the definition: the greatest without a frequency, then what no other outdoes."""
    unknown, known = [], set()
    for hz, nm_s in pairs:
        unknown.append((None, nm_s)) if hz is None else known.add((hz, nm_s))
    outdone = {one for one in known for hz, nm_s in known - {one} if hz <= one[0] and nm_s >= one[1]}
    return [*sorted(unknown, key=lambda pair: pair[1])[-1:], *sorted(known - outdone)]


def sorted_pairs(pairs):
    return sorted(pairs, key=lambda pair: (pair[0] is not None, pair[1]))


@given(events(), ANY_CURVE, st.sampled_from(Judging))
def test_pairs_that_no_other_outdoes_decide_what_all_decide(drawn, against, by):
    channels, kind, assumed, with_samples = drawn
    summary, days = rows(channels, kind, assumed, with_samples, not_outdone)
    found = judge(summary, days, kind, against, by)
    every = expected(channels, kind, assumed, against, by, with_samples)
    if against.falls and found.outcome is not every:
        assert found.outcome is Outcome.UNDECIDED, "some half waves were not there to be compared"
    else:
        assert found.outcome is every
    each = judge_channels(summary, days, kind, against, by)
    assert set(each) == {"Tran", "Vert", "Long"}
    if Outcome.EXCEEDED in {one.outcome for one in each.values()}:
        assert found.outcome is Outcome.EXCEEDED


# --- samples that contradict the reported peak ---


def test_samples_that_contradict_the_printed_peak_decide_nothing():
    """Line 2 of DIN 4150-3: 5 mm/s up to 10 Hz, 15 at 50 Hz, 20 at 100 Hz."""
    quiet, loud = [(8.0, 3 * MM)], [(8.0, 30 * MM)]
    within, unknown = event(tran=(6 * MM, "reported", 60.0), **QUIET), event(tran=(6 * MM, "reported", None), **QUIET)
    wrong = within._replace(contradicted="Tran")
    found = outcome(wrong, [day(tran=loud)])
    assert (found.outcome, found.cause) == (Outcome.UNDECIDED, Cause.CONTRADICTED)
    assert found.why("mm/s") == "the samples of Tran contradict the peak that is reported of it"
    assert outcome(wrong, [day(tran=quiet)]).outcome is Outcome.WITHIN
    assert outcome(unknown._replace(contradicted="Tran"), [day(tran=quiet)]).outcome is Outcome.UNDECIDED
    above = event(tran=(21 * MM, "reported", None), **QUIET)._replace(contradicted="Tran")
    for kind, days in ((WAVEFORM, [day(tran=quiet)]), (HISTOGRAM, [day(9, tran=quiet)])):
        assert outcome(above, days, kind).outcome is Outcome.EXCEEDED, "the print is above at any frequency"
    intervals = outcome(wrong, [day(9, tran=loud)], HISTOGRAM)
    assert (intervals.outcome, intervals.cause) == (Outcome.UNDECIDED, Cause.CONTRADICTED)
    assert outcome(wrong, [day(tran=loud)], by=Judging.RECORD).outcome is Outcome.UNDECIDED
