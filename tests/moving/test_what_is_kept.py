"""Every table of content says how its rows move, and every column that is a number of something is translated."""

from __future__ import annotations

from sfm_archive.moving.declared import MOVED
from sfm_archive.moving.source import OF_OTHERS
from sfm_archive.storage.row_hashes import TABLES
from sfm_archive.storage.tables import schema_text, tables

NUMBERS = {
    "event_id",
    "was_event",
    "of_event",
    "joined_to",
    "file_id",
    "revision",
    "job",
    "point",
    "blast",
    "withdraws",
}


def test_every_table_of_content_says_how_its_rows_move() -> None:
    assert {*MOVED, *OF_OTHERS, "event"} == set(TABLES)


def test_every_number_of_something_else_is_translated() -> None:
    for table, declared in MOVED.items():
        names = set(tables(schema_text())[table].names)
        counted = set() if declared.counted is None else {declared.counted.column}
        assert names & NUMBERS <= {*declared.points, declared.own, *counted}, table
        assert {*declared.same, *declared.points} <= names
