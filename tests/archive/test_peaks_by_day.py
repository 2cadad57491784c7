"""Peaks of each local day: made of the samples in the transaction that brings them, against the rules written a second
time from their words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from random import Random

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive import decoding
from sfm_archive.archive.deriving import peaks_by_day
from sfm_archive.archive.measuring import measured_of
from sfm_archive.archive.sample_sources import Source
from sfm_archive.formats.reports.blastware_text import read_report_header
from sfm_archive.limits.curves import CURVES
from sfm_archive.limits.judging import judge_channels
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.day_peaks import DayPeaks, Pair, pairs_from, pairs_text
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource, measured_reading
from sfm_archive.testing.histograms import HistogramInterval

NM_OF_A_COUNT = 127_000
"""0.005 in/s."""

MIDNIGHT = datetime(2026, 5, 2)


def report(*readings: Reading) -> ReadingSet:
    return ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=readings)


def identity(simulated: testing.SimulatedEvent) -> sfm.Event:
    return sfm.Event(serial=simulated.serial, recorded_at=simulated.recorded_at, record_type=simulated.record_type)


def saved(archive: sfm.Archive, simulated: testing.SimulatedEvent, *documents: ReadingSet) -> int:
    return archive.save(identity(simulated), testing.read_out(simulated), readings=documents).event_id


def days_of(archive: sfm.Archive, event_id: int) -> tuple[DayPeaks, ...]:
    return peaks_by_day(archive, [event_id])[event_id]


def left(pairs: Iterable[tuple[float | None, int]]) -> tuple[Pair, ...]:
    """Those that no other outdoes, each held against every other."""
    found = {(hz, min(count, 2047)) for hz, count in pairs if count}
    unknown = [count for hz, count in found if hz is None]
    kept = [
        (hz, count)
        for hz, count in found
        if hz is not None
        and not any(
            other is not None and other <= hz and louder >= count and (other, louder) != (hz, count)
            for other, louder in found
        )
    ]
    rows = [(None, max(unknown))] if unknown else []
    rows += sorted(kept, key=lambda pair: pair[1])
    return tuple(
        Pair(None if hz is None else pytest.approx(hz, rel=1e-8), count * NM_OF_A_COUNT, count == 2047)
        for hz, count in rows
    )


def runs(samples: Iterable[int], rate: float) -> list[tuple[float | None, int]]:
    """Runs of one sign: frequency, greatest count; no frequency where the record cuts them."""
    samples, found, at = list(samples), [], 0
    for sign, group in groupby(samples, key=lambda count: (count > 0) - (count < 0)):
        run = list(group)
        cut = at == 0 or at + len(run) == len(samples)
        if sign:
            found.append((None if cut else rate / (2 * len(run)), max(map(abs, run))))
        at += len(run)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_waveform_has_every_half_wave_that_no_other_outdoes(tmp_path: Path, seed: int) -> None:
    loudness = ["quiet", "loud", "clipped", None, None, None][seed]
    wave = testing.simulate_waveform(Random(seed), sample_rate=1024, loudness=loudness, recorded_at=MIDNIGHT)
    assert wave.motion is not None
    with sfm.create(tmp_path / "a.sfm") as archive:
        (day,) = days_of(archive, saved(archive, wave))
    assert (day.day, day.intervals) == ("2026-05-02", 0)
    for found, trace in zip((day.tran, day.vert, day.long), wave.motion.channels, strict=False):
        assert found == left(runs(trace, 1024))


def some_intervals(random: Random, count: int) -> list[HistogramInterval]:
    counts = (0, 1, 40, 300, 2047)
    return [
        HistogramInterval(*(part for _ in range(4) for part in (random.choice(counts), random.randrange(130))))
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_an_interval_belongs_to_the_day_in_which_it_starts(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    intervals = some_intervals(random, 300)
    start = MIDNIGHT - timedelta(minutes=random.randrange(1, 400), seconds=random.randrange(60))
    simulated = testing.simulate_histogram(random, intervals=intervals, interval_seconds=300, recorded_at=start)
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = saved(archive, simulated)
        found = days_of(archive, event_id)
    of_days: dict[date, list[HistogramInterval]] = {}
    for number, interval in enumerate(intervals):
        of_days.setdefault((start + timedelta(seconds=300 * number)).date(), []).append(interval)
    assert [day.day for day in found] == [day.isoformat() for day in sorted(of_days)]
    for day, own in zip(found, of_days.values(), strict=True):
        assert day.intervals == len(own)
        for place, pairs in enumerate((day.tran, day.vert, day.long)):
            assert pairs == left(
                (1024 / (2 * one[2 * place + 1]) if one[2 * place + 1] else None, one[2 * place]) for one in own
            )
        loudest = max(one.micl for one in own)
        assert day.pspl_db == (pytest.approx(81.94 + 20 * math.log10(loudest), abs=0.01) if loudest else None)
    connection = apsw.Connection(str(tmp_path / "a.sfm"), flags=apsw.SQLITE_OPEN_READONLY)
    stop = connection.execute("SELECT stop_local FROM event_summary").fetchall()
    connection.close()
    assert stop == [((start + timedelta(seconds=300 * 300)).isoformat(),)]


def test_a_range_that_a_document_tells_later_changes_the_rows(tmp_path: Path) -> None:
    wave = testing.simulate_waveform(Random(3), sample_rate=1024, loudness="loud")
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = saved(archive, wave)
        (normal,) = days_of(archive, event_id)
        archive.attach(event_id, [], [report(measured_reading("geo_range", "1.25 in/s"))])
        (sensitive,) = days_of(archive, event_id)
        assert archive.rebuild().changed == 0
    for before, after in zip((normal.tran, normal.vert, normal.long), (sensitive.tran, sensitive.vert, sensitive.long),
                             strict=True):  # fmt: skip
        assert before and after
        assert [(hz, nm_s // 8) for hz, nm_s, *_ in before] == [(hz, nm_s) for hz, nm_s, *_ in after]


def test_a_save_decodes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    own = decoding.decode_source

    def counted(source: Source, *rest: object) -> decoding.Decoded:
        calls.append(source.label)
        return own(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(decoding, "decode_source", counted)
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = saved(archive, testing.simulate_waveform(Random(1), seconds=1.0))
        assert calls == ["frames revision 1"]
        assert days_of(archive, event_id) and calls == ["frames revision 1"]


def test_altered_missing_and_foreign_rows_are_named_and_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    random = Random(2)
    with sfm.create(path) as archive:
        for number in range(3):
            moment = MIDNIGHT + timedelta(minutes=number)
            saved(archive, testing.simulate_waveform(random, seconds=1.0, recorded_at=moment))
        before = peaks_by_day(archive, [1, 2, 3])
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_peaks SET tran = '[[5.0,1]]' WHERE event_id = 1")
    connection.execute("DELETE FROM event_peaks WHERE event_id = 2")
    connection.execute("INSERT INTO event_peaks SELECT 3, '2026-05-09', 0, tran, vert, long, 0, NULL FROM event_peaks"
                       " WHERE event_id = 3")  # fmt: skip
    connection.execute("INSERT INTO event_peaks VALUES (9, '2026-05-09', 0, '[]', '[]', '[]', 0, NULL)")
    connection.close()
    with sfm.open(path) as archive:
        named = [(finding.event_id, finding.message) for finding in archive.verify().damage]
        other = "has other peaks by day than its samples give"
        assert named == [(1, other), (2, other), (3, other), (9, "has computed numbers and belongs to no event")]
        rebuilt = archive.rebuild()
        assert (rebuilt.changed, rebuilt.removed) == (3, 1)
        assert archive.verify().ok and peaks_by_day(archive, [1, 2, 3]) == before


@pytest.mark.parametrize("altered", ["tran = '[1]'", "pspl_db = 1e300"])
def test_a_row_that_no_program_writes_is_an_error_with_a_next_step(tmp_path: Path, altered: str) -> None:
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        saved(archive, testing.simulate_waveform(Random(2), seconds=1.0))
    connection = apsw.Connection(str(path))
    connection.execute(f"UPDATE event_peaks SET {altered}")
    connection.close()
    with sfm.open(path) as archive, pytest.raises(sfm.errors.Damaged, match="sfm rebuild"):
        peaks_by_day(archive, [1])


def test_where_other_rules_made_the_rows_and_nothing_may_be_written_events_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        event_id = saved(archive, testing.simulate_waveform(Random(2), seconds=1.0))
        right = days_of(archive, event_id)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_summary SET rules = 0")
    connection.execute("DELETE FROM event_peaks")
    connection.close()
    with sfm.open(path, read_only=True) as archive:
        assert days_of(archive, event_id) == right


HERTZ = st.floats(0.5, 5000)
COMPUTED = st.builds(
    lambda hz, peak, rail: Pair(hz, peak, rail), st.none() | HERTZ, st.integers(1, 10**9), st.booleans()
)
PRINTED = st.builds(
    lambda peak, low, wide, bound: Pair(low, peak, bound == 1, low, None if wide is None else low + wide, bound == 2),
    st.integers(1, 10**9), HERTZ, st.none() | st.floats(0.0, 1.0), st.sampled_from([0, 1, 2]),
)  # fmt: skip


@given(st.lists(COMPUTED | PRINTED))
def test_pairs_are_read_as_they_were_written(pairs: list[Pair]) -> None:
    text = pairs_text(tuple(pairs))
    assert pairs_from(text) == tuple(pairs)
    for part, pair in zip(json.loads(text), pairs, strict=True):
        computed = 3 if pair.at_least else 2
        assert len(part) == (computed if pair.low is None else 4 if pair.high is None else 5)
    assert pairs_text(None) == "" and pairs_from("") is None


# -- samples that a report prints ------------------------------------------------------------------------------------

REAL = (Path(__file__).parents[1] / "data" / "blastware-ascii" / "5m.TXT").read_bytes()


def known_by_its_report(archive: sfm.Archive, data: bytes = REAL) -> int:
    """A real export's record as an event that is known by nothing else."""
    header = read_report_header(data)
    assert header.recorded_at is not None
    said = ReadingSet(source=ValueSource.REPORT, origin_sha256=sha256(data).hexdigest(), readings=header.readings)
    file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="5m.TXT", data=data)
    event = sfm.Event(serial="BE16127", recorded_at=header.recorded_at, record_type=header.record_type)
    return archive.save(event, files=[file], readings=[said]).event_id


