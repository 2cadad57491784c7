"""`python -m sfm_archive.selftest.fuzz`: bytes that nobody wrote, into everything that reads bytes; prints how many.

Whatever the input, a reader gives a value or one of this project's errors, soon, and without much memory. Inputs are
mutations of what the simulator writes: bits, pieces cut, doubled, swapped between files, and numbers that break things.
With the package atheris installed, `--guided TARGET` lets it look for inputs that reach new code. What was ever found
has its regression test in tests/selftest/test_fuzz_findings.py.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import NamedTuple

import sfm_archive as sfm
from sfm_archive.analysing import check_report
from sfm_archive.errors import SfmError
from sfm_archive.formats import frame_blob, sqlite_pages
from sfm_archive.formats.blastware import captures, event_file, layout, names, records, streams
from sfm_archive.formats.older_store import plain_pickle, sidecars
from sfm_archive.formats.reports import dialects
from sfm_archive.model.frames import A5Frame
from sfm_archive.testing import (
    ascii_report,
    blastware_file,
    call_home_name,
    capture,
    pc_capture,
    read_out,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    thor_csv,
    wire_frame,
)
from sfm_archive.testing.link import reply_payload

Reader = Callable[[bytes], object]
LONGEST_S = 5.0
MOST_MEMORY = 256 << 20
"""Bytes by which one input may raise the peak of the process's memory."""

