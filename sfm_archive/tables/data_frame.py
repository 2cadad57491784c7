"""Event tables for pandas."""

from __future__ import annotations

from typing import Any

import pandas

from sfm_archive.archive import Archive
from sfm_archive.archive.correcting import corrections_of
from sfm_archive.archive.finding import name_of
from sfm_archive.archive.listing import read_reviews, summary_rows
from sfm_archive.archive.reading import values_of
from sfm_archive.archive.where_recorded import places_of
from sfm_archive.base.batches import batches
from sfm_archive.model.magnitudes import vector_sum_of
from sfm_archive.model.readings import ValueState
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.velocities import velocity_in

_AT_ONCE = 1000
_QUANTITIES = ("ppv", "zc_frequency", "pvs", "pspl", "project", "client", "location")


def event_frame(archive: Archive, selection: Selection = EVERYTHING) -> Any:
    """One row for each event, index `event_id`: identity, and for each quantity and channel the value that counts.

    Columns such as `ppv_Tran`, `ppv_Tran_unit`, `ppv_Tran_state`, `ppv_Tran_source`; texts such as `project` in one.
    A number is missing where the state says why. `false_trigger`: True or False as a review says, None without one.
    `recorded_at_local` has no zone: it is the unit's own clock; `start_local`: the same with stated corrections, as
    `project`, `client` and `location` are. `ppv_at_least_mm_s`: how fast the ground moved at
    least, the rail where a channel is over range, so that a comparison keeps the strongest events; `ppv_basis`: what it
    stands on. `job`, `point`: in whose window it starts, '' without one; `placed`: how it lies to the windows of its
    unit, as in lists. A vector sum below the greatest peak is that peak, `above-limit`: at least that.
    """
    records: list[dict[str, Any]] = []
    for page in batches(archive.events(selection), _AT_ONCE):
        ids = [row.event_id for row in page]
        reviews, summaries = read_reviews(archive.store, ids), summary_rows(archive, ids)
        places = places_of(archive, page, summaries)
        by_id: dict[int, dict[str, Any]] = {
            row.event_id: {
                "event_id": row.event_id,
                "serial": row.serial,
                "recorded_at_local": parse_local_text(row.recorded_at_local),
                "start_local": parse_local_text(summaries[row.event_id].start_local),
                "time_zone": row.time_zone,
                "record_type": row.record_type,
                "name": name_of(row),
                "false_trigger": review.false_trigger if (review := reviews.get(row.event_id)) else None,
                "ppv_basis": summaries[row.event_id].ppv_basis,
                "ppv_at_least_mm_s": _mm_s(summaries[row.event_id].ppv_least_nm_s),
                "job": places[row.event_id].job,
                "point": places[row.event_id].point,
                "placed": places[row.event_id].placed,
            }
            for row in page
        }
        for event_id, values in values_of(archive.store, list(by_id), _QUANTITIES).items():
            record = by_id[event_id]
            vector = vector_sum_of({(one.quantity, one.channel): one for one in values})
            for one in values:
                value = vector if one.quantity == "pvs" and vector is not None else one
                name = f"{value.quantity}_{value.channel}" if value.channel else value.quantity
                if not value.unit and value.number is None and value.state is ValueState.OK:
                    record[name] = value.text
                    continue
                record |= {name: value.number, f"{name}_unit": value.unit, f"{name}_state": value.state.value}
                record[f"{name}_source"] = value.source
        with archive.store.reading() as connection:
            for event_id, known in corrections_of(connection, page).items():
                by_id[event_id] |= known.texts
        records += by_id.values()
    columns = [
        "event_id",
        "serial",
        "recorded_at_local",
        "start_local",
        "time_zone",
        "record_type",
        "name",
        "false_trigger",
    ]
    columns += ["ppv_basis", "ppv_at_least_mm_s", "job", "point", "placed"]
    frame = pandas.DataFrame.from_records(records) if records else pandas.DataFrame(columns=columns)
    return frame.set_index("event_id")


def _mm_s(nm_s: int | None) -> float | None:
    return None if nm_s is None else velocity_in(nm_s, "mm/s")