def test_an_event_known_by_its_report_has_the_half_waves_of_its_table(tmp_path: Path) -> None:
    """The peak of this real record is within DIN line 2 at 55 Hz, its half wave of 7.27 mm/s at 14.0 Hz is above."""
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = known_by_its_report(archive)
        (day,) = days_of(archive, event_id)
        assert day.tran is not None and day.day == "2026-06-26"
        shown = {(round(pair.hz or 0, 1), round(pair.nm_s / 1e6, 2)) for pair in day.tran}
        assert {(14.0, 7.27), (55.4, 10.27)} <= shown
        assert archive.rebuild().changed == 0 and archive.verify().ok
        (listed,) = archive.listing()
        assert (listed.ppv_basis, archive.describe(event_id).values[0].source) == ("reported", ValueSource.REPORT)
    connection = apsw.Connection(str(tmp_path / "a.sfm"), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute("SELECT tran_hz, tran_hz_low, tran_hz_high, assumed FROM event_summary").fetchall()
    connection.close()
    exact = pytest.approx(4096 / 74)  # printed as 55 Hz
    assert rows == [(exact, exact, exact, "")]


def test_a_half_wave_that_a_report_prints_leaves_a_verdict_undecided(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = known_by_its_report(archive)
        (measured,) = measured_of(archive, [archive.event(event_id)]).values()
    (curve,) = (one for one in CURVES if one.short == "DIN line 2")
    tran = judge_channels(measured.summary, measured.days, measured.record_type, curve)["Tran"]
    assert tran.outcome is Outcome.UNDECIDED and tran.other is not None
    assert (round(tran.other.least_nm_s / 1e6, 2), round(tran.other.low_hz, 1)) == (7.27, 14.0)


def test_a_table_that_is_cut_off_says_nothing_of_the_whole_record(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = known_by_its_report(archive, REAL[: len(REAL) // 2])
        assert peaks_by_day(archive, [event_id]) == {}


def test_samples_of_its_own_count_before_those_that_a_report_prints(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = known_by_its_report(archive)
        printed = days_of(archive, event_id)
        header = read_report_header(REAL)
        wave = testing.simulate_waveform(Random(1), seconds=1.0, serial="BE16127", recorded_at=header.recorded_at)
        assert saved(archive, wave) == event_id
        assert days_of(archive, event_id) != printed
        assert archive.rebuild().changed == 0 and archive.verify().ok
