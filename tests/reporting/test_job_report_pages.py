"""The pages of a job's report: all that its values say stands on them, in both languages and on both papers."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from pypdf import PdfReader

from sfm_archive.archive.coverage import CoverageWindow, CoveredSpan
from sfm_archive.archive.looking_back import AsOf
from sfm_archive.archive.provenance import Provenance, UsedEvent, UsedHash
from sfm_archive.errors import BadInput
from sfm_archive.limits.curves import CURVES
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.calibrations import CalibrationAnswer, CalibrationState
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.summaries import Basis
from sfm_archive.reporting.groups import Group
from sfm_archive.reporting.language import language, languages
from sfm_archive.reporting.lettering import MM_PER_POINT, text_width
from sfm_archive.reporting.page import ALIGNED, PAPERS, Page
from sfm_archive.reporting.period.pdf_pages import job_report_pdf, job_sheets
from sfm_archive.reporting.period.report import (
    BlastAtPoint,
    BlastBeside,
    BlastShare,
    CellState,
    Firm,
    HeldLimits,
    JobReport,
    NotCompared,
    ReportedBlast,
    ReportedBy,
    ReportedExceedance,
    ReportedFalseTrigger,
    ReportedJob,
    ReportedPeriod,
    ReportedPoint,
    ReportedUndecided,
    ReportedUnit,
    StatedSettings,
    StoodAt,
)
from sfm_archive.reporting.period.values import (
    ChartDay,
    ChartPeak,
    DayMaximum,
    DayShare,
    LargestValue,
    PeriodValue,
    PeriodVerdict,
    PointChart,
)
from sfm_archive.reporting.stamp import stamped
from sfm_archive.sites.blast_views import ListedBlast

CURVE = next(curve for curve in CURVES if curve.name.startswith("din") and len(curve.points) > 1)
LONG = "Kindergarten »Sonnenschein«, Fundament der Nordostecke, Müller-Lüdenscheidt-Straße 123a, Übach-Palenberg"


def value(quantity="ppv", number=4.21, unit="mm/s", channel="Vert", state=ValueState.OK, event_id=7):
    text = "OORANGE" if state is ValueState.OVER_RANGE else ""
    reading = Reading(quantity=quantity, channel=channel, number=number, unit=unit, state=state, text=text)
    return PeriodValue(reading=reading, basis=Basis.REPORTED.value, day_known=True, event_id=event_id)


def verdict(outcome=Outcome.WITHIN, why="", ratio=0.281, low=15.0, high=None):
    limit = "" if outcome is Outcome.NOT_COMPARED else CURVE.title
    return PeriodVerdict(
        outcome=outcome, why=why, channel="Vert", limit=limit, limit_low=low, limit_high=high or low, ratio=ratio
    )


def at_point(number, state=CellState.MEASURED, **changes):
    found = BlastAtPoint(
        point=number, name=f"Point {number}", state=state, distance_m=400.0 + number, distance_by="stated",
        m_kg_square=36.5 + number, ft_lb_square=80.7 + number, m_kg_cube=81.1, ft_lb_cube=204.0,
        events=(7,) if state is CellState.MEASURED else (), proposed=(8,) if state is CellState.PERHAPS else (),
        ppv=value() if state is CellState.MEASURED else None,
        frequency=Reading(quantity="zc_frequency", channel="Vert", number=23.3, unit="Hz"),
        pvs=value("pvs", 5.11, channel="") if state is CellState.MEASURED else None,
        pspl=value("pspl", 112.4, "dB(L)", "MicL") if state is CellState.MEASURED else None,
        vibration=verdict(),
        airblast=replace(verdict(ratio=None, low=120.0), channel="", limit="120 dB(L)"), trigger="0.51 mm/s", units=(),
    )  # fmt: skip
    return replace(found, **changes)


def blast(number, points):
    listed = ListedBlast(
        blast=number, job="North Quarry", at_local=f"2026-05-{1 + number % 28:02}T11:00:00", time_zone="Europe/Berlin",
        fold=None, hour="", name=f"bench {number}", charge=120.5, charge_unit="kg", latitude=None, longitude=None,
        east=None, north=None, proposed=0, confirmed=1, refused=0, nearer_another=0, confirmed_far=0, decided_by="VMA",
        reason="",
    )  # fmt: skip
    return ReportedBlast(blast=listed, points=tuple(points))


def held(number=1):
    return HeldLimits(
        number=number, limits=CURVE.name, titles=(CURVE.title,), sources=(CURVE.source,), airblast="120 dB(L)",
        airblast_db=120.0, convention="a waveform is judged at its peak alone (--judge peak)", judge_stated=True,
        from_local="", until_local="2026-06-01T00:00:00", decided_by="VMA", reason="permit of 28 May", curves=(CURVE,),
    )  # fmt: skip


def point(number, name=""):
    counts = Group(keys={}, events=12, waveforms=4, histograms=8, exceeded=1, undecided=2, within=8, counted_once=1)
    return ReportedPoint(
        point=number, name=name or f"Point {number}", address="Church Street 1", structure="dwelling", latitude=47.1,
        longitude=8.2, east=None, north=None, limits=(held(number),), counts=counts,
    )  # fmt: skip


STATED = StatedSettings(sample_rate="2048 sps", geo_range="", from_local="", until_local="", decided_by="VMA")


def unit(serial="BE11529"):
    first = CalibrationAnswer(CalibrationState.VALID, "stated: calibrated on 2026-02-11 by VMA, valid until 2027", 1)
    return ReportedUnit(
        serial=serial, family="MiniMate Plus", models=("V 10.30",), trigger_levels=("0.510 mm/s",),
        air_trigger_levels=(), ranges=("254 mm/s",), sample_rates=(), stated_settings=(STATED,), clocks=(),
        printed=("December 20, 2019 by Instantel",),
        calibration_first=first, calibration_last=first, valid=12, overdue=0, unknown=1, certificates=("cal.pdf",),
        windows=(StoodAt(window=1, point=1, point_name="Point 1", from_local="2026-05-01T08:00:00", until_local="",
                         decided_by="VMA"),),
    )  # fmt: skip


def chart(number, days=31):
    found = []
    for at in range(days):
        day = date(2026, 5, 1) + timedelta(days=at)
        known = at % 7 not in (5, 6)
        most = DayMaximum(number=1.1 + 0.1 * at, at_least=at == 3, at_most=at == 4, assumed=False,
                          may_be_of_another_day=False, hz=12.0, event_id=1)  # fmt: skip
        mic = replace(most, number=95.0 + at % 5)
        since, end = f"{day}T00:00:00", f"{day + timedelta(days=1)}T00:00:00"
        share = DayShare(least=0.1 + 0.01 * at, most=0.4 if at == 9 else 0.1 + 0.01 * at, channel="Vert", curve="din",
                         event_id=1)  # fmt: skip
        found.append(
            ChartDay(
                day=day.isoformat(), tran=most if known else None, vert=most if known else None, long=None,
                mic=mic if known else None, intervals=288 * known, partly=at == 8, running_s=86400 * known,
                not_known_s=86400 * (not known), share=share if known else None,
                windows=(CoverageWindow(since_local=since, until_local=end),),
                running=(CoveredSpan(since_local=since, until_local=end, sources=()),) if known else (),
            )
        )  # fmt: skip
    return PointChart(point=number, name=f"Point {number}", without_end=1, undated=0, days=tuple(found))


def peaks(number, count=40):
    def one(at):
        hz = None if at % 9 == 0 else 4.0 + 2.0 * at
        outcome = Outcome.EXCEEDED if at % 13 == 5 else Outcome.WITHIN
        basis = Basis.OVER_RANGE if at == 5 else Basis.REPORTED
        return ChartPeak(
            point=number, event_id=at + 1, record_type="waveform", channel=("Tran", "Vert", "Long")[at % 3], hz=hz,
            low_hz=20.0 if at == 9 else hz, high_hz=30.0 if at == 9 else hz, ppv=0.4 + at * 0.7, basis=basis.value,
            outcome=outcome, in_blast=None,
        )  # fmt: skip

    return [one(at) for at in range(count)]


def share(number, undecided=1):
    return BlastShare(
        point=number, name=f"Point {number}", what="vibration", since_local="2025-06-01T00:00:00",
        until_local="2026-06-01T00:00:00", limits=(CURVE.title,), blasts=60, within=38, exceeded=1,
        undecided=undecided, not_compared=2, no_unit=18, by_trigger=5,
    )  # fmt: skip


def exceedance(number, name=""):
    beside = [
        BlastBeside(blast=at, name=name, at_local="2026-06-01T00:00:01", decision=decision, reason="a truck")
        for at, decision in enumerate(("confirmed", "proposed", "refused"), start=1)
    ]
    return ReportedExceedance(
        point=number, name=name or f"Point {number}", event_id=11, serial="BE11529", record_type="histogram",
        what="airblast" if number == 3 else "vibration", at_local="2026-05-03T11:05:00",
        intervals=12 if number == 1 else None,
        verdict=replace(
            verdict(Outcome.EXCEEDED, ratio=1.49), least=121.5 if number == 3 else 22.4,
            most=None if number == 2 else 121.5 if number == 3 else 22.4, low_hz=10.0,
            high_hz=None if number == 2 else 12.5,
        ),
        blasts=tuple(beside if number == 2 else ()),
    )  # fmt: skip


def used(number):
    return UsedEvent(
        event_id=number, serial="BE11529", recorded_at_local="2026-05-03T11:00:04", name="M529LK44.AB0W",
        used=(UsedHash(what="frames, revision 1", sha256="ab" * 32),),
    )  # fmt: skip


def empty(**changes):
    found = JobReport(
        job=ReportedJob(job=1, name="North Quarry", client="", time_zone=""),
        period=ReportedPeriod(since_local="2026-05-01T00:00:00", until_local="2026-06-01T00:00:00",
                              first_day="2026-05-01", last_day="2026-05-31"),
        by=ReportedBy(number="", measured_by="", analysed_by=""), unit="mm/s", months=12, firm=None,
        provenance=Provenance(archive_id="a1b2", history_length=1234, history_head="cd" * 32,
                                    encoder="blastware@2", decoder="waveform@1", rules=9,
                                    program="sfm-archive 0.1.0", events=()),
        notes=(), pages=(), units=(), points=(), blasts=(), largest=(), peaks=(), charts=(), shares=(), exceedances=(),
        false_triggers=(), undecided=(), not_compared=(),
    )  # fmt: skip
    return replace(found, **changes)


def full(points=3, blasts=4, days=31, name=""):
    numbers = range(1, points + 1)
    states = [CellState.MEASURED, CellState.NOTHING, CellState.NOT_KNOWN, CellState.PERHAPS, CellState.NO_UNIT]

    def cell(number, of_blast):
        state = states[(number + of_blast) % 5] if of_blast > 1 else CellState.MEASURED
        found = at_point(number, state)
        if state in (CellState.NOT_KNOWN, CellState.PERHAPS):
            why = "nothing says that a unit ran there"
            undecided = verdict(Outcome.UNDECIDED, why, None, None)
            found = replace(found, vibration=undecided, airblast=undecided, frequency=None)
        return replace(found, name=f"{name} {number}") if name else found

    return empty(
        job=ReportedJob(job=1, name=name or "North Quarry", client="Rock Ltd", time_zone="Europe/Berlin"),
        by=ReportedBy(number="2026-17", measured_by="A. Ästhet", analysed_by="B. Öhlmann"),
        firm=Firm(name="Lärm & Partner GmbH", lines=("Straße 1", "52072 Aachen"), logo=None, signature="Dr. Öhl"),
        notes=("the limits of Point 1 changed in the period",),
        units=(unit(),),
        points=tuple(point(number, f"{name} {number}" if name else "") for number in numbers),
        blasts=tuple(blast(at, [cell(number, at) for number in numbers]) for at in range(1, blasts + 1)),
        largest=tuple(
            LargestValue(point=number, name=f"Point {number}", quantity=quantity, value=one, frequency=None,
                         at_local="2026-05-03T11:00:04", record_type="waveform")
            for number in numbers
            for quantity, one in (("ppv", value()),
                                  ("pvs", value("pvs", None, state=ValueState.OVER_RANGE, channel="")),
                                  ("pspl", value("pspl", 112.4, "dB(L)", "MicL")))
        ),
        peaks=tuple(peak for number in numbers for peak in peaks(number)),
        charts=tuple(chart(number, days) for number in numbers),
        shares=tuple(share(number, number % 2) for number in numbers),
        exceedances=tuple(exceedance(number, f"{name} {number}" if name else "") for number in numbers),
        false_triggers=(
            ReportedFalseTrigger(event_id=9, serial="BE11529", at_local="2026-05-04T12:00:00", record_type="waveform",
                                 points=("Point 1",), by="VMA", why="door slammed", source="program",
                                 histograms=(41,), in_blast=2),
        ),
        undecided=(
            ReportedUndecided(event_id=0, blast=3, point="Point 1", at_local="2026-05-04T11:00:00", what="vibration",
                              why="nothing says that a unit ran there"),
        ),
        not_compared=(NotCompared(what="airblast", why="no level in dB(L), Pa or psi is known", events=1234),),
        provenance=replace(empty().provenance, events=tuple(used(number) for number in range(1, 5))),
    )  # fmt: skip


def no_events(event_id):
    raise AssertionError(event_id)


def pages_of(report, code="en", paper="a4") -> list[Page]:
    sheets = job_sheets(report, language(code), paper, "2026-06-01 10:00:00 UTC")
    return sheets.finish(1, len(sheets.pages))


def texts_of(pages) -> str:
    return " ".join(text.text for page in pages for text in page.texts)


def pdf_text(report, code="en", paper="a4") -> list[str]:
    data, missing = job_report_pdf(report, no_events, language(code), paper=paper, made_at="2026-06-01 10:00:00 UTC")
    assert missing == ""
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def assert_all_within_and_apart(pages):
    for page in pages:
        boxes = []
        for text in page.texts:
            wide = text_width(text.text, text.size, bold=text.bold)
            point = text.size * MM_PER_POINT
            before = wide * ALIGNED[text.align]
            if text.turned:
                low = text.y + before
                box = (text.x - 0.76 * point, low - wide, text.x + 0.24 * point, low)
            else:
                box = (text.x - before, text.y - 0.76 * point, text.x - before + wide, text.y + 0.24 * point)
            assert box[0] >= 10 and box[2] <= page.width - 10, text
            assert box[1] >= 8 and box[3] <= page.height - 4, text
            if text.text != "↑":  # beside a mark, which may lie over another
                boxes.append((text.text, box))
        for number, (one, a) in enumerate(boxes):
            for other, b in boxes[number + 1 :]:
                across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
                over = across > 0.4 and down > 0.45 * min(a[3] - a[1], b[3] - b[1])
                assert not over, (one, other)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize(
    "report", [empty(), full(), full(1, 1, 1), full(2, 2, name=LONG)], ids=["no", "some", "1", "long"]
)
def test_nothing_lies_beyond_a_page_or_over_another_text(report, code, paper):
    assert_all_within_and_apart(pages_of(report, code, paper))


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_of_a_long_name_is_cut(paper):
    report = full(2, 2, name=LONG)
    for page in pages_of(report, "de", paper):
        # The line on top of the pages has it in short; its whole is on the first page.
        assert [text.text for text in page.texts if "…" in text.text and text.y > 20.0] == []
    table = "".join("".join(pdf_text(report, "de", paper)).split())
    assert table.count("".join(f"{LONG} 2".split())) >= 2


@pytest.mark.parametrize("paper", PAPERS)
def test_texts_longer_than_a_page_go_on_over_pages(paper):
    words = [f"W{number}" for number in range(2000)]
    text, report = " ".join(words), full(2, 2)
    false = replace(report.false_triggers[0], why=text, by="x" * 3000, points=("P" * 500,))
    shot = replace(report.blasts[0], blast=replace(report.blasts[0].blast, name=text))
    report = replace(
        report, false_triggers=(false,), blasts=(shot,), notes=(text,), job=replace(report.job, name=text, client=text),
        firm=Firm(name=text, lines=(text,), logo=None, signature=text), charts=(replace(report.charts[0], name=text),),
        points=(replace(report.points[0], name=text, address=text),), largest=(replace(report.largest[0], name=text),),
    )  # fmt: skip
    pages = pages_of(report, "de", paper)
    assert_all_within_and_apart(pages)
    said = texts_of(pages).split()
    assert said.count("W1999") >= 12


def test_thirty_points_and_two_hundred_blasts_are_all_there():
    report = full(30, 200)
    texts = texts_of(pages_of(report))
    assert all(f"Blast bench {number} (no. {number}) · " in texts for number in range(1, 201))
    rows = sum(cell.state is not CellState.NO_UNIT for one in report.blasts for cell in one.points)
    assert len(re.findall(r"\d+ m\b", texts)) >= rows
    whole = sum(len(one.points) for one in report.blasts) - rows
    named = re.findall(r"no unit stood at: ((?:Point \d+(?:; )?)+)", texts)
    assert sum(len(one.split(";")) for one in named) == whole


def test_a_blast_that_goes_on_over_pages_is_named_on_each():
    report = full(30, 8)
    for page in pages_of(report)[2:]:
        texts = [text.text for text in page.texts]
        rows = [at for at, text in enumerate(texts) if re.fullmatch(r"\d{3} m", text)]
        if rows:
            assert any(text.startswith("Blast bench ") for text in texts[: rows[0]])


def test_a_blast_stays_on_a_page_with_its_points_and_one_that_goes_on_says_so():
    assert "(continued)" not in texts_of(pages_of(full(3, 14)))
    again = re.findall(r"Blast bench (\d) \(no\. \d\)[^()]*\(continued\)", texts_of(pages_of(full(18, 8))))
    assert again and len(set(again)) == len(again)


@pytest.mark.parametrize("code", languages())
def test_a_job_name_of_eighty_letters_stands_whole_above_each_page(code):
    name = "Steinbruch Nord, Erweiterung der Abbaustufe drei bei der Kapelle St. Georg 2026b"
    report = replace(full(), job=replace(full().job, name=name))
    for page in pages_of(report, code)[1:]:
        assert " ".join(text.text for text in page.texts if text.y < 15).count(name) == 1


@pytest.mark.parametrize("paper", PAPERS)
def test_no_number_is_broken_from_its_unit_or_channel(paper):
    texts = {text.text for page in pages_of(full(), "de", paper) for text in page.texts}
    assert {"Vert 4,210 mm/s", "Vert 28,1 %", "112,4 dB(L)"} <= texts
    quoted = replace(value(number=0.166, unit="in/s"), reading=replace(value().reading, unit="in/s", text="4.21 mm/s"))
    report = full(2, 3)
    points = [
        replace(one, points=tuple(replace(at, ppv=at.ppv and quoted) for at in one.points)) for one in report.blasts
    ]
    texts = {text.text for page in pages_of(replace(report, blasts=tuple(points)), "de", paper) for text in page.texts}
    assert {"Entfernung", "eingehalten"} <= texts
    assert any(text.startswith("Vert 4,210 in/s") for text in texts) and any(
        text.endswith("gedruckt)") for text in texts
    )


def test_the_pages_say_nothing_that_nobody_stated():
    texts = texts_of(pages_of(empty()))
    for word in ("Client", "Report number", "Measured by", "Analysed by", "Time zone of the site", "None"):
        assert word not in texts
    assert "No blast is stated for the period." in texts
    assert "The job has no points." in texts
    assert "No event of the period is marked as a false trigger." in texts
    assert "Nothing is undecided." in texts


def test_every_value_of_the_report_is_on_its_pages():
    report = full()
    text = " ".join(" ".join(pdf_text(report)).split())
    for said in (
        "North Quarry", "Rock Ltd", "2026-05-01 to 2026-05-31", "2026-17", "A. Ästhet", "B. Öhlmann",
        "Lärm & Partner GmbH", "52072 Aachen", "Dr. Öhl", "BE11529", "MiniMate Plus", "cal.pdf",
        "the limits of Point 1 changed in the period", "47.100000°, 8.200000°", CURVE.title, CURVE.source,
        "Stated by VMA",
            "Reason permit of 28 May", "Blast bench 2 (no. 2) · 2026-05-03 11:00:00 · charge of one delay 120.5 kg",
        "401 m", "37.5", "4.210 mm/s", "23.3 Hz", "28.1 % within", "5.110 mm/s", "112.4 dB(L)", "over range",
        "no unit stood at: Point 2", "nothing triggered", "perhaps triggered", "95–97.5 %", "97.4 %", "38 (5)",
        "nothing says that a unit ran there", "door slammed", "blast bench 3 (no. 3)", "1,234",
        "confirmed for blast bench 2 (no. 2) all the same",
        "552.0 h", "192.0 h", "In part only: 2026-05-09.", "1,234 changes, the last " + "cd" * 32, "blastware@2",
        "waveform@1", "version 9", "ab" * 32, "frames, revision 1", "peaks: 120",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "As of change 12345 of 2026-05-31 23:59:59 UTC, head "),
        ("de", "Stand nach Änderung 12345 vom 31.05.2026 23:59:59 UTC, Hash "),
    ],
)
@pytest.mark.parametrize("paper", PAPERS)
def test_every_page_of_a_report_as_of_a_change_names_it_over_no_other_text(code, said, paper):
    as_of = AsOf(sequence=12345, head="cd" * 32, at_utc="2026-05-31T23:59:59.9Z", tool="sfm-archive 0.1.0", rules=17)
    report = replace(full(), provenance=replace(full().provenance, as_of=as_of))
    assert_all_within_and_apart([stamped(page, as_of) for page in pages_of(report, code, paper)])
    for text in pdf_text(report, code, paper):
        one_line = " ".join(text.split())
        assert f"{said}{'cd' * 32}; sfm-archive 0.1.0, " in one_line and "17" in one_line
    assert not any("12345" in text for text in pdf_text(full(), code, paper))


def test_a_german_report_has_german_words_numbers_and_dates():
    text = " ".join(" ".join(pdf_text(full(), "de")).split())
    for said in (
        "Erschütterungsbericht", "01.05.2026 bis 31.05.2026", "Auftraggeber", "4,210 mm/s", "112,4 dB(L)", "23,3 Hz",
        "28,1 % eingehalten", "nicht entschieden", "übersteuert", "vielleicht ausgelöst", "kein Gerät stand an",
        "95–97,5 %", "47,100000°, 8,200000°", "Seite 1 von", "1.234", "Größte Werte", "Fehlauslösungen", "552,0 h",
        "Lademenge je Zündzeitstufe 120,5 kg", "03.05.2026 11:00:00", "Woraus dieser Bericht besteht",
    ):  # fmt: skip
        assert said in text, said
    for english in ("within", "exceeded", "undecided", "Blast ", "Page", "page ", " of the ", "Point ", "unit stood"):
        without = text
        for typed in ("Point 1", "Point 2", "Point 3", "the limits of Point 1 changed in the period"):
            without = without.replace(typed, "")
        assert english not in without, english


def test_feet_and_pounds_go_with_inches():
    points = [at_point(1, ppv=value(number=0.166, unit="in/s"), pvs=None)]
    text = " ".join(" ".join(pdf_text(empty(unit="in/s", blasts=(blast(1, points),)))).split())
    assert "1,316 ft" in text
    assert "ft/√lb" in text
    assert "81.7" in text
    assert "0.166 in/s" in text
    assert "charge of one delay 120.5 kg (265.7 lb)" in text
    assert "mm/s" not in text.replace("0.51 mm/s", "")


def test_limit_charts_say_when_each_curve_held_where_limits_changed():
    report = full(1, 1)
    before = report.points[0].limits[0]
    low = next(curve for curve in CURVES if curve.name.startswith("din") and curve != CURVE)
    both = (
        replace(before, from_local="", until_local="2026-05-09T00:00:00"),
        replace(before, from_local="2026-05-09T00:00:00", until_local="", curves=(low,), titles=(low.title,)),
    )
    changed = replace(report, points=(replace(report.points[0], limits=both),))
    texts = texts_of(pages_of(changed))
    assert f"{CURVE.title} (from the first record on until 2026-05-09)" in texts
    assert f"{low.title} (from 2026-05-09)" in texts
    assert f"{CURVE.title} (from" not in texts_of(pages_of(report))


def test_the_numbers_behind_the_charts_of_days_stand_below_them():
    texts = texts_of(pages_of(full(1, 1, 3), "de"))
    day = full(1, 1, 3).charts[0].days[0]
    assert day.tran is not None and day.tran.hz is not None
    assert f"{day.tran.number:.3f} ({day.tran.hz:.1f} Hz)".replace(".", ",") in texts
    assert "Vertikal," in texts and "lief," in texts


def test_computed_distances_are_marked_and_who_stated_a_blast_is_named():
    report = full(1, 1)
    assert "computed from coordinates" not in texts_of(pages_of(report))
    cell = replace(report.blasts[0].points[0], distance_by="coordinates")
    listed = replace(report.blasts[0].blast, decided_by="Miller")
    texts = texts_of(pages_of(replace(report, blasts=(ReportedBlast(blast=listed, points=(cell,)),))))
    assert "401 m*" in texts and "*: computed from coordinates" in texts and "120.5 kg · stated by Miller" in texts


def test_a_logo_is_drawn_and_bytes_that_are_none_are_refused():
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (40, 10), "red").save(drawn, "png")
    firm = Firm(name="", lines=(), logo=drawn.getvalue(), signature="")
    data, _ = job_report_pdf(empty(firm=firm), no_events, language("en"), made_at="now")
    assert [image.image.size for image in PdfReader(io.BytesIO(data)).pages[0].images] == [(40, 10)]
    with pytest.raises(BadInput, match="give a PNG or JPEG"):
        job_report_pdf(empty(firm=replace(firm, logo=b"no picture")), no_events, language("en"), made_at="now")


def test_the_same_report_gives_the_same_bytes():
    made = [job_report_pdf(full(), no_events, language("de"), made_at="now")[0] for _ in range(2)]
    assert made[0] == made[1]


def test_a_share_is_never_rounded_to_all_of_the_blasts():
    one = replace(share(1, 0), within=9999, exceeded=1)
    assert "99.9 %" in texts_of(pages_of(empty(shares=(one,))))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("code", languages())
def test_what_a_mark_stands_for_is_on_every_page_that_has_it(code, paper):
    shots = [
        blast(at, [at_point(1, CellState.NOT_KNOWN, vibration=verdict(Outcome.UNDECIDED, f"why {at % 9}", None, None))])
        for at in range(1, 60)
    ]
    pages = pages_of(replace(full(), blasts=tuple(shots)), code, paper)
    marked = 0
    for page in pages:
        said = {text.text.split()[0] for text in page.texts if re.match(r"\[\d+\] ", text.text)}
        used = {mark for text in page.texts for mark in re.findall(r" (\[\d+\])", f" {text.text}")} - said
        cells = {mark for text in page.texts for mark in re.findall(r"(?<!^)\[\d+\]", text.text)} | used
        assert cells <= said
        marked += bool(said)
    assert marked > 2
    last = language(code).says("Scaled distance: by the square root of the charge.")
    (page,) = [page for page in pages if last in [text.text for text in page.texts]]
    assert any(language(code).moment(datetime(2026, 5, 4, 11)) in text.text for text in page.texts)


@pytest.mark.parametrize("code", languages())
def test_days_without_an_interval_are_a_line_and_points_without_a_unit_a_sentence(code):
    words = language(code)
    bare = replace(chart(2), days=tuple(replace(day, windows=(), running=(), tran=None, vert=None, mic=None, share=None,
                                                intervals=0, partly=False, running_s=0, not_known_s=0)
                                        for day in chart(2).days))  # fmt: skip
    quiet = [replace(day, tran=None, vert=None, mic=None, share=None, intervals=0, partly=False, running=(),
                     running_s=0, not_known_s=86400) for day in chart(3).days]  # fmt: skip
    some = replace(chart(3), days=(chart(3).days[0], *quiet[1:7], chart(3).days[7], *quiet[8:]))
    texts = [text.text for page in pages_of(empty(charts=(bare, some)), code) for text in page.texts]
    assert texts.count(words.says("No unit stood here in the period.")) == 1
    first, last = words.day(date(2026, 5, 2)), words.day(date(2026, 5, 7))
    days = words.says("{first} to {last}", first=first, last=last)
    assert any(text.startswith(f"{days}: ") and words.digits("144.0 h") in text for text in texts)
    assert sum(text in [words.day(date(2026, 5, at)) for at in range(1, 32)] for text in texts) == 2


def test_a_table_of_days_says_its_point_and_plain_frequencies_on_every_page():
    odd = chart(1, 80)
    odd = replace(odd, days=tuple(replace(one, tran=one.tran and replace(one.tran, hz=9.142857)) for one in odd.days))
    pages = pages_of(empty(charts=(odd,)))
    tables = [page for page in pages if any(text.text == "Day" for text in page.texts)]
    assert len(tables) > 1
    for page in tables:
        texts = [text.text for text in page.texts]
        assert any(text.startswith("Point 1") for text in texts)
        assert not any("9.142" in text for text in texts)


def test_a_point_where_no_unit_stood_at_any_blast_has_no_row_of_zeros():
    first, second = replace(share(1), name="Church"), replace(share(2), name="Pipe")
    shares = (first, replace(second, within=0, exceeded=0, undecided=0, not_compared=0, no_unit=60, by_trigger=0))
    texts = [text.text for page in pages_of(empty(shares=shares)) for text in page.texts]
    assert "No unit stood there at any of these blasts: Pipe." in texts
    assert "Church" in texts and "Pipe" not in texts


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("code", languages())
def test_no_titles_of_a_table_stand_without_a_row_below_them(code, paper):
    words = language(code)
    for days in range(5, 32):
        for page in pages_of(empty(charts=(chart(1, days), chart(2, days))), code, paper):
            titles = [text.y for text in page.texts if text.text == words.says("Day")]
            for y in titles:
                below = [text for text in page.texts if y + 15.0 < text.y < page.height - 16.0]
                assert below, (days, code, paper)
