"""Archives with pages missing, salvaged: what comes over is judged row by row, not by counts.

Every page is cut out, zeroed and replaced by another page of the file, each alone; then two at once, at random. What
the new archive holds has to be what the sound one held: each row of each table, the bytes of each exported file, what
lists say of each event. What is missing has to be named, and then the salvage may not say that nothing is lost.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import apsw

import sfm_archive as sfm
from sfm_archive.archive.saving import keep_waiting
from sfm_archive.errors import NotAnArchive
from sfm_archive.maintaining.salvaging import SalvageReport, salvage
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.selftest.work import job
from sfm_archive.storage import statements
from sfm_archive.storage.row_hashes import TABLES
from sfm_archive.testing import sequential_file
from sfm_archive.testing.faults import missing_frame

PAGE_SIZE = 4096
_PARTS = ("file_piece", "value")
_TAKEN_AS_THEY_STOOD = "salvaged rows"


class Wreck(NamedTuple):
    """A damaged file: how, and its bytes."""

    name: str
    data: bytes


@dataclass(slots=True)
class Salvaged:
    """What became of the wrecks: nothing was missing, losses were named, or there was nothing left to save. `wrong`
    must be empty."""

    whole: int = 0
    with_losses: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def wrecks(self) -> int:
        """How many were tried."""
        return self.whole + self.with_losses + self.refused


class _Row(NamedTuple):
    """One row of content, without the number of its change, which is another in a new archive."""

    table: str
    columns: tuple[Any, ...]
    event_id: int


class _Held(NamedTuple):
    """What an archive holds. `rows`: each with time, person and action of its change. `told`: of each event what lists
    say and what an export writes; `pinned`: the encoder it writes with."""

    rows: dict[_Row, tuple[str, str, str]]
    told: dict[int, tuple[Any, ...]]
    pinned: str


def archive_with_crossed_numbers(path: Path, events: int = 12, files: int = 2) -> None:
    """Events whose files have other numbers than they, in another order, so that a link read the wrong way round is
    another link: event files, revisions, decisions, zones, files of two events and of none. `files`: for each event,
    beside those."""
    random = Random(7)
    with sfm.create(path, actor="harness") as archive:
        jobs = [job(f"crossed {number}", intervals=8) for number in range(events)]
        ids = []
        for number, one in enumerate(jobs):
            if number % 4 == 3:
                archive.save(one.event, missing_frame(list(one.frames), 1))
            names = [f"M{number:03}.AB0", f"N{number:03}.AB0"][: 1 + number % 2]
            ids.append(archive.save(one.event, one.frames, names=names).event_id)
        for number in random.sample(range(events), events):
            archive.attach(ids[number], [jobs[number].report])
        for number in random.sample(range(events), events):
            beside = [_sidecar(random) for _ in range(files)]
            made = archive.encode(ids[number]).data if number % 2 else sequential_file(jobs[number].frames)
            received = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=f"M{number:03}.AB0", data=made)
            archive.attach(ids[number], [*beside, received])
        for number in range(0, events, 5):
            archive.review(ids[number], false_trigger=True, reviewer="A. Person", notes=f"truck {number}")
        shared = _sidecar(random)
        for number in range(1, events, 6):
            archive.attach(ids[number], [shared])
        keep_waiting(archive.store, _sidecar(random), archive.actor)
        archive.state_time_zone(jobs[0].event.serial, "Europe/Berlin")
        archive.pin_encoder("blastware@1")
        job("crossed late", intervals=6).save(archive)


def _sidecar(random: Random) -> sfm.ReceivedFile:
    name = f"S{random.randrange(10**6)}.JSON"
    return sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name=name, data=random.randbytes(40))


def each_page(data: bytes, random: Random) -> Iterator[Wreck]:
    """Every page of a file cut out, zeroed, and replaced by another one."""
    pages = [data[start : start + PAGE_SIZE] for start in range(0, len(data), PAGE_SIZE)]
    for number in range(len(pages)):
        before, behind = b"".join(pages[:number]), b"".join(pages[number + 1 :])
        other = random.choice([place for place in range(len(pages)) if place != number] or [number])
        yield Wreck(f"page {number + 1} cut out", before + behind)
        yield Wreck(f"page {number + 1} zeroed", before + bytes(PAGE_SIZE) + behind)
        yield Wreck(f"page {other + 1} in the place of page {number + 1}", before + pages[other] + behind)


def two_pages(data: bytes, random: Random, count: int) -> Iterator[Wreck]:
    """Files with two pages missing, each of them cut out or zeroed."""
    for _ in range(count):
        pages = [data[start : start + PAGE_SIZE] for start in range(0, len(data), PAGE_SIZE)]
        names = []
        for number in sorted(random.sample(range(len(pages)), 2), reverse=True):
            cut = random.random() < 0.5
            pages[number : number + 1] = [] if cut else [bytes(PAGE_SIZE)]
            names.append(f"page {number + 1} {'cut out' if cut else 'zeroed'}")
        yield Wreck(" and ".join(names), b"".join(pages))


def salvage_wrecks(folder: Path, pairs: int, seed: int = 0) -> Salvaged:
    """Every page of two small archives damaged alone, and `pairs` times two pages of each."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Salvaged()
    for make in (archive_of_everything, archive_with_crossed_numbers):
        random, sound = Random(seed), folder / f"{make.__name__}.sfm"
        make(sound)
        data = sound.read_bytes()
        for wrecks in (each_page(data, random), two_pages(data, random, pairs)):
            judge(sound, wrecks, found)
    return found


