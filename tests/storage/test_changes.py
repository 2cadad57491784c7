"""The records of the history: written as they always were, read strictly, and what each vouches for."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from random import Random
from typing import Any, get_args, get_origin, get_type_hints

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.archive.saving import keep_waiting
from sfm_archive.errors import Damaged
from sfm_archive.formats.sqlite_pages import Layout
from sfm_archive.maintaining.salvaging import readable_rows, salvage
from sfm_archive.maintaining.salvaging.sound_rows import SoundRow, hash_of
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.storage import changes, history, row_hashes, salvaged, writing
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import change_from_text
from sfm_archive.storage.event_identity import Identity
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.tables import schema_text, tables
from sfm_archive.testing import read_out, simulate_waveform

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "archive_format_1.sfm"


def rows_of(path: Path) -> list[HistoryRow]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = history.rows(connection)
    connection.close()
    return found


def the_same_both_ways(rows: list[HistoryRow], path: Path) -> None:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    by_change = row_hashes.RowsByChange(connection)
    listed = 0
    for row in rows:
        change = row.change()
        assert change.as_text() == row.detail
        assert change.action == row.action
        found = by_change.rows(row.sequence, row.event_id)
        assert sorted((one.table, one.sha256) for one in found) == sorted(row.listed)
        ordered = [(one.table, list(one.columns.values()), one.sha256) for one in reversed(found)]
        assert row_hashes.packed(ordered).hex() == row.rows
        listed += len(found)
    held = sum(len(list(row_hashes.all_of(connection, table))) for table in row_hashes.TABLES)
    assert listed == held, "every row is of one change"
    connection.close()


def test_the_history_of_the_golden_archive_is_written_the_same() -> None:
    rows = rows_of(GOLDEN)
    assert len(rows) == 36
    the_same_both_ways(rows, GOLDEN)


@pytest.fixture(scope="module")
def working_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """An archive with every action of a working day, and one salvaged from it when a change of its history was lost."""
    folder = tmp_path_factory.mktemp("day")
    path, wreck, new = folder / "day.sfm", folder / "wreck.sfm", folder / "salvaged.sfm"
    archive_of_everything(path)
    with sfm.open(path) as archive:
        simulated = simulate_waveform(Random(5), serial="BE18003")
        event = sfm.Event(serial="BE18003", recorded_at=simulated.recorded_at)
        saved = archive.save(event, read_out(simulated))
        archive.review(saved.event_id, false_trigger=True, notes="a truck", reviewer="Zoë")
        sfm.mark(archive, "handed to client X")
        for notice in (
            changes.SendNotice(kind="above limit", program="tell.py"),
            changes.NoticesUpTo(up_to=archive.history_head()[0]),
        ):
            with archive.store.transaction() as connection:
                writing.Writing(connection).note(notice, archive.actor)
        archive.analyse()
        tells = {"serial": "BE11530", "recorded_at_local": "2026-05-01T13:16:34"}
        report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="später.txt", data=b"x")
        keep_waiting(archive.store, report, archive.actor, tells)
        other = folder / "other.sfm"
        with sfm.create(other) as laptop:
            laptop.save(sfm.Event(serial="BE5", recorded_at=simulated.recorded_at), names=("M005LKIQ.7M0W",))
            sfm.extract(laptop, folder / "extract.sfm")
        sfm.merge(archive, folder / "extract.sfm")
    wreck.write_bytes(path.read_bytes())
    connection = apsw.Connection(str(wreck))
    connection.execute("DROP TRIGGER history_is_never_removed; DELETE FROM history WHERE sequence = 2")
    connection.close()
    assert salvage(wreck, new).saved["events"] == 6
    return path, new, folder / "extract.sfm"


def test_the_history_of_a_working_day_is_written_the_same(working_day: tuple[Path, ...]) -> None:
    met = set()
    for path in working_day:
        rows = rows_of(path)
        the_same_both_ways(rows, path)
        met |= {type(row.change()) for row in rows}
    elsewhere = {changes.Reread, changes.PinDecoder}  # tests of reading again and of the pin meet those
    assert met == {*KINDS} - elsewhere, "every record was met"


def kinds_of(base: type) -> list[Any]:
    return [
        kind for kind in vars(changes).values() if isinstance(kind, type) and issubclass(kind, base) and kind != base
    ]


KINDS = kinds_of(Change)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ANYTHING = st.one_of(st.integers(), TEXT, st.lists(TEXT))
NAMES = st.sampled_from(["blastware@2", "blastware@0", "their-own@12"])


def of_hint(hint: Any, name: str) -> st.SearchStrategy[Any]:
    kinds = [kind for kind in get_args(hint) if kind not in (type(None), ...)]
    if name == "event":
        return st.just(()) | st.tuples(*[TEXT] * len(Identity._fields))
    if get_origin(hint) is tuple:
        return st.lists(of_hint(kinds[0], ""), max_size=2).map(tuple)
    if kinds:
        return st.none() | of_hint(kinds[0], "")
    if name == "encoder":
        return NAMES
    plain = {str: TEXT, int: st.integers(), bool: st.booleans(), Any: ANYTHING}
    return plain[hint] if hint in plain else of_record(hint)


def of_record(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    drawn = {field.name: of_hint(hints[field.name], field.name) for field in fields(kind)}
    return st.fixed_dictionaries(drawn).map(lambda found: kind(**found))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_record_is_read_as_it_was_written(kind: type[Change], data: st.DataObject) -> None:
    change = data.draw(of_record(kind))
    text = change.as_text()
    assert change_from_text(1, kind.action, text) == change
    assert json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True) == text


GOOD = ["BE1", "2026-05-01T10:00:00", "unknown", "", "unknown"]


@pytest.mark.parametrize(
    ("action", "detail", "reason"),
    [
        ("shred", "{}", "knows no action 'shred'"),
        ("", "{}", "knows no action ''"),
        ("save", "", "its detail is not one of 'save': "),
        ("save", "[]", "it is not an object"),
        ("save", "[" * 100_000, "its detail is not one of 'save': "),
        ("save", json.dumps({"event": [5, *GOOD[1:]]}), "event[0] is no text"),
        ("save", json.dumps({"event": GOOD[1:]}), "event has 4 parts, not 5"),
        ("save", json.dumps({"evnet": GOOD}), "evnet is unknown"),
        ("save", json.dumps({"files": ["a.txt"]}), "files[0] is not a list"),
        ("encode", json.dumps({"encoder": "blastware@1"}), "revision is missing"),
        ("salvage", json.dumps({"handover": 1, "event": GOOD}), "file is missing"),
        ("pin encoder", json.dumps({"before": "a", "after": "b"}), "from is missing"),
    ],
)
def test_what_no_record_says_is_refused_by_the_row(action: str, detail: str, reason: str) -> None:
    with pytest.raises(Damaged) as caught:
        change_from_text(17, action, detail)
    assert str(caught.value).startswith("history row 17: ") and reason in str(caught.value)
    assert "backup" in str(caught.value)


def test_every_table_of_content_is_listed_or_hashed_with_a_row_of_one() -> None:
    with_a_sequence = {name for name, table in tables(schema_text()).items() if "sequence" in table.names}
    assert with_a_sequence - {"history"} == set(row_hashes.TABLES)
    assert set(tables(schema_text())) - with_a_sequence == {
        "archive",
        "file_piece",
        "value",
        "event_summary",
        "event_computed",
        "event_peaks",
        "report_in_doubt",
    }


# -- columns come from the schema -----------------------------------------------------------------------------------


def test_tables_are_as_sqlite_reads_them() -> None:
    found = tables(schema_text())
    assert set(found) >= {"archive", "event", "history", "handover"}
    assert [column.name for column in found["event_file"].columns] == ["event_id", "file_id", "sequence"]
    assert found["event"].columns[0].is_rowid and not found["frames"].columns[0].is_rowid
    assert [column.name for column in found["value"].columns if column.nullable] == ["number"]
    assert not found["value"].has_rowid and found["frames"].has_rowid


def test_no_two_tables_store_rows_that_could_be_taken_for_each_other() -> None:
    shapes = [
        (table.has_rowid, *("" if column.is_rowid else column.kind for column in table.stored))
        for table in tables(schema_text()).values()
    ]
    assert len(set(shapes)) == len(shapes)


def test_a_table_stored_by_its_key_has_the_key_first() -> None:
    table = tables("CREATE TABLE t (a TEXT, b INTEGER, c TEXT, PRIMARY KEY (c, b)) STRICT, WITHOUT ROWID")["t"]
    assert [column.name for column in table.columns] == ["a", "b", "c"]
    assert [column.name for column in table.stored] == ["c", "b", "a"]


def test_a_column_added_to_the_schema_is_known_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = "  severity  TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'refusal')),\n"
    more = schema_text().replace(last, f"{last}  seen_by TEXT,\n")
    assert more != schema_text()
    for module in (row_hashes, salvaged, writing, readable_rows):
        monkeypatch.setattr(module, "schema_text", lambda: more)
    path = tmp_path / "more.sfm"
    connection = apsw.Connection(str(path))
    connection.execute(more)
    connection.execute("INSERT INTO event VALUES (1, 1, 'BE1', '2026-05-01T10:00:00', 'unknown', 1, 'unknown')")
    finding = {"event_id": 1, "code": "odd", "message": "m", "severity": "note", "seen_by": "Zoë"}
    change = writing.Writing(connection)
    assert salvaged.insert(change, "finding", finding) == ""
    change.note(changes.AddFiles(), "tester", 1)
    ((row,),) = [history.rows(connection)]
    (before,) = row_hashes.all_of(connection, "finding")
    assert [(before.table, before.sha256)] == row.listed
    connection.execute("DROP TRIGGER finding_is_never_changed; UPDATE finding SET seen_by = 'Max'")
    (after,) = row_hashes.all_of(connection, "finding")
    assert after.sha256 != before.sha256
    connection.close()
    (found,) = readable_rows.read_rows(path.read_bytes(), b"", Layout(4096)).rows["finding"]
    assert found == {**finding, "sequence": 1, "seen_by": "Max"}
    assert hash_of(SoundRow(table="finding", columns=found)) == after.sha256
