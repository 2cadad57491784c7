"""The tables that stand beside exported data: their columns, by which an import knows them again."""

from __future__ import annotations

EVENT_COLUMNS = (
    "event_id", "serial", "recorded_at_local", "time_zone", "recorded_at_utc", "utc_certainty", "record_type", "name",
    "sample_rate", "pretrigger_samples", "geo_range_in_s", "assumed", "project", "client", "location", "user_name",
    "notes", "false_trigger", "reviewer", "decoded_from", "decoded_from_sha256", "decoder", "data_file", "message",
)  # fmt: skip

VALUE_COLUMNS = ("event_id", "quantity", "channel", "number", "unit", "state", "text", "source")

_FIRST_LINES = tuple(",".join(columns).encode("ascii") for columns in (EVENT_COLUMNS, VALUE_COLUMNS))


def is_data_table(data: bytes) -> bool:
    """Whether the bytes are the CSV of all events or all values that an export of data writes."""
    return any(data.startswith(line) and data[len(line) : len(line) + 1] in (b"\n", b"\r") for line in _FIRST_LINES)