def judge(sound: Path, wrecks: Iterable[Wreck], found: Salvaged) -> None:
    """Salvage each wreck of a sound archive and compare what comes over with what that holds."""
    held = _held(sound)
    for wreck in wrecks:
        with tempfile.TemporaryDirectory(dir=sound.parent) as name:
            path, new = Path(name) / "wreck.sfm", Path(name) / "new.sfm"
            path.write_bytes(wreck.data)
            try:
                report = salvage(path, new, actor="salvager")
            except NotAnArchive:
                found.refused += 1
                continue
            wrong = _faults(held, report, new)
            found.wrong += [f"{sound.name}, {wreck.name}: {text}" for text in wrong]
        if report.lossless:
            found.whole += 1
        else:
            found.with_losses += 1


def _faults(sound: _Held, report: SalvageReport, new: Path) -> list[str]:
    """What is wrong with a salvaged archive, or with what is said of it."""
    with sfm.open(new, read_only=True) as archive:
        verified = archive.verify()
    wrong = [f"verify says {one.subject}: {one.message}" for one in verified.damage]
    made = _held(new)
    named = {loss.event_id for loss in report.losses}
    for row, change in made.rows.items():
        if row not in sound.rows:
            wrong.append(f"holds a row that was not there: {row}")
        elif change[2] != _TAKEN_AS_THEY_STOOD and change[:2] != sound.rows[row][:2]:
            wrong.append(f"says another time or person of {row}")
        elif change[2] == _TAKEN_AS_THEY_STOOD and not report.losses:
            wrong.append(f"holds a row that nothing vouches for, and does not say so: {row}")
    missing = {row.event_id for row in sound.rows if row not in made.rows}
    if not any(loss.subject.startswith("change") for loss in report.losses):  # else nothing may know of its events
        wrong += [f"lost something of event {event_id} and names nothing" for event_id in missing - named - {0}]
    if missing and (report.lossless or not report.losses):
        wrong.append("lost something and says that nothing is lost")
    if made.pinned != sound.pinned and report.lossless:
        wrong.append(f"pins {made.pinned} and not {sound.pinned}")
    # What people said changes how events are told: where that is lost, it is what is named.
    is_said_otherwise = any(loss.subject.replace(" ", "_") in statements.KINDS for loss in report.losses)
    for event_id, told in made.told.items():
        if (
            told != sound.told.get(event_id)
            and event_id not in named
            and not is_said_otherwise
            and (made.pinned == sound.pinned or report.lossless)
        ):
            wrong.append(f"event {event_id} is told and exported as another one, and no loss of it is named")
    return wrong


def _held(path: Path) -> _Held:
    rows = dict(_rows(path))
    with sfm.open(path, read_only=True) as archive, tempfile.TemporaryDirectory(dir=path.parent) as target:
        summaries = {one.event_id: (one.name, repr(one)) for one in archive.listing()}
        written = {}
        if summaries:
            for item in archive.export(Path(target)).items:
                place = Path(target) / item.path
                data = place.read_bytes() if place.is_file() else b""
                written[item.event_id] = (item.status, item.path, item.sha256, data)
        told = {event_id: (*summary, written.get(event_id)) for event_id, summary in summaries.items()}
        return _Held(rows, told, str(archive.pinned_encoder))


def _rows(path: Path) -> Iterator[tuple[_Row, tuple[str, str, str]]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        readings: list[Any] = connection.execute("SELECT reading_id, event_id FROM reading").fetchall()
        events = dict(readings)
        for table in (*TABLES, *_PARTS):
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(f"{table}.{name}" for name in names if name != "sequence")
            told = "history.at_utc, history.actor, history.action" if "sequence" in names else "'', '', ''"
            joined = "JOIN history USING (sequence)" if "sequence" in names else ""
            for *change, row in [
                (*row[:3], row[3:])
                for row in connection.execute(f"SELECT {told}, {columns} FROM {table} {joined}")  # noqa: S608
            ]:
                own = row[0] if names[0] == "event_id" else 0
                if table in ("reading", "value"):
                    own = events.get(row[0], 0)
                yield _Row(table, row, own), (change[0], change[1], change[2])
    finally:
        connection.close()
