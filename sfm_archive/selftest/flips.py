"""Single flipped bits, anywhere in a file: each one that changes what is stored must be found.

A flip is found where opening refuses the file or a full verification reports damage. One that is not found must be
without effect: every row of every table, the structure and the header's numbers read as before. Then it lay in bytes
that nothing reads: free pages, the rest of a page, unused numbers of the header. Anything else has escaped. On what was
found all reading commands are run: one that ends with a traceback has let it escape too.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import apsw

import sfm_archive as sfm
from sfm_archive.archive.provenance import provenance_of
from sfm_archive.archive.running import note_running
from sfm_archive.archive.same_event import join_event
from sfm_archive.archive.saving import keep_parts, keep_waiting
from sfm_archive.errors import SfmError
from sfm_archive.exporting.handover import HandoverKind
from sfm_archive.exporting.noting import note_file
from sfm_archive.selftest.reading_commands import SLOW, run_all
from sfm_archive.selftest.state import read_state
from sfm_archive.sites.stating import state_row
from sfm_archive.testing import ascii_report, old_read_out, read_out, sequential_file, simulate_histogram
from sfm_archive.testing.faults import missing_frame
from sfm_archive.testing.statements import statements_of_every_kind

_PAGES = b"%PDF-1.4\n" + bytes(range(256)) * 4
"""Stands for a file that is kept; nothing reads it as pages."""


@dataclass(slots=True)
class Flipped:
    """What became of the flips. `commands`: run on those that were found. `where` counts (region, outcome); `escaped`
    must be empty."""

    flips: int = 0
    commands: int = 0
    where: Counter[tuple[str, str]] = field(default_factory=Counter)
    escaped: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        """Refused at opening, or reported by verify."""
        return sum(number for (_, outcome), number in self.where.items() if outcome == "found")

    @property
    def without_effect(self) -> int:
        """Not found, and everything reads as before."""
        return sum(number for (_, outcome), number in self.where.items() if outcome == "without effect")

    def regions(self) -> dict[str, tuple[int, int]]:
        """For each part of the file: flips found, and flips without effect."""
        names = sorted({region for region, _ in self.where})
        return {name: (self.where[name, "found"], self.where[name, "without effect"]) for name in names}


def archive_of_everything(path: Path) -> None:
    """A small archive with at least one row of every kind, free pages and half-filled ones."""
    random = Random(21)
    with sfm.create(path) as archive:
        for day in range(1, 4):
            at = datetime(2026, 5, day, 9) + timedelta(minutes=day)
            simulated = simulate_histogram(random, count=8, serial=f"BE1152{day}", recorded_at=at)
            event = sfm.Event(serial=simulated.serial, recorded_at=at, record_type=simulated.record_type)
            report = ascii_report(simulated, file_name="R.TXT")
            beside = [
                sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=f"R{day}.TXT", data=report, folder="in"),
                sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name="s.json", data=random.randbytes(900)),
            ]
            frames = old_read_out(simulated, beyond=0) if day == 3 else read_out(simulated)
            if day == 2:
                archive.save(event, missing_frame(frames, 1))
            saved = archive.save(
                event,
                frames,
                names=[f"M52{day}.AB0", f"M52{day}H.AB0"],
                files=beside,
                findings=[sfm.Finding(code="odd", message=f"seen on day {day}")],
                time_zone="Europe/Berlin" if day == 1 else "unknown",
            )
            archive.encode(saved.event_id, "blastware@1")
            if day == 3:
                made = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="OLD.AB0", data=sequential_file(frames))
                archive.attach(saved.event_id, [made], [_values(random)])
        named = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="X.IDFW", data=b"X", pairs_with="X.IDFW")
        other = archive.save(sfm.Event(serial="BE11521", recorded_at=datetime(2026, 5, 1)), files=[named])
        join_event(archive, other.event_id, 1, named.name)
        early = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="WAIT.TXT", data=b"early" * 30)
        keep_waiting(archive.store, early, archive.actor)
        late = sfm.ReceivedFile(kind=sfm.FileKind.CAPTURE, name="late.bin", data=b"late" * 30)
        keep_parts(archive.store, late, [4, 40], archive.actor)
        note_running(archive, "BE11521", [_running(random)])
        archive.state_time_zone("BE11521", "America/Denver")
        archive.state_time_zone("BE11521", "Europe/Berlin")
        sfm.leave_out(archive, "ab" * 32, by="A. Miller", reason="bench test")
        sfm.take_again(archive, "ab" * 32, by="A. Miller", reason="it was a blast")
        sfm.join_file(archive, "R1.TXT", 1, by="A. Miller", reason="printed from it")
        sfm.state_settings(archive, "BE11521", geo_range="sensitive", by="A. Miller", reason="log book")
        sfm.withdraw_settings(archive, 1, by="A. Miller", reason="another unit")
        for statement in statements_of_every_kind("BE11521"):
            state_row(archive, statement)
        sfm.withdraw_window(archive, 1, by="A. Miller", reason="another unit")
        with tempfile.TemporaryDirectory(dir=path.parent) as out:
            archive.export(Path(out), serial="BE11521")
        made_of = provenance_of(archive, [1])
        note_file(archive, HandoverKind.REPORT, Path("may.pdf"), {"paper": "a4"}, _PAGES, made_of, made=True)
        archive.pin_encoder("blastware@1")
    _seal_and_go_on(path)
    _leave_free_pages(path)


def _seal_and_go_on(path: Path) -> None:
    """Only the unsealed copy of a sealed archive has rows of its seal and can be worked on."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        sealed = Path(folder, path.name)
        with sfm.open(path) as archive:
            archive.seal(sealed)
        path.unlink()
        with sfm.open(sealed, read_only=True) as archive:
            archive.backup(path, unsealed=True)
        for left in Path(folder).iterdir():
            left.chmod(0o600)


