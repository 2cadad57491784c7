"""The derived half: rows of the values that count, right after every change, and made again to the same."""

from __future__ import annotations

import struct
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.deriving import rebuild
from sfm_archive.model import summaries as rules_of
from sfm_archive.model.decimals import as_printed
from sfm_archive.model.decode_settings import ASSUMED
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import RecordType
from sfm_archive.model.magnitudes import greatest_peak
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading, stated_reading
from sfm_archive.model.summaries import Basis, summary_of

START = datetime(2026, 5, 1, 6, 0, 0)


def report(number: int, *readings: Reading) -> ReadingSet:
    return ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number:064x}", readings=readings)


def rows(path: Path, columns: str = "*") -> list:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(f"SELECT {columns} FROM event_summary ORDER BY event_id").fetchall()
    finally:
        connection.close()


def summary(*values: Reading, **more):
    given = {"start_local": "", "record_type": RecordType.WAVEFORM, **more}
    return summary_of(values, name="", revision=0, encoding="", **given)


def assumed(*quantities: str) -> list[Reading]:
    """Settings as a decoder keeps them where no document tells them."""
    return [Reading(quantity=quantity, number=1.0, text=ASSUMED, source=ValueSource.DECODER) for quantity in quantities]


def hertz(number: float, channel: str = "Tran") -> Reading:
    return Reading(quantity="zc_frequency", channel=channel, number=number, unit="Hz", source=ValueSource.DECODER)


def peak(text: str, channel: str) -> Reading:
    return measured_reading("ppv", text, channel)


# -- one row --------------------------------------------------------------------------------------------------------


def test_equal_velocities_are_equal_whatever_they_were_given_in():
    computed = Reading(quantity="ppv", channel="Tran", number=70 * 0.005, unit="in/s", source=ValueSource.DECODER)
    row = summary(computed, peak("0.35 in/s", "Vert"), peak("8.89 mm/s", "Long"))
    assert (row.tran_nm_s, row.vert_nm_s, row.long_nm_s, row.ppv_nm_s) == (8_890_000,) * 4
    assert (row.tran_basis, row.vert_basis) == ("computed", "reported")


@pytest.mark.parametrize("number", [0.885, 5.1, 9.995, 0.0006, 1.28])
def test_a_number_of_32_bits_is_the_decimal_that_it_stands_for(number):
    stored = struct.unpack("<f", struct.pack("<f", number))[0]
    assert as_printed(stored) == number
    assert summary(Reading(quantity="ppv", channel="Vert", number=stored, unit="in/s")).vert_nm_s == round(
        number * 254e5
    )


def test_a_channel_that_nobody_knows_leaves_the_peak_at_least_what_the_others_say():
    row = summary(peak("0.29 in/s", "Tran"), peak("0.1 in/s", "Vert"))
    assert (row.ppv_nm_s, row.ppv_basis, row.long_nm_s, row.long_basis) == (7_366_000, "at least", None, "unknown")
    whole = summary(peak("0.29 in/s", "Tran"), peak("0.1 in/s", "Vert"), peak("0.2 in/s", "Long"))
    assert whole.ppv_basis == "reported"


def test_over_range_is_the_rail_of_the_range_that_is_told_and_else_of_the_smaller_one():
    told = summary(peak("OORANGE", "Tran"), measured_reading("geo_range", "10.000 in/s"))
    assert (told.ppv_nm_s, told.ppv_basis, told.pvs_basis) == (259_969_000, "over range", "over range")
    assert summary(peak("OORANGE", "Tran")).ppv_nm_s == 32_496_125


def test_a_number_that_rests_on_an_assumed_range_says_so():
    computed = Reading(quantity="ppv", channel="Tran", number=1.0, unit="in/s", source=ValueSource.DECODER)
    on_range = summary(computed, computed=[computed, *assumed("geo_range")])
    assert (on_range.tran_basis, on_range.assumed) == ("assumed", "range")
    on_rate = summary(computed, computed=[computed, *assumed("sample_rate")])
    assert (on_rate.tran_basis, on_rate.assumed) == ("computed", "rate")
    printed = summary(peak("1 in/s", "Tran"), computed=[computed, *assumed("sample_rate", "geo_range")])
    assert (printed.tran_basis, printed.assumed) == ("reported", "range rate")


