"""Whatever happens to a file, what is still right of it comes into a new archive that verifies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import AlreadyExists, NotAnArchive
from sfm_archive.maintaining.salvaging import SalvageReport, salvage
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.selftest.work import job

EVENTS = 24


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("salvage") / "sound.sfm"
    with sfm.create(path) as archive:
        for number in range(EVENTS):
            with archive.batch():
                job(number, intervals=20).save(archive)
    return path


def salvaged(data: bytes, folder: Path, name: str = "wreck.sfm") -> tuple[SalvageReport, Path]:
    wreck, new = folder / name, folder / f"saved-{name}"
    wreck.write_bytes(data)
    report = salvage(wreck, new, actor="tester")
    assert wreck.read_bytes() == data
    return report, new


def frames_of(path: Path) -> dict[tuple[str, int], str]:
    with sfm.open(path, read_only=True) as archive:
        rows = [(event.serial + event.recorded_at_local, event.event_id) for event in archive.events()]
        return {(name, row.revision): row.sha256 for name, event_id in rows for row in archive.revisions(event_id)}


def proved(path: Path) -> None:
    with sfm.open(path, read_only=True) as archive:
        report = archive.verify()
    assert report.ok, to_plain(report.damage)


def rows_and_times(path: Path, table: str) -> list[Any]:
    """Rows with the time and the person of their change instead of its number, which is another in a new archive."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    columns = ", ".join(f"{table}.{name}" for name in names if name != "sequence")
    told = ("at_utc, actor,", "JOIN history USING (sequence)") if "sequence" in names else ("", "")
    rows = connection.execute(f"SELECT {told[0]} {columns} FROM {table} {told[1]}").fetchall()
    connection.close()
    return sorted(rows, key=repr)


def test_a_sound_archive_comes_over_whole(tmp_path: Path) -> None:
    path = tmp_path / "q.sfm"
    archive_of_everything(path)
    report, new = salvaged(path.read_bytes(), tmp_path)
    assert report.lossless and report.losses == ()
    proved(new)
    tables = (
        "event", "event_key", "event_name", "frames", "file_content", "file_piece", "received_file", "event_file",
        "reading", "value", "encoding", "finding", "unit_time_zone", "handover", "left_out", "unit_setting",
    )  # fmt: skip
    for table in tables:
        assert rows_and_times(path, table) == rows_and_times(new, table), table
    with sfm.open(path, read_only=True) as old, sfm.open(new, read_only=True) as archive:
        changes = archive.history()
        assert changes[1].action == "salvage" and old.history_head()[1] in changes[1].detail
        assert sum(row.action == "salvaged change" for row in changes) == old.history_head()[0]
        assert archive.info().archive_id != old.info().archive_id


@pytest.mark.parametrize(("share", "frames"), [(0.3, 0), (0.6, 0), (0.9, 15)])
def test_a_truncated_file(share: float, frames: int, sound: Path, tmp_path: Path) -> None:
    data = sound.read_bytes()
    report, new = salvaged(data[: int(len(data) * share)], tmp_path)
    proved(new)
    there, all_of_it = frames_of(new), frames_of(sound)
    assert not report.lossless
    assert set(there.items()) <= set(all_of_it.items())
    assert len(there) >= frames and report.saved["events"] == EVENTS


def test_a_file_without_its_first_page(sound: Path, tmp_path: Path) -> None:
    """Header, structure and all: SQLite says that it is no database."""
    data = sound.read_bytes()
    report, new = salvaged(bytes(4096) + data[4096:], tmp_path)
    proved(new)
    assert frames_of(new) == frames_of(sound)
    assert report.saved["received files"] == EVENTS


