"""Parquet: tables with their units beside them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyarrow
import pyarrow.parquet

from sfm_archive.analysing import Recording
from sfm_archive.tables.tables import Series, data_columns, metadata_of


def table_parquet(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A table as Parquet."""
    columns = list(zip(*rows, strict=True)) or [()] * len(titles)
    arrays = [pyarrow.array(list(column)) for column in columns]
    return _parquet(pyarrow.Table.from_arrays(arrays, names=list(titles)))


def data_parquet(recording: Recording) -> bytes:
    """The data of one event as Parquet: the unit of each column in its field's metadata (`unit`), the event's own words
    in the schema's."""
    columns = data_columns(recording)
    fields = [pyarrow.field(column.name, _array(column).type, metadata={"unit": column.unit}) for column in columns]
    # Metadata of Parquet are texts.
    schema = pyarrow.schema(fields, metadata={name: str(value) for name, value in metadata_of(recording).items()})
    return _parquet(pyarrow.Table.from_arrays([_array(column) for column in columns], schema=schema))


def _array(column: Series) -> Any:
    return pyarrow.array(column.values)


def _parquet(table: Any) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()
