"""Makes the golden files, each once: files that stand here already are never written again.

    python tests/golden/make_golden.py [frame_blob | encoders | archive]

Golden files hold what released versions wrote. A test that fails against them has found a change of a released
format or encoder; the answer is a new version, not a new golden file. Only before the first release of a format may
its golden file be deleted and made again, by hand.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import apsw

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.reading import names_of, waiting_files
from sfm_archive.archive.running import note_running
from sfm_archive.archive.same_event import join_event
from sfm_archive.archive.saving import keep_parts, keep_waiting
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import EncodeRefused
from sfm_archive.formats.blastware.captures import read_capture
from sfm_archive.formats.frame_blob import pack_frames
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.running import Running
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.sites.stating import state_row
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.statements import statements_of_every_kind

HERE = Path(__file__).resolve().parent
ENCODERS = ("blastware@1", "blastware@2")
_ODD = sfm.Finding(code="odd", message="seen when it was received")
FULL_FILES = ("well-formed waveform", "over-read")


def main(parts: Sequence[str]) -> None:
    """Make the parts named, all where none is."""
    makers = {"frame_blob": frame_blob, "encoders": encoders, "archive": archive}
    for part in parts or makers:
        makers[part]()


def write(name: str, make: Callable[[Path], None]) -> None:
    """Have `make` write a golden file, unless it stands there already."""
    path = HERE / name
    if path.exists():
        sys.exit(f"{path} exists already; golden files are never written again (see the top of {Path(__file__).name})")
    make(path)
    sys.stdout.write(f"made {path}\n")


def as_text(document: Any, indent: int | None = 1) -> Callable[[Path], None]:
    """A maker of a JSON file, as short as can be without `indent`."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=False)
    return lambda path: _write_text(path, f"{text}\n")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def plain_frames(frames: Sequence[A5Frame]) -> list[list[Any]]:
    """Frames as JSON: six fields, data in hexadecimal."""
    return [[f.sub, f.page_hi, f.page_lo, f.data.hex(), f.chk_byte, f.checksum_valid] for f in frames]


def frame_blob() -> None:
    """Frame blob format 1: the compressed bytes, and beside them what they mean."""
    random = Random(1)
    event = testing.simulate_histogram(random, count=30, start_key=0x0111_0304)
    odd = [A5Frame(0, 255, 1, b"", 255, False), A5Frame(0xF3, 0, 0, bytes(range(256)), 0, True)]
    frames = [*testing.read_out(event), *odd]
    blob = pack_frames(frames)
    meaning = {
        "format_version": blob.format_version,
        "codec": blob.codec,
        "sha256": blob.sha256,
        "logical_size": blob.logical_size,
        "frame_count": blob.frame_count,
        "frames": plain_frames(frames),
    }
    write("frame_blob_1.blob", lambda path: _write_bytes(path, blob.data))
    write("frame_blob_1.json", as_text(meaning))


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def streams() -> dict[str, Sequence[A5Frame]]:
    """One stream for each way a download is known to go."""
    random = Random(2)
    wave = testing.simulate_waveform(random, seconds=0.5, start_key=0x0111_0304, loudness="quiet")
    short, after = _neighbours(random, 25)
    long = testing.simulate_histogram(random, count=60, start_key=0x0111_0000)
    frames = testing.read_out(short)
    return {
        "well-formed waveform": testing.read_out(wave),
        "well-formed histogram": testing.read_out(long),
        "old step": testing.read_out(after, 0x400),
        "over-read": testing.over_read(short, beyond=1),
        "doubled start": testing.doubled_start(testing.read_out(long), at=0x400),
        "doubled start, address echoed": testing.doubled_start(frames, at=0x200, echo_start=False),
        "missing frame": testing.missing_frame(frames, 1),
        "missing closing frame": testing.missing_closing(frames),
        "repeated frame": testing.repeated_frame(frames, 1),
        "conflicting frame": testing.conflicting_frame(frames, 1, random),
        "out of order": testing.out_of_order(frames, random),
        "restarted": testing.restarted(frames, 2),
        "corrupted byte": testing.corrupted_byte(frames, 1, random),
        "without checksums": testing.without_checksums(frames),
        "wrong end key": testing.wrong_end_key(frames, -30),
        "no header": frames[1:],
        "header in samples": testing.read_out(testing.header_in_samples(random)),
    }


def _neighbours(random: Random, count: int) -> tuple[SimulatedEvent, SimulatedEvent]:
    short = testing.simulate_histogram(random, count=count, start_key=0x0111_0FF0)
    after = testing.simulate_histogram(random, count=40, start_key=short.end_key + testing.GAP)
    return replace(short, after=random.randbytes(testing.GAP) + after.memory), after