@pytest.fixture(scope="module")
def of_large_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hardly a page of it begins like one: files that do not get smaller go on from page to page."""
    path, random = tmp_path_factory.mktemp("salvage") / "large.sfm", Random(5)
    with sfm.create(path) as archive:
        for number in range(3):
            one = job(number, intervals=20)
            report = one.report
            large = replace(report, data=report.data + random.randbytes(120_000))
            archive.save(one.event, one.frames, files=[large])
    return path


@pytest.mark.parametrize(
    ("at", "damage"),
    [
        (0, b"\xff"),
        (16, b"\x00"),
        (16, b"\x08"),
        (16, b"\x20"),
        (20, b"\x20"),
        (0, bytes(16)),
        (0, bytes(100)),
        (0, bytes(4096)),
    ],
    ids=("magic", "no-size", "half-size", "double-size", "reserved", "zeros-16", "zeros-100", "zeros-4096"),
)
def test_no_byte_of_the_header_is_needed(at: int, damage: bytes, of_large_files: Path, tmp_path: Path) -> None:
    """The page size and the bytes kept free in each page are what reads most, whatever the header says."""
    data = of_large_files.read_bytes()
    report, new = salvaged(data[:at] + damage + data[at + len(damage) :], tmp_path)
    proved(new)
    assert report.lossless
    assert rows_and_times(new, "file_piece") == rows_and_times(of_large_files, "file_piece")


def test_the_first_page_cut_out(of_large_files: Path, tmp_path: Path) -> None:
    """Every page has moved by one place, and is still the page that others name."""
    report, new = salvaged(of_large_files.read_bytes()[4096:], tmp_path)
    proved(new)
    assert report.lossless
    assert rows_and_times(new, "file_piece") == rows_and_times(of_large_files, "file_piece")


def test_a_changed_structure(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "changed.sfm"
    path.write_bytes(sound.read_bytes())
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE more (a); DROP INDEX event_by_time; INSERT INTO more VALUES (1)")
    connection.close()
    report, new = salvaged(path.read_bytes(), tmp_path)
    proved(new)
    assert report.lossless and frames_of(new) == frames_of(sound)


def test_each_page_lost_costs_only_what_lay_on_it(sound: Path, tmp_path: Path) -> None:
    data, random = sound.read_bytes(), Random(3)
    for page in sorted(random.sample(range(len(data) // 4096), 12)):
        altered = data[: page * 4096] + random.randbytes(4096) + data[(page + 1) * 4096 :]
        _, new = salvaged(altered, tmp_path, f"page-{page}.sfm")
        proved(new)
        there = frames_of(new)
        assert set(there.items()) <= set(frames_of(sound).items())
        assert len(there) >= EVENTS - 8, page


@pytest.mark.parametrize("files", [15, pytest.param(60, marks=pytest.mark.trust)])
def test_random_damage_always_ends_in_an_archive_that_verifies_or_a_sentence(files: int, tmp_path: Path) -> None:
    path, random = tmp_path / "q.sfm", Random(17)
    archive_of_everything(path)
    good = path.read_bytes()
    known = set(frames_of(path).items())
    for number in range(files):
        data = bytearray(good)
        for _ in range(random.choice((1, 5, 40))):
            at = random.randrange(len(data))
            if random.random() < 0.7:
                data[at] ^= 1 << random.randrange(8)
            else:
                data[at : at + 300] = random.randbytes(min(300, len(data) - at))
        del data[random.choice((len(data), random.randrange(len(data)))) :]
        try:
            report, new = salvaged(bytes(data), tmp_path, f"{number}.sfm")
        except NotAnArchive as error:
            assert "nothing was made" in str(error)
            continue
        proved(new)
        assert set(frames_of(new).items()) <= known
        assert all(loss.subject and loss.message and loss.advice for loss in report.losses)


def test_a_log_beside_the_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "q.sfm"
    with sfm.create(path) as archive:
        job("in the log", intervals=10).save(archive)
        data, log = path.read_bytes(), (tmp_path / "q.sfm-wal").read_bytes()
        assert log
    (tmp_path / "wreck.sfm-wal").write_bytes(log)
    _, new = salvaged(data, tmp_path)
    assert len(frames_of(new)) == 1


def test_nothing_is_replaced_and_nothing_is_made_of_nothing(sound: Path, tmp_path: Path) -> None:
    new = tmp_path / "there.sfm"
    new.write_bytes(b"mine")
    with pytest.raises(AlreadyExists):
        salvage(sound, new, actor="tester")
    assert new.read_bytes() == b"mine"
    noise = tmp_path / "noise"
    for data in (b"", b"x", Random(1).randbytes(50_000)):
        noise.write_bytes(data)
        with pytest.raises(NotAnArchive):
            salvage(noise, tmp_path / "none.sfm", actor="tester")
    assert not (tmp_path / "none.sfm").exists()
