"""Kept documents read again by a corrected reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.formats.blastware.names import ascii_report_name
from sfm_archive.formats.reports import dialects
from sfm_archive.importing import documents


@pytest.fixture
def archive_file(tmp_path: Path) -> Path:
    """An event with a report that says 0.5 in/s for Tran, and one without."""
    path = tmp_path / "quarry.sfm"
    with sfm.create(path) as archive:
        for seed in (1, 2):
            event = testing.simulate_waveform(Random(seed), seconds=1.0, loudness="ordinary")
            saved = archive.save(
                sfm.Event(serial=event.serial, recorded_at=event.recorded_at, record_type=event.record_type),
                testing.read_out(event),
            )
            folder = tmp_path / f"event {seed}"
            folder.mkdir()
            if seed == 1:
                name = ascii_report_name(saved.filename)
                (folder / name).write_bytes(testing.ascii_report(event, file_name=saved.filename))
                (folder / saved.filename).write_bytes(testing.blastware_file(event))
                report = archive.import_from(folder)
                assert not report.totals["rejected"]
    return path


@pytest.fixture
def corrected(archive_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since the archive was filled there is a next version of the reader, which reads the printed project otherwise."""
    read = dialects.read_header

    def read_header(data: bytes) -> object:
        header = read(data)
        return replace(
            header,
            readings=tuple(
                replace(one, text=f"{one.text} (corrected)") if one.quantity == "project" else one
                for one in header.readings
            ),
        )

    monkeypatch.setattr(documents, "read_header", read_header)
    monkeypatch.setattr(documents, "READERS", {kind: f"{kind.value}@2" for kind in dialects.READERS})


def project(archive: sfm.Archive) -> str:
    return next(one.text for one in archive.values(1) if one.quantity == "project")


def test_what_this_version_has_read_is_not_read_again(archive_file: Path) -> None:
    with sfm.open(archive_file) as archive:
        before = archive.info().history_head
        report = sfm.reread_documents(archive)
        assert (report.documents, report.current, report.items) == (1, 1, ())
        assert archive.info().history_head == before


@pytest.mark.usefixtures("corrected")
def test_a_dry_run_says_what_a_corrected_reader_would_change_and_changes_nothing(archive_file: Path) -> None:
    with sfm.open(archive_file) as archive:
        before = archive.info().history_head
        report = sfm.reread_documents(archive, dry_run=True)
        assert [(item.event_id, item.different) for item in report.items] == [(1, 1)]
        assert report.items[0].readers_before != (report.items[0].reader,)
        assert (archive.info().history_head, "(corrected)" in project(archive)) == (before, False)


@pytest.mark.usefixtures("corrected")
def test_a_corrected_reader_counts_and_what_was_read_before_stays(archive_file: Path) -> None:
    with sfm.open(archive_file) as archive:
        first = project(archive)
        assert len(sfm.reread_documents(archive).items) == 1
        assert project(archive) == f"{first} (corrected)"
        assert [event.event_id for event in archive.events(project="(CORRECTED)")] == [1]
        assert archive.history()[-1].action == "reread"
        assert archive.verify().damage == ()
        again = sfm.reread_documents(archive)
        assert (again.current, again.items) == (1, ())


def test_numbers_are_decoded_again_where_the_corrected_reader_tells_another_setting(
    archive_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = dialects.read_header

    def read_header(data: bytes) -> object:
        header = read(data)
        return replace(
            header,
            readings=tuple(
                replace(one, number=2048.0) if one.quantity == "sample_rate" else one for one in header.readings
            ),
        )

    monkeypatch.setattr(documents, "read_header", read_header)
    monkeypatch.setattr(documents, "READERS", {kind: f"{kind.value}@2" for kind in dialects.READERS})
    with sfm.open(archive_file) as archive:
        assert len(sfm.reread_documents(archive).items) == 1
        assert archive.rebuild().changed == 0, "what a rebuild decodes stood there already"
