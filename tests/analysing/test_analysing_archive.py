"""Analysis of archives: decoded values beside reported ones, once, whatever stops it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sfm_archive import Archive
from sfm_archive.analysing import AnalyseOptions, AnalysisStatus, analyse, check_file, recording_of
from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.analysing.report import difference_sentence
from sfm_archive.archive.reading import readings_of
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import BadInput, ReadOnlyArchive, UsageError
from sfm_archive.formats.reports.blastware_text import read_report_header
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Limits, verdict_on
from sfm_archive.model.decode_settings import settings_from
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading
from sfm_archive.model.selection import select
from sfm_archive.model.summaries import Basis
from sfm_archive.testing import ascii_report, blastware_file


def decoder_values(archive: Archive, event_id: int) -> dict[tuple[str, str], Reading]:
    found = {}
    for stored in readings_of(archive.store, [event_id]).get(event_id, []):
        if stored.source == "decoder":
            assert stored.reader == "waveform@1"
            found.update({(r.quantity, r.channel): r for r in stored.readings})
    return found


def test_every_event_is_accounted_for_and_values_are_the_samples(site):
    with Archive.open(site.path) as archive:
        report = archive.analyse()
        assert report.stored == 0, "the numbers were computed when the samples came"
        assert sum(report.totals.values()) == len(report.items) == archive.count()
        status = {item.event_id: item.status for item in report.items}
        assert status.pop(site.torn) is AnalysisStatus.NOTHING
        assert status.pop(site.reported) is AnalysisStatus.ANALYSED  # its samples are held against its report's
        assert set(status.values()) == {AnalysisStatus.UNCHANGED}
        for event_id, event in site.events.items():
            values = decoder_values(archive, event_id)
            for channel, peak in zip(("Tran", "Vert", "Long"), event.peaks, strict=False):
                found = values["ppv", channel]
                if peak >= 2046.5 * 0.005:
                    assert found.state is ValueState.OVER_RANGE and found.number is None
                else:
                    assert found.number == pytest.approx(peak, abs=1e-6)
        assert decoder_values(archive, site.torn) == {}
        assert archive.verify().ok


def test_again_changes_nothing_and_reported_values_stay(site):
    with Archive.open(site.path) as archive:
        before = {event_id: archive.values(event_id) for event_id in site.events}
        archive.analyse()
        head = archive.history_head()
        again = archive.analyse()
        assert again.stored == 0 and archive.history_head() == head
        assert again.totals["unchanged"] == len(site.events) - 1
        for event_id, values in before.items():
            kept = {(v.quantity, v.channel): v for v in archive.values(event_id)}
            assert all(kept[v.quantity, v.channel] == v for v in values)


def test_a_stopped_analysis_leaves_the_numbers_as_they_were(site):
    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done:
            raise Stop

    with Archive.open(site.path) as archive:
        first = sorted(site.events)[:3]
        with pytest.raises(Stop):
            analyse(archive, select(event_ids=first), stop)
        assert archive.rebuild().changed == 0


def test_processes_give_the_same(site):
    with Archive.open(site.path, read_only=True) as archive:
        here = analyse(archive, options=AnalyseOptions(store=False, processes=1))
        there = analyse(archive, options=AnalyseOptions(store=False, processes=2))
    assert to_plain(here) == to_plain(there)


def test_a_read_only_archive_is_not_changed(site):
    with Archive.open(site.path, read_only=True) as archive:
        with pytest.raises(ReadOnlyArchive):
            archive.analyse()
        assert analyse(archive, options=AnalyseOptions(store=False)).stored == 0
    with pytest.raises(UsageError):
        AnalyseOptions(processes=0)


def test_a_report_that_agrees_tells_the_settings(site):
    with Archive.open(site.path) as archive:
        (item,) = archive.analyse(event_ids=[site.reported]).items
        assert not item.differs and item.samples[0].agree
        recording = recording_of(archive, site.reported)
        assert recording.settings.rate == 2048 and recording.settings.assumed == ()
        assert recording.traces is not None and recording.traces.pretrigger == 512


def test_a_report_that_differs_is_reported_and_a_late_one_leads_to_new_values(site):
    event = site.events[1]
    motion = replace(event.motion, sample_rate=2048)
    text = ascii_report(replace(event, motion=motion), file_name="x")
    readings = [r for r in read_report_header(text).readings if (r.quantity, r.channel) != ("ppv", "Vert")]
    readings.append(measured_reading("ppv", "9.999 in/s", "Vert"))
    with Archive.open(site.path) as archive:
        archive.analyse(event_ids=[1])
        before = decoder_values(archive, 1)["zc_frequency", "Vert"].number
        late = ReadingSet(source=ValueSource.REPORT, origin_sha256="b" * 64, readings=tuple(readings))
        archive.attach(1, [], [late])
        report = archive.analyse(event_ids=[1])
        assert report.stored == 0, "another rate gave other values when the report came"
        assert decoder_values(archive, 1)["zc_frequency", "Vert"].number != before
        (difference,) = [d for d in report.items[0].differences if d.computed.quantity == "ppv"]
        assert (difference.reported.source, difference.reported.number) == ("report", 9.999)
        assert "Vert ppv: computed" in difference_sentence(difference)
        assert {v.source for v in archive.values(1) if v.quantity == "ppv"} == {"report"}
        again = archive.analyse(event_ids=[1])
        assert again.stored == 0 and again.differing


@pytest.mark.parametrize(
    ("record_time", "said"), [("exact", False), ("rounded", False), ("9.0 sec", True), ("0.5 sec", True)]
)
def test_a_record_time_that_is_not_that_of_the_samples_is_a_finding(site, record_time, said):
    motion = site.events[1].motion
    seconds = {"exact": f"{motion.seconds} sec", "rounded": f"{motion.seconds + 0.0004:.4f} sec"}
    told = [
        measured_reading("sample_rate", f"{motion.sample_rate} sps"),
        measured_reading("pretrigger", f"-{motion.pretrigger / motion.sample_rate} sec"),
        measured_reading("record_time", seconds.get(record_time, record_time)),
    ]
    with Archive.open(site.path) as archive:
        document = ReadingSet(source=ValueSource.REPORT, origin_sha256="d" * 64, readings=tuple(told))
        archive.attach(1, [], [document])
        recording = recording_of(archive, 1)
        assert recording.traces is not None and recording.traces.size == len(motion.tran)
        assert ("sample-count" in {finding.code for finding in recording.findings}) is said


def test_recordings_say_why_there_is_nothing(site):
    with Archive.open(site.path, read_only=True) as archive:
        torn = recording_of(archive, site.torn)
        assert torn.traces is None and torn.computed == () and "not the whole event" in torn.why_not
        alone = recording_of(archive, site.file_only)
        assert alone.provenance.source == "event file M529LK44.AB0"
        assert np.array_equal(alone.traces.samples[0], site.events[site.file_only].motion.tran)


@pytest.mark.parametrize(
    ("readings", "rate", "range_in_s", "unit"),
    [
        ([], 1024, 10, "in/s"),
        ([measured_reading("geo_range", "254.0 mm/s"), measured_reading("ppv", "3 mm/s", "Tran")], 1024, 10, "mm/s"),
        ([measured_reading("geo_range", "1.25 in/s"), measured_reading("sample_rate", "2048 sps")], 2048, 1.25, "in/s"),
        ([measured_reading("geo_range", "Sensitive"), measured_reading("sample_rate", "0 sps")], 1024, 1.25, "in/s"),
        ([measured_reading("geo_range", "31.8 mm/s")], 1024, 1.25, "in/s"),
        ([measured_reading("geo_range", "31.7 mm/s")], 1024, 1.25, "in/s"),
        ([measured_reading("geo_range", "32 mm/s")], 1024, 1.25, "in/s"),
        ([measured_reading("geo_range", "1.3 in/s")], 1024, 1.25, "in/s"),
        ([measured_reading("geo_range", "1.30 in/s")], 1024, 1.3, "in/s"),
    ],
)
def test_settings_from_documents(readings, rate, range_in_s, unit):
    settings = settings_from(readings)
    assert (settings.rate, settings.range, settings.unit) == (rate, range_in_s, unit)


def test_over_range_is_above_limits_or_undecided_never_within(site):
    with Archive.open(site.path, read_only=True) as archive:
        recordings = [recording_of(archive, event_id) for event_id in site.events]
    curves = curves_from(("usbm", "din"))
    rows = [r.measured for r in recordings if Basis.OVER_RANGE in r.measured.summary]
    assert rows and all(verdict_on(row, Limits(curves)).outcome is not Outcome.WITHIN for row in rows)
    assert all(len(intervals_over(r, curves[0])) == r.histogram.size for r in recordings if r.histogram is not None)


def test_an_interval_without_a_frequency_is_above_a_curve_only_where_it_would_be_at_every_frequency(site):
    with Archive.open(site.path, read_only=True) as archive:
        recording = next(r for event in site.events if (r := recording_of(archive, event)).histogram is not None)
    peaks = np.full_like(recording.histogram.peaks, 800)  # 4 in/s = 101.6 mm/s
    halves = np.zeros_like(recording.histogram.half_periods)
    silent = replace(recording, histogram=replace(recording.histogram, peaks=peaks, half_periods=halves))
    assert intervals_over(silent, curves_from(("osmre",))[0]).all()
    assert not intervals_over(silent, curves_from(("bs-7385-2-line-1",))[0]).any(), "below 4 Hz it says nothing"


def test_curves_by_word_name_and_file(tmp_path):
    assert [c.name for c in curves_from((), "in/s")] == ["usbm-ri8507-drywall", "usbm-ri8507-plaster", "osmre"]
    own = tmp_path / "permit.csv"
    own.write_text("# interpolation: linear\nfrequency_hz,limit_mm_s\n1,3\n50,8\n", encoding="utf-8")
    assert [c.name for c in curves_from(("osmre", str(own)))] == ["osmre", "permit"]
    text = own.read_text(encoding="utf-8")
    own.write_text("\ufeff# name: site\n" + text, encoding="utf-8")
    assert [c.name for c in curves_from((str(own),))] == ["site"], "a byte-order mark is none of its text"
    other = tmp_path / "site.csv"
    other.write_text(text.replace("8", "9"), encoding="utf-8")
    with pytest.raises(UsageError, match="two different limit curves are named 'site'"):
        curves_from((str(own), str(other)))
    with pytest.raises(UsageError, match="no limit curve and no file 'uskm'"):
        curves_from(("uskm",))
    own.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput):
        curves_from((str(own),))


def test_a_histogram_has_no_pre_trigger_to_be_assumed(site):
    histogram = next(event_id for event_id, event in site.events.items() if event.intervals)
    with Archive.open(site.path, read_only=True) as archive:
        assert recording_of(archive, histogram).assumed == ("sample rate", "geophone range")
        assert recording_of(archive, 1).assumed == ("pre-trigger", "geophone range")
        assert recording_of(archive, site.torn).assumed == (), "nothing was decoded with it"
    event = site.events[histogram]
    lines = ascii_report(event, file_name="x").splitlines(keepends=True)
    report = b"".join(line for line in lines if b"Sample Rate" not in line)
    assert report != b"".join(lines)
    assert check_file(blastware_file(event), report).assumed == ("sample rate",)


@pytest.mark.parametrize(
    ("number", "size", "expected"),
    [
        ("792", "300 seconds", (792, 300)),
        ("95.00 at 15 minutes", "15 minutes", (95, 900)),
        ("4.5", "1 Minute", (4.5, 60)),
        ("3", "2 sec", (3, 2)),
        ("0", "5 weeks", (None, None)),
        ("N/A", "***", (None, None)),
    ],
)
def test_number_and_size_of_intervals_as_documents_print_them(number, size, expected):
    settings = settings_from([measured_reading("intervals", number), measured_reading("interval_size", size)])
    assert (settings.intervals, settings.interval_s) == expected
