"""The tables that stand beside exported data: their columns, by which an import knows them again."""

from __future__ import annotations

from sfm_archive.formats.csv_text import MARK

EVENT_COLUMNS = (
    "event_id", "serial", "recorded_at_local", "time_zone", "recorded_at_utc", "utc_certainty", "record_type", "name",
    "sample_rate", "pretrigger_samples", "geo_range_in_s", "assumed", "project", "client", "location", "user_name",
    "notes", "false_trigger", "reviewer", "decoded_from", "decoded_from_sha256", "decoder", "level", "data_file",
    "message", "continued", "runs_on", "day_known", "level_why", "undecided_left_out", "start_local", "corrected",
    "recorded_project", "recorded_client", "recorded_location", "job", "point", "placed", "points",
)  # fmt: skip

VALUE_COLUMNS = (
    "event_id", "quantity", "channel", "number", "unit", "state", "text", "source", "job", "point", "placed",
)  # fmt: skip

PEAK_COLUMNS = (
    "event_id", "serial", "recorded_at_local", "record_type", "name", "project", "client", "location", "false_trigger",
    "unit",
    *(
        f"{quantity}_{channel}{part}"
        for channel in ("Tran", "Vert", "Long")
        for quantity, parts in (("ppv", ("", "_state", "_basis")), ("zc_frequency", ("", "_state")))
        for part in parts
    ),
    "ppv", "ppv_channel", "ppv_state", "ppv_basis", "ppv_at_least", "pvs", "pvs_state", "pvs_basis", "pspl_db",
    "pspl_db_state", "pspl_basis", "zc_frequency_MicL", "zc_frequency_MicL_state", "assumed", "level", "continued",
    "runs_on", "day_known", "level_why", "undecided_left_out", "start_local", "corrected", "job", "point",
    "placed", "points", "peaks_at",
)  # fmt: skip

_FEWEST = 8
"""Columns that every version has written; later ones came behind them."""

_MARK = MARK.encode("utf-8")
_FIRST_LINES = tuple(
    f"{','.join(columns)},".encode("ascii") for columns in (EVENT_COLUMNS, VALUE_COLUMNS, PEAK_COLUMNS)
)
_LONGEST = max(map(len, _FIRST_LINES)) + 2


def is_data_table(data: bytes) -> bool:
    """Whether the bytes are the CSV of all events, peaks or values that an export of data writes, or wrote with fewer
    columns, for programs or for spreadsheets."""
    first = data[: len(_MARK) + _LONGEST].removeprefix(_MARK).partition(b"\n")[0].rstrip(b"\r").replace(b";", b",")
    return first.count(b",") >= _FEWEST - 1 and any(line.startswith(first + b",") for line in _FIRST_LINES)
