"""Parquet and HDF5: tables and arrays with their units beside them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import h5py
import pyarrow
import pyarrow.parquet

from sfm_archive.analysing import Recording
from sfm_archive.converting.tables import Series, data_columns, metadata_of
from sfm_archive.formats.readings import Reading
from sfm_archive.version import TOOL
from sfm_archive.waveforms import DECODER


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
    schema = pyarrow.schema(fields, metadata=metadata_of(recording))
    return _parquet(pyarrow.Table.from_arrays([_array(column) for column in columns], schema=schema))


def _array(column: Series) -> Any:
    return pyarrow.array(column.values)


def _parquet(table: Any) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def data_hdf5(recording: Recording) -> bytes:
    """The data of one event as HDF5: a dataset for each column with the attribute `unit`, the event's own words as
    attributes of the file, its values below `values/<source>`."""
    columns = data_columns(recording)
    sink = io.BytesIO()
    with h5py.File(sink, "w") as file:
        file.attrs["creator"] = TOOL
        for name, text in metadata_of(recording).items():
            file.attrs[name] = text
        data = file.create_group("data")
        for column in columns:
            values = column.values
            if isinstance(values, list):
                values = [str(value) for value in values]
                dataset = data.create_dataset(column.name, data=values, dtype=h5py.string_dtype())
            else:
                dataset = data.create_dataset(column.name, data=values, compression="gzip", shuffle=True)
            dataset.attrs["unit"] = column.unit
        for source, readings in [*recording.reported, (DECODER, recording.computed)]:
            group = file.require_group(f"values/{source}")
            for reading in readings:
                _value(group, reading)
    return sink.getvalue()


def _value(group: Any, reading: Reading) -> None:
    inner = group.require_group(f"{reading.quantity}{f'_{reading.channel}' if reading.channel else ''}")
    inner.attrs["state"] = reading.state.value
    inner.attrs["unit"] = reading.unit
    inner.attrs["text"] = reading.text.replace("\x00", "")
    if reading.number is not None:
        inner.attrs["number"] = reading.number
