"""Which of several values counts: over range first, then the source, then the newest."""

from __future__ import annotations

from datetime import datetime

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.analysing.recordings import recording_of
from sfm_archive.archive.reading import values_of
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading
from sfm_archive.model.received import FileKind, ReceivedFile

EVENT = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34), record_type=RecordType.WAVEFORM)
RAIL = Reading(quantity="ppv", channel="Tran", number=1.28, unit="in/s")


def document(source: ValueSource, number: int, *readings: Reading) -> ReadingSet:
    return ReadingSet(source=source, origin_sha256=f"{number:064x}", readings=readings)


@pytest.fixture
def counting(tmp_path):
    """The peak of Tran that counts where an archive holds some documents: state, number, source; the same for all."""

    def of(*documents: ReadingSet) -> tuple[str, float | None, str]:
        with sfm.create(tmp_path / "a.sfm") as archive:
            file = ReceivedFile(kind=FileKind.REPORT, name="a.txt", data=b"x")
            saved = archive.save(EVENT, names=["M529LKIQ.7M0W"], files=[file], readings=documents)
            (one,) = (value for value in archive.values(saved.event_id) if value.quantity == "ppv")
            ((same,),) = values_of(archive.store, [saved.event_id], ["ppv"]).values()
            assert one == same
            best = recording_of(archive, saved.event_id).best("ppv", "Tran")
            if one.source != "decoder":
                assert best == one
            return one.state, one.number, one.source

    return of


def test_a_report_that_says_over_range_counts_before_the_number_in_the_units_own_record(counting):
    printed = document(ValueSource.REPORT, 2, measured_reading("ppv", "OORANGE", "Tran"))
    assert counting(document(ValueSource.DEVICE_RECORD, 1, RAIL), printed) == ("over-range", None, "report")


def test_the_units_own_record_counts_before_the_number_of_a_report(counting):
    printed = document(ValueSource.REPORT, 2, measured_reading("ppv", "1.300 in/s", "Tran"))
    assert counting(printed, document(ValueSource.DEVICE_RECORD, 1, RAIL)) == ("ok", 1.28, "device record")


def test_a_corrected_report_takes_back_that_the_first_said_over_range(counting):
    first = document(ValueSource.REPORT, 1, measured_reading("ppv", "OORANGE", "Tran"))
    second = document(ValueSource.REPORT, 2, measured_reading("ppv", "1.300 in/s", "Tran"))
    assert counting(first, second) == ("ok", 1.3, "report")


def test_a_decoder_that_finds_samples_at_the_rail_counts_before_a_reported_number(counting):
    over = Reading(quantity="ppv", channel="Tran", unit="in/s", state=ValueState.OVER_RANGE)
    assert counting(document(ValueSource.DECODER, 1, over), document(ValueSource.REPORT, 2, RAIL)) == (
        "over-range",
        None,
        "decoder",
    )


def test_a_number_that_a_decoder_computed_never_takes_the_place_of_a_reported_one(counting):
    computed = Reading(quantity="ppv", channel="Tran", number=1.3, unit="in/s")
    assert counting(document(ValueSource.DECODER, 1, computed), document(ValueSource.REPORT, 2, RAIL)) == (
        "ok",
        1.28,
        "report",
    )


def test_of_two_sources_that_say_over_range_the_first_counts(counting):
    printed = document(ValueSource.REPORT, 2, measured_reading("ppv", "OORANGE", "Tran"))
    typed = document(ValueSource.SIDECAR, 1, measured_reading("ppv", "OORANGE", "Tran"))
    assert counting(typed, printed) == ("over-range", None, "report")


def test_a_report_without_a_value_leaves_it_to_whoever_has_one(counting):
    nothing = document(ValueSource.REPORT, 1, measured_reading("ppv", "N/A", "Tran"))
    assert counting(nothing, document(ValueSource.DECODER, 2, RAIL)) == ("ok", 1.28, "decoder")


