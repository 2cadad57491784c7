"""Whatever happens to a file, what is still right of it comes into a new archive that verifies."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.archive.provenance import provenance_of
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import AlreadyExists, NotAnArchive, StorageFailed
from sfm_archive.exporting.handover import HandoverKind
from sfm_archive.exporting.noting import note_file
from sfm_archive.formats.blastware.event_file import describe_memory, memory_of_file
from sfm_archive.formats.sqlite_pages import Layout, OnDisk, Pages, StoredRow
from sfm_archive.maintaining.salvaging import SalvageReport, salvage
from sfm_archive.maintaining.salvaging.file_bytes import bytes_of
from sfm_archive.maintaining.salvaging.links import agreeing_links, newest_indexed_change
from sfm_archive.maintaining.salvaging.old_history import read_old_history
from sfm_archive.maintaining.salvaging.readable_rows import ReadableRows
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.selftest.work import job
from sfm_archive.selftest.wrecks import (
    PAGE_SIZE,
    Salvaged,
    Wreck,
    archive_with_crossed_numbers,
    each_page,
    judge,
    two_pages,
)
from sfm_archive.storage import history
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, read_out, simulate_waveform

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
    told = ("history.at_utc, history.actor,", "JOIN history USING (sequence)") if "sequence" in names else ("", "")
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
        "waiting_part", "unit_running", "report_decision", "same_event",
    )  # fmt: skip
    for table in tables:
        assert rows_and_times(path, table) == rows_and_times(new, table), table
    with sfm.open(path, read_only=True) as old, sfm.open(new, read_only=True) as archive:
        changes = archive.history()
        assert changes[1].action == "salvage" and old.history_head()[1] in changes[1].detail
        assert sum(row.action == "salvaged change" for row in changes) == old.history_head()[0]
        assert archive.info().archive_id != old.info().archive_id


def test_a_hand_over_record_stays_where_its_pdf_is_lost(tmp_path: Path) -> None:
    pdf, target = Random(3).randbytes(40_000), tmp_path / "may.pdf"
    path = tmp_path / "q.sfm"
    with sfm.create(path) as archive:
        with archive.batch():
            job(1, intervals=20).save(archive)
        noted = note_file(
            archive, HandoverKind.REPORT, target, {"paper": "a4"}, pdf, provenance_of(archive, [1]), made=True
        )
    data = path.read_bytes()
    assert data.count(pdf[1000:1200]) == 1, "bytes without order are kept as they are"
    at = data.index(pdf[1000:1200])
    report, new = salvaged(data[:at] + bytes(200) + data[at + 200 :], tmp_path)
    proved(new)
    (loss,) = [one for one in report.losses if one.subject == f"record of hand-over {noted.number}"]
    assert str(target) in loss.message and hashlib.sha256(pdf).hexdigest() in loss.message
    with sfm.open(new, read_only=True) as archive:
        whole = archive.handover(noted.number)
        assert (whole.target, whole.options, whole.kept_sha256) == (str(target), {"paper": "a4"}, "")
        assert [one.sha256 for one in whole.list] == [hashlib.sha256(pdf).hexdigest()]
        with pytest.raises(sfm.NotFound, match="has no file that is kept"):
            sfm.kept_bytes(archive, noted.number)


def test_a_hand_over_record_stays_where_its_document_is_lost(tmp_path: Path) -> None:
    """Also where a content that comes later has the number that the next one would get."""
    path, target = tmp_path / "q.sfm", tmp_path / "may.csv"
    with sfm.create(path) as archive:
        with archive.batch():
            job(1, intervals=20).save(archive)
        origin = provenance_of(archive, [1])
        noted = note_file(archive, HandoverKind.DATA, target, {}, b"1;2", origin, made=True)
        lost = archive.handover(noted.number).record_sha256
        later = note_file(archive, HandoverKind.DATA, tmp_path / "june.csv", {}, b"3;4", origin, made=True)
    connection = apsw.Connection(str(path))
    query = "SELECT file_piece.data FROM file_piece JOIN file_content USING (content_id) WHERE lower(hex(sha256)) = ?"
    ((piece,),) = connection.execute(query, (lost,)).fetchall()
    connection.close()
    data = path.read_bytes()
    assert piece in data
    report, new = salvaged(data.replace(piece, bytes(len(piece))), tmp_path)
    proved(new)
    (loss,) = [one for one in report.losses if one.subject == f"record of hand-over {noted.number}"]
    assert lost in loss.message and "the record itself is saved" in loss.message
    with sfm.open(new, read_only=True) as archive:
        assert [one.target for one in archive.handovers()] == [str(target), str(tmp_path / "june.csv")]
        assert archive.handover(later.number).list[0].path == "june.csv"
        with pytest.raises(sfm.Damaged, match=f"its document .SHA-256 {lost}.*was lost before this archive was"):
            archive.handover(noted.number)


def test_a_lost_certificate_and_logo_are_named_and_their_statements_stay(tmp_path: Path) -> None:
    path, certificate, logo = tmp_path / "q.sfm", tmp_path / "VMA.pdf", tmp_path / "rock.png"
    certificate.write_bytes(Random(3).randbytes(40_000))
    logo.write_bytes(a_png())
    with sfm.create(path) as archive:
        with archive.batch():
            job(1, intervals=20).save(archive)
        serial = next(iter(archive.events())).serial
        sfm.calibrate(archive, serial, "2026-02-11", certificate=certificate, valid="12months")
        sfm.state_firm(archive, name="Rock", logo=logo)
    data = path.read_bytes()
    for file in (certificate, logo):
        own = file.read_bytes()[1000:1200]
        assert own in data
        data = data.replace(own, bytes(200))
    report, new = salvaged(data, tmp_path)
    proved(new)
    said = [one.message for one in report.losses if "the statement itself is saved" in one.message]
    for file in (certificate, logo):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert any(f"its file, {file.name}, is lost or does not match its SHA-256 {digest}" in one for one in said)
    with sfm.open(new, read_only=True) as archive:
        firm = sfm.stated_firm(archive)
        assert firm is not None and (firm.name, firm.logo) == ("Rock", "rock.png")


def a_png() -> bytes:
    """A picture of a hundred pixels to either side, without order."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    lines = b"".join(b"\0" + Random(number).randbytes(300) for number in range(100))
    head = struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("share", "frames"), [(0.3, 0), (0.6, 0), (0.91, 15)])
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