def encoders() -> None:
    """What blastware@1 and blastware@2 make of a fixed set of streams."""
    inputs = streams()
    event = sfm.Event(serial="BE11529", recorded_at=testing.simulate_histogram(Random(3), count=2).recorded_at)
    manifest: dict[str, dict[str, Any]] = {}
    outputs: dict[str, bytes] = {}
    for encoder in load_plugins().encoders:
        if str(encoder.name) not in ENCODERS:
            continue
        for name, frames in inputs.items():
            entry: dict[str, Any]
            try:
                encoded = encoder.encode(event, tuple(frames))
            except EncodeRefused as refusal:
                entry = {"outcome": "refused"}
                findings = refusal.findings
            else:
                digest = hashlib.sha256(encoded.data).hexdigest()
                entry = {"outcome": "encoded", "size": len(encoded.data), "sha256": digest}
                findings = encoded.findings
                if name in FULL_FILES:
                    outputs[f"{encoder.name} {name}.bin".replace(" ", "_")] = encoded.data
            entry["findings"] = [[finding.code, finding.start, finding.end] for finding in findings]
            manifest.setdefault(str(encoder.name), {})[name] = entry
    write("encoder_streams.json", as_text({name: plain_frames(frames) for name, frames in inputs.items()}))
    write("encoder_outputs.json", as_text(manifest))
    for file_name, data in outputs.items():
        write(file_name, lambda path, data=data: _write_bytes(path, data))


def archive() -> None:
    """An archive of format 1 with a bit of everything, and beside it what it says."""
    write("archive_format_1.sfm", _make_archive_that_was_sealed)
    write("archive_format_1.json", as_text(contents(HERE / "archive_format_1.sfm"), indent=None))


def _make_archive_that_was_sealed(path: Path) -> None:
    """The unsealed copy of a sealed one, which is the only one with rows of every table that can be worked on."""
    with tempfile.TemporaryDirectory() as folder:
        made, sealed = Path(folder, "made.sfm"), Path(folder, "sealed.sfm")
        _make_archive(made)
        with sfm.open(made, actor="golden") as archive:
            archive.seal(sealed)
        with sfm.open(sealed, read_only=True, actor="golden") as archive:
            archive.backup(path, unsealed=True)


def _make_archive(path: Path) -> None:
    random = Random(4)
    events = [
        testing.simulate_histogram(random, count=12, serial="BE11529", start_key=key)
        for key in (0x0111_0000, 0x0111_2238)
    ]
    wave = testing.simulate_waveform(random, seconds=0.25, serial="BE18003", loudness="quiet")
    with sfm.create(path, actor="golden") as archive:
        (captured,) = read_capture(testing.capture(random, [events[0]])).events
        assert captured.record is not None
        report = sfm.ReceivedFile(
            kind=sfm.FileKind.REPORT, name="M529LK44_AB0H_ASCII.TXT", data=b"\xb5 report\r\n", folder="BE11529"
        )
        device = ReadingSet(source=ValueSource.DEVICE_RECORD, origin_sha256="1" * 64, readings=captured.record.readings)
        printed = (
            Reading(quantity="ppv", channel="Tran", unit="in/s", state=ValueState.OVER_RANGE, text="OORANGE"),
            Reading(
                quantity="zc_frequency",
                channel="Tran",
                number=100.0,
                unit="Hz",
                state=ValueState.ABOVE_LIMIT,
                text=">100 Hz",
            ),
            Reading(quantity="battery", number=6.8, unit="Volts", text="6.8 Volts"),
        )
        paper = ReadingSet(source=ValueSource.REPORT, origin_sha256="2" * 64, readings=printed)
        archive.save(
            _identity(events[0]),
            captured.frames,
            names=[testing.call_home_name(events[0])],
            files=[_event_file(events[0]), report],
            readings=[device, paper],
            time_zone="America/Toronto",
        )
        torn = testing.missing_frame(testing.read_out(events[1]), 1)
        archive.save(_identity(events[1]), torn, findings=[_ODD])
        archive.save(_identity(events[1]), testing.read_out(events[1]))
        archive.save(_identity(wave), testing.read_out(wave))
        other = ReadingSet(source=ValueSource.SIDECAR, origin_sha256="3" * 64, readings=printed[2:])
        alone = sfm.Event(serial="UM7", recorded_at=wave.recorded_at, record_type=sfm.RecordType.MONITOR_LOG)
        log = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="UM7.MLG", data=b"monitor log")
        archive.save(alone, names=["UM7.MLG"], files=[log], readings=[other])
        later = sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name="later.sfm.json", data=b"{}", pairs_with="LATER")
        keep_waiting(archive.store, later, archive.actor)
        torn_capture = sfm.ReceivedFile(kind=sfm.FileKind.CAPTURE, name="torn.bin", data=b"half a capture")
        keep_parts(archive.store, torn_capture, [5], archive.actor)
        ran = datetime(2026, 5, 1, 8), datetime(2026, 5, 1, 9)
        note_running(archive, "BE11529", [Running(*ran, "monitoring reply", "4" * 64, "Geo: 0.020 in/s")])
        sfm.leave_out(archive, "5" * 64, by="A. Miller", reason="bench test, no event")
        archive.state_time_zone("BE18003", "America/Toronto")
        sfm.state_settings(archive, "BE18003", geo_range="sensitive", by="A. Miller", reason="log book")
        _make_one_of_two(archive)
        for statement in statements_of_every_kind("BE11529"):
            state_row(archive, statement)
        sfm.end_window(archive, 1, datetime(2026, 5, 19), by="A. Miller")
        archive.pin_encoder("blastware@1")
        archive.encode(1)
        with tempfile.TemporaryDirectory(prefix="sfm-golden-") as folder:
            archive.export(Path(folder) / "handed over", serial="BE11529")
        _merge_an_extract(archive)


