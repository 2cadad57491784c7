"""THOR's CSV of a Micromate event: another dialect than Blastware's text.

Known only from a description (docs/facts.md): lines `"Key","Value"`, the key `Channel` once for each
channel with that channel's values behind it, an ISO date, `"<0.127 mm/s"`, then a quoted row of channel names and
quoted rows of samples, the microphone in Pa. Which key carries which value is taken from its words.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime

from sfm_archive.errors import BadInput
from sfm_archive.formats.findings import Finding
from sfm_archive.formats.readings import CHANNELS, Reading, measured_reading
from sfm_archive.formats.serials import checked_serial, is_serial
from sfm_archive.waveforms.sample_tables import SampleTable, column_names, names_found, read_table

_BOM = b"\xef\xbb\xbf"
_MAX_HEADER_LINES = 4096
_OPENING = re.compile(rb'^\s*"[^"\n]*"\s*,\s*"[^"\n]*"', re.MULTILINE)
_CHANNEL_LINE = re.compile(rb'^\s*"Channel"\s*,\s*"', re.MULTILINE | re.IGNORECASE)

# Words of a key in order of preference; a key that holds them all carries the quantity.
_CHANNEL_KEYS = (
    (("peak", "acceleration"), "peak_acceleration"),
    (("peak", "displacement"), "peak_displacement"),
    (("time", "peak"), "time_of_peak"),
    (("zc", "freq"), "zc_frequency"),
    (("zero", "cross"), "zc_frequency"),
    (("test", "freq"), "test_frequency"),
    (("test", "ratio"), "test_ratio"),
    (("pspl",), "pspl"),
    (("ppv",), "ppv"),
)
_EVENT_KEYS = (
    (("vector", "sum", "time"), "pvs_time"),
    (("vector", "sum"), "pvs"),
    (("sample", "rate"), "sample_rate"),
    (("pre", "trigger"), "pretrigger"),
    (("record", "time"), "record_time"),
    (("geo", "range"), "geo_range"),
    (("battery",), "battery"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThorReport:
    """A CSV of THOR.

    `fields`: all keys and values in order, values as printed. `serial`: upper case, None where no value is one.
    `recorded_at`: the first ISO time, naive as printed, None where there is none. `readings`: what is understood of
    the fields. `samples`: the table, None where there is none. `findings`: what did not fit.
    """

    fields: tuple[tuple[str, str], ...]
    serial: str | None
    recorded_at: datetime | None
    readings: tuple[Reading, ...]
    samples: SampleTable | None
    findings: tuple[Finding, ...]


def looks_like_thor(data: bytes) -> bool:
    """Whether the first line is `"Key","Value"` and a line with the key `Channel` follows among the first."""
    head = data[:16384].removeprefix(_BOM)
    return _OPENING.match(head) is not None and _CHANNEL_LINE.search(head) is not None


def read_thor(data: bytes) -> ThorReport:
    """Read a CSV of THOR, LF or CRLF. Raises BadInput where it does not look like one; words in it are states."""
    if not looks_like_thor(data):
        raise BadInput(
            'CSV: no lines "Key","Value" with the key "Channel" among the first; it is not an export of THOR, '
            "export it again or keep it as a plain file"
        )
    body = data.removeprefix(_BOM)
    fields: list[tuple[str, str]] = []
    at = lines = 0
    names: tuple[str, ...] | None = None
    while at < len(body) and lines < _MAX_HEADER_LINES:
        end = body.find(b"\n", at)
        end = len(body) if end == -1 else end
        line = body[at:end].rstrip(b"\r")
        at, lines = end + 1, lines + 1
        names = column_names(line.replace(b'"', b""), b",")
        # `"Channel","Tran"` and `"Trigger","Vert"` are fields; in the row of names each one is a channel's, or Time.
        if names is not None and all(name.lower() == "time" or names_found((name,)) for name in names):
            break
        names = None
        cells = _cells(line)
        if len(cells) >= 2:
            fields.append((cells[0].strip(), cells[1]))
    readings = _readings(fields)
    samples, findings = None, list[Finding]()
    if names is not None:
        samples, findings = _samples(body[min(at, len(body)) :], names, fields, readings)
    serials = [value.strip() for key, value in fields if "serial" in key.lower() and is_serial(value.strip())]
    return ThorReport(
        fields=tuple(fields),
        serial=checked_serial(serials[0]) if serials else None,
        recorded_at=next((found for _, value in fields if (found := _iso_time(value)) is not None), None),
        readings=tuple(readings.values()),
        samples=samples,
        findings=tuple(findings),
    )


def _cells(line: bytes) -> list[str]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def _readings(fields: list[tuple[str, str]]) -> dict[tuple[str, str], Reading]:
    found: dict[tuple[str, str], Reading] = {}
    channel = ""
    for key, value in fields:
        lowered = key.lower()
        if lowered == "channel":
            channel = next((name for name in CHANNELS if name.lower() == value.strip().lower()), "")
            continue
        event_quantity = _quantity(lowered, _EVENT_KEYS)
        quantity, of_channel = (event_quantity, "") if event_quantity else (_quantity(lowered, _CHANNEL_KEYS), channel)
        if quantity and (event_quantity or of_channel) and (quantity, of_channel) not in found:
            found[quantity, of_channel] = measured_reading(quantity, value, of_channel)
    return found


def _quantity(key: str, table: tuple[tuple[tuple[str, ...], str], ...]) -> str:
    return next((quantity for words, quantity in table if all(word in key for word in words)), "")


def _samples(
    body: bytes,
    names: tuple[str, ...],
    fields: list[tuple[str, str]],
    readings: dict[tuple[str, str], Reading],
) -> tuple[SampleTable, list[Finding]]:
    geo = "in/s" if any("in/s" in value for _, value in fields) else "mm/s"
    rate = _number(readings, "sample_rate")
    before = _number(readings, "pretrigger")
    rate = rate if rate is not None and 0 < rate < 1e9 else None
    table, findings = read_table(
        body,
        names,
        units_text=f"{geo} and Pa",
        sample_rate=rate,
        pretrigger=None if rate is None or before is None else round(abs(before) * rate),
        separator=",",
    )
    return table, list(findings)


def _number(readings: dict[tuple[str, str], Reading], quantity: str) -> float | None:
    reading = readings.get((quantity, ""))
    return None if reading is None else reading.number


def _iso_time(text: str) -> datetime | None:
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}", text.strip()):
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None