@pytest.mark.parametrize("files", [15, pytest.param(30, marks=pytest.mark.trust)])
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


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("salvage") / "crossed.sfm"
    archive_with_crossed_numbers(path, events=8, files=1)
    return path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("most", [3, pytest.param(24, marks=pytest.mark.trust)])
def test_what_comes_over_is_right_row_by_row_and_what_does_not_is_named(most: int, crossed: Path) -> None:
    data, random, found = crossed.read_bytes(), Random(most), Salvaged()
    wrecks = [*each_page(data, random), *two_pages(data, random, 60)]
    judge(crossed, random.sample(wrecks, most), found)
    assert found.wrong == []
    assert found.wrecks == most


def pages_of(path: Path, name: str) -> list[int]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [int(str(page)) for (page,) in connection.execute("SELECT pageno FROM dbstat WHERE name = ?", (name,))]
    finally:
        connection.close()


@pytest.mark.parametrize("index", ["sqlite_autoindex_frames_1", "sqlite_autoindex_file_piece_1", "history_by_event"])
def test_an_index_in_the_place_of_the_links_joins_no_file_to_an_event(index: str, crossed: Path) -> None:
    """As where a page is missing before: the number of the table's root is that of another tree. The history is lost in
    part, so that nothing vouches for some links."""
    pages = [crossed.read_bytes()[at : at + PAGE_SIZE] for at in range(0, crossed.stat().st_size, PAGE_SIZE)]
    links, other = pages_of(crossed, "event_file")[0], pages_of(crossed, index)[0]
    pages[links - 1], pages[other - 1] = pages[other - 1], pages[links - 1]
    history, found = pages_of(crossed, "history"), Salvaged()
    for lost in (history[1::2], history[2::2], history[1:]):
        left = [bytes(PAGE_SIZE) if number in lost else page for number, page in enumerate(pages, start=1)]
        judge(crossed, [Wreck(f"{index} in the place of the links, without {lost}", b"".join(left))], found)
    assert found.wrong == []
    assert found.with_losses == 3


def fork(base: Path, folder: Path, unit: str) -> Path:
    """The archive gone on with: one more event, of another unit in each fork, with its event file and report."""
    path = folder / f"{unit}.sfm"
    path.write_bytes(base.read_bytes())
    event = simulate_waveform(
        Random(5), seconds=0.5, sample_rate=1024, serial=unit, recorded_at=datetime(2026, 5, 1, 13)
    )
    name = call_home_name(event)
    files = [
        sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name, data=blastware_file(event)),
        sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="R.TXT", data=ascii_report(event, file_name=name)),
        sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name="S.JSON", data=unit.encode() * 99),
    ]
    identity = sfm.Event(
        serial=unit, recorded_at=event.recorded_at, record_type=event.record_type, start_key=event.start_key
    )
    with sfm.open(path) as archive:
        archive.save(identity, read_out(event), names=[name], files=files)
    return path


