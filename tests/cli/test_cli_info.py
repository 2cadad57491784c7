"""`sfm info`."""

from __future__ import annotations

import re

TEXT = """\
archive                  quarry.sfm
archive id               <id>
format version           1
created (UTC)            <UTC> by sfm-archive 0.1.0
pinned encoder           blastware@2
events                   7 from 3 units
recorded (device-local)  2026-04-18 06:00:00 to 2026-05-13 13:04:09
frames                   7 revisions, <size> kept in <size>
received files           3 files, <size> kept in <size>
waiting for their event  0 files
size on disk             <size>
history                  8 changes
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
    assert (document["events"], document["units"], document["history_length"]) == (7, 3, 8)


def test_an_empty_archive(sfm):
    sfm("create", "empty.sfm")
    assert "recorded (device-local)  nothing yet\n" in sfm("info", "empty.sfm").stdout