_LONG = 100_000
_REPLY_START = b"\x10\x02\x00\x10\x10"
_BREAKING = (b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\x10\x02", b"\x10\x10\x03")


class Target(NamedTuple):
    """One reader, the files to begin with, and how many inputs it gets for each one of `--inputs`."""

    read: Reader
    seeds: list[bytes]
    share: float = 1.0


def _survey(data: bytes) -> object:
    """Frames with any fields, through everything that looks at frames."""
    stream = [
        A5Frame(0xA5, piece[0], piece[1], piece[2:-1], piece[-1], bool(piece[0] & 1))
        for piece in (data[at : at + 40] for at in range(0, len(data), 40))
        if len(piece) > 3
    ]
    return streams.survey_stream(stream) if stream else None


def _capture_of_repeats(data: bytes) -> object:
    """A few bytes again and again behind the start of a reply: what is quadratic, or takes memory for each byte,
    shows."""
    start = captures.read_capture(_REPLY_START + data)
    many = captures.read_capture(_REPLY_START + data * (_LONG // (len(data) or 1)))
    return start, many


def _capture_of_events(data: bytes) -> object:
    """Many events and records with any bytes."""
    pieces = [data[at : at + 60] for at in range(0, len(data), 60)] or [b""]
    wires = []
    for number in range(400):
        piece = pieces[number % len(pieces)]
        wires.append(wire_frame(reply_payload((0xA5, 0xF3)[number % 2], piece[:10].ljust(10, b"\0"), piece[10:])))
    return captures.read_capture(b"".join(wires))


def _absurd(read: Reader) -> Reader:
    """What is read, with one of its bytes a hundred thousand times."""

    def longer(data: bytes) -> object:
        at = len(data) // 3
        return read(data[:at] + data[at : at + 1] * _LONG + data[at:])

    return longer


def _blob(data: bytes) -> object:
    size = int.from_bytes(data[:4], "big") if len(data) > 4 else 0
    return frame_blob.decompress(data[4:], frame_blob.CODEC, size)


def _event_file(data: bytes) -> object:
    layout.read_layout(data)
    event_file.is_event_file(data)
    return event_file.inspect_event_file(data)


def _name(data: bytes) -> object:
    text = data.decode("utf-8", "surrogateescape")
    names.is_event_file_name(text)
    names.report_pairing_name(text)
    return names.decode_event_file_name(text)


def _json_sidecar(data: bytes) -> object:
    # What is understood is kept, so it must be text that UTF-8 holds.
    return json.dumps(asdict(sidecars.read_json_sidecar(data)), ensure_ascii=False).encode("utf-8")


def _pages(data: bytes) -> object:
    return sum(1 for _ in sqlite_pages.Pages(data).rows())


def _open(folder: Path) -> Reader:
    path = folder / "opened.sfm"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        with sfm.open(path, read_only=True) as archive:
            report = archive.verify()
            for event in archive.events():
                archive.values(event.event_id)
            return report.ok

    return read


def _import(folder: Path) -> Reader:
    event = simulate_histogram(Random(2), count=3)
    name = call_home_name(event)
    with sfm.create(folder / "into.sfm") as archive:
        archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), read_out(event), names=[name])
    into = (folder / "into.sfm").read_bytes()

    def read(data: bytes) -> object:
        (folder / "into.sfm").write_bytes(into)
        # Only its name says that a file is a JSON sidecar, and only beside its event is it more than bytes.
        received = folder / (f"{name}.sfm.json" if data.startswith(b"{") else "received")
        received.write_bytes(data)
        with sfm.open(folder / "into.sfm") as archive:
            report = archive.import_from(received)
            if not archive.verify().ok:
                raise AssertionError("what was imported does not verify")
            return report.totals

    return read


def targets(folder: Path) -> dict[str, Target]:
    """Every reader of bytes from outside, with its seeds."""
    random = Random(1)
    events = [simulate_histogram(random, count=12), simulate_waveform(random, seconds=0.3)]
    streams_of = [read_out(event) for event in events]
    small = folder / "seed.sfm"
    with sfm.create(small) as archive:
        for event, stream in zip(events, streams_of, strict=True):
            archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), stream)
    archives = [small.read_bytes()]
    blobs = [frame_blob.pack_frames(stream) for stream in streams_of]
    logical = [frame_blob.serialise_frames(stream) for stream in streams_of]
    raw = [b"".join(bytes((f.page_hi, f.page_lo)) + f.data + bytes((f.chk_byte,)) for f in s) for s in streams_of]
    documents = [b'{"review": {"false_trigger": true, "reviewer": "a"}, "peaks": {"Tran": 1.5}, "project": "x"}', b"{}"]
    documents.append(rb'{"review": {"reviewer": "\u00e4", "notes": "\ud83d\ude80"}, "project": "\ud800"}')
    event_files = [blastware_file(event) for event in events]
    written = [ascii_report(event, file_name="M529LKIQ.7M0") for event in events]
    written += [thor_csv(event, one_word=one_word) for event in events for one_word in (False, True)]
    written += [
        ascii_report(events[0], file_name="M529LKIQ.7M0").decode().encode(page) for page in ("utf-16", "cp1252")
    ]
    wires = [capture(random, events), pc_capture(random, events)]
    pickles = [sidecar(stream) for stream in streams_of]
    importing = _import(folder)
    all_kinds = [*event_files, *written, *wires, *pickles, *documents]
    return {
        "frames": Target(_survey, raw),
        "frame blobs": Target(_blob, [blob.logical_size.to_bytes(4, "big") + blob.data for blob in blobs]),
        "frame documents": Target(frame_blob.deserialise_frames, logical),
        "captures": Target(captures.read_capture, wires, 0.5),
        "captures of repeats": Target(
            _capture_of_repeats, [b"\x03", b"\x10", b"\x10\x03", _REPLY_START + b"\xa5"], 0.2
        ),
        "captures of many events": Target(_capture_of_events, [*raw, blastware_file(events[0])[18:]], 0.1),
        "records": Target(records.read_event_record, [bytes(210), random.randbytes(210)]),
        "pickles": Target(plain_pickle.load_plain_pickle, pickles),
        "frame sidecars": Target(sidecars.read_a5_sidecar, pickles),
        "names": Target(_name, [call_home_name(event).encode() for event in events]),
        "reports": Target(dialects.read_header, written, 0.5),
        "reports with their tables": Target(check_report, written, 0.2),
        "reports of absurd lengths": Target(_absurd(dialects.read_header), written, 0.1),
        "JSON sidecars": Target(_json_sidecar, documents),
        "event files": Target(_event_file, event_files),
        "salvage": Target(_pages, archives, 0.02),
        "open and verify": Target(_open(folder), archives, 0.02),
        "import": Target(importing, all_kinds, 0.02),
        "import of absurd lengths": Target(_absurd(importing), all_kinds, 0.02),
    }


