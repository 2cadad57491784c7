"""What a person states of a unit's rate and range counts where no document tells them, in any order."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.storage import computed, summaries

# Of no whole seconds: start and stop then leave its rate open.
EVENT = testing.simulate_waveform(Random(3), seconds=1.3, loudness="ordinary")
DAYS = (1, 2, 3)
SENSITIVE = {"geo_range": "sensitive", "by": "A. Miller", "reason": "log book"}


def save(archive: sfm.Archive, day: int, serial: str = "BE11529") -> int:
    identity = sfm.Event(serial=serial, recorded_at=datetime(2026, 5, day, 12))
    return archive.save(identity, testing.read_out(EVENT)).event_id


@pytest.fixture
def archive(tmp_path: Path):
    with sfm.create(tmp_path / "a.sfm", actor="tester") as opened:
        for day in DAYS:
            save(opened, day)
        yield opened


def peak(archive: sfm.Archive, event_id: int) -> float:
    return next(one.number for one in archive.values(event_id) if (one.quantity, one.channel) == ("ppv", "Tran"))


def assumed(archive: sfm.Archive, event_id: int) -> str:
    with archive.store.reading() as connection:
        return summaries.of_events(connection, [event_id])[event_id].assumed


def test_a_statement_counts_for_its_unit_and_span_alone(archive) -> None:
    other, before = save(archive, 2, "BE2"), peak(archive, 1)
    span = {"since": datetime(2026, 5, 2, 12), "until": datetime(2026, 5, 3, 12)}
    change = sfm.state_settings(archive, "be11529", **SENSITIVE, **span, sample_rate=2048)
    assert (change.number, change.events, change.changed) == (1, 1, 1)
    assert [peak(archive, number) for number in (1, 3, other)] == [before] * 3
    assert peak(archive, 2) == pytest.approx(before / 8)
    assert [assumed(archive, number) for number in (1, 2, 3)] == ["range rate", "", "range rate"]
    texts = {one.quantity: one.text for one in archive.values(2) if one.quantity in ("geo_range", "sample_rate")}
    assert set(texts.values()) == {"as A. Miller states (statement 1)"}
    assert not archive.verify().findings and archive.rebuild(dry_run=True).changed == 0


def test_the_newest_counts_until_it_is_withdrawn(archive) -> None:
    before = peak(archive, 1)
    sfm.state_settings(archive, "BE11529", **SENSITIVE)
    sfm.state_settings(archive, "BE11529", geo_range="normal", reason="seen on site")
    assert (peak(archive, 1), assumed(archive, 1)) == (before, "rate")
    assert sfm.withdraw_settings(archive, 2, reason="a slip").changed == 3
    assert peak(archive, 1) == pytest.approx(before / 8)
    sfm.withdraw_settings(archive, 1, reason="a slip")
    assert (peak(archive, 1), assumed(archive, 1)) == (before, "range rate")
    actions = [row.action for row in archive.history()][-4:]
    assert actions == ["state settings", "state settings", "withdraw settings", "withdraw settings"]
    with pytest.raises(UsageError, match="statement 1 was withdrawn before"):
        sfm.withdraw_settings(archive, 1, reason="again")
    with pytest.raises(NotFound, match="has no statement 3"):
        sfm.withdraw_settings(archive, 3, reason="a withdrawal is none")


def test_a_document_of_the_event_counts_first_and_a_contradiction_is_a_finding(archive) -> None:
    before = peak(archive, 1)
    sfm.state_settings(archive, "BE11529", **SENSITIVE)
    said = (measured_reading("geo_range", "10.0 in/s"),)
    archive.attach(1, [], [ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=said)])
    assert peak(archive, 1) == before and assumed(archive, 1) == "rate"
    with archive.store.reading() as connection:
        noticed = computed.of_events(connection, [1])[1].noticed(1)
    (found,) = [one for one in noticed if one.code == "setting-contradicted"]
    assert found.message == "statement 1 says a range of 1.25 in/s, a document of the event 10"


@pytest.mark.parametrize("order", list(permutations(("event", "report", "statement"))), ids="-".join)
def test_in_any_order_the_end_is_the_same(tmp_path, order) -> None:
    """The rows of both events, whatever came first."""
    with sfm.create(tmp_path / "a.sfm", actor="tester") as archive:
        waveform = sfm.RecordType.WAVEFORM
        identities = [
            sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, day, 12), record_type=waveform) for day in (1, 2)
        ]
        said = (measured_reading("sample_rate", "2048 sps"),)
        report = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=said)
        for step in order:
            if step == "event":
                for one in identities:
                    archive.save(one, testing.read_out(EVENT))
            elif step == "report":
                archive.save(identities[0], readings=[report])
            else:
                sfm.state_settings(archive, "BE11529", **SENSITIVE)
        found = {archive.event(one).recorded_at_local: (peak(archive, one), assumed(archive, one)) for one in (1, 2)}
        assert archive.rebuild(dry_run=True).changed == 0
    number = peak_of_sensitive()
    assert found == {
        "2026-05-01T12:00:00": (pytest.approx(number), ""),
        "2026-05-02T12:00:00": (pytest.approx(number), "rate"),
    }


def peak_of_sensitive() -> float:
    from sfm_archive.waveforms import decode_event

    wave = decode_event(EVENT.memory).waveform
    assert wave is not None
    return float(abs(wave.counts[0]).max()) * 1.25 / 2000


def test_a_dry_run_changes_nothing(archive) -> None:
    head, before = archive.history_head(), peak(archive, 1)
    assert sfm.state_settings(archive, "BE11529", **SENSITIVE, dry_run=True).changed == 3
    assert (archive.history_head(), peak(archive, 1), sfm.stated_settings(archive)) == (head, before, [])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"reason": "x"}, "nothing is stated"),
        ({"sample_rate": 1000, "reason": "x"}, "no unit samples 1000 times a second"),
        ({"sample_rate": 0, "geo_range": "normal", "reason": "x"}, "no unit samples 0 times a second"),
        ({"sample_rate": -1024, "geo_range": "normal", "reason": "x"}, "no unit samples -1024 times a second"),
        ({"geo_range": "huge", "reason": "x"}, "'huge' is no geophone range; a range is normal or sensitive"),
        ({"geo_range": "normal", "reason": " "}, "a statement needs a reason"),
        (
            {"geo_range": "normal", "reason": "x", "since": datetime(2026, 5, 2), "until": datetime(2026, 5, 2)},
            "the span ends before it begins",
        ),
    ],
)
def test_what_cannot_be_stated_is_refused(archive, said, sentence) -> None:
    with pytest.raises(UsageError, match=sentence):
        sfm.state_settings(archive, "BE11529", **said)
    assert sfm.stated_settings(archive) == []


def test_a_rate_that_no_histogram_has_is_refused_where_histograms_are_and_never_used_of_one(archive) -> None:
    histogram = sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, 2, 20), record_type=sfm.RecordType.HISTOGRAM)
    archive.save(histogram)
    with pytest.raises(UsageError, match="recorded 1 histogram in that span, the first at 2026-05-02 20:00:00, and no"):
        sfm.state_settings(archive, "BE11529", sample_rate=8192, reason="set so")
    assert sfm.stated_settings(archive) == []
    before = {"sample_rate": 8192, "until": datetime(2026, 5, 2, 20), "reason": "set so"}
    assert sfm.state_settings(archive, "BE11529", **before).events == 2
    late = testing.simulate_histogram(Random(4), count=3, serial="BE11529", recorded_at=datetime(2026, 5, 1, 20))
    known = sfm.Event(serial="BE11529", recorded_at=late.recorded_at, record_type=late.record_type)
    saved = archive.save(known, testing.read_out(late)).event_id
    assert "rate" in assumed(archive, saved) and "rate" not in assumed(archive, 1)


def test_the_history_says_what_was_stated_by_whom_and_why_also_of_what_was_withdrawn(archive) -> None:
    sfm.state_settings(archive, "BE11529", **SENSITIVE, sample_rate=2048, since=datetime(2026, 5, 2))
    sfm.state_settings(archive, "BE11529", geo_range="normal", by="B. Jones", reason="seen on site")
    sfm.withdraw_settings(archive, 1, by="C. Smith", reason="another unit")
    told = [(one.what, one.decided_by, one.reason) for one in sfm.told_history(archive)][-3:]
    said = "2048 sps, range sensitive, from 2026-05-02 00:00:00"
    assert told == [
        (f"BE11529: statement 1, {said}; withdrawn later", "A. Miller", "log book"),
        ("BE11529: statement 2, range normal", "B. Jones", "seen on site"),
        (f"BE11529: statement 1 ({said})", "C. Smith", "another unit"),
    ]
    assert [one.what for one in sfm.told_history(archive, 1)][-3:] == [what for what, _, _ in told]
