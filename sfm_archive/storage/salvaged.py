"""Rows put into a new archive as they stood in a damaged one, under a change of the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from sfm_archive.storage import row_hashes
from sfm_archive.storage.tables import schema_text, tables
from sfm_archive.storage.writing import Writing

_PARTS = {"reading": "value", "file_content": "file_piece"}


def insert(writing: Writing, table: str, row: Mapping[str, Any], parts: Sequence[Mapping[str, Any]] = ()) -> str:
    """Add a row with its own number, and the rows that belong to it; why a table does not take one of them, '' where
    they do. Everything that the schema demands is demanded, and nothing of it stays where something is not taken."""
    connection = writing.connection
    connection.execute("SAVEPOINT salvaged")
    try:
        whole = writing.put(table, row)
        for part in parts:
            names = tables(schema_text())[_PARTS[table]].names
            connection.execute(
                f"INSERT INTO {_PARTS[table]} ({', '.join(names)}) VALUES ({','.join('?' * len(names))})",
                [part[name] for name in names],
            )
    except (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, UnicodeEncodeError, OverflowError) as error:
        connection.execute("ROLLBACK TO salvaged")
        return str(error)
    finally:
        connection.execute("RELEASE salvaged")
    writing.vouch(table, whole, row_hashes.parts_of(connection, table, whole))
    return ""
