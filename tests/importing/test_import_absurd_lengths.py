"""Texts of absurd lengths, wherever one comes from: sentences, bounded time, and nothing half kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import sfm_archive as sfm
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.findings import MOST_SAID
from sfm_archive.model.readings import LONGEST_TEXT, Reading, ValueSource
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, read_out, simulate_histogram, thor_csv

HUGE = "quarry " * 700_000
LENGTHS = [LONGEST_TEXT + 1, 200_000, len(HUGE)]


@pytest.fixture
def event(random):
    return simulate_histogram(random, serial="BE11529", count=3)


def texts(importing) -> dict[str, str]:
    (row,) = importing.archive.events()
    return {value.quantity: value.text for value in importing.archive.values(row.event_id)}


def all_told_in_sentences(report) -> None:
    for item in report.items:
        assert len(item.message) < 5_000, item.message[:200]
        assert all(len(finding.message) < 5_000 for finding in item.findings)


@pytest.mark.parametrize("size", LENGTHS)
@pytest.mark.parametrize("write", [ascii_report, thor_csv])
def test_a_project_of_a_report(importing, event, size, write) -> None:
    name = call_home_name(event)
    made = write(event, file_name=name) if write is ascii_report else write(event)
    quantity = "project" if write is ascii_report else "client"
    label = b'"Project: : ' if write is ascii_report else b'"Client","'
    data = made.replace(label, label + HUGE[:size].encode(), 1)
    assert len(data) > size
    importing.put(f"{name}", blastware_file(event))
    importing.put(f"{name}{'_ASCII.TXT' if write is ascii_report else '.csv'}", data)
    report = importing()
    all_told_in_sentences(report)
    assert report.events_created == 1
    assert texts(importing)[quantity] == getattr(event, quantity), "the settings' own text counts, not half of another"
    (item,) = (item for item in report.items if item.kind != "event file")
    if write is thor_csv and size > LONGEST_TEXT + 1:
        assert item.outcome == "rejected", "nothing that tells its dialect is within the bytes that are looked at"
        return
    assert {"text-too-long", "header-cut"} & {finding.code for finding in item.findings}
    kept = next(file for file in importing.archive.files(1) if file.kind == "report")
    assert importing.archive.file_bytes(kept) == data
    assert importing.archive.verify().ok
    importing.again_changes_nothing()


@pytest.mark.parametrize("size", LENGTHS)
@pytest.mark.parametrize("place", ["project", "reviewer", "notes"])
def test_a_text_of_a_sidecar(importing, event, size, place) -> None:
    name = call_home_name(event)
    plain = {"project": "p", "review": {"false_trigger": True, "reviewer": "r", "notes": "n"}}
    (plain if place == "project" else plain["review"])[place] = HUGE[:size]
    importing.put(name, blastware_file(event))
    importing.put(f"{name}.sfm.json", json.dumps(plain).encode())
    report = importing()
    all_told_in_sentences(report)
    (finding,) = next(item for item in report.items if item.path.endswith(".json")).findings
    assert "this program reads up to 10,000" in finding.message
    assert "false_trigger" not in texts(importing)
    assert importing.archive.verify().ok


@pytest.mark.parametrize("size", LENGTHS)
def test_a_text_in_the_settings_of_an_event_file(importing, event, size) -> None:
    file = blastware_file(event)
    label = b"Client:"
    at = file.rindex(label) + len(label)
    grown = file[:at] + HUGE[:size].encode() + file[at:]
    start = len(sfm_prefix(file)) + 4 + 6
    end_key = int.from_bytes(grown[start : start + 4], "big") + size
    grown = grown[:start] + end_key.to_bytes(4, "big") + grown[start + 4 :]
    importing.put(call_home_name(event), grown)
    report = importing()
    all_told_in_sentences(report)
    (item,) = report.items
    assert "text-too-long" in {finding.code for finding in item.findings}
    assert "client" not in texts(importing) and texts(importing)["project"] == event.project
    assert importing.archive.verify().ok


def sfm_prefix(file: bytes) -> bytes:
    from sfm_archive.formats.blastware.event_file import FILE_PREFIX

    assert file.startswith(FILE_PREFIX)
    return FILE_PREFIX


def test_values_findings_and_decisions_of_a_program(importing, event) -> None:
    archive = importing.archive
    identity = sfm.Event(serial=event.serial, recorded_at=event.recorded_at)
    saved = archive.save(identity, read_out(event), findings=[sfm.Finding(code="x", message=HUGE)])
    before = archive.history_head()
    value = Reading(quantity="project", text=HUGE)
    for odd in (value, replace(value, quantity=HUGE, text="x"), replace(value, unit=HUGE, text="x")):
        document = ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=(odd,))
        with pytest.raises(sfm.UsageError, match=r"this program keeps up to 10,000\. Nothing was changed") as caught:
            archive.save(identity, readings=[document])
        assert len(str(caught.value)) < 500
    for words in ({"notes": HUGE}, {"notes": "x", "reviewer": HUGE}):
        with pytest.raises(sfm.UsageError, match="this program keeps up to 10,000"):
            archive.review(saved.event_id, false_trigger=True, **words)
    path = importing.put("left", b"x")
    with pytest.raises(sfm.UsageError, match="the reason has 4,899,999 characters"):
        sfm.leave_out(archive, path, reason=HUGE)
    with pytest.raises(sfm.UsageError, match="this program keeps up to 255"):
        sfm.open(archive.path, actor=HUGE)
    assert archive.history_head() == before
    assert next(len(one.message) for one in archive.findings(saved.event_id) if one.code == "x") < MOST_SAID + 50
    assert archive.verify().ok