def test_a_mixture_of_two_archives_joins_nothing_of_one_to_an_event_of_the_other(tmp_path: Path) -> None:
    """As where a log is put into the other one's file: both wrote an event of the same number, in a change of the same
    number, and the row of the history is lost."""
    base = tmp_path / "base.sfm"
    with sfm.create(base) as archive:
        for number in range(30):
            job(number, intervals=4).save(archive)
    forks = [fork(base, tmp_path, unit) for unit in ("BE20008", "BE20009")]
    own, other = (
        [data[at : at + PAGE_SIZE] for at in range(0, len(data), PAGE_SIZE)] for data in map(Path.read_bytes, forks)
    )
    assert len(own) == len(other)
    lost = pages_of(forks[0], "history")[-1]
    kept = {page for name in ("event", "sqlite_autoindex_event_1") for page in pages_of(forks[0], name)}
    for mixed in (kept, set(range(len(own) + 1)) - kept, set(range(0, len(own) + 1, 2)), set(range(len(own) + 1))):
        pages = [mine if at in mixed else theirs for at, (mine, theirs) in enumerate(zip(own, other, strict=True), 1)]
        pages[lost - 1] = bytes(PAGE_SIZE)
        report, new = salvaged(b"".join(pages), tmp_path, f"mixed-{len(mixed)}.sfm")
        proved(new)
        connection = apsw.Connection(str(new), flags=apsw.SQLITE_OPEN_READONLY)
        joined = connection.execute(
            "SELECT event_id, serial, kind || ' ' || received_file.name FROM event JOIN event_file USING (event_id)"
            " JOIN received_file USING (file_id)"
        ).fetchall()
        connection.close()
        with sfm.open(new, read_only=True) as archive:
            for event in archive.events():
                for file in archive.files(event.event_id):
                    if file.kind == "report":
                        assert f'"Serial Number : {event.serial}"'.encode() in archive.file_bytes(file)
                for revision in archive.revisions(event.event_id):
                    made = archive.encode(event.event_id, revision=revision.revision).data
                    assert describe_memory(memory_of_file(made)).serial == event.serial
        late = [(event_id, subject) for event_id, serial, subject in joined if serial in ("BE20008", "BE20009")]
        named = {(loss.event_id, loss.subject) for loss in report.losses}
        assert set(late) <= named, "each link that no change vouches for"
        assert (31, "sidecar S.JSON") not in late, "nothing in it tells whose it is"
        assert {(0, "sidecar S.JSON"), (31, "sidecar S.JSON")} & named
        if len(mixed) > len(own):
            assert {subject.split()[0] for _, subject in late} == {"event", "report"}, "of one fork all is right"


def test_a_lost_file_of_two_events_is_named_of_both(tmp_path: Path) -> None:
    """The second event's change writes a link alone: nothing that it lists says that the file has no bytes."""
    path = tmp_path / "q.sfm"
    with sfm.create(path) as archive:
        ids = [job(number, intervals=5).save(archive).event_id for number in range(2)]
        shared = sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name="S1.JSON", data=Random(2).randbytes(9000))
        for event_id in ids:
            archive.attach(event_id, [shared])
    data = path.read_bytes()
    piece = data.index(shared.data[:200])
    report, new = salvaged(data[:piece] + bytes(50) + data[piece + 50 :], tmp_path)
    proved(new)
    assert {loss.event_id for loss in report.losses} >= set(ids) and not report.lossless


def test_a_pin_that_only_the_lost_end_of_the_history_tells_is_not_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "q.sfm"
    archive_of_everything(path)
    data = bytearray(path.read_bytes())
    for page in (*pages_of(path, "archive"), pages_of(path, "history")[-1]):
        data[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] = bytes(PAGE_SIZE)
    report, _ = salvaged(bytes(data), tmp_path)
    assert not report.lossless
    assert any("pin" in loss.message for loss in report.losses)


