"""Archives of several laptops and an office, and the one archive that saw everything at once."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.base.plain import to_plain
from sfm_archive.formats.frame_blob import decompress_at_most
from sfm_archive.testing.memory import SimulatedEvent

ALL = "all"
LAPTOPS = ("north", "south", "copy")

HISTOGRAM, WAVE, LATE, THIRD = (
    testing.simulate_histogram(
        Random(1), count=12, serial="BE11529", start_key=0x0111_0000, recorded_at=datetime(2026, 5, 1, 8)
    ),
    testing.simulate_waveform(
        Random(2), seconds=0.25, serial="BE11529", start_key=0x0211_0000, recorded_at=datetime(2026, 5, 2, 9, 30)
    ),
    testing.simulate_histogram(
        Random(3), count=6, serial="UM13245", start_key=0x0111_0000, recorded_at=datetime(2026, 5, 3, 7)
    ),
    testing.simulate_waveform(
        Random(4), seconds=0.25, serial="UM13245", start_key=0x0311_0000, recorded_at=datetime(2026, 5, 4, 11)
    ),
)


def captured(*events: SimulatedEvent, seed: int = 5) -> Callable[[sfm.Archive], None]:
    """An import of a capture with these events."""
    data = testing.capture(Random(seed), list(events), damaged=0)

    def run(archive: sfm.Archive) -> None:
        with tempfile.TemporaryDirectory(prefix="sfm-moving-") as folder:
            path = Path(folder) / f"raw_{seed}.bin"
            path.write_bytes(data)
            report = archive.import_from(path)
            assert not report.rejected, report.items

    return run


def reported(event: SimulatedEvent) -> Callable[[sfm.Archive], None]:
    """An import of the report of an event alone."""

    def run(archive: sfm.Archive) -> None:
        name = sfm_name(event)
        with tempfile.TemporaryDirectory(prefix="sfm-moving-") as folder:
            path = Path(folder) / f"{name.replace('.', '_')}_ASCII.TXT"
            path.write_bytes(testing.ascii_report(event, file_name=name))
            archive.import_from(path)

    return run


def sfm_name(event: SimulatedEvent) -> str:
    """The computed name of a simulated event."""
    from sfm_archive.formats.blastware.names import event_file_name

    return event_file_name(event.serial, event.recorded_at, event.record_type)


def event_of(archive: sfm.Archive, event: SimulatedEvent) -> int:
    """The id of a simulated event."""
    (row,) = [
        row
        for row in archive.events(serial=event.serial)
        if row.event().recorded_at == event.recorded_at and row.record_type == event.record_type.value
    ]
    return row.event_id


def reviewed(event: SimulatedEvent, by: str, *, false: bool) -> Callable[[sfm.Archive], None]:
    """A review of an event."""
    return lambda archive: archive.review(
        event_of(archive, event), false_trigger=false, notes=f"as {by} saw it", reviewer=by
    )


class World:
    """Archives by name, and the one that sees everything at once. What is done in one is done in both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()
        self.archives: dict[str, sfm.Archive] = {}
        self.make(ALL)

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def make(self, name: str) -> None:
        """A new archive."""
        self.archives[name] = self._open.enter_context(sfm.create(self.folder / f"{name}.sfm", actor=name))

    def fork(self, name: str, of: str) -> None:
        """A copy of an archive's file, in which other work is done from now on."""
        self.archives[of].close()
        shutil.copyfile(self.folder / f"{of}.sfm", self.folder / f"{name}.sfm")
        for one, actor in ((of, of), (name, name)):
            self.archives[one] = self._open.enter_context(sfm.open(self.folder / f"{one}.sfm", actor=actor))

    def do(self, where: str, *actions: Callable[[sfm.Archive], Any]) -> None:
        """Something, there and in the archive that sees everything."""
        for action in actions:
            action(self.archives[where])
            action(self.archives[ALL])

    def path(self, name: str) -> Path:
        """Where an archive lies."""
        return self.folder / f"{name}.sfm"


