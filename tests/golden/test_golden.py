"""What released versions wrote is read, and made again, for ever. The files here are never regenerated."""

from __future__ import annotations

import hashlib
import json
import runpy
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zstandard

import sfm_archive as sfm
from sfm_archive.errors import EncodeRefused
from sfm_archive.formats.frame_blob import CODEC, FORMAT_VERSION, FrameBlob, serialise_frames, unpack_frames
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.loading import load_plugins

HERE = Path(__file__).resolve().parent
MAKER = runpy.run_path(str(HERE / "make_golden.py"), run_name="golden")
ARCHIVE = HERE / "archive_format_1.sfm"


def document(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def frames_of(plain: list[list[Any]]) -> tuple[A5Frame, ...]:
    return tuple(A5Frame(sub, hi, lo, bytes.fromhex(data), chk, valid) for sub, hi, lo, data, chk, valid in plain)


# -- frame blobs ----------------------------------------------------------------------------------------------------


def test_frame_blob_format_1_is_read() -> None:
    told = document("frame_blob_1.json")
    frames = frames_of(told.pop("frames"))
    blob = FrameBlob(data=(HERE / "frame_blob_1.blob").read_bytes(), **told)
    assert unpack_frames(blob) == frames
    assert len(frames) == told["frame_count"] > 3


def test_frame_blob_format_1_is_read_by_any_zstandard_and_messagepack() -> None:
    told = document("frame_blob_1.json")
    logical = zstandard.ZstdDecompressor().decompress((HERE / "frame_blob_1.blob").read_bytes())
    assert hashlib.sha256(logical).hexdigest() == told["sha256"]
    assert len(logical) == told["logical_size"]
    read = msgpack.unpackb(logical)
    assert list(read) == ["format", "version", "frames"]
    assert [[*f[:3], f[3].hex(), *f[4:]] for f in read["frames"]] == told["frames"]


def test_the_same_frames_have_the_same_identity_for_ever() -> None:
    told = document("frame_blob_1.json")
    assert (FORMAT_VERSION, CODEC) == (told["format_version"], told["codec"]) == (1, "zstd")
    assert hashlib.sha256(serialise_frames(frames_of(told["frames"]))).hexdigest() == told["sha256"]


# -- encoders -------------------------------------------------------------------------------------------------------

STREAMS = document("encoder_streams.json")
OUTPUTS = document("encoder_outputs.json")


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("encoder", OUTPUTS)
def test_a_released_encoder_makes_the_same_bytes_and_finds_the_same(encoder: str, stream: str) -> None:
    expected = OUTPUTS[encoder][stream]
    event = sfm.Event(serial="UM1", recorded_at=datetime(2026, 5, 1))
    found: dict[str, Any]
    try:
        encoded = load_plugins().encoder(encoder).encode(event, frames_of(STREAMS[stream]))
    except EncodeRefused as refusal:
        found, findings = {"outcome": "refused"}, refusal.findings
    else:
        digest = hashlib.sha256(encoded.data).hexdigest()
        found, findings = {"outcome": "encoded", "size": len(encoded.data), "sha256": digest}, encoded.findings
    found["findings"] = [[finding.code, finding.start, finding.end] for finding in findings]
    assert found == expected


def test_every_stream_has_its_output_and_both_outcomes_occur() -> None:
    assert set(OUTPUTS) == {"blastware@1", "blastware@2"}
    assert all(set(of_encoder) == set(STREAMS) for of_encoder in OUTPUTS.values())
    assert {entry["outcome"] for entry in OUTPUTS["blastware@2"].values()} == {"encoded", "refused"}
    assert {entry["outcome"] for entry in OUTPUTS["blastware@1"].values()} == {"encoded"}


def test_the_files_kept_whole_are_those_of_the_manifest() -> None:
    whole = sorted(HERE.glob("blastware@*.bin"))
    assert len(whole) == 2 * len(MAKER["FULL_FILES"])
    for path in whole:
        encoder, stream = path.stem.replace("_", " ").split(" ", 1)
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == OUTPUTS[encoder][stream]["sha256"]
        assert data.startswith(bytes.fromhex("100001800000496e7374616e74656c00072c 00120300 53545254"))


# -- archives -------------------------------------------------------------------------------------------------------


def untouched(folder: Path) -> list[tuple[str, bytes, int]]:
    return [
        (path.name, hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns)
        for path in sorted(folder.glob("archive_format_1*"))
    ]


def test_an_archive_of_format_1_is_read_whole_without_being_touched() -> None:
    before = untouched(HERE)
    assert [name for name, *_ in before] == ["archive_format_1.json", "archive_format_1.sfm"]
    assert json.loads(json.dumps(MAKER["contents"](ARCHIVE))) == document("archive_format_1.json")
    assert untouched(HERE) == before


def test_its_encoders_make_every_recorded_file_again() -> None:
    made = 0
    with sfm.open(ARCHIVE, read_only=True) as archive:
        for row in archive.events():
            for record in archive.encodings(row.event_id):
                if record.encoded:
                    assert archive.encode(row.event_id, record.encoder, record.revision).sha256 == record.sha256
                    made += 1
                else:
                    with pytest.raises(EncodeRefused):
                        archive.encode(row.event_id, record.encoder, record.revision)
    assert made >= 4


def test_its_history_is_an_unbroken_chain() -> None:
    previous = "0" * 64
    with sfm.open(ARCHIVE, read_only=True) as archive:
        rows = archive.history()
    for row in rows:
        fields = [
            row.sequence,
            row.at_utc,
            row.actor,
            row.tool,
            row.action,
            row.event_id,
            row.detail,
            row.rows,
            previous,
        ]
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        assert (row.previous_sha256, row.sha256) == (previous, hashlib.sha256(text.encode()).hexdigest())
        previous = row.sha256
    assert [row.action for row in rows] == [
        "create", "save", "save", "save", "save", "save", "keep file", "keep parts", "note running", "leave out",
        "state time zone", "state settings", "save", "save", "join event", "save", "join file", *["state"] * 10,
        "pin encoder", "encode", "encode", "hand over", "merge", "merge", "end merge", "seal", "copy unsealed",
    ]  # fmt: skip


def test_a_copy_of_it_takes_new_events_and_keeps_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "copy.sfm"
    shutil.copy(ARCHIVE, path)
    before = document("archive_format_1.json")
    with sfm.open(path) as archive:
        again = archive.save(archive.event(1).event(), archive.frames(1))
        assert not again.changed
        archive.save(sfm.Event(serial="BE5", recorded_at=again.event.recorded_at), archive.frames(1))
    after = MAKER["contents"](path)
    assert json.loads(json.dumps(after["history"]))[: len(before["history"])] == before["history"]
    kept = [entry for entry in json.loads(json.dumps(after["events"])) if entry["event"][1] != "BE5"]
    assert kept == before["events"]


def test_golden_files_are_never_written_again() -> None:
    before = {path: path.read_bytes() for path in HERE.iterdir() if path.is_file()}
    for part in ("frame_blob", "encoders", "archive"):
        done = subprocess.run([sys.executable, str(HERE / "make_golden.py"), part], capture_output=True, text=True)
        assert done.returncode != 0
        assert "exists already" in done.stderr
    assert {path: path.read_bytes() for path in HERE.iterdir() if path.is_file()} == before


def test_the_golden_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in HERE.iterdir() if path.is_file()) < 520_000