def test_links_without_a_change_are_believed_where_the_table_and_its_index_agree() -> None:
    vouched = {(1, 9, 2), (2, 8, 3), (3, 7, 4)}
    table, index = [*sorted(vouched), (4, 6, 5)], [(6, 4), (7, 3), (8, 2), (9, 1)]
    known = {1, 2, 3, 4}
    assert agreeing_links({1: table, 2: index}, vouched, known) == {(4, 6, 5)}
    assert agreeing_links({1: table, 2: index[1:]}, vouched, known) == set()
    other_index = [(event_id, 1, event_id) for event_id in range(1, 6)]  # event, revision, row
    assert agreeing_links({1: other_index, 2: index, 3: [(1, 5)]}, vouched, known) == set()


def test_the_index_of_the_history_tells_how_far_it_went() -> None:
    events = {1: 0, 2: 1, 3: 2}
    assert newest_indexed_change({1: [(0, 1, 1), (1, 2, 2), (1, 4, 4), (2, 3, 3)]}, events) == 4
    pieces = [(1, place, place) for place in range(1, 9)]  # content, position, row: of one large file
    assert newest_indexed_change({1: pieces}, events) == 0


def test_a_history_that_ends_early_is_a_loss(crossed: Path, tmp_path: Path) -> None:
    data, page = bytearray(crossed.read_bytes()), max(pages_of(crossed, "history"))
    data[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] = bytes(PAGE_SIZE)
    report, _ = salvaged(bytes(data), tmp_path)
    assert not report.lossless
    assert any(loss.subject.startswith("change") for loss in report.losses)


KILLED = """
    import os, sys
    from pathlib import Path
    from sfm_archive import salvage
    from sfm_archive.archive.archive import Archive
    wreck, new, left = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    rebuild = Archive.rebuild
    def kill(done, total):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
    def kill_or_rebuild(archive, *arguments, **more):
        if left > 1000:
            os._exit(9)
        return rebuild(archive, *arguments, **more)
    Archive.rebuild = kill_or_rebuild
    salvage(wreck, new, progress=kill)
"""
BEFORE_THE_ROWS_OF_LISTS = 1_000_000


@pytest.mark.parametrize("at", ["the first row", "before the rows of lists", "the last step"])
def test_a_killed_salvage_leaves_nothing_under_the_name(at: str, sound: Path, tmp_path: Path) -> None:
    """Cut off before the last row that lists read is written, the new archive would be one without them."""
    new, steps = tmp_path / "new.sfm", list[tuple[int, int]]()
    salvage(sound, tmp_path / "whole.sfm", progress=lambda done, total: steps.append((done, total)))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps) and len(set(steps[-1])) == 1
    calls = {"the first row": 1, "the last step": len(steps)}.get(at, BEFORE_THE_ROWS_OF_LISTS)
    command = [sys.executable, "-c", dedent(KILLED), str(sound), str(new), str(calls)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9
    assert not new.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".sfm-")]
    assert salvage(sound, new, actor="tester").lossless
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.sfm", "whole.sfm"]
    proved(new)


def test_a_file_that_gets_shorter_while_it_is_read_is_a_sentence(tmp_path: Path) -> None:
    """Of a mapped file the system would end the process."""
    path = tmp_path / "q.sfm"
    path.write_bytes(bytes(3 << 20))
    with bytes_of(path) as data:
        assert data[0:4] == bytes(4) and data[-2:] == bytes(2) and data[5:3] == b""
        assert isinstance(data, OnDisk) and sum(len(part) for _, part in data.first_bytes(1024)) == 3072
        path.write_bytes(b"short")
        with pytest.raises(StorageFailed, match="shorter while it was read"):
            _ = data[2 << 20 : 3 << 20]


@pytest.mark.parametrize(("altered", "turns"), [(1, True), (3, True), (200, True), (7, False), (200, False)])
def test_many_altered_changes_in_a_row_cost_each_as_much_as_one(altered: int, turns: bool, monkeypatch: Any) -> None:
    """Of each, its own hash or what it says may be wrong; behind more than eight, one more cannot be told."""
    hashes = list[str]()
    hashed = history.row_hash
    monkeypatch.setattr(history, "row_hash", lambda *row: hashes.append("") or hashed(*row))
    readable, before = ReadableRows(), history.FIRST_PREVIOUS
    for number in range(1, altered + 11):
        columns = (number, "2026-05-01T06:00:00Z", "tester", "sfm-archive", "save", number, "{}", "")
        before = hashed(*columns, before)
        wrong = 5 < number <= 5 + altered
        names = ("sequence", "at_utc", "actor", "tool", "action", "event_id", "detail", "rows")
        row = dict(zip(names, columns, strict=True)) | {"rows": b"", "sha256": bytes.fromhex(before)}
        if wrong and number % 2 and turns:
            row["actor"] = "somebody else"
        elif wrong:
            row["sha256"] = bytes(32)
        readable.rows["history"].append(row)
    old = read_old_history(readable)
    numbers = [row.sequence for row in old.altered]
    one_more = altered > 8 and not turns
    assert numbers == list(range(6, 6 + altered + one_more)) and not old.chain_holds and old.lost == []
    assert len(old.changes) == 10 - one_more and old.head == (altered + 10, before)
    assert len(hashes) < 10 * (altered + 11)


