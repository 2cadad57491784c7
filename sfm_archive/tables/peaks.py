"""The table of peaks: one row for each event with everything that a page of numbers has, in one unit."""

from __future__ import annotations

from dataclasses import replace

from sfm_archive.analysing import Recording
from sfm_archive.formats.data_tables import PEAK_COLUMNS
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.magnitudes import as_level, level_of, vector_sum_of
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import GEO_CHANNELS, Reading
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in
from sfm_archive.reporting.part_values import values_of_part
from sfm_archive.tables.tables import AsSelected, corrected_text, place_cells


def peak_row(
    recording: Recording, measured: Measured, unit: GeoUnit, selected: AsSelected, peaks_at: str
) -> tuple[object, ...]:
    """One event for PEAK_COLUMNS: the values that count, velocities in `unit`. `measured`: its derived row, or of a
    histogram that crosses a border of windows what of it was recorded at the points asked for, `peaks_at`. The values
    are of all of it also where it reaches beyond the window of time."""
    summary = measured.summary
    if measured.cut:
        recording = replace(recording, values=values_of_part(recording, summary))
    notes = dict(recording.notes)
    review = None if recording.review is None else recording.review.false_trigger
    row: dict[str, object] = {
        "event_id": recording.event_id,
        "serial": recording.event.serial,
        "recorded_at_local": recording.event.recorded_at.isoformat(),
        "start_local": recording.start.isoformat(),
        "corrected": corrected_text(recording),
        "record_type": recording.event.record_type.value,
        "name": recording.name,
        **{name: notes.get(name, "") for name in ("project", "client", "location")},
        "false_trigger": {True: "yes", False: "no", None: None}[review],
        "unit": unit,
        "ppv_channel": summary.ppv_channel,
        "ppv_basis": summary.ppv_basis,
        "ppv_at_least": _velocity(summary.ppv_least_nm_s, unit),
        "pvs_basis": summary.pvs_basis,
        "pspl_basis": summary.pspl_basis,
        "assumed": ", ".join(recording.assumed),
        **selected.cells,
        **place_cells(recording),
        "peaks_at": peaks_at,
    }
    bases = (summary.tran_basis, summary.vert_basis, summary.long_basis)
    for channel, basis in zip(GEO_CHANNELS, bases, strict=True):
        row[f"ppv_{channel}_basis"] = basis
        row |= _value(f"ppv_{channel}", recording.best("ppv", channel), unit)
        row |= _value(f"zc_frequency_{channel}", recording.best("zc_frequency", channel), unit)
    row |= _value("ppv", summary.ppv(), unit)
    row |= _value("pvs", vector_sum_of(recording.values), unit)
    row |= _value("zc_frequency_MicL", recording.best("zc_frequency", "MicL"), unit)
    pressure = level_of(recording.values)
    row |= _value("pspl_db", None if pressure is None else as_level(pressure), unit)
    return tuple(row[name] for name in PEAK_COLUMNS)


def _value(name: str, reading: Reading | None, unit: GeoUnit) -> dict[str, object]:
    """A number and its state; empty where there is no value, the number also where the state says why."""
    if reading is None:
        return {name: None, f"{name}_state": None}
    converted = in_unit(reading, unit)
    number = None if converted.number is None else float(f"{converted.number:.7g}")
    return {name: number, f"{name}_state": converted.state.value}


def _velocity(nm_s: int | None, unit: GeoUnit) -> float | None:
    return None if nm_s is None else float(f"{velocity_in(nm_s, unit):.7g}")
