"""Texts of long records: read whole, in bounded memory; what is cut or doubled is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.analysing import Agreement, check_file, check_report, check_report_path
from sfm_archive.archive.deriving import from_samples
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.testing import ascii_report, blastware_file, simulate_waveform, thor_csv
from sfm_archive.waveforms import table_rows

REAL = Path(__file__).resolve().parents[1] / "data" / "blastware-ascii"
HEAD = """Event Type : Full Waveform|Serial Number : UM10001|File Name : UM10001_20260515115611.IDFW
Event Time : {at}|Event Date : May 15, 2026|Pre-trigger Length : 0.000 sec|Record Time : {time:.1f} sec
Sample Rate : 1024 sps|Units : mm/s and pa.(L)|Geo Range : 254.0 mm/s|Tran PPV : 0.039 mm/s|PC SW Version : V 10.74"""


def long_text(path: Path, seconds: float, size: int | None = None) -> Path:
    """A record of so many seconds with microphone, made up; cut off behind `size` bytes."""
    lines = [
        f'"{line}"'
        for line in HEAD.format(time=seconds, at=f"11:56:{round(seconds) % 60:02}").replace("\n", "|").split("|")
    ]
    names = "\t".join(name.center(10) for name in ("Tran", "Vert", "Long", "MicL"))
    pool = []
    for number in range(1024):
        counts = ((number * 7 + shift) % 11 - 5 for shift in range(3))
        cells = (f"{count * 0.00788182 + 0.0:.3f}" for count in counts)
        pool.append("\t".join(cell.ljust(10) for cell in (*cells, "0.250")) + "\r\n")
    block = "".join(pool).encode()
    rows = round(seconds * 1024)
    with path.open("wb") as file:
        file.write("\r\n".join([*lines, "", names, ""]).encode())
        for _ in range(rows // 1024):
            file.write(block)
        file.write("".join(pool[: rows % 1024]).encode())
        file.truncate(size)
    return path


MEASURE = """
import resource, sys
from pathlib import Path
import sfm_archive as sfm

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 ** 2 if sys.platform == "darwin" else 1024)

small, large, target = map(Path, sys.argv[1:])
with sfm.create(target) as archive:
    archive.import_from(small)
    sfm.check_report_path(small)
    before = most()
    assert archive.import_from(large).events_created == 1
    assert archive.import_from(large).totals["duplicate"] == 1
    assert archive.verify().ok and archive.count() == 2
    imported = most() - before
    check = sfm.check_report_path(large)
    assert check.agree and check.rewritten and not check.findings, check.findings
print(check.rows, imported, most() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such count of memory there")
@pytest.mark.parametrize("seconds", [300.0, pytest.param(1904.5, marks=pytest.mark.long)])
def test_a_long_records_text_is_read_whole_in_bounded_memory(tmp_path: Path, seconds: float) -> None:
    small, large = long_text(tmp_path / "small.TXT", 100.0), long_text(tmp_path / "large.TXT", seconds)
    command = [sys.executable, "-c", MEASURE, str(small), str(large), str(tmp_path / "a.sfm")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=250)
    rows, imported, checked = map(float, done.stdout.split())
    assert rows == seconds * 1024
    assert max(imported, checked) < 20 + rows * 4 * 28 / 1024**2, "a table is its numbers, and one channel's again"


@pytest.mark.parametrize("rows", [1, 50_000, 153_590])
def test_a_cut_text_agrees_with_nothing(tmp_path: Path, rows: int) -> None:
    whole = long_text(tmp_path / "x.TXT", 150.0)
    size = whole.stat().st_size - (153_600 - rows) * 45
    check = check_report_path(long_text(tmp_path / "x.TXT", 150.0, size))
    assert check.rows == rows and not check.agree and check.agreement is Agreement.CUT_OFF


def test_more_rows_than_this_program_reads_are_no_whole_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "MAX_SAMPLES", 100_000)
    check = check_report_path(long_text(tmp_path / "x.TXT", 150.0))
    assert check.rows == 100_000
    assert not check.agree and check.agreement is Agreement.CUT_OFF
    assert "this program reads up to 100,000 rows" in check.cut_off[0]


def test_a_file_beyond_the_programs_limit_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sfm_archive.analysing import report_check

    path = long_text(tmp_path / "x.TXT", 1.0)
    monkeypatch.setattr(report_check, "LARGEST_REPORT", 1000)
    with pytest.raises(UsageError, match="and this program reads up to 1,000 of such a file"):
        check_report_path(path)


@pytest.mark.parametrize("name", sorted(path.name for path in REAL.glob("*.TXT"))[:3])
def test_a_ctrl_z_behind_a_real_export_changes_nothing(name: str) -> None:
    data = (REAL / name).read_bytes()
    plain = check_report(data)
    for end in (b"\x1a", b"\x1a\r\n", b"\x1a" * 100):
        marked = check_report(data + end)
        assert (marked.agreement, marked.quantities, marked.rewritten, marked.cut_off, marked.rows) == (
            plain.agreement, plain.quantities, plain.rewritten, plain.cut_off, plain.rows
        )  # fmt: skip


@pytest.mark.parametrize("dialect", ["Blastware", "THOR"])
def test_a_doubled_column_of_a_channel_is_an_error(dialect: str) -> None:
    event = simulate_waveform(Random(1), seconds=1.0)
    data = ascii_report(event, file_name="M529LK44.AB0") if dialect == "Blastware" else thor_csv(event)
    lines = data.split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if b"Vert" in line and b"Tran" in line and b":" not in line)
    doubled = b"\r\n".join([*lines[:at], lines[at].replace(b"Vert", b"Tran"), *lines[at + 1 :]])
    for check in (lambda: check_report(doubled), lambda: check_file(blastware_file(event), doubled)):
        with pytest.raises(BadInput, match="more than one column Tran, and nothing says which"):
            check()


@pytest.mark.parametrize("fault", ["none", "doubled", "too long", "cut off"])
def test_no_limit_is_held_against_half_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    event = simulate_waveform(Random(1), seconds=1.0)
    text = ascii_report(event, file_name="M529LK44.AB0")
    if fault == "doubled":
        text = text.replace(b"Vert   \t", b"Tran   \t")
    if fault == "too long":
        monkeypatch.setattr(table_rows, "MAX_SAMPLES", 100)
    path = tmp_path / "M529LK44_AB0_ASCII.TXT"
    path.write_bytes(text[:-3000] if fault == "cut off" else text)
    with sfm.create(tmp_path / "a.sfm") as archive:
        saved = archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at))
        archive.import_from(path)
        found = from_samples(archive, [saved.event_id])[saved.event_id]
        assert (found.numbers is not None) == bool(found.days) == (fault == "none")
