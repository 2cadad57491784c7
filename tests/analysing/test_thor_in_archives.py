"""A CSV of THOR beside its event in an archive: its settings are used, its table compared, its values stand first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

import pytest

from sfm_archive import Archive
from sfm_archive.analysing import AnalysisStatus, check_file, recording_of
from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.dialects import Dialect, dialect_of
from sfm_archive.tables.run import export_data
from sfm_archive.testing import ascii_report, blastware_file, simulate_histogram, simulate_waveform, thor_csv

EVENT = simulate_waveform(
    Random(21),
    seconds=0.5,
    sample_rate=2048,
    loudness="ordinary",
    serial="UM12345",
    recorded_at=datetime(2026, 5, 13, 16, 12, 4),
)


@pytest.fixture
def imported(tmp_path):
    """An archive into which one event and documents were imported, in that order."""

    def make(*documents: bytes) -> Archive:
        archive = Archive.create(tmp_path / "site.sfm", actor="tester")
        received = tmp_path / "received"
        for number, data in enumerate([blastware_file(EVENT), *documents]):
            path = received / str(number) / ("M529LKIQ.7M0W" if number == 0 else f"{number}.csv")
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
            archive.import_from(path)
        return archive

    return make


def changed(csv: bytes) -> bytes:
    """The CSV with another number in the row 77 of Vert."""
    lines = csv.split(b"\r\n")
    at = lines.index(b'"Tran","Vert","Long","MicL"') + 1 + 77
    cells = lines[at].split(b",")
    lines[at] = b",".join([cells[0], b'"99.999"', *cells[2:]])
    return b"\r\n".join(lines)


def test_the_table_of_a_kept_csv_is_compared_sample_by_sample(imported):
    with imported(thor_csv(EVENT)) as archive:
        (item,) = archive.analyse().items
        assert item.status is AnalysisStatus.ANALYSED and not item.differs
        (samples,) = item.samples
        assert samples.agree and samples.rows_reported == len(EVENT.motion.tran)
        recording = recording_of(archive, 1)
        assert (recording.settings.rate, recording.settings.unit, recording.settings.assumed) == (2048, "mm/s", ())
        assert recording.best("ppv", "Vert").source == "report"
        assert archive.verify().ok


def test_a_table_that_parts_from_the_samples_is_told(imported):
    with imported(changed(thor_csv(EVENT))) as archive:
        report = archive.analyse()
        assert report.differing
        ((samples,),) = [item.samples for item in report.items]
        assert [(c.channel, c.first) for c in samples.channels if c.differing] == [("Vert", 77)]


def test_both_dialects_are_compared(imported):
    text = ascii_report(EVENT, file_name="M529LKIQ.7M0W")
    with imported(thor_csv(EVENT), text) as archive:
        (item,) = archive.analyse().items
        assert len(item.samples) == 2 and all(samples.agree for samples in item.samples)


def test_a_table_counts_also_where_no_value_of_its_header_is_understood(imported):
    csv = thor_csv(EVENT)
    table = csv[csv.index(b'"Tran","Vert"') :]
    head = b'"Serial Number","UM12345"\r\n"Event Date","2026-05-13T16:12:04"\r\n"Channel","1"\r\n"Unit","mm/s"\r\n'
    with imported(changed(head + table)) as archive:
        assert [file.kind for file in archive.files(1)] == ["event file", "report"]
        assert {value.source for value in archive.values(1)} == {"settings", "decoder"}
        (item,) = archive.analyse().items
        assert [(c.channel, c.first) for c in item.samples[0].channels if c.differing] == [("Vert", 77)]


@pytest.mark.parametrize("dialect", ["THOR", "Blastware"])
def test_a_report_that_comes_after_the_analysis_is_compared_too(tmp_path, dialect):
    usual = simulate_waveform(Random(23), seconds=0.5, sample_rate=1024, loudness="ordinary", serial="UM12345")
    write = {
        "THOR": lambda event: thor_csv(event, unit="in/s"),
        "Blastware": lambda event: ascii_report(event, file_name="M529LKIQ.7M0W"),
    }[dialect]
    tran = list(usual.motion.tran)
    tran[77] += 3
    with Archive.create(tmp_path / "site.sfm") as archive:
        for name, data in (
            ("M529LKIQ.7M0W", blastware_file(usual)),
            ("x.csv", write(usual)),
            ("y.csv", write(replace(usual, motion=replace(usual.motion, tran=tran)))),
        ):
            (tmp_path / name).write_bytes(data)
            archive.import_from(tmp_path / name)
            (item,) = archive.analyse().items
            told = [[c.first for c in samples.channels] for samples in item.samples]
            assert (
                told
                == {
                    "M529LKIQ.7M0W": [],
                    "x.csv": [[None] * 4],
                    "y.csv": [[None] * 4, [77, None, None, None]],
                }[name]
            )
        head = archive.history_head()
        assert archive.analyse().stored == 0 and archive.history_head() == head


# --- without an archive ---


@pytest.mark.parametrize("moment", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S-04:00", ""])
def test_a_file_and_its_csv_agree(moment):
    check = check_file(blastware_file(EVENT), thor_csv(EVENT, moment=moment))
    assert check.agree and check.assumed == () and check.identity == ()
    assert check.samples is not None and check.intervals is None


def test_a_histogram_has_numbers_and_no_table():
    event = simulate_histogram(Random(2), count=20, serial="UM12345")
    check = check_file(blastware_file(event), thor_csv(event))
    assert check.agree and check.samples is None and check.intervals is None and check.quantities


def test_the_csv_of_another_event_and_another_table_are_told():
    other = simulate_waveform(Random(22), seconds=0.5, sample_rate=2048, serial="UM12346")
    check = check_file(blastware_file(EVENT), thor_csv(other))
    assert not check.agree and len(check.identity) == 2
    with pytest.raises(BadInput, match="nor a CSV of THOR"):
        check_file(blastware_file(EVENT), b"a,b\n1,2\n")


# --- what is written again ---


def test_no_csv_is_written_under_the_name_of_blastwares_text(imported, tmp_path):
    text = ascii_report(EVENT, file_name="M529LKIQ.7M0W")
    with imported(thor_csv(EVENT)) as archive:
        export_data(archive, tmp_path / "made", "txt")
        (made,) = (tmp_path / "made").rglob("*.TXT")
        assert dialect_of(made.read_bytes()) is Dialect.BLASTWARE
        path = tmp_path / "M529LKIQ_7M0W_ASCII.TXT"
        path.write_bytes(text)
        later = tmp_path / "later.csv"
        later.write_bytes(thor_csv(EVENT, unit="in/s"))
        assert archive.import_from(path, later).totals["joined"] == 2
        export_data(archive, tmp_path / "received", "txt")
        (received,) = (tmp_path / "received").rglob("*.TXT")
        assert received.read_bytes() == text


def test_csv_files_of_ours_are_not_taken_for_thors(imported, tmp_path):
    with imported() as archive:
        export_data(archive, tmp_path / "data", "csv")
        archive.write_as(1, "ascii-values", tmp_path / "data")
        files = list((tmp_path / "data").rglob("*.csv"))
        assert len(files) > 3
        totals = archive.import_from(*files).totals
        assert (totals["left out"], totals["rejected"]) == (3, len(files) - 3), "the three tables are known"
