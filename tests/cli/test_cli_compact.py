"""`sfm compact`."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest


def test_the_same_archive_in_a_smaller_file(sfm, quarry, closed):
    connection = apsw.Connection(quarry)
    connection.execute("CREATE TABLE gone (a); INSERT INTO gone VALUES (randomblob(500000)); DROP TABLE gone")
    connection.close()
    head = sfm.json("info", quarry)["history_head"]
    document = sfm.json("compact", quarry)
    closed("compact", document)
    assert document["size"] < document["size_before"] - 400_000
    assert document["size"] == Path(quarry).stat().st_size
    assert document["history_head"] == head == sfm.json("info", quarry)["history_head"]
    assert sfm.json("verify", quarry)["ok"]
    assert [path.name for path in sfm.folder.iterdir()] == [quarry]


def test_a_second_time_there_is_nothing_to_gain(sfm, quarry):
    sfm("compact", quarry)
    document = sfm.json("compact", quarry)
    assert document["size"] == document["size_before"]


def test_a_damaged_archive_is_left_alone(sfm, quarry):
    good = Path(quarry).read_bytes()
    data = good.replace(b'"pinned_encoder":"blastware@2"', b'"pinned_encoder":"blastware@3"')
    assert data != good
    Path(quarry).write_bytes(data)
    assert "was not changed" in sfm.error("compact", quarry, code=5)
    assert Path(quarry).read_bytes() == data


def test_an_archive_with_an_altered_row_is_left_alone(sfm, quarry):
    """Pages, indexes and the chain of the history are sound: only the row's hash in the history tells."""
    connection = apsw.Connection(quarry)
    name, text = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'event_is_never_changed'"
    ).fetchone()
    connection.execute(f"DROP TRIGGER {name}; UPDATE event SET ordinal = ordinal + 1 WHERE event_id = 3; {text}")
    connection.close()
    data = Path(quarry).read_bytes()
    assert "its row was altered" in (said := sfm.error("compact", quarry, code=5)) and "was not changed" in said
    assert Path(quarry).read_bytes() == data
    assert [path.name for path in sfm.folder.iterdir()] == [quarry]


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE event_summary SET project = 'other' WHERE event_id = 3",
        "UPDATE event_summary SET tran_nm_s = tran_nm_s + 1 WHERE event_id = (SELECT min(event_id) FROM event_summary)",
        "DELETE FROM event_summary WHERE event_id = 3",
        "DELETE FROM event_computed",
        "DELETE FROM event_peaks",
    ],
)
def test_an_archive_with_an_altered_derived_row_is_left_alone(sfm, quarry, altered):
    connection = apsw.Connection(quarry)
    connection.execute(altered)
    assert connection.changes()
    connection.close()
    data = Path(quarry).read_bytes()
    said = sfm.error("compact", quarry, code=5)
    assert "was not changed; run sfm rebuild" in said
    assert Path(quarry).read_bytes() == data
    sfm("rebuild", quarry)
    sfm("compact", quarry)
