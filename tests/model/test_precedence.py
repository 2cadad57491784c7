"""The rule that says which of several values counts, and that storage asks the same one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.archive.reading import values_of
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import Event
from sfm_archive.model.precedence import SOURCES, rank, values_that_count
from sfm_archive.model.readings import Reading, ValueSource, ValueState

EVENT = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34))


def reading(source: ValueSource | None, state: ValueState) -> Reading:
    return Reading(quantity="ppv", channel="Tran", unit="in/s", state=state, source=source)


def counting(*readings: Reading) -> Reading:
    (one,) = values_that_count(readings).values()
    return one


def test_every_source_has_its_place_and_no_two_values_rank_the_same():
    assert set(SOURCES) == set(ValueSource)
    for state in ValueState:
        assert len({rank(source, state) for source in (*SOURCES, None)}) == len(SOURCES) + 1


def test_over_range_counts_before_every_number_and_a_number_before_none():
    reporting = [source for source in SOURCES if source is not ValueSource.PROGRAM]
    for first, second in product(reporting, reporting):
        over, none = reading(first, ValueState.OVER_RANGE), reading(first, ValueState.ABSENT)
        if first is not second:
            for state in (ValueState.OK, ValueState.ABOVE_LIMIT, ValueState.BELOW_THRESHOLD, ValueState.ABSENT):
                assert counting(reading(second, state), over) is over
            number = reading(second, ValueState.OK)
            assert counting(none, number) is number


def test_what_a_decoder_found_counts_before_a_documents_none_and_behind_every_number_of_one():
    none = reading(ValueSource.DEVICE_RECORD, ValueState.ABSENT)
    for state in ValueState:
        found, number = reading(ValueSource.DECODER, state), reading(ValueSource.SIDECAR, ValueState.OK)
        assert counting(none, found) is found
        assert counting(found, number) is (found if state is ValueState.OVER_RANGE else number)


@pytest.mark.parametrize("state", ValueState)
def test_what_a_person_says_of_anything_but_a_decision_counts_nowhere(state):
    said = reading(ValueSource.PROGRAM, state)
    assert values_that_count([said]) == {}
    decided = replace(said, quantity="false_trigger", channel="", text="yes")
    others = [replace(decided, source=source, text="no") for source in SOURCES if source is not ValueSource.PROGRAM]
    if state is ValueState.OK:
        assert counting(decided, *others) is decided


def test_of_one_source_the_newest_counts_even_where_the_older_one_says_more():
    over, corrected = reading(ValueSource.REPORT, ValueState.OVER_RANGE), reading(ValueSource.REPORT, ValueState.OK)
    assert counting(over, corrected) is corrected


SAID = st.tuples(st.sampled_from(SOURCES), st.sampled_from(list(ValueState)), st.sampled_from(["ppv", "false_trigger"]))


@given(st.lists(SAID, min_size=1, max_size=8))
@settings(max_examples=settings.default.max_examples)
def test_the_view_of_an_archive_picks_as_the_rule_does(tmp_path_factory, said):
    documents = [
        ReadingSet(
            source=source,
            origin_sha256=f"{number:064x}",
            readings=(replace(reading(source, state), quantity=quantity),),
        )
        for number, (source, state, quantity) in enumerate(said)
    ]
    with sfm.create(tmp_path_factory.mktemp("a") / "a.sfm") as archive:
        event_id = archive.save(EVENT, readings=documents).event_id
        expected = values_that_count(one for document in documents for one in document.readings)
        picked = values_of(archive.store, [event_id], ["ppv", "false_trigger"]).get(event_id, [])
        assert {(one.quantity, one.channel): one for one in picked} == expected
        assert archive.values(event_id) == picked
