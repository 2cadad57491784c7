"""Which decoder makes the computed numbers: the one that the archive pins, until somebody switches to another."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import NotFound, ReadOnlyArchive
from sfm_archive.storage import computed


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two waveforms and a histogram, with the numbers of the usual decoder."""
    random, path = Random(5), tmp_path / "site.sfm"
    made = [testing.simulate_waveform(random, seconds=1.0, loudness=kind) for kind in ("quiet", "ordinary")]
    with sfm.create(path, actor="tester") as archive:
        for hour, event in enumerate([*made, testing.simulate_histogram(random, count=30)], start=9):
            identity = sfm.Event(
                serial="BE11529", recorded_at=datetime(2026, 5, 1, hour), record_type=event.record_type
            )
            archive.save(identity, testing.read_out(event))
    return path


def decoders(archive: sfm.Archive) -> dict[int, str]:
    with archive.store.reading() as connection:
        return {event_id: row.decoder for event_id, row in computed.of_events(connection, [1, 2, 3]).items()}


def peaks(archive: sfm.Archive) -> list[float]:
    of_waveforms = [value for number in (1, 2) for value in archive.values(number) if value.quantity == "ppv"]
    return [value.number for value in of_waveforms if value.number is not None]


def codes(archive: sfm.Archive) -> set[str]:
    return {found.code for found in archive.verify().findings}


def test_a_new_archive_pins_the_usual_decoder_or_the_one_named(tmp_path, halved_decoder) -> None:
    with sfm.create(tmp_path / "usual.sfm") as archive:
        assert (str(archive.pinned_decoder), archive.info().pinned_decoder) == ("waveform@1", "waveform@1")
    with sfm.create(tmp_path / "other.sfm", decoder=halved_decoder) as archive:
        assert str(archive.pinned_decoder) == halved_decoder
        event = testing.simulate_waveform(Random(1), seconds=1.0)
        archive.save(sfm.Event(serial="BE1", recorded_at=event.recorded_at), testing.read_out(event))
        assert decoders(archive) == {1: halved_decoder}
        assert not codes(archive)
    with pytest.raises(NotFound, match=r"decoder none@1 is not installed \(installed: halved@1, waveform@1\)"):
        sfm.create(tmp_path / "no.sfm", decoder="none@1")
    assert not (tmp_path / "no.sfm").exists()


def test_installing_another_decoder_changes_nothing(site, halved_decoder) -> None:
    with sfm.open(site) as archive:
        assert archive.rebuild().changed == 0
        assert set(decoders(archive).values()) == {"waveform@1"}


def test_a_dry_run_says_what_a_switch_would_change_and_changes_nothing(site, halved_decoder) -> None:
    before = site.read_bytes()
    with sfm.open(site, read_only=True) as archive:
        report = sfm.pin_decoder(archive, halved_decoder, dry_run=True)
        with pytest.raises(ReadOnlyArchive):
            sfm.pin_decoder(archive, halved_decoder)
    assert (report.before, report.after, report.events, report.changed) == ("waveform@1", "halved@1", 3, 2)
    (velocities,) = [one for one in report.quantities if one.quantity == "ppv"]
    assert (velocities.unit, velocities.changed, velocities.gained, velocities.lost) == ("in/s", 6, 0, 0)
    assert velocities.largest_share == pytest.approx(0.5, abs=0.02) and velocities.event_id == 2
    assert site.read_bytes() == before


def test_a_switch_computes_all_numbers_again_in_one_change(site, halved_decoder) -> None:
    with sfm.open(site, actor="A. Tremblay") as archive:
        before = peaks(archive)
        tried = sfm.pin_decoder(archive, halved_decoder, dry_run=True)
        report = sfm.pin_decoder(archive, halved_decoder)
        assert (report.numbers, report.quantities) == (tried.numbers, tried.quantities)
        assert peaks(archive) == pytest.approx([number / 2 for number in before], abs=0.006)
        assert set(decoders(archive).values()) == {halved_decoder}
        last = archive.history(limit=1)[-1]
        assert (last.action, last.actor, last.detail) == (
            "pin decoder",
            "A. Tremblay",
            '{"from":"waveform@1","to":"halved@1"}',
        )
        assert not codes(archive) and archive.rebuild(dry_run=True).changed == 0
        again = sfm.pin_decoder(archive, halved_decoder)
        assert (again.events, again.numbers, len(archive.history())) == (0, 0, last.sequence)
        back = sfm.pin_decoder(archive, "waveform@1")
        assert back.numbers == report.numbers and peaks(archive) == before


def test_a_pin_that_was_altered_behind_the_history_is_found(site, halved_decoder) -> None:
    import apsw

    connection = apsw.Connection(str(site))
    connection.execute("UPDATE archive SET pinned_decoder = 'halved@1'")
    connection.close()
    with sfm.open(site, read_only=True) as archive:
        (found,) = [one for one in archive.verify().findings if one.code == "archive"]
        assert found.message == "pins halved@1, the history says waveform@1"


def test_without_the_pinned_decoder_its_numbers_stay_and_new_events_say_why(site, halved_decoder, monkeypatch) -> None:
    with sfm.open(site) as archive:
        sfm.pin_decoder(archive, halved_decoder)
        before = peaks(archive)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if not place.endswith("halved_decoder")])
    with sfm.open(site) as archive:
        assert archive.rebuild().changed == 0 and peaks(archive) == before
        report = archive.verify()
        (note,) = report.findings
        assert note.code == "not-checked"
        assert note.message.startswith("those of 3 event(s) were not computed again: decoder halved@1 is not installed")
        event = testing.simulate_waveform(Random(8), seconds=1.0)
        archive.save(sfm.Event(serial="BE2", recorded_at=event.recorded_at), testing.read_out(event))
        with archive.store.reading() as connection:
            row = computed.of_events(connection, [4])[4]
        assert (row.decoder, row.numbers) == ("", "{}") and "halved@1 is not installed" in row.why
    monkeypatch.undo()
