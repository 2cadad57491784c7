"""What tells events' settings, and that in any order of what comes the rows end the same."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw
import apsw.ext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive import deriving, setting_sources
from sfm_archive.archive.decode_sources import tasks
from sfm_archive.archive.noticed import noticed_of
from sfm_archive.base.batches import batches
from sfm_archive.model import setting_evidence
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.model.selection import EVERYTHING
from sfm_archive.storage import computed, events, told_settings

# Of no whole seconds: start and stop then leave the rate open.
EVENT = testing.simulate_waveform(Random(3), seconds=1.3, sample_rate=1024, loudness="ordinary")
FRAMES = testing.read_out(EVENT)
START = datetime(2026, 3, 1, 12)
WAVEFORM = sfm.RecordType.WAVEFORM
SPS = {1024: "1024 sps", 2048: "2048 sps"}
_documents = count(1)


def identity(day: float, serial: str = "BE11529") -> sfm.Event:
    return sfm.Event(serial=serial, recorded_at=START + timedelta(days=day), record_type=WAVEFORM)


def says(**values: str) -> ReadingSet:
    """A report; `Tran` and the like are peaks."""
    readings = tuple(
        measured_reading("ppv", text, name) if name in ("Tran", "Vert", "Long") else measured_reading(name, text)
        for name, text in sorted(values.items())
    )
    return ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{next(_documents):064x}", readings=readings)


def derived(path: Path) -> dict[str, Any]:
    """All derived rows, by unit and time and not by ids or hashes of documents."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found: dict[str, Any] = {}
        for table in ("event_summary", "event_computed", "event_peaks"):
            cursor = connection.execute(
                f"SELECT serial, recorded_at_local, {table}.* FROM {table} JOIN event USING (event_id)"
            )
            for row in cursor:
                names = [column[0] for column in cursor.description]
                plain = {name: value for name, value in zip(names, row, strict=True) if name != "event_id"}
                found.setdefault(f"{row[0]} {row[1]} {table}", []).append(plain)
        return found
    finally:
        connection.close()


@pytest.fixture
def archive(tmp_path: Path):
    with sfm.create(tmp_path / "a.sfm", actor="tester") as opened:
        yield opened


def setting(archive: sfm.Archive, event_id: int, quantity: str = "sample_rate") -> tuple[float | None, str]:
    """As its samples were decoded."""
    with archive.store.reading() as connection:
        made = computed.of_events(connection, [event_id])[event_id].readings(event_id)
    return next((one.number, one.text) for one in made if one.quantity == quantity)


def noticed(archive: sfm.Archive, event_id: int) -> list[str]:
    return [one.code for one in noticed_of(archive, event_id)]


def test_a_late_document_tells_the_events_between_it_and_the_one_before(archive) -> None:
    ids = [archive.save(identity(day), FRAMES).event_id for day in (0, 5, 10, 12, 50)]
    archive.attach(ids[0], [], [says(sample_rate="2048 sps")])
    assert "assumed" in setting(archive, ids[1])[1]
    archive.attach(ids[2], [], [says(sample_rate="2048 sps")])
    assert setting(archive, ids[1]) == (2048, "documents of 2026-03-01 and 2026-03-11")
    assert [setting(archive, one)[0] for one in ids[2:]] == [2048, 1024, 1024]
    archive.save(identity(20), readings=[says(sample_rate="1024 sps")])
    assert "assumed" in setting(archive, ids[3])[1], "they do not agree"
    assert archive.rebuild(dry_run=True).changed == 0 and not archive.verify().damage


def test_a_document_that_counts_no_more_tells_its_neighbours_nothing(archive) -> None:
    """A second event of the same second comes, and nothing says which of the two its report is of."""
    said = {"geo_range": "10.0 in/s"}
    archive.save(identity(0), readings=[says(**said)])
    between = archive.save(identity(9), FRAMES).event_id
    at = identity(20).recorded_at
    archive.save(sfm.Event(serial="BE11529", recorded_at=at, record_type=WAVEFORM, start_key=5), FRAMES)
    report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="a.txt", data=b"a report")
    document = dataclasses.replace(says(**said, Tran="7.77 in/s"), origin_sha256=report.sha256)
    archive.save(identity(20), files=[report], readings=[document])
    assert setting(archive, between, "geo_range") == (10.0, "documents of 2026-03-01 and 2026-03-21")
    archive.save(sfm.Event(serial="BE11529", recorded_at=at, record_type=WAVEFORM, start_key=6), FRAMES)
    assert "assumed" in setting(archive, between, "geo_range")[1]
    assert archive.rebuild(dry_run=True).changed == 0 and not archive.verify().damage