def test_a_frequency_has_the_interval_in_which_it_lies():
    row = summary(
        measured_reading("zc_frequency", "34.7 Hz", "Tran"),
        measured_reading("zc_frequency", ">100 Hz", "Vert"),
        measured_reading("zc_frequency", "N/A", "Long"),
    )
    assert (row.tran_hz_low, row.tran_hz, row.tran_hz_high) == (34.65, 34.7, 34.75)
    assert (row.vert_hz_low, row.vert_hz, row.vert_hz_high) == (100.0, 100.0, None)
    assert (row.long_hz_low, row.long_hz, row.long_hz_high) == (None, None, None)


@pytest.mark.parametrize(
    ("printed", "decoded", "expected"),
    [
        ("26 Hz", 25.6, (25.6, 25.6, 25.6)),
        ("26 Hz", 26.5, (26.5, 26.5, 26.5)),
        ("26 Hz", 26.6, (26.0, 25.5, 26.5)),
        ("25.6 Hz", 25.6, (25.6, 25.6, 25.6)),
        ("25.6 Hz", 24.4, (25.6, 25.55, 25.65)),
        ("<1.0 Hz", 0.9, (0.9, 0.9, 0.9)),
        (">100 Hz", 96.0, (100.0, 100.0, None)),
        ("N/A", 12.0, (None, None, None)),
    ],
)
def test_samples_say_where_a_print_lies_and_a_print_that_they_contradict_stands(printed, decoded, expected):
    row = summary(measured_reading("zc_frequency", printed, "Tran"), computed=[hertz(decoded)])
    assert (row.tran_hz, row.tran_hz_low, row.tran_hz_high) == expected


@pytest.mark.parametrize(("record_type", "times"), [(RecordType.WAVEFORM, 16), (RecordType.HISTOGRAM, 4)])
def test_a_frequency_at_an_assumed_rate_can_be_that_of_every_rate_of_a_unit(record_type, times):
    own = hertz(12.8)
    row = summary(own, computed=[own, *assumed("sample_rate")], record_type=record_type)
    assert (row.tran_hz, row.tran_hz_low, row.tran_hz_high) == (12.8, 12.8, 12.8 * times)


def test_of_samples_that_contradict_the_print_no_frequency_is_taken():
    own = Reading(quantity="ppv", channel="Tran", number=0.61, unit="in/s", source=ValueSource.DECODER)
    settings_of = [Reading(quantity="geo_range", number=10.0, unit="in/s", text="x", source=ValueSource.DECODER)]
    computed = [own, hertz(33.0), *settings_of]
    agreeing = summary(peak("0.610 in/s", "Tran"), hertz(33.0), computed=computed)
    assert (agreeing.contradicted, agreeing.tran_hz) == ("", 33.0)
    other = summary(peak("1.220 in/s", "Tran"), hertz(33.0), computed=computed)
    assert (other.contradicted, other.tran_hz, other.tran_hz_low) == ("Tran", None, None)
    printed = summary(peak("1.220 in/s", "Tran"), measured_reading("zc_frequency", "33 Hz", "Tran"), computed=computed)
    assert (printed.tran_hz, printed.tran_hz_low, printed.tran_hz_high) == (33.0, 32.5, 33.5)


def test_the_end_of_a_record_is_what_its_samples_or_else_its_documents_tell():
    start = {"start_local": "2026-05-01T23:59:58"}
    record_time = measured_reading("record_time", "3.0 sec")
    assert summary(record_time, **start).stop_local == "2026-05-02T00:00:01"
    assert summary(record_time, stop_local="2026-05-02T00:00:02", **start).stop_local == "2026-05-02T00:00:02"
    assert summary(**start).stop_local == ""
    intervals = [measured_reading("intervals", "10"), measured_reading("interval_size", "1 minute")]
    of_histogram = summary(*intervals, record_type=RecordType.HISTOGRAM, **start)
    assert of_histogram.stop_local == "2026-05-02T00:09:58"
    assert summary(*intervals, **start).stop_local == ""