@pytest.mark.parametrize(
    "reading",
    [
        measured_reading("ppv", "51 cm/s", "Tran"),
        measured_reading("ppv", "<0.5 furlong/s", "Tran"),
        Reading(quantity="ppv", channel="Tran", number=0.51, unit="m/s"),
    ],
)
def test_a_number_in_a_unit_that_is_not_known_hides_none_of_another_source(counting, tmp_path, reading):
    """Whoever read it: 0.51 m/s is as a plug-in may give it."""
    reported = document(ValueSource.REPORT, 1, reading)
    assert counting(reported, document(ValueSource.DECODER, 2, RAIL)) == ("ok", 1.28, "decoder")
    connection = apsw.Connection(str(tmp_path / "a.sfm"), flags=apsw.SQLITE_OPEN_READONLY)
    said = connection.execute("SELECT text FROM value WHERE state = 'absent'").fetchall()
    connection.close()
    assert said == [(reading.text or "0.51 m/s",)], "what was said stands beside it"


def test_a_value_that_nobody_has_is_absent_and_not_missing(counting):
    assert counting(document(ValueSource.REPORT, 1, measured_reading("ppv", "N/A", "Tran"))) == (
        "absent",
        None,
        "report",
    )


def with_sql_alone(path, event_id, quantity):
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(
            "SELECT state, number, source FROM current_value WHERE event_id = ? AND quantity = ?", (event_id, quantity)
        ).fetchall()
    finally:
        connection.close()


def test_a_reader_with_sql_alone_finds_over_range_where_the_program_does(tmp_path):
    printed = document(ValueSource.REPORT, 2, measured_reading("ppv", "OORANGE", "Tran"))
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = archive.save(EVENT, readings=[document(ValueSource.DEVICE_RECORD, 1, RAIL), printed]).event_id
        (value,) = archive.values(event_id)
    assert with_sql_alone(tmp_path / "a.sfm", event_id, "ppv") == [(value.state, value.number, value.source)]
    assert value.state is ValueState.OVER_RANGE


def test_a_reader_with_sql_alone_finds_the_decoded_frequency_where_the_report_has_none(tmp_path):
    printed = document(ValueSource.REPORT, 1, measured_reading("zc_frequency", "N/A", "Tran"))
    decoded = document(ValueSource.DECODER, 2, Reading(quantity="zc_frequency", channel="Tran", number=12.0, unit="Hz"))
    with sfm.create(tmp_path / "a.sfm") as archive:
        event_id = archive.save(EVENT, readings=[printed, decoded]).event_id
        (value,) = archive.values(event_id)
    assert with_sql_alone(tmp_path / "a.sfm", event_id, "zc_frequency") == [(value.state, value.number, value.source)]
    assert value.number == 12.0


NOT_OF_PEAKS = (ValueSource.DECODER, ValueSource.PROGRAM, ValueSource.COMPLIANCE_RECORD)
"""The last one tells settings of a unit."""
PRINTED = ("0.300 in/s", "9.000 in/s", "OORANGE", "N/A", "<0.005 in/s")


@given(
    said=st.lists(
        st.tuples(
            st.sampled_from([source for source in ValueSource if source not in NOT_OF_PEAKS]),
            st.dictionaries(st.sampled_from(["Tran", "Vert"]), st.sampled_from(PRINTED), min_size=1),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=settings.default.max_examples * 80 // 100)
def test_lists_and_pages_take_the_same_of_any_documents(tmp_path_factory, said):
    documents = [
        document(source, number, *(measured_reading("ppv", text, channel) for channel, text in texts.items()))
        for number, (source, texts) in enumerate(said, start=1)
    ]
    with sfm.create(tmp_path_factory.mktemp("a") / "a.sfm") as archive:
        file = ReceivedFile(kind=FileKind.REPORT, name="a.txt", data=b"x")
        event_id = archive.save(EVENT, files=[file], readings=documents).event_id
        recording = recording_of(archive, event_id)
        listed = {value.channel: value for value in values_of(archive.store, [event_id], ["ppv"])[event_id]}
        assert {channel: recording.best("ppv", channel) for channel in listed} == listed
        assert listed.keys() == {channel for _, texts in said for channel in texts}
