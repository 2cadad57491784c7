"""A report of a day shows that day, also of a histogram that runs over midnight."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.analysing import recording_of
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import limits_from
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.model.selection import Selection
from sfm_archive.reporting.event_lines import EventLine, line_of
from sfm_archive.reporting.judged import judged_event
from sfm_archive.reporting.run import write_report
from sfm_archive.testing.histograms import HistogramInterval

OVERNIGHT = Path(__file__).resolve().parents[1] / "data" / "overnight_histogram"


def _add_waveform(archive: sfm.Archive, recorded_at: datetime) -> None:
    made = testing.simulate_waveform(
        Random(3), serial="BE11530", recorded_at=recorded_at, seconds=1.0, sample_rate=1024
    )
    event = sfm.Event(serial="BE11530", recorded_at=recorded_at, record_type=sfm.RecordType.WAVEFORM)
    archive.save(event, testing.read_out(made))


@pytest.fixture(scope="module")
def overnight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 hours from 18:00 on 13 May, the loudest interval at 10:00 on 14 May; beside it a waveform on each day."""
    path = tmp_path_factory.mktemp("overnight") / "a.sfm"
    with sfm.create(path) as archive:
        archive.import_from(OVERNIGHT)
        for day in (13, 14, 15):
            _add_waveform(archive, datetime(2026, 5, day, 5))
    return path


def _line(path: Path, selection: Selection) -> EventLine:
    with sfm.open(path, read_only=True) as archive:
        return line_of(judged_event(archive, recording_of(archive, 1), LimitWords(("usbm",)), selection))


def _pages(path: Path, target: Path, selection: Selection) -> list[str]:
    with sfm.open(path, read_only=True) as archive:
        write_report(archive, target, selection, limits=("usbm",))
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(target.read_bytes())).pages]


@pytest.mark.parametrize(
    ("day", "outcome", "signs"),
    [
        ("2026-05-13", Outcome.WITHIN, "2026-05-13 18:00:00 →"),
        ("2026-05-14", Outcome.EXCEEDED, "← 2026-05-13 18:00:00 →"),
        ("2026-05-15", Outcome.WITHIN, "← 2026-05-13 18:00:00"),
    ],
)
def test_the_table_in_front_has_the_peak_and_verdict_of_the_day(
    overnight: Path, tmp_path: Path, day: str, outcome: Outcome, signs: str
) -> None:
    chosen = sfm.select(since=day, until=day)
    line = _line(overnight, chosen)
    assert line.counted is line.vibration is outcome and line.vector is None
    assert line.peak is not None and line.peak.number is not None
    assert line.peak.number == 2.3 if outcome is Outcome.EXCEEDED else line.peak.number < 0.1
    table, *pages = _pages(overnight, tmp_path / "day.pdf", chosen)
    assert signs in table and "Beyond the period: 1" in table
    assert ("2.3" in table.split("Beyond the period")[1]) == (outcome is Outcome.EXCEEDED)
    page = next(text for text in pages if "Histogram event report" in text)
    assert "recording, numbers and verdicts below are of the whole event" in page
    said = page.split(f"Its intervals of {day}: ")[1][:120]
    assert said.startswith("greatest peak ") and f"vibration {outcome.value}" in said


@pytest.mark.parametrize(
    ("since", "until", "heading"),
    [
        ("2026-05-14", "2026-05-14", "2026-05-14 to 2026-05-14, device-local; 1 of them began before"),
        ("2026-05", "2026-06", "2026-05-01 to 2026-06-30, device-local"),
        ("2026-05-13 06:00", None, "from 2026-05-13 06:00:00 on, device-local"),
        (None, "2026-05", "until 2026-05-31, device-local"),
        (None, None, "2026-05-13 to 2026-05-15, device-local"),
    ],
)
def test_a_report_is_headed_with_the_window_that_was_asked_for(
    overnight: Path, tmp_path: Path, since: str | None, until: str | None, heading: str
) -> None:
    table, *_ = _pages(overnight, tmp_path / "window.pdf", sfm.select(since=since, until=until))
    assert f"{heading} Selected" in table


def test_a_report_of_all_of_the_event_has_it_whole(overnight: Path, tmp_path: Path) -> None:
    for chosen in (sfm.select(), sfm.select(since="2026-05-13", until="2026-05-15"), sfm.select(until="2026-05")):
        line = _line(overnight, chosen)
        assert line.in_period is None and line.counted is Outcome.EXCEEDED and line.vector is not None
    assert all("the period" not in page for page in _pages(overnight, tmp_path / "all.pdf", sfm.select()))


def test_the_page_of_a_single_event_tells_its_part(overnight: Path, tmp_path: Path) -> None:
    chosen = sfm.select(since="2026-05-13", until="2026-05-13", record_type="histogram")
    (page,) = _pages(overnight, tmp_path / "one.pdf", chosen)
    assert "This event runs on beyond the period" in page and "vibration within" in page.split("Its intervals of")[1]