@pytest.mark.posix("named pipes, devices and links")
def test_pipes_and_devices_are_refused_at_once_and_a_link_is_followed(sound: Path, tmp_path: Path) -> None:
    pipe, link, loop = tmp_path / "pipe", tmp_path / "link.sfm", tmp_path / "loop"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(NotAnArchive, match="nothing was made"):
            salvage(path, tmp_path / "new.sfm", actor="tester")
    loop.symlink_to(loop)
    with pytest.raises(StorageFailed, match="cannot be read"):
        salvage(loop, tmp_path / "new.sfm", actor="tester")
    link.symlink_to(sound)
    assert salvage(link, tmp_path / "new.sfm", actor="tester").lossless


def test_the_holes_of_a_sparse_file_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(256 << 20)
    with pytest.raises(NotAnArchive, match="nothing was made"):
        salvage(path, tmp_path / "new.sfm", actor="tester")


@pytest.mark.posix("holes in files")
@pytest.mark.timeout(30)
def test_a_file_of_two_hundred_gigabytes_of_holes_is_read_where_it_holds_something(sound: Path, tmp_path: Path) -> None:
    path, data = tmp_path / "sparse.sfm", sound.read_bytes()
    half = len(data) // PAGE_SIZE // 2 * PAGE_SIZE
    with path.open("wb") as file:
        file.write(data[:half])
        file.truncate(200 << 30)
    report = salvage(path, tmp_path / "new.sfm", actor="tester")
    (tmp_path / "half.sfm").write_bytes(data[:half])
    expected = salvage(tmp_path / "half.sfm", tmp_path / "of-half.sfm", actor="tester")
    assert (report.saved, report.losses) == (expected.saved, expected.losses)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("byte", [0x0D, 0x0A, 0x02])
def test_pages_that_claim_thousands_of_rows_at_one_place_cost_no_more_than_others(byte: int, tmp_path: Path) -> None:
    """Of 4 MB: of each page 2,044 rows would lie at one place, and every size of a page is tried."""
    path = tmp_path / "hostile"
    path.write_bytes(bytes([byte]) * (4 << 20))
    with pytest.raises(NotAnArchive, match="nothing was made"):
        salvage(path, tmp_path / "new.sfm", actor="tester")


def test_a_row_that_is_none_over_sound_ones_costs_no_sound_one() -> None:
    """A pointer that is damaged leads into another row, and what is read there may be as large as the page."""
    row = bytes([3, 1, 2, 15, 7])  # 3 bytes of columns, number 1: a header of 2 bytes, a text of 1 byte
    page = bytearray(512)
    page[0] = 0x0D
    places = [512 - 5 * number for number in range(1, 61)]
    for place in places:
        page[place : place + 5] = row
    bogus = places[-1] - 4
    page[bogus : bogus + 4] = bytes([0x83, 0x00, 1, 2])  # 384 bytes
    page[3:5] = (61).to_bytes(2, "big")
    page[8 : 8 + 122] = b"".join(place.to_bytes(2, "big") for place in (bogus, *places))
    found = list(Pages(bytes(page) * 2, layout=Layout(512)).rows_of(2))
    assert sum(isinstance(one, StoredRow) for one in found) == 60


@pytest.mark.posix("links")
def test_an_archive_behind_a_link_is_read_written_and_copied_and_the_link_stays(sound: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "drive" / "q.sfm", tmp_path / "link.sfm"
    real.parent.mkdir()
    real.write_bytes(sound.read_bytes())
    link.symlink_to(real)
    with sfm.open(link) as archive:
        job("behind a link").save(archive)
        archive.compact()
        archive.backup(tmp_path / "copy.sfm")
    assert link.is_symlink() and not real.is_symlink()
    assert [path.name for path in real.parent.iterdir()] == ["q.sfm"]
    with sfm.open(real, read_only=True) as archive:
        assert archive.info().events == EVENTS + 1
        assert archive.verify().ok