def a_season(folder: Path) -> World:
    """An office, two laptops of their own, and a third one with a copy of the office's archive."""
    world = World(folder)
    for name in ("office", "north", "south"):
        world.make(name)
    world.do(
        "office",
        captured(HISTOGRAM, seed=5),
        lambda a: sfm.add_job(a, "North Quarry", client="Rock", units="mm/s", zone="Europe/Berlin", by="Ann"),
        lambda a: sfm.add_point(a, "North Quarry", "Church", coordinates="50.1,8.2", by="Ann"),
        lambda a: sfm.place(a, "BE11529", at="North Quarry/Church", since=datetime(2026, 5, 1), by="Ann"),
        lambda a: sfm.limit_point(a, "North Quarry/Church", limits=["din-4150-3-line-1"], by="Ann"),
        reviewed(HISTOGRAM, "Ann", false=True),
    )
    world.fork("copy", "office")
    world.do("north", captured(HISTOGRAM, WAVE, seed=6), reviewed(WAVE, "Ben", false=True))
    world.do(
        "south",
        captured(LATE, seed=7),
        lambda a: sfm.add_job(a, "South Quarry", client="Stone", by="Cem"),
        lambda a: sfm.add_point(a, "South Quarry", "School", by="Cem"),
        lambda a: sfm.place(a, "UM13245", at="South Quarry/School", since=datetime(2026, 5, 3), by="Cem"),
        lambda a: a.state_time_zone("UM13245", "Europe/London"),
        lambda a: sfm.add_blast(
            a, "South Quarry", datetime(2026, 5, 3, 7, 5), name="1", zone="Europe/London", by="Cem"
        ),
    )
    world.do(
        "copy",
        captured(WAVE, seed=8),
        reviewed(HISTOGRAM, "Dan", false=False),
        lambda a: sfm.correct_job(a, "North Quarry", client="Rock & Sons", by="Dan", reason="as the contract says"),
        lambda a: sfm.correct(a, "BE11529", location="Church, east side", by="Dan", reason="moved"),
    )
    world.do("north", reviewed(HISTOGRAM, "Ben", false=True), reported(WAVE))
    world.do(
        "office",
        captured(THIRD, seed=9),
        lambda a: sfm.calibrate(a, "BE11529", "2026-02-11", valid_until="2027-02-11", lab="VMA", by="Ann"),
        reviewed(THIRD, "Ann", false=True),
        lambda a: a.state_time_zone("UM13245", "Europe/Dublin"),
    )
    world.do("south", reviewed(LATE, "Cem", false=False), reported(LATE))
    return world


def everything_in(path: Path) -> bytes:
    """The file, and every content of it decompressed."""
    found = [path.read_bytes()]
    connection = sqlite3.connect(path)
    try:
        for table in ("file_piece", "frames"):
            found += [
                decompress_at_most(data, codec, 1 << 26)
                for codec, data in connection.execute(f"SELECT codec, data FROM {table}")
            ]
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            found += [repr(row).encode() for row in connection.execute(f"SELECT * FROM {name}").fetchall()]
    finally:
        connection.close()
    return b"\n".join(found)


def what_counts(archive: sfm.Archive, folder: Path) -> dict[str, Any]:
    """What an archive says, without the numbers that it gives: every event with its values, files and frames, the
    files that an export makes, reviews, statements and verdicts."""
    said: dict[str, Any] = {"events": {}}
    book = sfm.limits_from(sfm.LimitWords(curves=("din-4150-3-line-1",)))
    for row in archive.listing():
        own = to_plain(row)
        key = (row.serial, row.recorded_at_local, row.record_type, row.start_key)
        for name in ("event_id", "received_at_utc", "revision"):
            own.pop(name)
        own["values"] = sorted(repr(value) for value in archive.values(row.event_id))
        own["files"] = sorted((file.kind, file.name, file.sha256) for file in archive.files(row.event_id))
        own["revisions"] = sorted((one.sha256, one.whole) for one in archive.revisions(row.event_id))
        own["current"] = hashlib.sha256(repr(_frames(archive, row.event_id)).encode()).hexdigest()
        own["findings"] = sorted(repr(one) for one in archive.findings(row.event_id))
        own["peaks"] = [day.day for day in archive_days(archive, row.event_id)]
        said["events"][key] = own
    said["reviews"] = sorted(
        repr({name: value for name, value in to_plain(one).items() if name != "event_id"}) for one in archive.reviews()
    )
    target = folder / "export"
    archive.export(target, options=sfm.ExportOptions(record=False))
    said["exports"] = {
        str(path.relative_to(target)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(target.rglob("*"))
        if path.is_file()
    }
    shutil.rmtree(target)
    said["summary"] = without_numbers(to_plain(sfm.summarise(archive, ("job", "point", "month"), limits=book)))
    said["jobs"] = without_numbers(to_plain(sfm.overview(archive)))
    said["units"] = without_numbers(to_plain(sfm.registered_units(archive)))
    said["blasts"] = without_numbers(to_plain(sfm.list_blasts(archive)))
    said["corrections"] = without_numbers(to_plain(sfm.corrections(archive)))
    said["zones"] = archive.time_zones()
    return said


def _frames(archive: sfm.Archive, event_id: int) -> Any:
    return archive.frames(event_id) if archive.event(event_id).revision else ()


def archive_days(archive: sfm.Archive, event_id: int) -> Any:
    """What its samples say of each day."""
    from sfm_archive.archive.deriving import peaks_by_day

    return peaks_by_day(archive, [event_id]).get(event_id, ())


NUMBERS = {"job", "point", "window", "number", "blast", "events_ids", "event_id", "limits", "statement", "calibration"}


def without_numbers(plain: Any) -> Any:
    """The same without numbers that an archive gives, and in an order of its own."""
    if isinstance(plain, Mapping):
        return {
            name: without_numbers(value)
            for name, value in plain.items()
            if not (name in NUMBERS and isinstance(value, int))
        }
    if isinstance(plain, list | tuple):
        return sorted((without_numbers(one) for one in plain), key=repr)
    return plain
