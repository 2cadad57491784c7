"""Two events of one name: where each goes never depends on what else is exported."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.finding import name_of
from sfm_archive.exporting import ExportOptions, ExportStatus, export_events
from sfm_archive.exporting.plan import Placement
from sfm_archive.files.paths import folded, part_problem
from sfm_archive.formats.blastware.names import NameStyle

NAME = "M529LKIQ.7M0H"


def test_two_events_of_one_second_are_both_exported(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    first, second = simulate(start_key=0x01110000), simulate(start_key=0x01112238)
    lower, higher = keep(first).event_id, keep(second).event_id
    report = export_events(archive, tmp_path / "all")
    paths = {item.event_id: item.path for item in report.items}
    assert paths == {
        lower: f"BE11529/{NAME}",
        higher: f"BE11529/20260501T131634-01112238-histogram/{NAME}",
    }
    assert (tmp_path / "all" / paths[lower]).read_bytes() == testing.blastware_file(first)
    assert (tmp_path / "all" / paths[higher]).read_bytes() == testing.blastware_file(second)
    assert "lowest id" in report.placement_rule
    # Alone, each goes to the same place.
    for event_id, path in paths.items():
        alone = export_events(archive, tmp_path / str(event_id), sfm.Selection(event_ids=(event_id,)))
        assert [item.path for item in alone.items] == [path]
        assert bool(alone.placement_rule) == (event_id == higher)
    assert export_events(archive, tmp_path / "all").totals["unchanged"] == 2


def test_a_manual_name_is_shared_by_waveform_and_histogram(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    keep(simulate(start_key=0x01110000))
    keep(simulate(start_key=0x01115000, waveform=True))
    report = export_events(archive, tmp_path, options=ExportOptions(names=NameStyle.MANUAL))
    assert [item.path for item in report.items] == [
        "BE11529/M529LKIQ.7M0",
        "BE11529/20260501T131634-01115000-waveform/M529LKIQ.7M0",
    ]
    assert not export_events(archive, tmp_path / "call-home").placement_rule


def test_received_names_that_differ_by_case_are_told_apart(
    archive: Any, simulate: Any, keep: Any, tmp_path: Path
) -> None:
    keep(simulate(start_key=0x01110000), names=("Mühle.bin",))
    keep(simulate(start_key=0x01112238), names=("MU\u0308HLE.BIN",))
    keep(simulate(start_key=0x01119999, serial="BE11530"), names=("MÜHLE.BIN",))
    paths = [item.path for item in export_events(archive, tmp_path).items]
    assert paths == [
        "BE11529/Mühle.bin",
        "BE11529/20260501T131634-01112238-histogram/MU\u0308HLE.BIN",
        "BE11530/MÜHLE.BIN",
    ]


def test_a_received_name_can_be_anothers_computed_one(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    keep(simulate(recorded_at=datetime(2026, 1, 1)), names=(NAME.lower(),))
    keep(simulate(start_key=0x01110000))
    report = export_events(archive, tmp_path)
    assert report.totals["written"] == 2
    assert sorted(item.path for item in report.items) == [
        f"BE11529/20260501T131634-01110000-histogram/{NAME}",
        f"BE11529/{NAME.lower()}",
    ]


def test_an_event_without_a_key_says_so(archive: Any, simulate: Any, keep: Any, tmp_path: Path) -> None:
    keep(simulate(start_key=0x01110000))
    keep(simulate(start_key=0x01112238))
    bare = simulate()  # of the two it could be, it is neither
    known = sfm.Event(serial=bare.serial, recorded_at=bare.recorded_at, record_type=bare.record_type)
    data = testing.blastware_file(bare)
    archive.save(known, files=[sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=NAME, data=data)])
    paths = {item.path for item in export_events(archive, tmp_path).items}
    assert f"BE11529/20260501T131634-nokey-histogram/{NAME}" in paths


HOSTILE_NAMES = [
    "../../escaped", "..", ".", "a/b", "a\\b", "/etc/passwd", "C:evil", "C:\\evil", "file:stream", "NUL", "con.txt",
    "LPT1", "com7.M0W", "COM¹", "Prn .x", "name.", "name ", "tab\tname", "line\nbreak", "bell\a", "del\x7f",
    "zero\u200bwidth", "right\u202eleft", "pipe|", "star*", "what?", "<in", ">out", 'quo"te', ".sfm-0-1-2", ".SFM-x",
    "ä" * 200,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_never_written(
    archive: Any, simulate: Any, keep: Any, alter: Any, tmp_path: Path, name: str
) -> None:
    keep(simulate(), names=("placeholder",))
    good = keep(simulate(recorded_at=datetime(2026, 2, 2)))
    archive.close()
    alter(archive.path, "UPDATE event_name SET name = ?", name)
    before = set(tmp_path.rglob("*"))
    with sfm.open(archive.path) as opened:
        report = export_events(opened, tmp_path / "in" / "target")
        statuses = {item.event_id: item.status for item in report.items}
        assert statuses.pop(good.event_id) is ExportStatus.WRITTEN
        (item,) = report.problems
        assert item.status is ExportStatus.UNNAMED and f"event {item.event_id}" in item.message
        assert "--names" in item.message
    new = {path.relative_to(tmp_path).as_posix() for path in set(tmp_path.rglob("*")) - before}
    assert {path for path in new if path.startswith("in/")} == {
        "in/target",
        "in/target/BE11529",
        "in/target/BE11529/" + testing.call_home_name(simulate(recorded_at=datetime(2026, 2, 2))),
    }
    assert not {path for path in new if not path.startswith("in")}


@pytest.mark.parametrize("serial", ["A/../../../9", "B\\9", "COM1", "LPT9", "be11529", "BE 11529", "A.9", "ABCDE1"])
def test_a_hostile_serial_is_never_written(
    archive: Any, simulate: Any, keep: Any, alter: Any, tmp_path: Path, serial: str
) -> None:
    keep(simulate())
    archive.close()
    try:
        alter(archive.path, "UPDATE event SET serial = ?", serial)
    except apsw.ConstraintError:
        return  # the schema refuses some of them itself
    with sfm.open(archive.path) as opened:
        report = export_events(opened, tmp_path / "target")
    assert [item.status for item in report.items] == [ExportStatus.UNNAMED]
    assert list((tmp_path / "target").iterdir()) == []


@pytest.mark.parametrize("column", ["recorded_at_local", "start_key"])
def test_a_hostile_identity_never_leads_outside(
    archive: Any, simulate: Any, keep: Any, alter: Any, tmp_path: Path, column: str
) -> None:
    keep(simulate(start_key=0x01110000), names=(NAME,))
    second = keep(simulate(start_key=0x01112238), names=(NAME,))
    archive.close()
    hostile = {"recorded_at_local": ("event", "'../../../../../../e'"), "start_key": ("event_key", "1 << 40")}
    table, value = hostile[column]
    statement = f"UPDATE {table} SET {column} = {value} WHERE event_id = {second.event_id}"
    alter(archive.path, f"PRAGMA ignore_check_constraints = ON; {statement}")
    with sfm.open(archive.path) as opened:
        report = export_events(opened, tmp_path / "in" / "target")
    written = [path for path in (tmp_path / "in").rglob("*") if path.is_file()]
    assert written == [tmp_path / "in" / "target" / "BE11529" / NAME]
    assert {item.event_id: item.status for item in report.items}[second.event_id] is ExportStatus.UNNAMED


def test_no_written_path_has_a_part_that_is_unsafe_anywhere() -> None:
    assert [name for name in HOSTILE_NAMES if not part_problem(name)] == []
    fine = [NAME, "M529LK44.AB0", "BE11529", "UM13245_20260501131634.IDFW", "Größe 3.bin", "CONTROL", "COM", "a" * 255]
    assert [name for name in fine if part_problem(name)] == []


@given(st.text(max_size=12))
def test_a_part_that_is_let_through_is_one_part_everywhere(text: str) -> None:
    if part_problem(text):
        return
    assert not set(text) & set('/\\:*?"<>|\0') and text not in (".", "..") and text == text.rstrip(". ")
    assert Path("target", text).parent == Path("target") and Path("target", text).name == text
    assert folded(text) == folded(text.upper()) or not text.isascii()


_TIMES = [datetime(2026, 5, 1, 13, 16, 34), datetime(2026, 1, 1), datetime(2026, 1, 2)]
_NAMES = [None, NAME, NAME.lower(), "M529LKIQ_7M0H", "Mühle", "MU\u0308HLE", "mühle", "plain", "PLAIN"]


@settings(max_examples=settings.default.max_examples * 40 // 100)
@given(
    st.lists(
        st.tuples(st.sampled_from(["BE11529", "BE11530"]), st.sampled_from(_TIMES), st.sampled_from(_NAMES)),
        min_size=2,
        max_size=7,
    ),
    st.sampled_from([None, NameStyle.MANUAL]),
    st.data(),
)
def test_places_of_a_selection_are_those_of_everything(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Any], style: NameStyle | None, data: Any
) -> None:
    """The rule a second time: over all events, the lowest id of a unit and name keeps the first level."""
    with sfm.create(tmp_path_factory.mktemp("a") / "a.sfm") as archive:
        for key, (serial, recorded_at, name) in enumerate(drawn):
            event = sfm.Event(
                serial=serial, recorded_at=recorded_at, record_type=sfm.RecordType.HISTOGRAM, start_key=0x01110000 + key
            )
            file = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name or "x", data=b"no event file %d" % key)
            archive.save(event, names=[name] if name else [], files=[file])
        rows = list(archive.events())
        names = {row.event_id: folded(name_of(row, style)) for row in rows}
        lowest = {row.event_id: min(other.event_id for other in rows if _same_place(row, other, names)) for row in rows}
        some = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
        for row, place in zip(some, Placement(archive, style).of_events(some), strict=True):
            assert place.is_second_level == (lowest[row.event_id] != row.event_id)


def _same_place(one: sfm.EventRow, other: sfm.EventRow, names: dict[int, str]) -> bool:
    return one.serial == other.serial and names[one.event_id] == names[other.event_id]
