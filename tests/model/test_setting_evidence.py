"""What documents near an event, its peaks, its start and stop tell of settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.model.decode_settings import CONTRADICTED, DecodeSettings, is_assumed
from sfm_archive.model.readings import Reading, ValueSource, measured_reading
from sfm_archive.model.setting_evidence import (
    BY_PEAKS,
    BY_TIMES,
    UnitDocument,
    UnitDocuments,
    with_near_documents,
    with_peaks,
    with_times,
    with_unit_record,
)
from sfm_archive.model.timestamps import local_text

DAY = datetime(2026, 3, 10, 12)


def at(days: float) -> str:
    return local_text(DAY + timedelta(days=days))


def document(days: float, record_type: str = "waveform", **settings: float) -> UnitDocument:
    return UnitDocument(at(days), record_type, DecodeSettings(**settings))


def told(*documents: UnitDocument, record_type: str = "waveform", start: str | None = None) -> DecodeSettings:
    return with_near_documents(DecodeSettings(), UnitDocuments(documents), start or at(0), record_type)


def test_the_nearest_documents_before_and_after_tell_where_both_agree():
    found = told(document(-8, sample_rate=2048), document(10, sample_rate=2048), document(-20, sample_rate=1024))
    assert (found.sample_rate, found.rate_from) == (2048, "documents of 2026-03-02 and 2026-03-20")
    assert told(document(-8, sample_rate=2048), document(10, sample_rate=1024)).sample_rate is None
    assert told(document(-8, sample_rate=2048)).sample_rate is None
    assert told(document(0, sample_rate=2048)).rate_from == "documents of 2026-03-10"


def test_thirty_days_are_near_and_more_are_not():
    near, far = document(-30, range_in_s=1.25), document(-30.00002, range_in_s=1.25)
    after = document(30, range_in_s=1.25)
    assert told(near, after).range_in_s == 1.25
    assert told(far, after).range_in_s is None
    assert told(near, document(30.00002, range_in_s=1.25)).range_in_s is None


def test_documents_of_another_type_tell_the_range_and_nothing_else():
    both = [document(days, "histogram", sample_rate=2048, range_in_s=1.25, pretrigger_s=0.5) for days in (-1, 1)]
    found = told(*both)
    assert (found.sample_rate, found.range_in_s, found.pretrigger_s) == (None, 1.25, None)
    assert told(*both, record_type="histogram").sample_rate == 2048


def test_two_documents_of_one_second_that_differ_tell_nothing():
    assert told(*(document(0, sample_rate=rate) for rate in (1024, 2048)), document(1, sample_rate=1024)).not_told


def test_a_clock_that_was_never_set_says_nothing_of_before_and_after():
    unset = [UnitDocument(f"1995-01-0{day}T00:00:00", "waveform", DecodeSettings(sample_rate=2048)) for day in (1, 3)]
    assert told(*unset, start="1995-01-02T00:00:00").sample_rate is None


@given(
    st.lists(st.tuples(st.integers(-40, 40), st.sampled_from(["waveform", "histogram"])), max_size=8),
    st.integers(-40, 40),
    st.sampled_from([1024.0, 2048.0]),
)
def test_outside_of_the_span_of_a_document_it_changes_nothing(others, days, rate):
    """What events elsewhere rest on is the same with it and without."""
    new = document(days, sample_rate=rate)
    old = [document(day, kind, sample_rate=2048.0) for day, kind in others]
    first, last = UnitDocuments([*old, new]).span_of(new)
    for day in range(-80, 81):
        if not first <= at(day) <= last:
            start = at(day)
            assert told(*old, start=start) == told(*old, new, start=start)


# -- start and stop -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [1024, 2048, 4096, 8192, 16384])
@pytest.mark.parametrize("seconds", [1, 2, 3, 10, 100])
@pytest.mark.parametrize("late", [0, 1, 2])
def test_start_and_stop_tell_the_rate_of_whole_seconds(rate, seconds, late):
    found, noticed = with_times(DecodeSettings(), rate // 4 + seconds * rate, seconds + late)
    assert (found.sample_rate, found.rate_from, noticed) == (rate, BY_TIMES, ())
    assert found.samples is None and found.inferred == ("rate",)


@given(st.integers(2, 200_000), st.integers(0, 120), st.sampled_from([None, 0.25, 0.5, 1.0]))
def test_a_rate_that_is_told_is_one_with_which_the_samples_fit_start_and_stop(samples, lasted, before):
    found, noticed = with_times(DecodeSettings(pretrigger_s=before), samples, lasted)
    assert not noticed
    if found.sample_rate is not None:
        length = samples / found.sample_rate
        assert length - 1 <= lasted + 1 and length >= lasted - 3


def test_what_start_and_stop_leave_open_stays_open():
    assert with_times(DecodeSettings(), 1280, None)[0].sample_rate is None
    assert with_times(DecodeSettings(), 1590, 2)[0].sample_rate is None, "of no whole seconds"
    assert with_times(DecodeSettings(pretrigger_s=1.0), 4096, 3)[0].sample_rate is None, "3 s at 1024, 1 s at 2048"
    assert with_times(DecodeSettings(), 30_000, 29)[0].sample_rate == 1024, "no other is near so long a time"


def test_a_stated_rate_with_which_the_record_is_longer_than_it_lasted_is_a_finding():
    found, (noticed,) = with_times(DecodeSettings(sample_rate=1024), 4352, 1)
    assert (found.sample_rate, noticed.code) == (1024, "rate-contradicted")
    assert "4,352 samples of each channel are 4.25 s at 1024 sps" in noticed.message
    assert with_times(DecodeSettings(sample_rate=1024), 1280, 2)[1] == ()
    assert with_times(DecodeSettings(sample_rate=1024), 1280, 60)[1] == (), "a late stop fits no rate"


def test_a_rate_of_near_documents_that_start_and_stop_contradict_is_none():
    near = DecodeSettings().with_told("rate", 1024.0, "documents of 2026-03-02", inferred=True)
    found, (noticed,) = with_times(near, 2560, 1)
    assert (found.sample_rate, noticed.code) == (None, "rate-contradicted")
    (rate,) = [one for one in found.readings() if one.quantity == "sample_rate"]
    assert rate.text.startswith(CONTRADICTED) and is_assumed(rate.text)


# -- peaks ----------------------------------------------------------------------------------------------------------


def samples(**counts: int) -> list[Reading]:
    """Peaks of counts at Normal range."""
    return [
        Reading(quantity="ppv", channel=channel, number=count * 0.005, unit="in/s", source=ValueSource.DECODER)
        for channel, count in counts.items()
    ]


def said(**texts: str) -> list[Reading]:
    return [measured_reading("ppv", text, channel) for channel, text in texts.items()]


@given(st.lists(st.integers(8, 2046), min_size=1, max_size=3), st.sampled_from([10.0, 1.25]), st.booleans())
def test_reported_peaks_tell_the_range_by_a_factor_of_eight(counts, range_in_s, metric):
    names = ("Tran", "Vert", "Long")
    step = range_in_s / 2000 * (25.4 if metric else 1)
    unit = "mm/s" if metric else "in/s"
    printed = said(**{name: f"{count * step:.3f} {unit}" for name, count in zip(names, counts, strict=False)})
    found, noticed = with_peaks(DecodeSettings(), printed, samples(**dict(zip(names, counts, strict=False))))
    assert (found.range_in_s, found.range_from, noticed) == (range_in_s, BY_PEAKS, ())
    same, none = with_peaks(DecodeSettings(range_in_s=10.0), printed, samples(**dict(zip(names, counts, strict=False))))
    assert (same.range_in_s, [one.code for one in none]) == (
        (10.0, []) if range_in_s == 10 else (None, ["range-contradicted"])
    )


def test_small_peaks_tell_no_range_and_others_of_no_range_are_a_finding():
    assert with_peaks(DecodeSettings(), said(Tran="0.002 in/s"), samples(Tran=1))[0].range_in_s is None
    assert with_peaks(DecodeSettings(), [], samples(Tran=100)) == (DecodeSettings(), ())
    found, (noticed,) = with_peaks(
        DecodeSettings(), said(Tran="0.9 in/s", Vert="0.5 in/s"), samples(Tran=100, Vert=100)
    )
    assert found.range_in_s is None and noticed.code == "peak-contradicted"
    assert noticed.message.startswith("Tran 0.9 in/s is reported, and the samples give 0.500 in/s")


@pytest.mark.parametrize(
    ("text", "count", "agrees"),
    [
        ("OORANGE", 100, False),
        ("<0.127 mm/s", 1, True),
        ("<0.127 mm/s", 400, False),
        (">0.4 in/s", 100, True),
        (">0.9 in/s", 100, False),
        ("0.505 in/s", 100, True),
        ("N/A", 100, True),
    ],
)
def test_words_of_a_report_are_compared_too(text, count, agrees):
    _, noticed = with_peaks(DecodeSettings(range_in_s=10.0), said(Tran=text), samples(Tran=count))
    assert (noticed == ()) is agrees


def test_the_record_of_a_unit_tells_what_no_document_and_no_statement_does():
    record = Reading(quantity="geo_range", number=1.25, unit="in/s", source=ValueSource.COMPLIANCE_RECORD)
    found = with_unit_record(DecodeSettings(), [record])
    assert (found.range_in_s, found.range_from) == (1.25, "by the compliance record of a capture")
    assert with_unit_record(DecodeSettings(range_in_s=10.0), [record]).range_in_s == 10.0
    near = with_near_documents(found, UnitDocuments([document(0, range_in_s=10.0)]), at(0), "waveform")
    assert near.range_in_s == 1.25
    loud = [replace(one, number=0.0625) for one in samples(Tran=1)]
    doubted, (finding,) = with_peaks(found, said(Tran="0.5 in/s"), loud)
    assert doubted.range_in_s is None and finding.code == "range-contradicted"
    of_channels = [replace(record, channel=name) for name in ("Tran", "Vert")]
    assert with_unit_record(DecodeSettings(), of_channels).range_in_s is None, "its channels have different ones"