def mutated(random: Random, seeds: list[bytes]) -> bytes:
    """One seed, changed in one to eight places."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        at = random.randrange(len(data) + 1)
        size = random.choice((1, 2, 4, 16, 200))
        kind = random.randrange(8)
        if kind <= 1 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif kind == 2:
            data[at : at + size] = random.randbytes(size)
        elif kind == 3:
            del data[at : at + size]
        elif kind == 4:
            data[at:at] = data[at : at + size] * random.choice((1, 3))
        elif kind == 5:
            breaking = random.choice(_BREAKING)
            data[at : at + len(breaking)] = breaking
        elif kind == 6:
            other = random.choice(seeds)
            start = random.randrange(len(other) + 1)
            data[at : at + size] = other[start : start + size]
        else:
            del data[at:]
    return bytes(data)


class Found(NamedTuple):
    """An input that did not end as it should."""

    target: str
    data: bytes
    what: str


def try_one(name: str, target: Target, data: bytes) -> Found | None:
    """Read one input; None where it ended in a value or an error of ours, and soon."""
    start, before = time.monotonic(), _peak_of_memory()
    try:
        target.read(data)
    except SfmError as error:
        if not str(error):
            return Found(name, data, "an error without a sentence")
    except Exception:  # noqa: BLE001 - every other error is what is looked for
        return Found(name, data, traceback.format_exc(limit=-3))
    seconds, more = time.monotonic() - start, _peak_of_memory() - before
    if more > MOST_MEMORY:
        return Found(name, data, f"took {more >> 20} MB of memory")
    return Found(name, data, f"took {seconds:.1f} s") if seconds > LONGEST_S else None


def _peak_of_memory() -> int:
    """Bytes that this process has held at most so far; 0 where no system call tells."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def fuzz(folder: Path, inputs: int, seed: int, only: list[str] | None = None) -> tuple[dict[str, int], list[Found]]:
    """That many inputs for each reader (fewer for the slow ones); how many were tried, and what was found."""
    tried: dict[str, int] = {}
    found: list[Found] = []
    for name, target in targets(folder).items():
        if only and name not in only:
            continue
        random = Random(f"{seed} {name}")
        tried[name] = max(1, int(inputs * target.share))
        for _ in range(tried[name]):
            finding = try_one(name, target, mutated(random, target.seeds))
            if finding is not None:
                found.append(finding)
    return tried, found


def guided(name: str, folder: Path, arguments: list[str]) -> None:
    """Let atheris look for inputs of one reader that reach new code; it never returns."""
    atheris = import_module("atheris")
    target = targets(folder)[name]
    atheris.instrument_all()
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)

    def one(data: bytes) -> None:
        finding = try_one(name, target, data)
        if finding is not None:
            raise RuntimeError(finding.what)

    atheris.Setup([sys.argv[0], *arguments, os.fspath(corpus)], one)
    atheris.Fuzz()


def tell(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def main(arguments: list[str] | None = None) -> int:
    """Fuzz everything, or what is named; exit code 1 with one file for each finding."""
    parser = argparse.ArgumentParser(prog="python -m sfm_archive.selftest.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="readers to fuzz; all where none is named")
    parser.add_argument("--inputs", type=int, default=20_000, help="inputs for each fast reader (20000)")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other inputs (0)")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="folder for what found something")
    parser.add_argument("--guided", metavar="TARGET", help="fuzz one reader with atheris, until interrupted")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sfm-fuzz-") as folder:
        if given.guided:
            if find_spec("atheris") is None:
                parser.error("the package atheris is not installed; without it, leave --guided out")
            guided(given.guided, Path(folder), given.targets)
        tried, found = fuzz(Path(folder), given.inputs, given.seed, given.targets)
    for name, number in tried.items():
        tell(f"{number:>9,}  {name}")
    for number, finding in enumerate(found):
        given.keep.mkdir(parents=True, exist_ok=True)
        (given.keep / f"{finding.target.replace(' ', '-')}-{number}").write_bytes(finding.data)
        tell(f"FOUND in {finding.target} ({len(finding.data)} bytes, kept in {given.keep}): {finding.what}")
    tell(f"{sum(tried.values()):>9,}  inputs in all; {len(found)} found something")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
