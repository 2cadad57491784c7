"""Cells that no program writes: `sfm verify` finds each, and no reading command ends with a traceback.

More of them: `python -m sfm_archive.selftest "altered cells"`.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.selftest.altered_cells import Alteration, Alterer, alter_and_read, alterations, archive_to_alter
from sfm_archive.selftest.reading_commands import SLOW, Ran, run_all
from sfm_archive.storage.tables import checks, schema_text, tables
from sfm_archive.verifying.options import Level, VerifyOptions

EVERY = alterations()


def test_a_few_cells(tmp_path: Path) -> None:
    found = alter_and_read(tmp_path, Random(7).sample(EVERY, 4), without=SLOW - {"verify"})
    assert found.wrong == []
    assert found.cells > 2
    assert found.refused


@pytest.mark.trust
def test_a_cell_of_every_table(tmp_path: Path) -> None:
    chosen = [Random(3).choice([one for one in EVERY if one.table == table]) for table in tables(schema_text())]
    found = alter_and_read(tmp_path, chosen, without=SLOW - {"verify"})
    assert found.wrong == []
    assert found.cells > len(chosen) // 2


@pytest.fixture(scope="module")
def alterer(tmp_path_factory: pytest.TempPathFactory) -> Alterer:
    folder = tmp_path_factory.mktemp("altered")
    archive_to_alter(folder / "good.sfm")
    return Alterer(folder / "good.sfm", folder)


FIRST, LAST = False, True
BYTES = "a blob stands where a text belongs"


@pytest.mark.parametrize(
    ("table", "column", "kind", "last", "command", "says"),
    [
        ("event", "time_zone", "bytes", FIRST, "show", f"event 1: time_zone in table event is damaged: {BYTES}"),
        ("event", "time_zone", "no text", FIRST, "show", "event 1: its time zone reads as ''"),
        ("event_computed", "numbers", "JSON beyond numbers", LAST, "summary", "event 5: its row in table"),
        ("event", "serial", "bytes", FIRST, "list", f"event 1: serial in table event is damaged: {BYTES}"),
        ("event", "record_type", "bytes", LAST, "export", f"event 5: record_type in table event is damaged: {BYTES}"),
        ("event", "record_type", "odd text", LAST, "list", "event 5: record_type in table event is damaged: it"),
        ("event_name", "name", "bytes", FIRST, "list", f"event 1: name in table event_name is damaged: {BYTES}"),
        ("event_key", "start_key", "nothing", FIRST, "list", "event 1: start_key in table event_key is damaged"),
        ("event_computed", "numbers", "odd text", FIRST, "summary", "or event_peaks holds malformed JSON"),
        ("event_computed", "numbers", "JSON list", FIRST, "show", "event 1: numbers in table event_computed"),
        ("event_computed", "findings", "deep JSON", FIRST, "show", "event 1: findings in table event_computed"),
        ("event_peaks", "long", "deep JSON", FIRST, "summary", "event_peaks"),
        ("event_summary", "vert_basis", "odd text", LAST, "list", "event 5: vert_basis in table event_summary"),
        ("event_summary", "pspl_db", "infinite", FIRST, "summary", "the greatest value of a group"),
        ("event_summary", "pspl_db", "enormous", FIRST, "list", "event 1: pspl_db in table event_summary"),
        ("event_summary", "vert_hz_high", "enormous", FIRST, "list", "event 1: vert_hz_high in table event_summary"),
        ("event_summary", "long_nm_s", "largest number", FIRST, "list", "event 1: long_nm_s in table event_summary"),
        ("event_summary", "review", "nothing", FIRST, "list", "event 1: review in table event_summary is damaged"),
        ("encoding", "findings", "JSON beyond numbers", FIRST, "show", "event 1: findings in table encoding"),
        ("finding", "severity", "no text", FIRST, "show", "severity in table finding is damaged: it reads as ''"),
        ("value", "text", "bytes", FIRST, "show", f"text in table value is damaged: {BYTES}"),
        ("history", "detail", "JSON beyond numbers", LAST, "history", "its detail is not what a program writes"),
        ("history", "sequence", "largest number", LAST, "export", "no change can come behind it"),
        ("handover", "options", "deep JSON", FIRST, "handovers", "hand-over 1: its options"),
        ("archive", "pinned_encoder", "odd text", FIRST, "list", "pinned_encoder in table archive"),
        ("frames", "logical_size", "largest number", FIRST, "info", "a size in it is larger than any"),
        ("unit_setting", "geo_range", "odd text", FIRST, "settings", "geo_range in table unit_setting is damaged"),
        ("received_file", "name", "bytes", FIRST, "show", f"name in table received_file is damaged: {BYTES}"),
    ],
)  # fmt: skip
def test_a_damaged_cell_is_named(
    table: str, column: str, kind: str, last: bool, command: str, says: str, alterer: Alterer, tmp_path: Path
) -> None:
    data = alterer.altered(Alteration(table, column, kind, last))
    assert data is not None
    ran = [one for one in _run(tmp_path, data, command) if one.code == 5]
    assert ran
    assert says in ran[0].said
    assert "sfm verify" in ran[0].said
    assert "sfm salvage" in ran[0].said or "sfm rebuild" in ran[0].said


def _run(folder: Path, data: bytes, *wanted: str) -> list[Ran]:
    others = frozenset({"list", "show", "summary", "info", "waiting", "handovers", "settings", "zones", "review", "job",
                        "jobs", "blast", "correct", "unit", "history", "export", "attenuation", "firm", "config",
                         "find"} | SLOW
                       ) - set(wanted)  # fmt: skip
    found = list(run_all(folder, data, without=others))
    assert [one.wrong for one in found if one.wrong] == []
    return found


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("event_peaks", "day", "no text"),
        ("event_computed", "numbers", "odd text"),
        ("event_summary", "review", "bytes"),
    ],
)
def test_a_quick_verification_of_what_may_only_be_read_checks_what_the_schema_does(
    table: str, column: str, kind: str, alterer: Alterer, tmp_path: Path
) -> None:
    path = tmp_path / "read.sfm"
    path.write_bytes(alterer.altered(Alteration(table, column, kind, FIRST)) or b"")
    with sfm.open(path, read_only=True) as archive:
        report = archive.verify(options=VerifyOptions(level=Level.QUICK))
    assert any(f" in {table}" in found.message or f"{table}.{column}" in found.message for found in report.damage)


def test_the_checks_of_the_schema_are_all_found() -> None:
    assert sum(map(len, checks(schema_text()).values())) == schema_text().count("CHECK (")


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("event_computed", "numbers", "odd text"),
        ("event_computed", "decoder", "bytes"),
        ("event_summary", "ppv_basis", "odd text"),
        ("event_summary", "name", "not UTF-8"),
        ("event_peaks", "tran", "bytes"),
    ],
)
def test_a_damaged_row_of_the_derived_half_is_made_again(
    table: str, column: str, kind: str, alterer: Alterer, tmp_path: Path
) -> None:
    data = alterer.altered(Alteration(table, column, kind, FIRST))
    assert data is not None
    (rebuilt,) = _run(tmp_path, data, "rebuild")
    assert rebuilt.code == 0
    (verified,) = _run(tmp_path, (tmp_path / "read.sfm").read_bytes(), "verify")
    assert verified.code == 0
