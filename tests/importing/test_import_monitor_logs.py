"""Monitor logs: their layout is not published, so nothing of them may get lost."""

from __future__ import annotations

from datetime import datetime

import pytest

from sfm_archive.archive.reading import waiting_files
from sfm_archive.testing import FILE_PREFIX
from sfm_archive.testing.trailer import footer

TAG = bytes.fromhex("22010ea0")


@pytest.fixture
def log(random):
    return FILE_PREFIX + TAG + random.randbytes(700)


@pytest.fixture
def dated(random):
    began, ended = datetime(2026, 5, 1, 6, 0, 0), datetime(2026, 5, 1, 18, 0, 0)
    return FILE_PREFIX + TAG + random.randbytes(700) + footer(random, began, ended)


def test_one_that_tells_nothing_is_kept_byte_for_byte_and_says_what_is_missing(importing, log, item_of):
    importing.put("logs/M529LKIQ.MLG", log)
    report = importing()
    found = item_of(report, ".MLG")
    assert found.outcome == "kept" and "monitor log" in found.message and "serial" in found.message
    (listed,) = importing.archive.waiting()
    assert not listed.waits and "kept as received" in listed.message and importing.archive.info().waiting_files == 0
    assert not report.anything_rejected
    (kept,) = waiting_files(importing.archive.store)
    assert importing.archive.file_bytes(kept) == log and importing.archive.count() == 0
    importing.again_changes_nothing()


def test_one_that_tells_its_time_is_an_event_under_the_serial_of_its_folder(importing, dated):
    importing.put("BE11529/M529LKIQ.MLG", dated)
    importing()
    (row,) = importing.archive.events()
    assert (row.serial, row.record_type, row.name) == ("BE11529", "monitor log", "M529LKIQ.MLG")
    assert row.recorded_at_local == "2026-05-01T06:00:00"
    (kept,) = importing.archive.files(row.event_id)
    assert importing.archive.file_bytes(kept) == dated
    importing.again_changes_nothing()


def test_one_that_was_kept_gets_its_event_when_the_serial_is_given(importing, dated, item_of):
    importing.put("logs/M529LKIQ.MLG", dated)
    assert item_of(importing(), ".MLG").outcome == "kept"
    assert item_of(importing(serial="BE11529"), ".MLG").outcome == "new"
    assert not waiting_files(importing.archive.store)
    # It has its event now: without the serial it is not kept a second time.
    assert item_of(importing(), ".MLG").outcome == "duplicate"
    assert importing.archive.count() == 1