def _running(random: Random) -> Any:
    from sfm_archive.model.running import Running

    since, until = datetime(2026, 5, 1, 8), datetime(2026, 5, 1, 9)
    return Running(since, until, "monitoring reply", random.randbytes(32).hex(), "Geo: 0.020 in/s")


def _values(random: Random) -> Any:
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import Reading, ValueSource, ValueState

    readings = [Reading(quantity="ppv", channel=c, number=random.random(), unit="in/s") for c in ("Tran", "Vert")]
    readings.append(Reading(quantity="ppv", channel="Long", number=None, unit="in/s", state=ValueState.OVER_RANGE))
    readings.append(Reading(quantity="project", channel="", number=None, unit="", text="Quarry north"))
    return ReadingSet(source=ValueSource.PROGRAM, origin_sha256=random.randbytes(32).hex(), readings=tuple(readings))


def _leave_free_pages(path: Path) -> None:
    """Free pages hold what nobody reads any more; here they come from a table that is made and dropped again."""
    connection = apsw.Connection(str(path))
    try:
        connection.execute("CREATE TABLE gone (data BLOB)")
        connection.execute("INSERT INTO gone VALUES (randomblob(12000))")
        connection.execute("DROP TABLE gone")
    finally:
        connection.close()


def flip_and_check(folder: Path, flips: int, seed: int = 0) -> Flipped:
    """Flip that many random bits of a small archive, each alone, and look what verify says of it."""
    folder.mkdir(parents=True, exist_ok=True)
    good, path = folder / "good.sfm", folder / "flipped.sfm"
    archive_of_everything(good)
    with sfm.open(good, read_only=True) as archive:
        report = archive.verify()
    if not report.ok:
        return Flipped(escaped=[f"the archive is not sound: {finding.message}" for finding in report.findings])
    random, found = Random(seed), Flipped()
    data, pages, state = good.read_bytes(), _pages(good), read_state(good)
    page_size = int.from_bytes(data[16:18], "big")
    for _ in range(flips):
        at, bit = random.randrange(len(data)), random.randrange(8)
        altered = bytearray(data)
        altered[at] ^= 1 << bit
        path.write_bytes(altered)
        region = "header" if at < 100 else pages.get(at // page_size + 1, "free pages")
        found.flips += 1
        if _is_found(path):
            found.where[region, "found"] += 1
            for ran in run_all(folder, bytes(altered), without=SLOW):
                found.commands += 1
                if ran.wrong:
                    found.escaped.append(f"bit {bit} of byte {at} ({region}): {ran.wrong}")
        elif _reads_as(path, state):
            found.where[region, "without effect"] += 1
        else:
            found.where[region, "escaped"] += 1
            found.escaped.append(f"bit {bit} of byte {at} ({region}) was changed and nothing said so")
    return found


def _is_found(path: Path) -> bool:
    try:
        with sfm.open(path, read_only=True) as archive:
            return not archive.verify().ok
    except SfmError:
        return True


def _reads_as(path: Path, state: Any) -> bool:
    try:
        return bool(read_state(path) == state)
    except (apsw.Error, UnicodeDecodeError):
        return False


def _pages(path: Path) -> dict[int, str]:
    """To which table or index each page belongs; free pages belong to none."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows: list[Any] = connection.execute(
            "SELECT pageno, tbl_name, type FROM dbstat JOIN sqlite_schema USING (name)"
            " UNION ALL SELECT pageno, 'structure', 'table' FROM dbstat WHERE name = 'sqlite_schema'"
        ).fetchall()
    finally:
        connection.close()
    return {page: f"indexes of {table}" if kind == "index" else table for page, table, kind in rows}