def _make_one_of_two(archive: sfm.Archive) -> None:
    """A Micromate's binary that is the event of its report, and a report that people decided about."""
    event = sfm.Event(serial="UM9", recorded_at=datetime(2026, 5, 2, 9), record_type=sfm.RecordType.WAVEFORM)
    name = "UM9_20260502100000.IDFW"
    text = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=f"{name}.TXT", data=b"report", pairs_with=name)
    binary = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name, data=b"binary", pairs_with=name)
    own = archive.save(event, files=[text]).event_id
    named = archive.save(replace(event, recorded_at=datetime(2026, 5, 2, 10)), files=[binary]).event_id
    join_event(archive, named, own, name)
    other = archive.save(replace(event, recorded_at=datetime(2026, 5, 2, 11)), files=[text]).event_id
    sfm.join_file(archive, text.name, own, by="A. Miller", reason="printed from it")
    assert archive.files(other)


def _merge_an_extract(archive: sfm.Archive) -> None:
    """Changes of another archive, whole and withheld, and a content that stayed behind."""
    with tempfile.TemporaryDirectory(prefix="sfm-golden-") as folder:
        other, part, capture = Path(folder) / "other.sfm", Path(folder) / "part.sfm", b"a capture of two events"
        with sfm.create(other, actor="another") as laptop:
            for second in (1, 2):
                event = sfm.Event(serial="UM8", recorded_at=datetime(2026, 5, 1, 12, 0, second))
                laptop.save(event, files=[sfm.ReceivedFile(kind=sfm.FileKind.CAPTURE, name="two.bin", data=capture)])
            laptop.save(sfm.Event(serial="UM8", recorded_at=datetime(2026, 5, 1, 13)), findings=[_ODD])
            sfm.extract(laptop, part, sfm.Selection(event_ids=(2,)), actor="another")
        sfm.merge(archive, part)


def _identity(event: SimulatedEvent) -> sfm.Event:
    return sfm.Event(serial=event.serial, recorded_at=event.recorded_at)


def _event_file(event: SimulatedEvent) -> sfm.ReceivedFile:
    name, data = testing.call_home_name(event), testing.blastware_file(event)
    return sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name, data=data, folder=event.serial)


def contents(path: Path) -> dict[str, Any]:
    """All that an archive says, as plain values."""
    with sfm.open(path, read_only=True) as archive:
        info = archive.info()
        return {
            "archive_id": info.archive_id,
            "format_version": info.format_version,
            "pinned_encoder": info.pinned_encoder,
            "events": [event_contents(archive, row.event_id) for row in archive.events()],
            "waiting_files": [list(row[1:]) for row in waiting_files(archive.store)],
            "history": [list(row) for row in archive.history()],
        }


def _hash_of(archive: sfm.Archive, file: sfm.FileRow) -> str:
    try:
        return hashlib.sha256(archive.file_bytes(file)).hexdigest()
    except sfm.NotFound:
        return "stayed behind"


def event_contents(archive: sfm.Archive, event_id: int) -> dict[str, Any]:
    """All that it says of one event."""
    files = archive.files(event_id)
    return {
        "event": list(archive.event(event_id)),
        "names": names_of(archive.store, event_id),
        "revisions": [
            {
                "revision": row.revision,
                "sha256": row.sha256,
                "whole": row.whole,
                "frames": plain_frames(archive.frames(event_id, row.revision)),
            }
            for row in archive.revisions(event_id)
        ],
        "encodings": [
            [str(row.encoder), row.revision, row.outcome, row.sha256, [finding.code for finding in row.findings]]
            for row in archive.encodings(event_id)
        ],
        "files": [[*row, _hash_of(archive, row)] for row in files],
        "values": values_of_the_view(archive.path, event_id),
        "findings": to_plain(archive.findings(event_id)),
    }


def values_of_the_view(path: Path, event_id: int) -> list[list[Any]]:
    """What its view `current_value` says."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = connection.execute(
            "SELECT event_id, quantity, channel, number, unit, state, text, source, reading_id FROM current_value"
            " WHERE event_id = ? ORDER BY quantity, channel",
            (event_id,),
        )
        return [list(row) for row in rows]
    finally:
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
