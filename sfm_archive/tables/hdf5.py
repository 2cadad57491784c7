"""HDF5: arrays with their units beside them."""

from __future__ import annotations

import io
from typing import Any

import h5py

from sfm_archive.analysing import Recording
from sfm_archive.base.version import TOOL
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.tables.tables import data_columns, metadata_of


def data_hdf5(recording: Recording) -> bytes:
    """The data of one event as HDF5: a dataset for each column with the attribute `unit`, what the event says of itself
    as attributes of the file (numbers as numbers), its values below `values/<source>`."""
    columns = data_columns(recording)
    sink = io.BytesIO()
    with h5py.File(sink, "w") as file:
        file.attrs["creator"] = TOOL
        for name, value in metadata_of(recording).items():
            file.attrs[name] = value
        data = file.create_group("data")
        for column in columns:
            values = column.values
            if isinstance(values, list):
                values = [str(value) for value in values]
                dataset = data.create_dataset(column.name, data=values, dtype=h5py.string_dtype())
            else:
                dataset = data.create_dataset(column.name, data=values, compression="gzip", shuffle=True)
            dataset.attrs["unit"] = column.unit
        if recording.provenance.decoder:
            file.require_group(f"values/{ValueSource.DECODER}").attrs["reader"] = recording.provenance.decoder
        for reading in (*recording.reported, *recording.computed):
            _value(file.require_group(f"values/{reading.source}"), reading)
    return sink.getvalue()


def _value(group: Any, reading: Reading) -> None:
    inner = group.require_group(f"{reading.quantity}{f'_{reading.channel}' if reading.channel else ''}")
    inner.attrs["state"] = reading.state.value
    inner.attrs["unit"] = reading.unit
    inner.attrs["text"] = reading.text.replace("\x00", "")
    if reading.number is not None:
        inner.attrs["number"] = reading.number
