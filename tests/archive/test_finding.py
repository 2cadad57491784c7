"""Finding events: by id, by any of their names, by filters; and paging over many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.finding import ids_at, ids_by_name, name_of
from sfm_archive.archive.reading import names_of
from sfm_archive.errors import BadSerial, EventNotFound, UsageError
from sfm_archive.formats.blastware.names import NameStyle
from sfm_archive.model.selection import Selection, parse_since, parse_until

WHEN = datetime(2026, 4, 23, 15, 56, 35)
BASE = datetime(2026, 1, 1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    """A new archive."""
    with sfm.create(tmp_path / "a.sfm") as made:
        yield made


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sfm.Archive]:
    """2,345 events of three units, four in each second."""
    path = tmp_path_factory.mktemp("many") / "many.sfm"
    kinds = [sfm.RecordType.HISTOGRAM, sfm.RecordType.WAVEFORM]
    order = list(range(2345))
    Random(1).shuffle(order)
    with sfm.create(path) as made:
        with made.batch():
            for number in order:
                made.save(
                    sfm.Event(
                        serial=f"BE{1000 + number % 3}",
                        recorded_at=BASE + timedelta(seconds=number // 4),
                        record_type=kinds[number % 2],
                        start_key=number,
                    )
                )
        yield made


def keys(archive: sfm.Archive, **filters: object) -> list[int]:
    return [int(row.start_key, 16) for row in archive.events(**filters)]


def save(archive: sfm.Archive, serial: str, kind: str, key: int = 0, names: tuple[str, ...] = ()) -> int:
    event = sfm.Event(serial=serial, recorded_at=WHEN, record_type=sfm.RecordType(kind), start_key=key)
    return archive.save(event, names=names).event_id


def test_an_event_is_found_by_id_and_by_every_name_it_has(archive: sfm.Archive) -> None:
    event_id = save(archive, "BE11529", "waveform", names=("Shot 7.bin", "M529LK44.AB0"))
    for text in (str(event_id), f" {event_id} ", "Shot 7.bin", "SHOT 7.BIN", "M529LK44.AB0", "m529lk44.ab0w"):
        assert archive.find(text).event_id == event_id
    assert names_of(archive.store, event_id) == ["Shot 7.bin", "M529LK44.AB0"]
    assert name_of(archive.event(event_id)) == "Shot 7.bin"
    assert name_of(archive.event(event_id), NameStyle.CALL_HOME) == "M529LK44.AB0W"
    assert name_of(archive.event(event_id), NameStyle.MANUAL) == "M529LK44.AB0"


@pytest.mark.parametrize(
    "text", ["", "7", "0", "-1", "9" * 18, "9" * 30, "٣", "M529LK44.AB0W", "no such file", "x' OR 1=1"]
)
def test_what_is_not_there_is_named_as_it_was_written(archive: sfm.Archive, text: str) -> None:
    save(archive, "BE18003", "waveform")
    with pytest.raises(EventNotFound) as caught:
        archive.find(text)
    assert text in str(caught.value)
    assert "sfm list" in str(caught.value)


def test_a_name_that_two_events_share_is_refused_with_their_ids(archive: sfm.Archive) -> None:
    one = save(archive, "BE11529", "waveform", 1)
    other = save(archive, "BA11529", "waveform", 2)  # the letters of the serial are not in the name
    with pytest.raises(UsageError, match=f"2 events share the name M529LK44.AB0W: give one of the ids {one}, {other}"):
        archive.find("M529LK44.AB0W")


def test_a_received_name_and_a_computed_one_can_be_shared_too(archive: sfm.Archive) -> None:
    # The repeated hour: one event came from a folder with its name, the other from a capture without any.
    one = save(archive, "BE11529", "waveform", 1, ("M529LK44.AB0W",))
    other = save(archive, "BE11529", "waveform", 2)
    assert ids_by_name(archive.store, "M529LK44.AB0W") == [one, other]
    with pytest.raises(UsageError):
        archive.find("M529LK44.AB0W")


def test_the_suffix_tells_a_waveform_from_a_histogram_of_the_same_second(archive: sfm.Archive) -> None:
    wave, histogram = save(archive, "BE11529", "waveform", 1), save(archive, "BE11529", "histogram", 2)
    assert archive.find("M529LK44.AB0W").event_id == wave
    assert archive.find("M529LK44.AB0H").event_id == histogram
    assert ids_by_name(archive.store, "M529LK44.AB0") == [wave, histogram]


def test_an_event_of_unknown_type_may_be_either(archive: sfm.Archive) -> None:
    event_id = save(archive, "BE11529", "unknown")
    assert {archive.find(f"M529LK44.AB0{suffix}").event_id for suffix in ("", "W", "H")} == {event_id}


def test_an_event_without_a_possible_name_is_found_by_id(archive: sfm.Archive) -> None:
    event_id = save(archive, "BE99999", "waveform")
    assert name_of(archive.event(event_id)) == ""
    assert archive.find(str(event_id)).serial == "BE99999"


def test_events_of_a_unit_and_second(archive: sfm.Archive) -> None:
    one, _ = save(archive, "BE11529", "waveform", 1), save(archive, "BA11529", "waveform", 2)
    assert ids_at(archive.store, "BE11529", WHEN) == [one]
    assert ids_at(archive.store, "BE11529", WHEN + timedelta(seconds=1)) == []


def test_all_events_come_oldest_first_over_several_pages(many: sfm.Archive) -> None:
    rows = list(many.events())
    assert len(rows) == 2345
    places = [(row.recorded_at_local, row.event_id) for row in rows]
    assert places == sorted(places)
    assert len({row.event_id for row in rows}) == 2345
    assert [row.event_id for row in many.events(newest_first=True)] == [row.event_id for row in reversed(rows)]


@pytest.mark.parametrize("limit", [0, 1, 999, 1000, 1001, 2000, 2345, 5000])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_limit_cuts_where_it_says(many: sfm.Archive, limit: int, newest_first: bool) -> None:
    everything = [row.event_id for row in many.events(newest_first=newest_first)]
    assert [row.event_id for row in many.events(newest_first=newest_first, limit=limit)] == everything[:limit]
    assert many.count(Selection(limit=limit)) == min(limit, 2345)


def test_filters_hold_together(many: sfm.Archive) -> None:
    assert sorted(keys(many, serial="be1001")) == list(range(1, 2345, 3))
    assert sorted(keys(many, serial=["BE1001", "BE1002"])) == [n for n in range(2345) if n % 3]
    assert sorted(keys(many, record_type="waveform")) == list(range(1, 2345, 2))
    assert sorted(keys(many, record_type=["waveform", "histogram"])) == list(range(2345))
    second = BASE + timedelta(seconds=100)
    assert sorted(keys(many, since=second, record_type="waveform")) == list(range(401, 2345, 2))
    # Of the histograms nothing tells when they ended: each is found from its start on.
    assert sorted(keys(many, since=second)) == [n for n in range(2345) if n >= 400 or n % 2 == 0]
    assert sorted(keys(many, until=second)) == list(range(400))
    waveforms = {"record_type": "waveform"}
    assert sorted(keys(many, since=second, until=second + timedelta(seconds=1), **waveforms)) == [401, 403]
    minute = "2026-01-01 00:01"
    assert sorted(keys(many, since=minute, until=minute, **waveforms)) == list(range(241, 480, 2))
    assert keys(many, serial="BE1001", since=second, limit=1, **waveforms) == [403]
    assert keys(many, serial="BE9") == []


def test_events_by_id_even_very_many(many: sfm.Archive) -> None:
    ids = [row.event_id for row in many.events()]
    assert [row.event_id for row in many.events(event_ids=ids[5:1500:7])] == ids[5:1500:7]
    assert [row.event_id for row in many.events(event_ids=range(-50_000, 50_000))] == ids
    assert list(many.events(event_ids=[10**30, -1, 0])) == []
    assert many.count(Selection(event_ids=tuple(ids[:9]))) == 9


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_list_of_ids_is_parsed_once_and_not_for_every_page(many: sfm.Archive, newest_first: bool) -> None:
    everything = [row.event_id for row in many.events(newest_first=newest_first)]
    bound: list[int] = []
    connection = many.store.connection
    connection.exec_trace = lambda cursor, sql, values: bound.append(sum(len(str(one)) for one in values or ())) or True
    try:
        rows = many.events(event_ids=everything[::-1], serial=["BE1000", "BE1001", "BE1002"], newest_first=newest_first)
        assert [row.event_id for row in rows] == everything
    finally:
        connection.exec_trace = None
    whole_list = len(str(everything))
    assert sum(size > whole_list / 2 for size in bound) == 1, "once for all, and then no more ids than a page has"
    assert [row.event_id for row in many.events(event_ids=everything, newest_first=newest_first, limit=1001)] == (
        everything[:1001]
    )


def test_events_are_found_while_others_are_saved(archive: sfm.Archive) -> None:
    for number in range(5):
        save(archive, "BE1", "waveform", number)
    seen = []
    for row in archive.events():
        seen.append(row.event_id)
        if len(seen) < 20:
            save(archive, "BE1", "waveform", 100 + len(seen))
    assert seen == list(range(1, 6))  # a page is read at once; no statement stays open to see its own changes


def test_a_selection_that_makes_no_sense_is_refused(many: sfm.Archive) -> None:
    with pytest.raises(BadSerial):
        list(many.events(serial="UNKNOWN"))
    with pytest.raises(UsageError):
        list(many.events(limit=-1))
    with pytest.raises(UsageError, match="histogram"):
        list(many.events(record_type="seismogram"))
    with pytest.raises(UsageError):
        list(many.events(since="yesterday"))
    with pytest.raises(TypeError):
        list(many.events(colour="red"))


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026", datetime(2026, 1, 1), datetime(2027, 1, 1)),
        ("2026-05", datetime(2026, 5, 1), datetime(2026, 6, 1)),
        ("2026-12", datetime(2026, 12, 1), datetime(2027, 1, 1)),
        ("2024-02-29", datetime(2024, 2, 29), datetime(2024, 3, 1)),
        ("2026-05-01 13:16", datetime(2026, 5, 1, 13, 16), datetime(2026, 5, 1, 13, 17)),
        ("2026-05-01T13:16:34", datetime(2026, 5, 1, 13, 16, 34), datetime(2026, 5, 1, 13, 16, 35)),
        (" 2026-05-01 ", datetime(2026, 5, 1), datetime(2026, 5, 2)),
    ],
)
def test_dates_mean_the_whole_of_what_they_name(text: str, since: datetime, until: datetime) -> None:
    assert (parse_since(text), parse_until(text)) == (since, until)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-02-30", "01.05.2026", "now", "2026-05-01 25:00", "9999", "20260501"]
)
def test_another_text_is_no_date(text: str) -> None:
    with pytest.raises(UsageError, match="write 2026-05-01"):
        parse_until(text)


def test_the_archive_in_numbers(archive: sfm.Archive) -> None:
    events = testing.simulate_memory(Random(2), 3, "BE11529", histograms=1.0)
    for event in events:
        archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))
    info = archive.info()
    assert (info.events, info.units, info.frame_revisions, info.files, info.waiting_files) == (3, 1, 3, 0, 0)
    assert info.earliest == events[0].recorded_at.isoformat()
    assert info.latest == events[-1].recorded_at.isoformat()
    assert info.history_length == 4
    assert 0 < info.stored_frame_bytes < info.frame_bytes
