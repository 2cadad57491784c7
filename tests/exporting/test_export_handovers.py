"""Hand-over records: what was handed over can be made again, byte for byte, whatever came since, and proved."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import Damaged, EncoderNotFound, ExitCode, NotFound
from sfm_archive.exporting import (
    ExportOptions,
    ExportStatus,
    export_events,
    export_like,
    find_handover,
    handed_files,
    list_handovers,
)
from sfm_archive.exporting.handover import first_made, last_made
from sfm_archive.formats.blastware.names import NameStyle
from sfm_archive.formats.frame_blob import compress
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.selection import Selection, select
from sfm_archive.storage import files

RECEIVED = b"as some other program wrote it"


@contextmanager
def statements(archive: sfm.Archive) -> Iterator[list[str]]:
    """Every statement that the archive runs inside."""
    told: list[str] = []
    archive.store.connection.exec_trace = lambda cursor, sql, values: told.append(sql) or True
    try:
        yield told
    finally:
        archive.store.connection.exec_trace = None


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def stock(simulate, keep) -> list[sfm.Saved]:
    """Two events with frames, one with a file of its own as received too, one known by its file only."""
    times = [datetime(2026, 5, day, 12) for day in (1, 2, 3, 4)]
    own = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="M529LKIQ.7M0W", data=RECEIVED)
    only = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="M529LK44.AB0", data=RECEIVED + b"!")
    return [
        keep(simulate(recorded_at=times[0])),
        keep(simulate(recorded_at=times[1], serial="BE7000")),
        keep(simulate(recorded_at=times[2]), names=[own.name], files=[own]),
        keep(simulate(recorded_at=times[3]), bare=True, names=[only.name], files=[only]),
    ]


def stored_document(archive: sfm.Archive, record: Any) -> bytes:
    """The document of a hand-over, from its pieces."""
    found = files.content(archive.store.connection, record.record_sha256)
    assert found is not None
    return b"".join(files.read_content(archive.store.connection, found))


def test_an_export_leaves_a_record_with_every_file(archive, stock, tmp_path: Path) -> None:
    options = ExportOptions(manifest=True)
    report = export_events(archive, tmp_path / "out", select(until="2026-06"), options)
    (record,) = list_handovers(archive)
    assert (report.handover.number, report.handover.new) == (record.number, True) == (1, True)
    assert (record.actor, record.target, record.files) == (archive.actor, str(tmp_path / "out"), 4)
    assert record.options == {"selection": {"until": "2026-07-01T00:00:00"}, "encoder": None, "names": None}
    assert record.manifest_sha256 == hashlib.sha256((tmp_path / "out" / "SHA256SUMS").read_bytes()).hexdigest()
    files = {file.path: file for file in handed_files(archive, record)}
    assert {item.path: item.sha256 for item in report.items} == {path: file.sha256 for path, file in files.items()}
    made = next(file for file in files.values() if file.event_id == stock[0].event_id)
    (frames,) = archive.revisions(stock[0].event_id)
    assert (made.source, made.revision, made.frames_sha256) == ("blastware@2", 1, frames.sha256)
    assert (made.distribution, made.made) == ("sfm-archive", True)
    received = files["BE11529/M529LKIQ.7M0W"]
    assert (received.source, received.revision, received.frames_sha256, received.distribution) == (
        "received",
        0,
        "",
        "",
    )


EVERY_FILTER: dict[str, tuple[Any, Any]] = {
    "serials": (("BE11529",), ["BE11529"]),
    "since": (datetime(2026, 5, 1), "2026-05-01T00:00:00"),
    "until": (datetime(2026, 6, 1), "2026-06-01T00:00:00"),
    "record_types": ((RecordType.HISTOGRAM,), ["histogram"]),
    "event_ids": ((1, 2, 3, 4), [1, 2, 3, 4]),
    "texts": ((("project", "north face"),), [["project", "north face"]]),
    "ppv_from_mm_s": (0.0, 0.0),
    "decided": (True, True),
    "above": (("1in/s", "osmre"), ["1in/s", "osmre"]),
    "judge": ("peak", "peak"),
    "false_triggers": (False, False),
    "points": ((0,), [0]),
    "unplaced": (True, True),
    "received_behind": (0, 0),
    "unreviewed": (True, True),
    "newest_first": (True, True),
    "limit": (2, 2),
}


def test_the_record_has_every_filter_that_was_given(archive, simulate, keep, tmp_path: Path) -> None:
    found = {
        "above_ids": (1,),
        "undecided_because": {1: "no peak"},
        "held_against": {1: "limits 3"},
        "limit_counts": None,
    }  # what a filter found, and no filter
    assert EVERY_FILTER.keys() | found.keys() == {field.name for field in fields(Selection)}
    said = (
        Reading(quantity="project", text="North face"),
        Reading(quantity="ppv", channel="Tran", number=0.5, unit="in/s", text="0.5 in/s"),
    )
    keep(simulate(), readings=[ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=said)])
    for name, (given, recorded) in EVERY_FILTER.items():
        needs = {"ppv_from_mm_s": 0.0} if name == "decided" else {}
        export_events(archive, tmp_path / name, Selection(**needs, **{name: given}, **found if name == "above" else {}))
        assert list_handovers(archive)[-1].options["selection"] == {**needs, name: recorded}
    every = {name: given for name, (given, _) in EVERY_FILTER.items()}
    export_events(archive, tmp_path / "all", Selection(**every, **found))
    assert list_handovers(archive)[-1].options["selection"] == {name: told for name, (_, told) in EVERY_FILTER.items()}


def test_the_history_says_so_and_verify_is_content(archive, stock, tmp_path: Path) -> None:
    export_events(archive, tmp_path)
    row = archive.history()[-1]
    (record,) = list_handovers(archive)
    assert (row.action, row.event_id) == ("hand over", 0)
    assert json.loads(row.detail) == {"handover": 1, "kind": "folder", "target": str(tmp_path), "file_count": 4}
    assert [entry.table for entry in row.listed] == ["file_content", "handover"]
    assert (record.at_utc, record.actor) == (row.at_utc, row.actor)
    report = archive.verify()
    assert report.ok, report.findings
    assert report.checked["file contents"] == 3
    info = archive.info()
    assert (info.files, info.file_bytes) == (2, 2 * len(RECEIVED) + 1)


def test_the_document_is_the_one_that_the_format_page_describes(archive, stock, tmp_path: Path) -> None:
    export_events(archive, tmp_path)
    (record,) = list_handovers(archive)
    document = stored_document(archive, record)
    assert hashlib.sha256(document).hexdigest() == record.record_sha256
    plain = json.loads(document)
    assert plain.keys() == {"format", "version", "files", "without_file", "made_of"}
    assert (plain["format"], plain["version"]) == ("sfm-archive hand-over", 1)
    assert [file["path"] for file in plain["files"]] == sorted(file["path"] for file in plain["files"])
    sums = "".join(f"{file['sha256']} *{file['path']}\n" for file in plain["files"])
    assert hashlib.sha256(sums.encode()).hexdigest() == record.manifest_sha256
    page = (Path(__file__).resolve().parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
    section = page.split("## Hand-overs\n")[1].split("\n## ")[0]
    assert all(f"`{key}`" in section for key in (*plain, *plain["files"][0], *plain["made_of"]))


def test_the_same_again_leaves_no_second_record(archive, stock, keep, simulate, tmp_path: Path) -> None:
    export_events(archive, tmp_path / "a")
    head = archive.history_head()
    again = export_events(archive, tmp_path / "a", select(since="2020"), ExportOptions(manifest=True))
    assert (again.handover.number, again.handover.new) == (1, False)
    assert archive.history_head() == head
    assert export_events(archive, tmp_path / "b").handover.number == 2
    assert export_events(archive, tmp_path / "a").handover.number == 1
    keep(simulate(recorded_at=datetime(2026, 8, 1)))
    assert export_events(archive, tmp_path / "a").handover.number == 3
    assert len(list_handovers(archive)) == 3


def test_what_leaves_no_record(archive, stock, keep, simulate, tmp_path: Path) -> None:
    export_events(archive, tmp_path / "dry", options=ExportOptions(dry_run=True))
    export_events(archive, tmp_path / "none", select(serial="BE1"))
    keep(simulate(serial="BE99", recorded_at=datetime(2026, 5, 1)), bare=True)
    report = export_events(archive, tmp_path / "nothing", select(serial="BE99"))
    assert report.problems and report.handover.number == 0
    with sfm.open(archive.path, read_only=True) as reader:
        report = export_events(reader, tmp_path / "read-only")
        assert report.handover.number == 0
        assert "read-only" in report.handover.message
    assert list_handovers(archive) == []


def test_a_busy_archive_keeps_none_and_the_export_says_so(archive, stock, tmp_path: Path) -> None:
    archive.close()
    with sfm.open(archive.path) as other, sfm.open(archive.path, wait_s=0.05) as opened, other.batch():
        report = export_events(opened, tmp_path / "out")
    assert report.totals["written"] == 4
    assert report.handover.number == 0
    assert report.handover.message.startswith("the files are written, but no hand-over record was left: ")
    with sfm.open(archive.path) as opened:
        assert export_events(opened, tmp_path / "out").handover.new


def test_events_without_their_file_are_named_in_the_record(archive, keep, simulate, tmp_path: Path) -> None:
    event = simulate(waveform=True)
    torn = keep(event, testing.missing_frame(testing.read_out(event), 2))
    keep(simulate(recorded_at=datetime(2026, 6, 1)))
    export_events(archive, tmp_path)
    (record,) = list_handovers(archive)
    assert record.files == 1
    plain = json.loads(stored_document(archive, record))
    assert plain["without_file"] == [{"event_id": torn.event_id, "status": "not encodable"}]


def test_a_folder_is_made_again_whatever_came_since(archive, stock, keep, simulate, tmp_path: Path) -> None:
    """New events that share names, a new revision, another pin, another received file: nothing of it counts."""
    first, out = tmp_path / "first", ExportOptions(manifest=True)
    export_events(archive, first, options=out)
    before = contents(first)
    again = simulate(recorded_at=datetime(2026, 5, 1, 12))
    known = archive.event(stock[0].event_id).event()
    event = sfm.Event(serial=known.serial, recorded_at=known.recorded_at, record_type=known.record_type)
    archive.save(sfm.Event(**{**_plain(event), "start_key": known.start_key}), testing.read_out(again))
    assert archive.event(stock[0].event_id).revision == 2
    newer = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="M529LKIQ.7M0W", data=RECEIVED * 2)
    archive.attach(stock[2].event_id, [newer])
    archive.pin_encoder("blastware@1")
    changed = export_events(archive, tmp_path / "changed", options=out)
    assert contents(tmp_path / "changed") != before
    report = export_like(archive, tmp_path / "second", 1, out)
    assert contents(tmp_path / "second") == before
    assert (report.like, report.proved, report.problems) == (1, True, ())
    assert to_plain(report)["proved"] is True
    record = find_handover(archive, report.handover.number)
    assert record.number == changed.handover.number + 1
    assert record.options == {"like": 1}
    assert record.manifest_sha256 == find_handover(archive, 1).manifest_sha256


def _plain(event: sfm.Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("serial", "recorded_at", "record_type", "start_key")}


def test_names_and_encoder_are_those_of_the_record(archive, stock, tmp_path: Path) -> None:
    options = ExportOptions(encoder="blastware@1", names=NameStyle.MANUAL)
    export_events(archive, tmp_path / "first", options=options)
    report = export_like(archive, tmp_path / "second", 1)
    assert contents(tmp_path / "second") == contents(tmp_path / "first")
    assert {item.source for item in report.items} == {"blastware@1", "received"}


def test_what_stands_there_already_counts_and_is_not_touched(archive, stock, tmp_path: Path) -> None:
    report = export_events(archive, tmp_path)
    damaged, *_ = [item.path for item in report.items]
    (tmp_path / damaged).write_bytes(b"changed by somebody")
    report = export_like(archive, tmp_path, 1)
    assert {item.status for item in report.items} == {ExportStatus.IN_THE_WAY, ExportStatus.UNCHANGED}
    assert not report.proved
    report = export_like(archive, tmp_path, 1, ExportOptions(overwrite=True))
    assert [item.path for item in report.items if item.status is ExportStatus.REPLACED] == [damaged]
    assert report.proved
    assert (report.handover.number, report.handover.new) == (3, True), "what stood there meanwhile is record 2"
    dry = export_like(archive, tmp_path / "dry", 1, ExportOptions(dry_run=True))
    assert not dry.proved and not (tmp_path / "dry").exists()


def test_a_reader_can_make_it_again_too(archive, stock, tmp_path: Path) -> None:
    export_events(archive, tmp_path / "first")
    archive.close()
    with sfm.open(archive.path, read_only=True) as reader:
        assert export_like(reader, tmp_path / "second", 1).proved
    assert contents(tmp_path / "second") == contents(tmp_path / "first")


def test_what_cannot_be_made_again_is_named_and_not_written(archive, stock, tmp_path: Path, alter) -> None:
    export_events(archive, tmp_path / "first")
    archive.close()
    alter(archive.path, "UPDATE encoding SET sha256 = zeroblob(32) WHERE event_id = 1")
    alter(archive.path, "DELETE FROM file_content WHERE size = ?", len(RECEIVED))
    with sfm.open(archive.path) as opened:
        report = export_like(opened, tmp_path / "second", 1)
    wrong = {item.event_id: item.message for item in report.items if item.status is ExportStatus.DAMAGED}
    assert wrong.keys() == {stock[0].event_id, stock[2].event_id}
    assert "must not change" in wrong[stock[0].event_id]
    assert "are missing" in wrong[stock[2].event_id]
    assert not report.proved
    assert len(contents(tmp_path / "second")) == 2


def test_a_missing_encoder_is_named_with_its_package_before_anything_is_written(
    archive, stock, tmp_path: Path, monkeypatch
) -> None:
    export_events(archive, tmp_path / "first")
    from sfm_archive.plugins.registry import PluginRegistry

    monkeypatch.setattr(archive, "_plugins", SimpleNamespace(registry=PluginRegistry()))
    with pytest.raises(EncoderNotFound, match=r"hand-over 1 .*blastware@2 is not installed.*sfm-archive") as caught:
        export_like(archive, tmp_path / "second", 1)
    assert caught.value.exit_code is ExitCode.NOT_FOUND
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("number", [0, 2, -1, 1 << 70])
def test_a_hand_over_that_is_not_there(archive, stock, tmp_path: Path, number: int) -> None:
    export_events(archive, tmp_path)
    with pytest.raises(NotFound, match="sfm handovers"):
        export_like(archive, tmp_path / "second", number)


@pytest.mark.parametrize(
    ("sql", "tells"),
    [
        ("UPDATE file_piece SET data = x'00' WHERE content_id IN (SELECT content_id FROM file_content, handover WHERE"
         " record_sha256 = sha256)", False),
        ("DELETE FROM file_content WHERE sha256 IN (SELECT record_sha256 FROM handover)", False),
        ("UPDATE handover SET record_sha256 = (SELECT sha256 FROM file_content WHERE size = 30)", False),
        # The record itself is as it was written, and says when each file was made.
        ("UPDATE handover SET manifest_sha256 = record_sha256", True),
    ],
)  # fmt: skip
def test_a_record_that_was_altered_is_refused(archive, stock, tmp_path: Path, alter, sql: str, tells: bool) -> None:
    export_events(archive, tmp_path / "first")
    archive.close()
    alter(archive.path, sql)
    with sfm.open(archive.path) as opened:
        with pytest.raises(Damaged, match="hand-over 1"):
            export_like(opened, tmp_path / "second", 1)
        made = last_made(opened, stock[0].event_id)
        assert [(key, one.number) for key, one in made.items()] == ([((1, "blastware@2"), 1)] if tells else [])
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize(
    "path",
    ["../x", "BE1/../x", "/etc/x", "BE1//x", "x", "BE1/CON", "BE1/.sfm-x", "BE1\\x/y", "",
     "/".join("a" * 2000), "BE1/" + "x" * 100_000, "a/b/c/d", "/" * 100_000],
    ids=lambda path: path[:20],
)  # fmt: skip
def test_a_path_from_the_archive_leads_nowhere_else(archive, stock, tmp_path: Path, alter, path: str) -> None:
    export_events(archive, tmp_path / "first")
    (record,) = list_handovers(archive)
    plain = json.loads(stored_document(archive, record))
    plain["files"][0]["path"] = path
    document = json.dumps(plain).encode()
    sums = "".join(f"{file['sha256']} *{file['path']}\n" for file in plain["files"])
    archive.close()
    new = hashlib.sha256(document).digest()
    alter(archive.path, "INSERT INTO file_content VALUES (99, 1, ?, ?, 1)", new, len(document))
    alter(archive.path, "INSERT INTO file_piece VALUES (99, 1, 'zstd', ?)", compress(document))
    manifest = hashlib.sha256(sums.encode()).digest()
    alter(archive.path, "UPDATE handover SET record_sha256 = ?, manifest_sha256 = ?", new, manifest)
    with sfm.open(archive.path) as opened, pytest.raises(Damaged, match="nothing was written") as caught:
        export_like(opened, tmp_path / "second" / "inner", 1)
    assert len(str(caught.value)) < 1_000
    assert not (tmp_path / "second").exists()


def test_when_a_file_was_last_made(archive, stock, tmp_path: Path) -> None:
    event_id = stock[0].event_id
    assert last_made(archive, event_id) == {}
    export_events(archive, tmp_path / "a")
    (made,) = last_made(archive, event_id).items()
    assert made[0] == (1, "blastware@2")
    assert made[1].number == 1
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "BE11529").rename(tmp_path / "b" / "BE11529")
    export_events(archive, tmp_path / "b", select(serial="BE11529"))
    assert last_made(archive, event_id)[1, "blastware@2"].number == 1, "a file that stood there was not made again"
    export_like(archive, tmp_path / "c", 1)
    assert last_made(archive, event_id)[1, "blastware@2"].number == 3
    assert last_made(archive, stock[2].event_id) == {}, "received files are not made"


def test_the_search_for_when_a_file_was_last_made_has_an_end(archive, stock, tmp_path: Path, monkeypatch) -> None:
    """A file that every later export found in its folder would have every record of the archive unpacked."""
    export_events(archive, tmp_path / "a")
    for name in "bcdef":
        shutil.copytree(tmp_path / "a", tmp_path / name)
        export_events(archive, tmp_path / name)
    with statements(archive) as told:
        assert last_made(archive, stock[0].event_id)[1, "blastware@2"].number == 1
    assert sum("FROM file_content" in sql for sql in told) == 6
    monkeypatch.setattr("sfm_archive.exporting.handover._MOST_UNPACKED", 1)
    with statements(archive) as told:
        assert last_made(archive, stock[0].event_id) == {}
    assert sum("FROM file_content" in sql for sql in told) == 1


def test_when_files_were_first_made_is_asked_for_at_once(archive, stock, tmp_path: Path) -> None:
    export_events(archive, tmp_path / "a")
    listed = handed_files(archive, find_handover(archive, 1))
    with statements(archive) as told:
        made = first_made(archive, listed)
    assert len(told) == 1
    assert [bool(moment) for moment in made] == [file.source != "received" for file in listed]
    for file, moment in zip(listed, made, strict=True):
        assert moment in ("", *(row.encoded_at_utc for row in archive.encodings(file.event_id)))


def test_ten_times_the_same_name_of_a_target_that_is_not_unicode(archive, stock, tmp_path: Path) -> None:
    target = Path(str(tmp_path) + "/caf\udce9")
    try:
        target.mkdir()
    except (OSError, UnicodeError):
        pytest.skip("the file system takes no such name")
    export_events(archive, target)
    assert list_handovers(archive)[0].target.endswith("caf?")
