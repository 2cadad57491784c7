"""`sfm info`."""

from __future__ import annotations

import re
from datetime import datetime

import apsw

from sfm_archive import Archive, Event

TEXT = """\
archive                  quarry.sfm
archive id               <id>
format version           1
created (UTC)            <UTC> by sfm-archive 0.1.0
pinned encoder           blastware@2
pinned decoder           waveform@1
events                   7 from 3 units
without a known peak     0 events
recorded (device-local)  2026-04-18 06:00:00 to 2026-05-13 13:04:09
frames                   7 revisions, <size> kept in <size>
received files           3 files, <size> kept in <size>
waiting for their event  0 files
size on disk             <size>
history                  9 changes
history head             <head>
"""


def test_numbers_for_people(sfm, quarry):
    text = sfm("info", quarry).stdout
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<UTC>", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<head>", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "<id>", text)
    text = re.sub(r"[\d.,]+ (?:B|kB|MB)\b", "<size>", text)
    assert text == TEXT


def test_json_has_exactly_the_documented_keys(sfm, quarry, closed):
    document = sfm.json("info", quarry)
    closed("info", document)
    assert (document["events"], document["units"], document["history_length"]) == (7, 3, 9)


def test_events_without_a_known_peak_and_added_indexes_are_said(sfm, quarry):
    with Archive.open(sfm.folder / quarry) as archive:
        archive.save(Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 12)), names=("M529LKIH.400W",))
    connection = apsw.Connection(str(sfm.folder / quarry))
    connection.execute("CREATE INDEX browser ON event (serial)")
    connection.close()
    document = sfm.json("info", quarry)
    assert (document["unknown_peaks"], document["added_indexes"]) == (1, ["browser"])
    text = sfm("info", quarry).stdout
    assert "without a known peak     1 event; no document prints one, and no samples of theirs can be decoded" in text
    assert "added index              browser: not of the format, it only costs space" in text


def test_an_empty_archive(sfm):
    sfm("create", "empty.sfm")
    assert "recorded (device-local)  nothing yet\n" in sfm("info", "empty.sfm").stdout
