"""Notices in the history: each is found again, whatever is done with the archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.storage import notices
from sfm_archive.storage.changes import NoticesUpTo, SendNotice
from sfm_archive.storage.notices import Sent
from sfm_archive.storage.writing import Writing
from sfm_archive.testing import read_out, simulate_waveform

SILENT = {"kind": "unit silent", "about": "BE18003", "once_for": "2026-05-01T12:00:00.000000Z"}


def note(archive: sfm.Archive, change: SendNotice | NoticesUpTo, event_id: int = 0) -> None:
    with archive.store.transaction() as connection:
        Writing(connection).note(change, archive.actor, event_id)


def save_one(archive: sfm.Archive, seed: int) -> int:
    simulated = simulate_waveform(Random(seed), serial="BE18003")
    event = sfm.Event(serial="BE18003", recorded_at=simulated.recorded_at)
    return archive.save(event, read_out(simulated)).event_id


def found(path: Path) -> tuple[set[Sent], set[Sent], int | None, list[int]]:
    """What an archive says was sent of its first event and of none, up to where was looked, and what came since."""
    with sfm.open(path, read_only=True) as archive, archive.store.reading() as connection:
        up_to = notices.looked_up_to(connection)
        return (
            notices.sent_of_events(connection, [1]),
            notices.sent_of_no_event(connection),
            up_to,
            notices.received_behind(connection, up_to or 0),
        )


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """An archive with two events, of which the first was told of, before the second came."""
    path = tmp_path / "told.sfm"
    with sfm.create(path) as archive:
        save_one(archive, 1)
        note(archive, SendNotice(kind="above limit", program="tell.py", tries=3), 1)
        note(archive, SendNotice(program="tell.py", **SILENT))
        note(archive, NoticesUpTo(up_to=archive.history_head()[0]))
        save_one(archive, 2)
    return path


OF_EVENT = {Sent(1, "above limit", "", "")}
OF_UNIT = {Sent(0, SILENT["kind"], SILENT["about"], SILENT["once_for"])}


def of_backup(told: Path) -> Path:
    with sfm.open(told) as archive:
        archive.backup(told.with_name("copy.sfm"))
    return told.with_name("copy.sfm")


def of_rebuild(told: Path) -> Path:
    with sfm.open(told) as archive:
        archive.rebuild()
        archive.compact()
    return told


def of_salvage(told: Path) -> Path:
    wreck = told.with_name("wreck.sfm")
    wreck.write_bytes(told.read_bytes())
    connection = apsw.Connection(str(wreck))
    connection.execute("DELETE FROM event_summary")
    connection.close()
    salvage(wreck, told.with_name("salvaged.sfm"))
    return told.with_name("salvaged.sfm")


@pytest.mark.parametrize("made", [Path, of_backup, of_rebuild, of_salvage])
def test_what_was_sent_is_found_again(told: Path, made: Callable[[Path], Path]) -> None:
    path = made(told)
    of_event, of_unit, up_to, since = found(path)
    assert (of_event, of_unit) == (OF_EVENT, OF_UNIT)
    assert up_to is not None
    assert since == [2]
    with sfm.open(path, read_only=True) as archive:
        assert archive.verify().ok


def test_notices_of_another_archive_say_nothing_here(told: Path, tmp_path: Path) -> None:
    with sfm.create(tmp_path / "office.sfm") as office:
        note(office, NoticesUpTo(up_to=1))
        sfm.merge(office, told)
    of_event, of_unit, up_to, since = found(tmp_path / "office.sfm")
    assert (of_event, of_unit, up_to) == (set(), set(), 1), "neither silent about what is told elsewhere"
    assert since == [], "nor loud about what was received elsewhere"
    with sfm.open(tmp_path / "office.sfm") as office:
        assert office.verify().ok
        save_one(office, 3)
    assert found(tmp_path / "office.sfm")[3] == [3]


def test_an_extract_takes_no_notices_along(told: Path, tmp_path: Path) -> None:
    with sfm.open(told) as archive:
        sfm.extract(archive, tmp_path / "client.sfm")
    assert found(tmp_path / "client.sfm") == (set(), set(), None, [])
    assert b"tell.py" not in (tmp_path / "client.sfm").read_bytes()


def test_a_notice_of_an_event_stands_in_its_history_in_words(told: Path) -> None:
    with sfm.open(told, read_only=True) as archive:
        said = [one.what for one in sfm.told_history(archive, 1) if one.action == "notify"]
    assert said == ["above limit: sent to tell.py after 3 tries"]


def test_when_units_were_heard_is_told_by_what_came_of_them(told: Path) -> None:
    with sfm.open(told, read_only=True) as archive, archive.store.reading() as connection:
        (last,) = [row.at_utc for row in archive.history() if row.action == "save"][1:]
        assert notices.heard_behind(connection, 0) == {"BE18003": last}
        assert notices.heard_behind(connection, archive.history_head()[0]) == {}
