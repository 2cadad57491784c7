"""Rows put into a new archive exactly as they stood in a damaged one: keys and times included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import apsw

from sfm_archive.storage.tables import schema_text, tables


class NotProved(Exception):
    """Raised inside `on_trial` to take back what was inserted there."""


@contextmanager
def on_trial(connection: apsw.Connection) -> Iterator[None]:
    """Rows inserted inside are taken back when the block ends with an error; NotProved ends here."""
    connection.execute("SAVEPOINT on_trial")
    try:
        yield
    except BaseException as error:
        connection.execute("ROLLBACK TO on_trial")
        connection.execute("RELEASE on_trial")
        if not isinstance(error, NotProved):
            raise
    else:
        connection.execute("RELEASE on_trial")


def insert(connection: apsw.Connection, table: str, row: Mapping[str, Any]) -> str:
    """Add a row; why the table does not take it, '' where it does. Everything that the schema demands is demanded."""
    columns = [column.name for column in tables(schema_text())[table].columns if column.name in row]
    marks = ",".join("?" * len(columns))
    try:
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", [row[column] for column in columns]
        )
    except (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, UnicodeEncodeError, OverflowError) as error:
        return str(error)
    return ""
