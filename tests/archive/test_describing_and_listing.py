"""What `sfm show` and `sfm list` print, as values for any program."""

from __future__ import annotations

from datetime import datetime

import pytest

import sfm_archive as sfm
from sfm_archive.base.plain import to_plain


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        yield archive


def saved(archive: sfm.Archive, second: int, *peaks: tuple[str, float]) -> int:
    readings = tuple(
        sfm.Reading(quantity="ppv", channel=channel, number=number, unit="mm/s") for channel, number in peaks
    )
    document = sfm.ReadingSet(source=sfm.ValueSource.REPORT, origin_sha256="0" * 64, readings=readings)
    event = sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, second))
    return archive.save(event, readings=[document] if peaks else []).event_id


def test_a_list_has_the_greatest_peak_of_each_event(archive):
    one, other = saved(archive, 1, ("Tran", 1.5), ("Vert", 2.5)), saved(archive, 2)
    archive.review(other, false_trigger=True, notes="truck")
    newest, oldest = archive.listing(newest_first=True)
    assert (newest.event_id, newest.ppv, newest.false_trigger) == (other, None, True)
    assert (oldest.event_id, oldest.ppv_number, oldest.false_trigger) == (one, 2.5, None)
    assert oldest.ppv is not None and oldest.ppv.channel == "Vert"
    assert oldest.encoding == "no event file" and oldest.name.startswith("M529")


def test_a_description_says_which_values_count(archive):
    event_id = saved(archive, 1, ("Tran", 1.5))
    archive.state_time_zone("BE11529", "Europe/Berlin")
    found = archive.describe(event_id)
    assert found == archive.describe(found.event.name)
    assert (found.event.derived_utc, found.event.utc_certainty) == ("2026-05-01T11:16:01Z", "certain")
    assert [(value.number, value.source) for value in found.values] == [(1.5, sfm.ValueSource.REPORT)]
    assert [value.counts for document in found.readings for value in document.values] == [True]
    assert [change.action for change in found.history] == ["save"]
    assert to_plain(found)["values"][0]["state"] == "ok"
    with pytest.raises(sfm.EventNotFound):
        archive.describe(99)
