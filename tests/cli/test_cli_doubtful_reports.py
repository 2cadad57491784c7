"""Reports whose numbers cannot count: with commas that may mean two things, and texts that this program made."""

from __future__ import annotations

import re
from random import Random

import pytest

from sfm_archive.testing import ascii_report, blastware_file, simulate_waveform

NAME = "M529LK44.AB0"
TEXT = "M529LK44_AB0_ASCII.TXT"


@pytest.fixture
def pair(sfm):
    event = simulate_waveform(Random(3), seconds=1.0, sample_rate=1024, loudness="ordinary", serial="BE11529")
    (sfm.folder / NAME).write_bytes(blastware_file(event))
    (sfm.folder / TEXT).write_bytes(ascii_report(event, file_name=NAME))
    return sfm.folder / NAME, sfm.folder / TEXT


def ambiguous(report: bytes) -> bytes:
    """Commas in the peaks, points elsewhere."""
    return re.sub(rb"(P[PS][VP][LS]? : [0-9]+|Sum : [0-9]+)\.", rb"\1,", report)


def test_decimal_commas_are_read_from_import_to_summary(sfm, pair):
    file, report = pair
    with_points = sfm.json("check-file", file, "--report", report)
    report.write_bytes(re.sub(rb"(?<=[0-9])\.(?=[0-9])", b",", report.read_bytes()))
    assert "decimal commas" in sfm("import", "q.sfm", file, report, "--create").stderr
    (group,) = sfm.json("summary", "q.sfm")["groups"]
    assert group["ppv"]["number"] > 0 and group["ppv"]["source"] == "report" and group["without_peaks"] == 0
    with_commas = sfm.json("check-file", file, "--report", report)
    assert with_commas["agree"] and with_commas["compared"] == with_points["compared"]


def test_a_value_that_is_not_understood_is_told_and_is_no_peak(sfm, pair):
    file, report = pair
    report.write_bytes(ambiguous(report.read_bytes()))
    told = sfm("import", "q.sfm", file, report, "--create").stderr
    assert "no number is understood in Tran ppv '0," in told and "Export it again with decimal points" in told
    (group,) = sfm.json("summary", "q.sfm")["groups"]
    assert group["ppv"]["source"] == group["pvs"]["source"] == "decoder", "no number of the report is understood"
    row = sfm("summary", "q.sfm").stdout.splitlines()[1].split()
    assert "ok" not in row
    (said,) = (one for one in sfm.json("show", "q.sfm", "1")["readings"] if one["source"] == "report")
    values = {(one["quantity"], one["channel"]): one for one in said["values"]}
    sfm("analyse", "q.sfm")  # it differs from nothing that was decoded
    check = sfm.json("check-file", file, "--report", report, code=1)
    assert check["verdict"] != "agree" and "ppv" not in {one["computed"]["quantity"] for one in check["quantities"]}
    vert = values["ppv", "Vert"]
    assert (vert["number"], vert["state"]) == (None, "absent") and vert["text"].startswith("0,")


def test_a_peak_without_a_number_that_was_kept_as_ok_is_never_printed_as_ok(sfm, pair):
    from sfm_archive import Archive
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import Reading, ValueSource

    sfm("import", "q.sfm", pair[0], "--create")
    old = Reading(quantity="ppv", channel="Vert", text="0,075 in/s")
    with Archive.open(sfm.folder / "q.sfm") as archive:
        archive.attach(1, [], [ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(old,))])
    assert "ok" not in sfm("summary", "q.sfm").stdout.splitlines()[1].split()
    listed = sfm.json("list", "q.sfm")["events"][0]["ppv"]
    assert listed["channel"] != "Vert" and listed["number"] is not None


def test_a_text_that_was_made_here_comes_back_neither_as_evidence_nor_as_received(sfm, pair):
    file, _ = pair
    sfm("import", "q.sfm", file, "--create")
    sfm("export-data", "q.sfm", "made", "--format", "txt")
    (text,) = (sfm.folder / "made").rglob("*.TXT")
    before = sfm("show", "q.sfm", "1").stdout
    result = sfm("import", "q.sfm", "made")  # the tables beside it are left out too
    assert "left out" in result.stdout and "no independent record" in result.stderr and str(text.name) in result.stderr
    assert sfm("show", "q.sfm", "1").stdout == before
    assert sfm.json("info", "q.sfm")["waiting_files"] == 0
    assert sfm.json("import", "other.sfm", text, file, "--create")["totals"]["left out"] == 1
    assert "report" not in {one["source"] for one in sfm.json("show", "other.sfm", "1")["values"]}


def test_a_text_made_here_that_a_program_kept_is_not_given_back_as_received(sfm, pair):
    from sfm_archive import Archive, FileKind, ReceivedFile

    file, report = pair
    sfm("import", "q.sfm", file, report, "--create")
    own = report.read_bytes().replace(b"V 10.74", b"sfm-archive 0.0.9")
    with Archive.open(sfm.folder / "q.sfm") as archive:
        archive.attach(1, [ReceivedFile(kind=FileKind.REPORT, name="later.TXT", data=own)], [])
        assert archive.write_as(1, "txt").data == report.read_bytes()


def test_a_table_that_is_not_understood_is_not_held_against_the_decoder(sfm, pair):
    file, report = pair
    header, gap, table = report.read_bytes().partition(b"\r\n\r\n")
    report.write_bytes(header + gap + table.replace(b".", b","))
    result = sfm("check-file", file, "--report", report, code=1)
    assert "numbers of the report are not understood" in result.stdout and "CONTRIBUTING" not in result.stdout
    assert "cells of the sample table are neither numbers nor known words" in result.stderr
    assert sfm.json("check-file", file, "--report", report, code=1)["verdict"] == "not understood"
