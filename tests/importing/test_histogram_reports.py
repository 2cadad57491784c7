"""A histogram's report is an event with all its intervals: lists, summaries, limits, plots, exports see each of them.

What every interval can be is read a second time here, from the text, with each verdict found by trying what a print
allows.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.archive.deriving import peaks_by_day
from sfm_archive.archive.measuring import measured_of
from sfm_archive.limits.by_day import parts_of
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.verdicts import Limits, verdict_on
from sfm_archive.tables.run import export_data

START = datetime(2026, 5, 13, 23, 40)
CHANNELS = ("Tran", "Vert", "Long")
FREQUENCIES = ("25.6", "26", "26 Hz", "20.0", "20", "11", "3.9", "4", "55", ">100", "<1", "N/A")
PEAKS = ("0.000", "0.010", "0.185", "0.190", "0.500", "0.750", "0.905", "1.320", "1.350", "2.000", "2.005", "<0.195")
DATA = Path(__file__).parents[1] / "data" / "overnight_histogram" / "M529LL5B_C00H_ASCII.TXT"


def text(rows, *, start=START, seconds=300, told=None, header=(), units="in/s and dB(L)", times=None) -> str:
    lines = [
        '"Event Type : Full Histogram"', '"Serial Number : BE11529"', f'"Event Time : {start:%H:%M:%S}"',
        f'"Event Date : {start:%B} {start.day}, {start.year}"',
        f'"Number of Intervals : {len(rows) if told is None else told}"', f'"Interval Size : {seconds} seconds"',
        f'"Units : {units}"', '"Geo Range : 10.000 in/s"', *(f'"{name} : {value}"' for name, value in header),
        '"PC SW Version : V 10.74"', "", f"{start:%B} {start.day}, {start.year}",
    ]  # fmt: skip
    ends = times or [start + timedelta(seconds=seconds) * number for number in range(1, len(rows) + 1)]
    return "\r\n".join([*lines, *("\t".join([f"{at:%H:%M:%S}", *row]) for at, row in zip(ends, rows, strict=True)), ""])


def drawn(random: Random, *, over: bool = False) -> list[list[str]]:
    peaks = random.sample(PEAKS, random.choice((2, 5))) + (["OORANGE"] if over else [])
    frequencies = random.sample(FREQUENCIES, random.choice((1, 3, 8)))
    return [
        [cell for _ in CHANNELS for cell in (random.choice(peaks), random.choice(frequencies))]
        for _ in range(random.choice((1, 4, 40)))
    ]


def put(folder: Path, name: str, said: str) -> Path:
    (folder / name).write_bytes(said.encode())
    return folder / name


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        yield archive


def can_be(peak: str, frequency: str) -> list[tuple[float, float]]:
    """The ends of what a printed interval stands for: peak in in/s, frequency in Hz."""
    number = float(peak.strip("<")) if peak != "OORANGE" else 10.235
    peaks = [number, 1e6] if peak == "OORANGE" else [0.0, number] if peak.startswith("<") else [number]
    word = frequency.removesuffix(" Hz")
    if word == "N/A":
        return [*product(peaks, (1e-6, 1e6))]
    hertz = float(word.strip("<>"))
    half = 0.05 if "." in word else 0.5
    ends = {">": (hertz, 1e6), "<": (1e-6, hertz)}.get(word[0], (hertz - half, hertz + half))
    return [*product(peaks, ends)]


def by_hand(rows: list[list[str]], limit) -> str:
    """Every interval at its own frequency; a limit rises with frequency, so that the ends tell all of an interval."""
    worst = "within"
    for row in rows:
        for column in range(3):
            above = {peak > limit(hz) + 1e-9 for peak, hz in can_be(*row[2 * column : 2 * column + 2])}
            if above == {True}:
                return "exceeded"
            worst = "undecided" if True in above else worst
    return worst


def osmre(hz: float) -> float:
    points = ((1, 0.19), (4, 0.75), (11, 0.75), (30, 2.0), (100, 2.0))
    for (f1, v1), (f2, v2) in pairwise(points):
        if f1 <= hz <= f2:
            return v1 * (hz / f1) ** (math.log(v2 / v1) / math.log(f2 / f1))
    return 0.19 if hz < 1 else 2.0


def test_every_interval_is_judged_at_every_frequency_that_its_print_allows(archive, tmp_path):
    random, texts = Random(14), []
    for number in range(60):
        rows = drawn(random, over=number % 10 == 9)
        texts.append(rows)
        put(tmp_path, f"{number}.TXT", text(rows, start=START + timedelta(days=7 * number)))
    assert archive.import_from(*sorted(tmp_path.glob("*.TXT"), key=lambda path: int(path.stem))).events_created == 60
    rows = list(archive.events())
    curve, flat = curves_from(["osmre"]), curves_from(["0.5in/s"])
    known, found, said = measured_of(archive, rows), [], []
    assert not any(one.summary.assumed for one in known.values())
    for row in rows:
        own = texts[(datetime.fromisoformat(row.recorded_at_local) - START).days // 7]
        said.append((by_hand(own, osmre), by_hand(own, lambda _: 0.5)))
        verdicts = (verdict_on(known[row.event_id], Limits(one)).outcome.value for one in (curve, flat))
        found.append(tuple(verdicts))
    # Below its first point the curve says nothing, and what can lie there is undecided or not compared.
    for (ours, level), (by_curve, by_level), row in zip(said, found, rows, strict=True):
        own = texts[(datetime.fromisoformat(row.recorded_at_local) - START).days // 7]
        below_one = any(cell in ("<1", "N/A") for line in own for cell in line)
        assert by_curve == ours or (below_one and by_curve in ("undecided", "not compared")), own
        assert by_level == level, own
    assert {"exceeded", "undecided", "within"} <= {one for one, _ in found} and archive.verify().ok
    assert archive.rebuild(dry_run=True).changed == 0


def test_intervals_are_booked_by_day_and_the_pairs_are_as_printed(archive, tmp_path):
    quiet = ["0.010", "25.6"] * 3
    rows = [quiet] * 3 + [["0.750", "26", "OORANGE", "N/A", "<0.005", ">100"]] + [quiet] * 3
    archive.import_from(put(tmp_path, "x.TXT", text(rows)))
    first, second = peaks_by_day(archive, [1])[1]
    assert (first.day, first.intervals, second.day, second.intervals) == ("2026-05-13", 4, "2026-05-14", 3)
    (loud,) = [pair for pair in first.tran if pair.nm_s == 19_050_000]
    assert (loud.hz, loud.low, loud.high, loud.at_least) == (26.0, 25.5, 26.5, False)
    (over,) = [pair for pair in first.vert if pair.at_least]
    assert (over.hz, over.nm_s) == (None, 259_969_000)
    assert [pair.nm_s for pair in second.long] == [254_000]
    values = {(one.quantity, one.channel): one for one in archive.values(1)}
    assert values["ppv", "Vert"].state == "over-range" and values["ppv", "Tran"].number == 0.75
    assert (values["zc_frequency", "Tran"].number, values["zc_frequency", "Vert"].state) == (26.0, "absent")
    summary = measured_of(archive, list(archive.events()))[1].summary
    assert (summary.tran_hz_low, summary.tran_hz_high, summary.stop_local) == (25.5, 26.5, "2026-05-14T00:15:00")
    parts = parts_of(measured_of(archive, list(archive.events()))[1], "2026-05-13", digits=10)
    assert [(part.measured.summary.tran_hz_low, part.measured.summary.tran_hz_high) for part in parts] == [
        (25.5, 26.5),
        (25.55, 25.65),
    ]


@pytest.mark.tables
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda one: one[: one.index("00:10:00\t")], "5 rows of 6 intervals"),
        (lambda one: one.replace("23:55:00\t", "23:56:00\t"), "row 3 .* is at 23:56:00, not 300 s behind"),
        (lambda one: one.replace("\t11\r\n23:55:00", "\r\n23:55:00"), "fewer than three peaks"),
        (lambda one: one.replace("23:55:00\t", "garbled\r\n23:55:00\t"), "lines that are no rows, such as 'garbled'"),
        (lambda one: one.replace("Event Time : 23:40:00", "Event Time : 22:40:00"), "the first intervals are missing"),
        (lambda one: one.replace("in/s", "furlongs"), "does not tell the unit of the peaks"),
        (lambda one: one[: one.index("May 13, 2026\r\n")], "no table of intervals, only numbers"),
    ],
)
def test_a_table_that_is_not_whole_gives_no_intervals_and_says_so(archive, tmp_path, changed, why):
    whole = text([["0.010", "11"] * 3] * 6, header=[("Vert PPV", "0.010 in/s")])
    assert "Vert PPV" in changed(whole) or "furlongs" in changed(whole)
    put(tmp_path, "x.TXT", changed(whole))
    archive.import_from(tmp_path / "x.TXT")
    assert archive.count() == 1 and not peaks_by_day(archive, [1])
    with pytest.raises(sfm.SfmError, match=why):
        archive.stream(1)
    assert archive.verify().ok


@pytest.mark.parametrize("bad", ["nan", "1e400", "0.01\uff11"])
def test_a_cell_of_the_intervals_that_is_no_number_is_told(archive, tmp_path, bad):
    rows = [["0.010", "11", bad, "11", "0.010", "11"], ["0.010", "11"] * 3]
    imported = archive.import_from(put(tmp_path, "x.TXT", text(rows)))
    assert f"neither numbers nor known words, the first is {bad!r} in the row of" in imported.items[0].message


def test_a_table_of_intervals_that_ends_within_its_last_number_is_cut_off(archive, tmp_path):
    whole = text([["0.010", "11.5"] * 3] * 6).rstrip()
    for size in (1, 2):
        imported = archive.import_from(put(tmp_path, f"{size}.TXT", whole[:-size]))
        assert "the report is cut off: it ends within a number" in imported.items[0].message


def test_a_peak_that_is_not_printed_leaves_its_channel_unknown(archive, tmp_path):
    archive.import_from(
        put(tmp_path, "x.TXT", text([["0.010", "11", "***", "11", "0.010", "11"], ["0.010", "11"] * 3]))
    )
    (day,) = peaks_by_day(archive, [1])[1][:1]
    assert day.vert is None and day.tran
    measured = measured_of(archive, list(archive.events()))[1]
    assert verdict_on(measured, Limits(curves_from(["osmre"]))).outcome.value == "undecided"


def test_plots_tables_and_text_have_the_printed_intervals(archive, tmp_path):
    rows = [["0.010", "25.6", "0.020", ">100", "<0.005", "N/A", "95.3"], ["0.750", "26", "OORANGE", "<1", "0.1", "5"]]
    received = put(tmp_path, "x.TXT", text(rows))
    archive.import_from(received)
    done = export_data(archive, tmp_path / "csv", "csv")
    head, first, second = (tmp_path / "csv" / done.items[0].paths[0]).read_text().splitlines()
    names = head.split(",")
    one, two = (dict(zip(names, line.split(","), strict=True)) for line in (first, second))
    assert one["start_local"] == "2026-05-13T23:40:00" and not any(name.startswith("MicL") for name in names)
    assert (one["Tran [in/s]"], one["Tran_frequency [Hz]"], one["Long_frequency [Hz]"]) == ("0.01", "25.6", "")
    assert (one["Long [in/s]"], one["Long_peak_below"], one["Vert_frequency_above"]) == ("0.005", "true", "true")
    assert (two["Vert_over_range"], two["Vert [in/s]"], two["Vert_frequency_below"]) == ("true", "10.235", "true")
    back = export_data(archive, tmp_path / "txt", "txt").items[0].paths[0]
    again = (tmp_path / "txt" / back).read_text().splitlines()
    assert [line for line in again if "\t" in line] == [line for line in text(rows).splitlines() if "\t" in line]


def test_an_overnight_report_alone_is_above_on_the_day_of_its_loud_interval(archive):
    archive.import_from(DATA)
    days = {day.day: day for day in peaks_by_day(archive, [1])[1]}
    assert [day.intervals for day in days.values()] == [72, 288, 72]
    assert max(pair.nm_s for pair in days["2026-05-14"].vert) == 58_420_000
    assert max(pair.nm_s for pair in days["2026-05-15"].vert) == 254_000
    measured = measured_of(archive, [archive.event(1)])[1]
    assert verdict_on(measured, Limits(curves_from(["osmre"]))).outcome.value == "exceeded"


def test_an_interval_with_the_trigger_of_a_waveform_that_is_above_is_counted_once(archive, tmp_path):
    rows = [["0.010", "25.6"] * 3] * 12
    rows[6] = ["1.500", "10.2", "0.010", "11", "0.010", "11"]
    archive.import_from(put(tmp_path, "x.TXT", text(rows)))
    at = START + timedelta(seconds=6.5 * 300)
    said = text([], start=at, header=[("Tran PPV", "1.500 in/s"), ("Tran ZC Freq", "10.2 Hz")])
    archive.import_from(put(tmp_path, "w.TXT", said.replace("Histogram", "Waveform")))
    (group,) = sfm.summarise(archive, ("serial",), limits=Limits(curves_from(["osmre"]))).groups
    assert (group.events, group.exceeded, group.within, group.counted_once) == (2, 1, 0, 1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_copy_that_is_cut_off_takes_no_interval_away_whichever_came_first(archive, tmp_path, order):
    whole = text([["0.010", "11"] * 3] * 5 + [["0.750", "26"] * 3])
    paths = [put(tmp_path, "whole.TXT", whole), put(tmp_path, "cut.TXT", whole[: whole.index("00:05:00\t")])]
    for place in order:
        archive.import_from(paths[place])
    (first, second) = peaks_by_day(archive, [1])[1]
    assert (archive.count(), first.intervals, second.intervals) == (1, 4, 2)
    assert [pair.nm_s for pair in second.vert] == [254_000, 19_050_000]