def test_a_late_document_has_no_other_events_decoded_than_those_between(archive, monkeypatch) -> None:
    """Of the unit, up to the nearest documents, in thirty days, those that now have another source."""
    days = {day: archive.save(identity(day), FRAMES).event_id for day in (0, 30, 59, 60, 61, 70, 89, 91, 200)}
    archive.save(identity(60, "UM1"), FRAMES)
    archive.attach(days[89], [], [says(sample_rate="2048 sps")])
    touched: list[int] = []
    own = deriving.recompute

    def counted(archive: sfm.Archive, event_ids: Any, **more: Any) -> set[int]:
        touched.extend(event_ids)
        return own(archive, event_ids, **more)

    monkeypatch.setattr(deriving, "recompute", counted)
    archive.attach(days[61], [], [says(sample_rate="2048 sps")])
    assert sorted(touched) == [days[61], days[70]]
    touched.clear()
    archive.attach(days[30], [], [says(geo_range="10.0 in/s")])
    assert touched == [days[30]], "one document alone tells nothing of others"


def test_what_is_looked_for_is_found_by_indexes(archive) -> None:
    """One that scans would cost a million events a look at each."""
    with archive.store.reading() as connection:
        for statement, more in ((told_settings._VALUES, ("decoder", "[]")), (told_settings._EVENTS, ())):
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", ("[]", *more))]
            assert not any("SCAN" in step and "VIRTUAL TABLE" not in step for step in plan), plan


