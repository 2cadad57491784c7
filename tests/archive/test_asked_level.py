"""The filter of a level has three answers: what every peak that can be meant says, or only some, or none."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.archive.listing import level_counts
from sfm_archive.model.asked_level import LevelAnswer, level_of_event
from sfm_archive.model.decode_settings import ASSUMED
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import Reading, ValueSource, measured_reading
from sfm_archive.model.selection import Selection, select
from sfm_archive.model.summaries import summary_of
from sfm_archive.storage import summaries

REAL = Path(__file__).parents[1] / "data" / "blastware-ascii"
START = datetime(2026, 5, 1, 6)
CHANNELS = ("Tran", "Vert", "Long")

# What a document or the decoder says of a channel, and some velocities in in/s that the ground can have had then.
SAID: dict[str, tuple[float, ...]] = {
    "0.300 in/s": (0.3,),
    "0.500 in/s": (0.5,),
    "2.000 in/s": (2.0,),
    "<0.500 in/s": (0.0, 0.49),
    ">2.000 in/s": (2.0, 9.0),
    "OORANGE": (1.279375, 9.0),
    "N/A": (0.0, 9.0),
    "assumed 4.000 in/s": (0.5, 4.0),
    "assumed 0.480 in/s": (0.06, 0.48),
}
ASKED = (0.0, 0.1, 0.4, 0.5, 1.0, 1.3, 2.0, 3.0, 4.0, 8.0)

texts = st.tuples(*[st.sampled_from(list(SAID))] * 3)


def readings(said: tuple[str, ...]) -> list[Reading]:
    found = []
    for channel, text in zip(CHANNELS, said, strict=True):
        if text.startswith("assumed"):
            number = float(text.split()[1])
            found.append(
                Reading(quantity="ppv", channel=channel, number=number, unit="in/s", source=ValueSource.DECODER)
            )
        else:
            found.append(measured_reading("ppv", text, channel))
    return found


SETTING = Reading(quantity="geo_range", number=10.0, unit="in/s", text=ASSUMED, source=ValueSource.DECODER)


def expected(said: tuple[str, ...], asked: float) -> LevelAnswer:
    if set(said) == {"N/A"}:
        return LevelAnswer.UNDECIDED  # nothing is known, not even that the ground moved
    reached = {max(peaks) >= asked for peaks in product(*(SAID[text] for text in said))}
    return {frozenset({True}): LevelAnswer.YES, frozenset({False}): LevelAnswer.NO}.get(
        frozenset(reached), LevelAnswer.UNDECIDED
    )


@given(texts, st.sampled_from(ASKED))
def test_a_level_is_reached_where_every_peak_that_can_be_meant_reaches_it(said: tuple[str, ...], asked: float) -> None:
    row = summary_of(
        readings(said), name="", start_local="", record_type=RecordType.WAVEFORM, revision=0, encoding="",
        computed=[SETTING],
    )  # fmt: skip
    level = select(ppv_from=f"{asked} in/s").ppv_from_nm_s
    assert level is not None
    assert level_of_event(row, level) is expected(said, asked)


def test_a_peak_of_the_whole_event_says_more_than_channels_that_are_not_known() -> None:
    row = summary_of(
        [measured_reading("ppv", "0.3 in/s", ""), measured_reading("ppv", "0.1 in/s", "Tran")],
        name="", start_local="", record_type=RecordType.WAVEFORM, revision=0, encoding="",
    )  # fmt: skip
    assert (row.ppv_least_nm_s, row.ppv_most_nm_s) == (7_620_000, 7_620_000)


def document(*said: Reading) -> ReadingSet:
    return ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=said)


@pytest.fixture
def every(tmp_path: Path) -> tuple[sfm.Archive, list[tuple[str, ...]]]:
    """An archive with an event for everything that documents can say of two channels."""
    documents = [text for text in SAID if not text.startswith("assumed")]
    said = [(first, second, "0.300 in/s") for first, second in product(documents, documents)]
    archive = sfm.create(tmp_path / "a.sfm")
    with archive.batch():
        for number, one in enumerate(said):
            event = sfm.Event(serial="BE11529", recorded_at=START + timedelta(minutes=number))
            archive.save(event, readings=[document(*readings(one))])
    return archive, said


@pytest.mark.parametrize("asked", ASKED)
def test_a_selection_has_what_may_be_there_and_its_counts_add_up(
    every: tuple[sfm.Archive, list[tuple[str, ...]]], asked: float
) -> None:
    archive, said = every
    levels = {number: expected(one, asked) for number, one in enumerate(said, start=1)}
    words = f"{asked} in/s"
    wanted = [number for number, level in levels.items() if level is not LevelAnswer.NO]
    assert [row.event_id for row in archive.events(ppv_from=words)] == wanted
    assert {event.event_id: event.level for event in archive.listing(ppv_from=words)} == {n: levels[n] for n in wanted}
    decided = [number for number, level in levels.items() if level is LevelAnswer.YES]
    assert [row.event_id for row in archive.events(ppv_from=words, decided=True)] == decided
    for left_out in (False, True):
        counts = level_counts(archive, select(ppv_from=words, decided=left_out))
        assert counts is not None
        assert (counts.yes, counts.undecided) == (len(decided), len(wanted) - len(decided))
        assert (sum(counts.because.values()), counts.left_out) == (counts.undecided, left_out)
    archive.close()


def test_each_undecided_event_has_one_cause(tmp_path: Path) -> None:
    said = {
        "over range": ("OORANGE", "0.300 in/s", "N/A"),
        "unknown peak": ("0.300 in/s", "N/A", "0.100 in/s"),
        "limit printed": (">2.000 in/s", "0.300 in/s", "0.300 in/s"),
    }
    with sfm.create(tmp_path / "a.sfm") as archive:
        for number, one in enumerate([*said.values(), ("N/A", "N/A", "N/A"), ("0.1 in/s",) * 3]):
            texts = [measured_reading("ppv", text, channel) for channel, text in zip(CHANNELS, one, strict=True)]
            moment = START + timedelta(minutes=number)
            archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=[document(*texts)])
        counts = level_counts(archive, select(ppv_from="5 in/s"))
        assert counts is not None and level_counts(archive, Selection()) is None
    assert counts.because == {
        "over range": 1,
        "unknown peak": 2,
        "contradicted": 0,
        "reports differ": 0,
        "limit printed": 1,
        "assumed range": 0,
    }
    assert counts.sentence == (
        "4 of these may be as loud or not (undecided): 1 over range, at least at the rail, "
        "2 with a channel whose peak is not known, 1 of which a document prints only a limit"
    )


def test_a_peak_that_its_own_samples_contradict_upwards_is_undecided(tmp_path: Path) -> None:
    text = (REAL / "5m.TXT").read_text(encoding="latin-1").replace("Vert PPV : 22.52 mm/s", "Vert PPV : 2.252 mm/s")
    report = tmp_path / "5m.TXT"
    report.write_text(text, encoding="latin-1")
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(report)
        asked = {
            level: [(event.level, event.level_why) for event in archive.listing(ppv_from=level)]
            for level in ("22 mm/s", "22.3 mm/s", "23 mm/s")
        }
        counts = level_counts(archive, select(ppv_from="22.3 mm/s"))
        assert archive.count(ppv_from="22.3 mm/s", decided=True) == 0
        assert archive.verify().ok
    yes = (LevelAnswer.YES, "")
    undecided = (LevelAnswer.UNDECIDED, "contradicted")
    assert asked == {"22 mm/s": [yes], "22.3 mm/s": [undecided], "23 mm/s": []}
    assert counts is not None and (counts.yes, counts.undecided, counts.because["contradicted"]) == (0, 1, 1)


def test_what_is_listed_says_what_it_is_at_least(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        for number, one in enumerate((("OORANGE",) * 3, ("3.000 mm/s", "N/A", "1.000 mm/s"), ("N/A",) * 3)):
            texts = [measured_reading("ppv", text, channel) for channel, text in zip(CHANNELS, one, strict=True)]
            moment = START + timedelta(minutes=number)
            archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=[document(*texts)])
        found = [(event.ppv_basis, event.ppv_at_least, event.level) for event in archive.listing()]
    assert found == [("over range", 1.279375, None), ("at least", 3.0, None), ("unknown", None, None)]


def test_no_list_and_no_filter_looks_through_all_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By SQLite's own plan of every statement: values are only looked up by their reading, and `event_summary` alone is
    gone through."""
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        for number in range(3):
            moment = START + timedelta(minutes=number)
            said = [document(*readings(("OORANGE",) * 3))]
            archive.save(sfm.Event(serial="BE11529", recorded_at=moment), readings=said)
        statements: dict[str, Any] = {}

        def noted(_: object, sql: str, bindings: Any) -> bool:
            statements[sql] = bindings
            return True

        with archive.store.reading() as connection:
            connection.set_exec_trace(noted)
            kinds: dict[str, Any] = {"serial": "BE11529", "record_type": "histogram", "since": "2026", "until": "2027"}
            texts = {"project": "a", "client": "b", "location": "c"}
            levels: tuple[dict[str, Any], ...] = ({}, {"ppv_from": "1 in/s"}, {"ppv_from": "1 in/s", "decided": True})
            for few, level, reviewed, newest in product((0, 20_000), levels, (None, True, False), (False, True)):
                monkeypatch.setattr(summaries, "FEW", few)
                rest = {**level, "false_triggers": reviewed, "newest_first": newest}
                for some in ({}, kinds, texts, {**kinds, **texts}, {"event_ids": [1, 2]}):
                    filters = {**some, **rest}
                    list(archive.listing(**filters))
                    archive.count(**filters)
                    archive.count(**filters, up_to=1)
                    level_counts(archive, select(**filters))
                    archive.unknown_peaks(**filters)
            windows = len(statements)
            for moment in ("2026", "2026-05-02", "2026-05-02 10:00"):
                archive.count(since=moment)
            connection.set_exec_trace(None)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    plans = [
        (sql, step)
        for sql, bindings in statements.items()
        if sql.lstrip().upper().startswith("SELECT")
        for _, _, _, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings).fetchall()
    ]
    connection.close()
    gone_through = Counter(step.split()[1] for _, step in plans if step.startswith("SCAN"))
    assert plans and not {"value", "reading", "event_computed", "event_peaks"} & set(gone_through), plans
    reaching = [step for sql, step in plans if "'yes' AS word" in sql and "start_local" not in sql]
    assert any("USING COVERING INDEX event_summary_by_most" in step for step in reaching)
    alone = [step for sql, step in plans if "'yes' AS word" in sql and " JOIN " not in sql]
    assert alone and all("event_summary" in step for step in alone if "event" in step), "80,000 events were looked up"
    of_windows = {sql for place, sql in enumerate(statements) if place >= windows}
    assert of_windows and not [
        sql for sql, step in plans if sql in of_windows and step.startswith("SCAN event_summary")
    ]