@pytest.mark.parametrize("text", ["Québec", "QUE\u0301BEC", "quebec"])
def test_texts_are_folded(text):
    assert summary(stated_reading("project", text)).project == "quebec"


CHANNELS = st.sampled_from(["Tran", "Vert", "Long"])
TEXTS = st.sampled_from(["0.3 in/s", "9 mm/s", "OORANGE", "N/A", "<0.005 in/s", ">5 in/s", "12.7 mm/s", "0.5 in/s"])


@given(st.dictionaries(CHANNELS, TEXTS))
def test_the_row_has_the_peak_that_the_values_have(said):
    values = [peak(text, channel) for channel, text in sorted(said.items())]
    row, greatest = summary(*values), greatest_peak(values)
    shown = row.ppv()
    assert (shown is None) == (greatest is None) == (row.ppv_basis == Basis.UNKNOWN)
    if shown is not None and greatest is not None:
        assert (shown.channel, shown.text, shown.unit or "in/s") == (
            greatest.channel,
            greatest.text,
            greatest.unit or "in/s",
        )
        assert shown.number == greatest.number
        assert (shown.state is ValueState.OVER_RANGE) == (greatest.state is ValueState.OVER_RANGE)


# -- in an archive --------------------------------------------------------------------------------------------------


def test_the_row_is_right_after_every_change(tmp_path):
    path = tmp_path / "a.sfm"
    random = Random(5)
    with sfm.create(path) as archive:

        def unchanged() -> None:
            assert archive.rebuild().changed == 0
            with sfm.open(path, read_only=True) as reading:
                assert reading.verify().ok

        wave = testing.simulate_waveform(random, serial="BE11529", seconds=1.0)
        event = sfm.Event(serial=wave.serial, recorded_at=wave.recorded_at)
        event_id = archive.save(event, testing.read_out(wave)).event_id
        unchanged()
        assert rows(path, "encoding, revision, review, project") == [("ok", 1, "", "")]
        archive.attach(event_id, [], [report(1, stated_reading("project", "MINERAÇÃO"), peak("0.5 in/s", "Tran"))])
        unchanged()
        archive.review(event_id, false_trigger=True, notes="a lorry")
        unchanged()
        archive.pin_encoder("blastware@3")
        unchanged()
        assert rows(path, "encoding, review, project, tran_nm_s") == [
            ("none", "false trigger", "mineracao", 12_700_000)
        ]
        archive.encode(event_id)
        unchanged()
        assert rows(path, "encoding") == [("ok",)]
        archive.state_time_zone("BE11529", "Europe/Berlin")
        archive.save(event, testing.missing_frame(testing.read_out(wave), 1))
        unchanged()


def test_a_row_that_another_program_altered_is_found_and_made_again(tmp_path):
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        for number in range(3):
            moment = START + timedelta(minutes=number)
            archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=[report(1, peak("2 mm/s", "Tran"))])
    right = rows(path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_summary SET tran_nm_s = 1 WHERE event_id = 1")
    connection.execute("DELETE FROM event_summary WHERE event_id = 2")
    connection.execute("INSERT INTO event_summary SELECT 9, " + ", ".join(rules_of.EventSummary._fields) + " FROM"
                       " event_summary WHERE event_id = 3")  # fmt: skip
    connection.close()
    with sfm.open(path) as archive:
        found = [(finding.code, finding.event_id, finding.message) for finding in archive.verify().damage]
        assert found == [
            ("derived", 1, "is not what the content gives (tran_nm_s)"),
            ("derived", 9, "belongs to no event"),
            ("derived", 2, "is missing"),
        ]
        report_of = archive.rebuild()
        assert (report_of.events, report_of.changed, report_of.removed) == (3, 2, 1)
        assert archive.verify().ok
    assert rows(path) == right


@pytest.mark.parametrize("rules", [0, 99])
def test_one_row_that_claims_other_rules_is_found_and_made_again(tmp_path, rules):
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        for number in range(3):
            moment = START + timedelta(minutes=number)
            archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=[report(1, peak("2 mm/s", "Tran"))])
    right = rows(path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_summary SET rules = ?, ppv_nm_s = 1 WHERE event_id = 2", (rules,))
    connection.close()
    with sfm.open(path, read_only=True) as archive:
        ((code, event_id),) = [(finding.code, finding.event_id) for finding in archive.verify().damage]
        assert (code, event_id) == ("derived", 2)
        assert [event.ppv_at_least for event in archive.listing()] == [2.0, 2.0, 2.0]  # made anew for this answer
    with sfm.open(path) as archive:
        assert archive.rebuild().changed == 0  # a program that may write has made them again
        assert archive.verify().ok
    assert rows(path) == right


def test_events_that_a_program_without_such_rows_saved_are_found_all_the_same(tmp_path):
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        for number in range(2):
            moment = START + timedelta(minutes=number)
            archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=[report(1, peak("2 in/s", "Tran"))])
    right = rows(path)
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM event_summary WHERE event_id = 2")
    connection.close()
    with sfm.open(path, read_only=True) as archive:
        assert [row.event_id for row in archive.events(ppv_from="1 in/s")] == [1, 2]
        assert [(finding.event_id, finding.message) for finding in archive.verify().damage] == [(2, "is missing")]
    with sfm.open(path):
        pass
    assert rows(path) == right