def of_steps(archive: sfm.Archive, steps: tuple[timedelta, ...], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The settings of all events, and which events rest on each, with the nearest documents sought in these steps."""
    monkeypatch.setattr(setting_sources, "_STEPS", steps)
    with archive.store.reading() as connection:
        rows = list(events.of_ids(connection, events.sorted_ids(connection, EVERYTHING)))
        resting = {row.event_id: setting_sources.resting_on(connection, [row.event_id]) for row in rows}
        return setting_sources.settings_of(connection, rows), resting


STEPS = setting_sources._STEPS
DOCUMENT = st.sampled_from(
    [
        {},
        {"sample_rate": "2048 sps"},
        {"geo_range": "1.25 in/s"},
        {"sample_rate": "1024 sps", "geo_range": "10.0 in/s"},
        {"pretrigger": "-0.5 sec", "geo_range": "1.25 in/s"},
    ]
)
KIND = st.sampled_from([WAVEFORM, sfm.RecordType.HISTOGRAM])


@given(st.lists(st.tuples(st.integers(0, 80 * 24), KIND, DOCUMENT), min_size=2, max_size=25))
@settings(max_examples=settings.default.max_examples // 4)
def test_step_by_step_the_same_documents_are_nearest(tmp_path_factory, moments) -> None:
    path = tmp_path_factory.mktemp("steps") / "a.sfm"
    with sfm.create(path) as archive, pytest.MonkeyPatch.context() as monkeypatch:
        for hour, kind, document in moments:
            event = sfm.Event(serial="BE11529", recorded_at=START + timedelta(hours=hour), record_type=kind)
            archive.save(event, readings=[says(**document)])
        at_once = of_steps(archive, (setting_evidence.NEAR,), monkeypatch)
        assert of_steps(archive, STEPS, monkeypatch) == at_once
        assert of_steps(archive, (timedelta(hours=1), timedelta(days=2), setting_evidence.NEAR), monkeypatch) == at_once


def test_of_a_busy_unit_few_documents_are_looked_at(archive, monkeypatch) -> None:
    """A unit with an event each half hour had 2,900 within thirty days looked at for each one that came."""
    looked_at: list[str] = []
    own = told_settings.in_spans

    def counted(connection: Any, spans: Any, **more: Any) -> Any:
        found = own(connection, spans, **more)
        looked_at.extend(one.start_local for one in found)
        return found

    with archive.batch():
        for half_hour in range(300):
            told = {"sample_rate": "1024 sps", "geo_range": "10.0 in/s"} if half_hour % 2 else {}
            kind = sfm.RecordType.HISTOGRAM
            event = sfm.Event(serial="BE11529", recorded_at=START + timedelta(hours=half_hour / 2), record_type=kind)
            archive.save(event, readings=[says(**told)])
    monkeypatch.setattr(told_settings, "in_spans", counted)
    with archive.store.reading() as connection:
        (row,) = events.of_ids(connection, [151])
        assert setting_sources.settings_of(connection, [row])[151].settings.sample_rate == 1024
        assert len(looked_at) < 20
        looked_at.clear()
        assert setting_sources.resting_on(connection, [150]) == {148, 149, 151, 152}
        assert len(looked_at) < 25


def test_peaks_of_documents_tell_the_range_and_a_contradiction_is_a_finding_at_once(archive) -> None:
    greatest = max(map(abs, EVENT.motion.tran))
    event_id = archive.save(identity(0), FRAMES, readings=[says(Tran=f"{greatest * 0.005 / 8:.6f} in/s")]).event_id
    assert setting(archive, event_id, "geo_range") == (1.25, "by the reported peaks")
    assert noticed(archive, event_id) == []
    archive.attach(event_id, [], [says(geo_range="10.0 in/s")])
    assert setting(archive, event_id, "geo_range")[1].startswith("contradicted: as a document of the event tells it")
    assert noticed(archive, event_id) == ["range-contradicted"]
    archive.attach(event_id, [], [says(Tran=f"{greatest * 0.003:.6f} in/s")])
    assert noticed(archive, event_id) == ["peak-contradicted"]
    assert archive.rebuild(dry_run=True).changed == 0


THINGS = ("frames 0", "frames 3", "frames 3.5", "frames 7", "frames 9", "report 0", "report 3.5", "report 7", "state")
DOCUMENTS = {
    "report 0": {"sample_rate": "2048 sps", "geo_range": "10.0 in/s"},
    "report 3.5": {"geo_range": "1.25 in/s", "sample_rate": "2048 sps", "pretrigger": "-0.5 sec"},
    "report 7": {"sample_rate": "2048 sps", "geo_range": "1.25 in/s", "Vert": "0.2 in/s"},
}
_ends: dict[tuple[str, ...], dict[str, Any]] = {}


def end_of(tmp_path_factory: pytest.TempPathFactory, steps: tuple[str, ...], at_once: int) -> dict[str, Any]:
    """The derived rows when all of that has come, so many of it in one transaction."""
    path = tmp_path_factory.mktemp("a") / "a.sfm"
    with sfm.create(path, actor="tester") as archive:
        for some in batches(steps, at_once):
            with archive.batch():
                for step in some:
                    take(archive, step)
        assert archive.rebuild(dry_run=True).changed == 0
    return derived(path)


def take(archive: sfm.Archive, step: str) -> None:
    kind, _, day = step.partition(" ")
    if kind == "frames":
        archive.save(identity(float(day)), FRAMES)
    elif kind == "report":
        archive.save(identity(float(day)), readings=[says(**DOCUMENTS[step])])
    else:
        span = {"since": START + timedelta(days=8), "by": "A. Miller", "reason": "log book"}
        sfm.state_settings(archive, "BE11529", geo_range="sensitive", **span)
        if kind == "withdraw":
            sfm.withdraw_settings(archive, 1, reason="a slip")


@given(st.permutations(THINGS), st.sampled_from([1, 3, 9]), st.sampled_from(["state", "withdraw"]))
@settings(max_examples=settings.default.max_examples // 4)
def test_in_any_order_the_rows_end_the_same(tmp_path_factory, order, at_once, last) -> None:
    """Of events, their reports, and a statement; some of them in one transaction."""
    same = (*THINGS[:-1], last)
    if same not in _ends:
        _ends[same] = end_of(tmp_path_factory, same, 9)
    steps = tuple(last if step == "state" else step for step in order)
    assert end_of(tmp_path_factory, steps, at_once) == _ends[same]


def test_nothing_of_a_decoding_goes_through_the_archive(archive) -> None:
    """Each page of a hundred events had the frames of all events looked at: 700 µs an event at 10,000."""
    archive.save(identity(0), FRAMES, readings=[says(sample_rate="1024 sps")])
    found: set[str] = set()
    with archive.store.reading() as connection:
        connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda one: found.add(one["sql"]), id="here")
        tasks(archive, list(events.of_ids(connection, [1])))
        connection.trace_v2(0, None, id="here")
        assert len(found) > 10
        for sql in found:
            nothing = (None,) * apsw.ext.query_info(connection, sql).bindings_count
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", nothing)]
            assert not [step for step in plan if step.startswith(("SCAN frames", "SCAN event", "SCAN finding"))], sql