def _histogram(path: Path, counts: list[int], minutes: int = 60, began: datetime = datetime(2026, 5, 13, 18)) -> Path:
    """Hourly intervals from 18:00 on 13 May, or others."""
    intervals = [HistogramInterval(count, 20, 1, 20, 1, 20, 1, 20) for count in counts]
    made = testing.simulate_histogram(
        Random(1), serial="BE11529", recorded_at=began, intervals=intervals, interval_seconds=minutes * 60
    )
    with sfm.create(path) as archive:
        event = sfm.Event(serial="BE11529", recorded_at=began, record_type=sfm.RecordType.HISTOGRAM)
        archive.save(event, testing.read_out(made))
    return path


def test_what_ends_as_a_day_begins_was_recorded_before_it(tmp_path: Path) -> None:
    path, chosen = _histogram(tmp_path / "a.sfm", [900] * 6), sfm.select(since="2026-05-14", until="2026-05-14")
    with sfm.open(path, read_only=True) as archive:
        assert [*archive.events(chosen)] == [*archive.listing(chosen)] == []
        assert not sfm.summarise(archive, ("day",), chosen, limits_from(LimitWords(("usbm",)))).groups
        assert [one.stop_local for one in archive.listing(since="2026-05-13")] == ["2026-05-14T00:00:00"]


def test_a_day_into_which_only_the_last_interval_runs_has_the_event_and_no_peak_of_it(tmp_path: Path) -> None:
    """An interval belongs to the day in which it begins: 22:30 to 00:30. List, summary and report agree on it."""
    path = _histogram(tmp_path / "a.sfm", [900], minutes=120, began=datetime(2026, 5, 13, 22, 30))
    chosen = sfm.select(since="2026-05-14", until="2026-05-14")
    line = _line(path, chosen)
    assert line.peak is line.level is None and line.vibration is line.counted is Outcome.NOT_COMPARED
    assert "No interval of it lies in what was asked for" in _pages(path, tmp_path / "b.pdf", chosen)[0]
    with sfm.open(path, read_only=True) as archive:
        assert [one.continued for one in archive.listing(chosen)] == ["yes"]
        (group,) = sfm.summarise(archive, ("day",), chosen, limits_from(LimitWords(("usbm",)))).groups
        assert (group.events, group.continued, group.not_compared, group.ppv) == (0, 1, 1, None)
        assert archive.count(sfm.select(since="2026-05-14", ppv_from="0.1in/s")) == 0
        assert archive.count(sfm.select(until="2026-05-13", ppv_from="0.1in/s")) == 1


def test_a_summary_of_a_quiet_day_knows_no_greater_bound(tmp_path: Path) -> None:
    path = _histogram(tmp_path / "a.sfm", [2] * 8 + [400] * 4)
    with sfm.open(path, read_only=True) as archive:
        (quiet,) = sfm.summarise(archive, ("serial",), sfm.select(until="2026-05-13")).groups
        (loud,) = sfm.summarise(archive, ("serial",), sfm.select(since="2026-05-14")).groups
    assert quiet.ppv is not None and loud.ppv is not None and quiet.ppv.number == pytest.approx(0.01)
    assert quiet.ppv_at_least is not None and loud.ppv_at_least is not None
    assert quiet.ppv_at_least <= 0.01 and loud.ppv_at_least > quiet.ppv_at_least


def test_an_event_that_is_not_known_by_days_is_marked_as_whole(tmp_path: Path) -> None:
    """A histogram over midnight that is known by the numbers of its report alone."""
    path, began = tmp_path / "a.sfm", datetime(2026, 5, 13, 23)
    said = (("ppv", "1.000 in/s", "Tran"), ("intervals", "4", ""), ("interval_size", "30 minutes", ""))
    readings = tuple(measured_reading(*one) for one in said)
    with sfm.create(path) as archive:
        event = sfm.Event(serial="BE11530", recorded_at=began, record_type=sfm.RecordType.HISTOGRAM)
        archive.save(event, readings=[ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)])
        _add_waveform(archive, datetime(2026, 5, 14, 12))
    table, page, _ = _pages(path, tmp_path / "day.pdf", NEXT_DAY)
    assert "←† 2026-05-13 23:00:00" in table and "its row is of the whole event" in table
    assert "Nothing tells what of it is what was asked for" in page


def test_a_waveform_over_midnight_has_nothing_on_the_day_into_which_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        _add_waveform(archive, datetime(2026, 5, 13, 23, 59, 59))
        _add_waveform(archive, datetime(2026, 5, 14, 12))
    table, page, _ = _pages(path, tmp_path / "day.pdf", NEXT_DAY)
    assert "← 2026-05-13 23:59:59" in table and "†" not in table
    assert "A waveform is of the day of its start: nothing of it counts in the period." in page
    first_day = sfm.Selection(since=datetime(2026, 5, 13), until=datetime(2026, 5, 14))
    (page,) = _pages(path, tmp_path / "first.pdf", first_day)
    assert "A waveform is of the day of its start: all of it counts in the period." in page and "†" not in page


NEXT_DAY = sfm.Selection(since=datetime(2026, 5, 14), until=datetime(2026, 5, 15))
