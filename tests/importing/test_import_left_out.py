"""Files that somebody decided to leave out of imports, and findings that are told once."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.demo import captures
from sfm_archive.importing.report import ItemOutcome

JUNK = b"no event of any unit"


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "quarry.sfm", actor="tester") as made:
        yield made


def test_a_file_is_left_out_under_any_name_until_it_is_taken_again(archive, tmp_path):
    (tmp_path / "junk.bin").write_bytes(JUNK)
    assert archive.import_from(tmp_path / "junk.bin").anything_rejected
    assert sfm.leave_out(archive, tmp_path / "junk.bin", by="A. Miller", reason="bench  test")
    assert not sfm.leave_out(archive, tmp_path / "junk.bin", reason="again")
    (tmp_path / "another name.TXT").write_bytes(JUNK)
    (tmp_path / "other.bin").write_bytes(JUNK + b"!")
    report = archive.import_from(tmp_path / "another name.TXT", tmp_path / "junk.bin", tmp_path / "other.bin")
    assert (report.totals["left out"], report.totals["rejected"], report.left_out_by_decision) == (2, 1, 2)
    assert report.items[0].message == "left out, as A. Miller decided: bench test"
    sha256 = hashlib.sha256(JUNK).hexdigest()
    (found,) = sfm.left_out_files(archive).values()
    assert (found.sha256, found.name, found.decided_by, found.reason) == (sha256, "junk.bin", "A. Miller", "bench test")
    assert sfm.take_again(archive, sha256.upper(), reason="it was one")
    assert not sfm.take_again(archive, sha256, reason="it was one") and sfm.left_out_files(archive) == {}
    assert archive.import_from(tmp_path / "junk.bin").anything_rejected
    assert [row.action for row in archive.history()][1:] == ["leave out", "take again"]
    assert archive.verify().ok


def test_an_event_that_is_left_out_is_not_taken_and_its_neighbour_is(archive, tmp_path):
    downloads = tmp_path / "in"
    downloads.mkdir()
    first, second, *_ = (Path(shutil.copy(path, downloads)) for path in captures())
    sfm.leave_out(archive, first, reason="another firm's blast")
    report = archive.import_from(first, second)
    assert [item.outcome for item in report.items if item.path == str(first)] == [ItemOutcome.LEFT_OUT]
    assert report.events_created >= 1 and sum(report.totals.values()) == report.files_found == 2


def test_leaving_out_the_empty_file_leaves_out_no_file_that_cannot_be_read(archive, tmp_path, monkeypatch):
    (tmp_path / "empty").touch()
    sfm.leave_out(archive, tmp_path / "empty", reason="nothing in it")
    monkeypatch.setattr("sfm_archive.importing.recognise.LARGEST_FILE", 10)
    (tmp_path / "large.bin").write_bytes(JUNK)
    outcomes = {
        Path(i.path).name: i.outcome for i in archive.import_from(tmp_path / "empty", tmp_path / "large.bin").items
    }
    assert outcomes == {"empty": "left out", "large.bin": "rejected"}
    sfm.leave_out(archive, tmp_path / "large.bin", reason="a video")
    assert not archive.import_from(tmp_path / "large.bin").anything_rejected


@pytest.mark.parametrize(
    ("file", "reason", "error"),
    [("not there", "why", sfm.NotFound), ("f" * 63, "why", sfm.NotFound), ("f" * 64, "  ", sfm.UsageError)],
)
def test_what_cannot_be_decided(archive, file, reason, error):
    with pytest.raises(error):
        sfm.leave_out(archive, file, reason=reason)
    assert sfm.left_out_files(archive) == {}


def test_kinds_of_findings_are_told_once_serious_ones_first_and_never_of_duplicates():
    def item(path, outcome, *findings):
        return sfm.ImportItem(path=path, kind="report", outcome=outcome, findings=findings)

    note = sfm.Finding(code="odd", severity=sfm.Severity.NOTE, message="a note")
    gap = sfm.Finding(code="gap", message="bytes are missing")
    worse = replace(gap, code="bad-sum", severity=sfm.Severity.REFUSAL)
    report = sfm.ImportReport(
        items=(
            item("a", ItemOutcome.NEW, note, gap, replace(gap, message="more are missing")),
            item("b", ItemOutcome.JOINED, gap), item("c", ItemOutcome.REVISED, worse),
            item("d", ItemOutcome.DUPLICATE, gap, worse, note), item("e", ItemOutcome.REJECTED, gap),
        ),
        files_found=5, events_created=1, revisions_added=1, history_head="",
    )  # fmt: skip
    told = [(kind.code, kind.severity, kind.files, kind.message) for kind in report.noticed]
    assert told == [
        ("bad-sum", "refusal", ("c",), "bytes are missing"),
        ("gap", "warning", ("a", "b"), "bytes are missing"),
        ("odd", "note", ("a",), "a note"),
    ]
