"""Words of a row that no program writes: whoever reads it says which row is damaged."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.errors import Damaged
from sfm_archive.selftest.flips import archive_of_everything


def altered(folder: Path, statement: str) -> Path:
    """One altered word, with everything that guards it put back as it was."""
    path = folder / "q.sfm"
    archive_of_everything(path)
    with sfm.open(path) as archive:
        archive.review(3, false_trigger=True, notes="truck", reviewer="A. Person")
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA ignore_check_constraints = ON")
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    for _, text in triggers:
        connection.execute(str(text))
    connection.close()
    return path


def test_a_value_with_an_unknown_state(tmp_path: Path) -> None:
    path = altered(tmp_path, "UPDATE value SET state = 'oj' WHERE quantity = 'false_trigger'")
    with (
        sfm.open(path, read_only=True) as archive,
        pytest.raises(Damaged, match=r"event 3: state in table value .*'oj'"),
    ):
        archive.values(3)


def test_an_event_of_an_unknown_type(tmp_path: Path) -> None:
    path = altered(tmp_path, "UPDATE event SET record_type = 'hisuogram' WHERE event_id = 2")
    with (
        sfm.open(path, read_only=True) as archive,
        pytest.raises(Damaged, match=r"event 2: record_type in table event .*hisuogram"),
    ):
        archive.event(2).event()