def test_a_program_with_other_rules_makes_the_rows_again_before_it_writes(tmp_path):
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        archive.save(sfm.Event(serial="BE11529", recorded_at=START), readings=[report(1, peak("2 mm/s", "Tran"))])
    right = rows(path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_summary SET rules = 0, tran_nm_s = 5")
    connection.close()
    with sfm.open(path, read_only=True) as archive:
        assert archive.unknown_peaks() == 0  # computed in memory, which a verification must not take for the file
        (note,) = archive.verify().findings
        assert (note.code, note.severity) == ("not-checked", sfm.Severity.NOTE)
    assert rows(path, "rules") == [(0,)]
    with sfm.open(path):
        assert rows(path) == right


def test_a_rebuild_is_refused_of_what_may_only_be_read(tmp_path):
    with sfm.create(tmp_path / "a.sfm"):
        pass
    with sfm.open(tmp_path / "a.sfm", read_only=True) as archive, pytest.raises(sfm.ReadOnlyArchive):
        rebuild(archive)


SAID = st.lists(
    st.tuples(
        st.sampled_from([ValueSource.DEVICE_RECORD, ValueSource.REPORT, ValueSource.SIDECAR, ValueSource.DECODER]),
        st.dictionaries(CHANNELS, TEXTS, min_size=1),
    ),
    max_size=5,
)


@given(st.lists(SAID, min_size=1, max_size=4))
@settings(max_examples=settings.default.max_examples // 2)
def test_a_reader_with_sql_alone_gets_the_peaks_that_show_gives(tmp_path_factory, events):
    path = tmp_path_factory.mktemp("a") / "a.sfm"
    shown = []
    with sfm.create(path) as archive:
        for number, said in enumerate(events):
            documents = [
                ReadingSet(
                    source=source,
                    origin_sha256=f"{place:064x}",
                    readings=tuple(peak(text, channel) for channel, text in sorted(texts.items())),
                )
                for place, (source, texts) in enumerate(said)
            ]
            event = sfm.Event(serial="BE11529", recorded_at=START + timedelta(minutes=number))
            event_id = archive.save(event, readings=documents).event_id
            greatest = greatest_peak(archive.describe(event_id).values)
            shown.append(None if greatest is None else (greatest.channel, greatest.state is ValueState.OVER_RANGE))
    with_sql = rows(path, "ppv_channel, ppv_basis")
    assert [None if basis == "unknown" else (channel, basis == "over range") for channel, basis in with_sql] == shown


# -- what filters find ----------------------------------------------------------------------------------------------


def put(archive, *values: Reading) -> int:
    moment = START + timedelta(minutes=archive.count())
    return archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=[report(1, *values)]).event_id


def found(archive, **filters) -> list[int]:
    return [row.event_id for row in archive.events(**filters)]


@pytest.mark.parametrize("words", ["quebec", "Québec", "QUE\u0301BEC", "mineracao", "MINERAÇÃO  quebec"])
def test_texts_are_found_without_case_and_accents(tmp_path, words):
    with sfm.create(tmp_path / "a.sfm") as archive:
        one = put(archive, stated_reading("project", "MINERAC\u0327A\u0303O Que\u0301bec"))
        put(archive, stated_reading("project", "Montreal"))
        assert found(archive, project=words) == [one]


@pytest.mark.parametrize("level", ["0.75 in/s", "19.05 mm/s"])
def test_a_tie_reaches_the_level_exactly(tmp_path, level):
    with sfm.create(tmp_path / "a.sfm") as archive:
        equal = [put(archive, peak(text, "Tran")) for text in ("0.75 in/s", "19.05 mm/s")]
        counts = Reading(quantity="ppv", channel="Tran", number=150 * 0.005, unit="in/s")
        equal.append(put(archive, counts))
        put(archive, peak("19.049 mm/s", "Tran"), peak("0.7499 in/s", "Vert"))
        assert found(archive, ppv_from=level, decided=True) == equal


def test_events_without_a_known_peak_are_counted_apart(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        loud = put(archive, peak("2 in/s", "Tran"))
        silent = put(archive)  # nobody says anything
        printed_none = put(archive, peak("N/A", "Tran"))
        # Vert may be anything.
        partly = put(archive, peak("0.1 in/s", "Tran"), peak("N/A", "Vert"), peak("0.2 in/s", "Long"))
        put(archive, *(peak("0.1 in/s", channel) for channel in ("Tran", "Vert", "Long")))
        over = put(archive, peak("OORANGE", "Tran"))
        assert found(archive, ppv_from="1 in/s") == [loud, silent, printed_none, partly, over]
        assert found(archive, ppv_from="1 in/s", decided=True) == [loud, over]
        assert archive.unknown_peaks(ppv_from="1 in/s") == archive.unknown_peaks() == 2
        assert found(archive, ppv_from="20 in/s", decided=True) == []


def test_an_archive_of_other_rules_that_may_only_be_read_is_listed_by_these(tmp_path):
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        one = put(archive, peak("2 in/s", "Tran"), stated_reading("project", "Québec"))
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event_summary SET rules = 0, ppv_nm_s = 5, project = 'québec'")
    connection.close()
    before = path.read_bytes()
    with sfm.open(path, read_only=True) as archive:
        assert found(archive, project="quebec", ppv_from="2 in/s") == [one]
        (listed,) = archive.listing()
        assert listed.ppv is not None and listed.ppv.number == 2.0
    assert path.read_bytes() == before


# -- many in one transaction ----------------------------------------------------------------------------------------


def test_an_open_batch_reads_the_rows_of_what_it_saved(tmp_path: Path) -> None:
    event = testing.simulate_waveform(Random(5), seconds=1.0, sample_rate=1024)
    known = sfm.Event(serial=event.serial, recorded_at=event.recorded_at, record_type=event.record_type)
    with sfm.create(tmp_path / "a.sfm") as archive:
        with archive.batch():
            saved = archive.save(known, testing.read_out(event))
            assert [row.ppv for row in archive.listing()] != [None]
            assert any(value.source is ValueSource.DECODER for value in archive.values(saved.event_id))
        inside = rows(archive.path)
        rebuild(archive)
        assert rows(archive.path) == inside


def test_a_save_that_fails_in_a_batch_leaves_no_row_and_the_others_theirs(tmp_path: Path) -> None:
    random = Random(6)
    events = [testing.simulate_histogram(random, count=3, serial="BE11529") for _ in range(3)]
    with sfm.create(tmp_path / "a.sfm") as archive:
        with archive.batch():
            for number, event in enumerate(events):
                known = sfm.Event(serial=event.serial, recorded_at=START + timedelta(days=number))
                with pytest.raises(ValueError, match="one") if number == 1 else nullcontext(), archive.batch():
                    archive.save(known, testing.read_out(event))
                    if number == 1:
                        raise ValueError("one")
        assert len(rows(archive.path)) == 2 == len(list(archive.events()))
        assert not archive.verify().findings
