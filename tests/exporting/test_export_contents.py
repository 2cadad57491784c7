"""Which bytes an export writes for each event, and what its report says."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import EncoderNotFound
from sfm_archive.exporting import ExportOptions, ExportStatus, export_events
from sfm_archive.formats.blastware.names import NameStyle

NAME = "M529LKIQ.7M0H"


def received(data: bytes, name: str = NAME) -> sfm.ReceivedFile:
    return sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name, data=data)


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_an_export_is_byte_identical_to_the_memory(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    expected = {}
    for number in range(12):
        at = datetime(2026, 5, 1, 13, 16, 34) + timedelta(seconds=61 * number)
        event = simulate(waveform=number % 3 == 0, serial=f"BE{11529 + number % 4}", recorded_at=at)
        keep(event)
        expected[f"{event.serial}/{testing.call_home_name(event)}"] = testing.blastware_file(event)
    report = export_events(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == expected
    assert report.totals == {status.value: 12 if status is ExportStatus.WRITTEN else 0 for status in ExportStatus}
    assert report.problems == () and report.placement_rule == "" and report.manifest == ""
    assert {item.path: item.sha256 for item in report.items} == {
        path: hashlib.sha256(data).hexdigest() for path, data in expected.items()
    }
    assert {item.source for item in report.items} == {"blastware@2"}
    assert report.size == sum(map(len, expected.values()))
    assert to_plain(report)["totals"]["written"] == 12 and len(to_plain(report)["items"]) == 12


def test_equal_files_are_left_alone_and_their_time_stamps_too(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    event = simulate()
    keep(event)
    export_events(archive, tmp_path)
    path = tmp_path / "BE11529" / NAME
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = path.stat()
    report = export_events(archive, tmp_path, options=ExportOptions(overwrite=True))
    after = path.stat()
    assert [item.status for item in report.items] == [ExportStatus.UNCHANGED]
    assert (before.st_mtime_ns, before.st_ino, before.st_ctime_ns) == (
        after.st_mtime_ns,
        after.st_ino,
        after.st_ctime_ns,
    )
    assert report.size == 0


@pytest.mark.parametrize("same_size", [True, False])
def test_a_different_file_is_refused_unless_overwrite(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path, same_size: bool
) -> None:
    event = simulate()
    keep(event)
    expected = testing.blastware_file(event)
    path = tmp_path / "BE11529" / NAME
    path.parent.mkdir()
    other = bytes(len(expected)) if same_size else b"notes of the shift"
    path.write_bytes(other)
    report = export_events(archive, tmp_path)
    (item,) = report.items
    assert item.status is ExportStatus.IN_THE_WAY and str(path) in item.message and "--overwrite" in item.message
    assert report.problems == (item,) and path.read_bytes() == other
    report = export_events(archive, tmp_path, options=ExportOptions(overwrite=True))
    assert report.items[0].status is ExportStatus.REPLACED and path.read_bytes() == expected
    assert [entry.name for entry in path.parent.iterdir()] == [NAME]


def test_a_received_file_is_exported_as_it_was_received(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    event = simulate()
    odd = testing.blastware_file(event) + b"\x00 what an old writer appended"
    saved = keep(event, names=(NAME,), files=(received(odd),))
    report = export_events(archive, tmp_path / "as-received")
    (item,) = report.items
    assert (tmp_path / "as-received" / item.path).read_bytes() == odd
    assert item.source == "received" and item.size == len(odd)
    assert "blastware@2 makes another file" in item.message and item.status is ExportStatus.WRITTEN
    report = export_events(archive, tmp_path / "encoded", options=ExportOptions(encoder="blastware@1"))
    (item,) = report.items
    assert (tmp_path / "encoded" / item.path).read_bytes() == testing.blastware_file(event)
    assert item.source == "blastware@1" and "received differs" in item.message
    newer = odd + b"!"
    archive.attach(saved.event_id, [received(newer)])
    assert export_events(archive, tmp_path / "newest").items[0].size == len(newer)


def test_an_event_known_by_its_file_alone_is_exported_with_any_encoder(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    event = simulate()
    data = testing.blastware_file(event)
    keep(event, bare=True, files=(received(data),))
    for encoder in (None, "blastware@1"):
        report = export_events(archive, tmp_path / str(encoder), options=ExportOptions(encoder=encoder))
        assert report.items[0].source == "received" and report.items[0].message == ""
        assert tree(tmp_path / str(encoder)) == {f"BE11529/{NAME}": data}


def test_a_refused_event_is_an_item_with_reasons_and_no_file(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    event = simulate(waveform=True)
    saved = keep(event, testing.missing_frame(testing.read_out(event), 3))
    for options in (ExportOptions(), ExportOptions(dry_run=True)):
        report = export_events(archive, tmp_path / "out", options=options)
        (item,) = report.items
        assert item.status is ExportStatus.REFUSED and "gap" in [finding.code for finding in item.findings]
        assert f"event {saved.event_id}" in item.message and "are missing" in item.message
        assert item.sha256 == "" and report.problems == (item,)
    assert tree(tmp_path / "out") == {}


def test_a_refused_event_is_exported_as_received_where_a_file_was(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    event = simulate()
    frames = testing.missing_frame(testing.read_out(event), 1)
    old = testing.sequential_file(frames)
    name = testing.call_home_name(event)
    saved = keep(event, frames, names=(name,))
    archive.encode(saved.event_id, "blastware@1")
    # blastware@1 is recorded to make these bytes, so the archive keeps no copy of them.
    archive.attach(saved.event_id, [received(old, name)])
    assert [file.kept for file in archive.files(saved.event_id)] == [False]
    (item,) = export_events(archive, tmp_path).items
    assert (tmp_path / item.path).read_bytes() == old and item.source == "received"
    assert "refuses" in item.message and item.findings
    (item,) = export_events(archive, tmp_path, options=ExportOptions(encoder="blastware@2")).items
    assert item.status is ExportStatus.REFUSED and "without --encoder" in item.message


def test_an_unknown_encoder_is_an_error_before_anything_is_written(archive: Any, tmp_path: Path) -> None:
    with pytest.raises(EncoderNotFound):
        export_events(archive, tmp_path / "out", options=ExportOptions(encoder="blastware@77"))
    assert not (tmp_path / "out").exists()


def test_a_new_pin_is_encoded_recorded_and_recognised(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    saved = [keep(simulate(recorded_at=datetime(2026, 1, 1, 0, 0, second))) for second in range(3)]
    archive.pin_encoder("blastware@1")
    before = archive.history_head()
    export_events(archive, tmp_path / "dry", options=ExportOptions(dry_run=True))
    assert archive.history_head() == before and not (tmp_path / "dry").exists()
    export_events(archive, tmp_path / "out")
    for row in saved:
        assert {str(record.encoder) for record in archive.encodings(row.event_id)} == {"blastware@1", "blastware@2"}
    head = archive.history_head()
    assert export_events(archive, tmp_path / "out").totals["unchanged"] == 3
    assert archive.history_head() == head


def test_a_read_only_archive_exports_and_stays_as_it_is(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    event = simulate()
    keep(event)
    archive.close()
    before = archive.path.read_bytes()
    with sfm.open(archive.path, read_only=True) as reader:
        for encoder in (None, "blastware@1"):
            report = export_events(reader, tmp_path / str(encoder), options=ExportOptions(encoder=encoder))
            assert report.totals["written"] == 1
            assert tree(tmp_path / str(encoder)) == {f"BE11529/{NAME}": testing.blastware_file(event)}
    assert archive.path.read_bytes() == before


def test_a_dry_run_writes_nothing_and_says_what_would_happen(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    for second in range(3):
        keep(simulate(recorded_at=datetime(2026, 1, 1, 0, 0, second)))
    dry = ExportOptions(dry_run=True, manifest=True)
    out = tmp_path / "out"
    assert export_events(archive, out, options=dry).totals["written"] == 3
    assert not out.exists()
    items = export_events(archive, out).items
    (out / items[1].path).unlink()
    (out / items[2].path).write_bytes(b"other")
    before = tree(out)
    assert [item.status.value for item in export_events(archive, out, options=dry).items] == [
        "unchanged",
        "written",
        "different file in the way",
    ]
    assert tree(out) == before


def test_the_selection_is_exported_and_progress_is_told(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    for number in range(130):
        at = datetime(2026, 1, 1) + timedelta(hours=number)
        keep(simulate(recorded_at=at, serial=("BE11529", "UM13245")[number % 2]))
    told: list[tuple[int, int]] = []
    chosen = sfm.Selection(serials=("UM13245",), since=datetime(2026, 1, 2), newest_first=True)
    report = export_events(archive, tmp_path, chosen, progress=lambda done, total: told.append((done, total)))
    assert {item.serial for item in report.items} == {"UM13245"} and len(report.items) == 53
    assert told[-1] == (53, 53) and told == sorted(told)


def test_damaged_frames_are_an_item_and_the_rest_is_exported(
    archive: Any, simulate: Any, keep: Any, alter: Any, tmp_path: Path
) -> None:
    first, second = simulate(recorded_at=datetime(2026, 1, 1)), simulate(recorded_at=datetime(2026, 1, 2))
    bad = keep(first)
    keep(second)
    archive.close()
    alter(archive.path, "UPDATE frames SET data = zeroblob(length(data)) WHERE event_id = ?", bad.event_id)
    with sfm.open(archive.path) as opened:
        report = export_events(opened, tmp_path / "out")
    assert [item.status for item in report.items] == [ExportStatus.DAMAGED, ExportStatus.WRITTEN]
    assert "backup" in report.items[0].message and report.problems == report.items[:1]


def test_a_record_that_cannot_be_read_is_damage_of_its_event_only(
    archive: Any, simulate: Any, keep: Any, alter: Any, tmp_path: Path
) -> None:
    bad = keep(simulate(recorded_at=datetime(2026, 1, 1)))
    keep(simulate(recorded_at=datetime(2026, 1, 2)))
    archive.close()
    alter(
        archive.path,
        "PRAGMA ignore_check_constraints = ON; UPDATE encoding SET findings = '[nonsense' WHERE event_id = 1",
    )
    with sfm.open(archive.path) as opened:
        first, second = export_events(opened, tmp_path / "out").items
    assert (first.status, second.status) == (ExportStatus.DAMAGED, ExportStatus.WRITTEN)
    assert f"event {bad.event_id}" in first.message and "backup" in first.message


def test_an_encoder_that_no_longer_reproduces_its_record_exports_nothing(
    archive: Any, simulate: Any, keep: Any, alter: Any, tmp_path: Path
) -> None:
    keep(simulate())
    archive.close()
    alter(archive.path, "UPDATE encoding SET sha256 = randomblob(32) WHERE sha256 <> x''")
    with sfm.open(archive.path) as opened:
        (item,) = export_events(opened, tmp_path / "out").items
    assert item.status is ExportStatus.DAMAGED and "recorded was" in item.message and tree(tmp_path / "out") == {}


@pytest.mark.parametrize(("style", "name"), [(NameStyle.MANUAL, "M529LKIQ.7M0"), (NameStyle.CALL_HOME, NAME)])
def test_names_can_be_computed(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path, style: NameStyle, name: str
) -> None:
    keep(simulate(), names=("Renamed by hand.bin",))
    assert export_events(archive, tmp_path).items[0].path == "BE11529/Renamed by hand.bin"
    assert export_events(archive, tmp_path, options=ExportOptions(names=style)).items[0].path == f"BE11529/{name}"


def test_an_event_without_a_name_is_reported(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    keep(simulate(serial="BE30001"))
    (item,) = export_events(archive, tmp_path / "out").items
    assert item.status is ExportStatus.UNNAMED and item.path == "" and "BE30001" in item.message


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_the_manifest_is_accepted_by_sha256sum(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    for second in range(20):
        keep(simulate(recorded_at=datetime(2026, 1, 1, 0, 0, second)))
    keep(simulate(recorded_at=datetime(2026, 2, 1)), names=("Größe 3 µ.bin",))
    out = tmp_path / "out"
    report = export_events(archive, out, options=ExportOptions(manifest=True))
    assert report.manifest == str(out / "SHA256SUMS")
    text = (out / "SHA256SUMS").read_bytes()
    assert b"\r" not in text and text.count(b" *BE11529/") == 21

    def check() -> Any:
        command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        return subprocess.run(command, cwd=out, capture_output=True, check=False)

    assert check().returncode == 0
    first = out / report.items[0].path
    first.write_bytes(b"other")
    assert check().returncode == 1
    # What is in the way is not vouched for.
    report = export_events(archive, out, options=ExportOptions(manifest=True))
    assert (out / "SHA256SUMS").read_bytes().count(b"\n") == 20
    first.unlink()
    os.utime(out / "SHA256SUMS", (1, 1))
    export_events(archive, out, options=ExportOptions(manifest=True))
    stamp = (out / "SHA256SUMS").stat().st_mtime_ns
    assert (out / "SHA256SUMS").read_bytes() == text
    export_events(archive, out, options=ExportOptions(manifest=True))
    assert (out / "SHA256SUMS").stat().st_mtime_ns == stamp


def test_a_manifest_never_replaces_something_that_is_no_file(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    keep(simulate())
    (tmp_path / "SHA256SUMS").mkdir()
    with pytest.raises(sfm.SfmError, match="SHA256SUMS"):
        export_events(archive, tmp_path, options=ExportOptions(manifest=True))
    assert not (tmp_path / "BE11529").exists()


def test_statuses_have_the_words_of_the_documentation() -> None:
    words: Callable[[ExportStatus], str] = str
    assert [words(status) for status in ExportStatus] == [
        "written",
        "unchanged",
        "replaced",
        "different file in the way",
        "not encodable",
        "no valid name",
        "damaged",
    ]
