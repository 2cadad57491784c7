"""Writing Blastware's ASCII report.

The sample table reproduces real exports byte for byte (KNOWN): names centred in 10 characters, values left-justified
in 10, joined by TAB, three decimals below 10 and two from 10 up. A header that was received is written back as it
came. One made for a decoded event has lines whose names a Micromate's real export or a description of the MiniMate's
gives; its order is that of the real export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.version import PRODUCT
from sfm_archive.errors import UsageError
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.timestamps import date_text
from sfm_archive.model.units import GEO_UNITS
from sfm_archive.waveforms.traces import Traces

OVER_RANGE_TEXT = "OORANGE"
_WIDTH = 10
_ROWS_AT_ONCE = 1 << 16

_CHANNEL_LINES = (
    ("ppv", "PPV"),
    ("zc_frequency", "ZC Freq"),
    ("time_of_peak", "Time of Peak"),
    ("peak_acceleration", "Peak Acceleration"),
    ("peak_displacement", "Peak Displacement"),
)
_EVENT_LINES = (
    ("Peak Vector Sum", "pvs", ""),
    ("Peak Vector Sum Time", "pvs_time", ""),
    ("MicL PSPL", "pspl", "MicL"),
)


def value_text(value: float) -> str:
    """A sample as the table prints it: three decimals below 10, two from 10 up."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def sample_table(traces: Traces, newline: bytes = b"\n") -> bytes:
    """The row of names and one row for each sample. An over-range or otherwise unusable sample prints as a word.

    Raises UsageError for a name of a channel that does not fit the table.
    """
    return names_row(traces, newline) + b"".join(sample_rows(traces, newline))


def names_row(traces: Traces, newline: bytes = b"\n") -> bytes:
    """The row of names, ended. Raises UsageError for a name of a channel that does not fit the table."""
    if any(not name.isascii() or "\t" in name or "\n" in name for name in traces.channels):
        raise UsageError(f"{traces.channels} cannot stand as names of columns")
    return "\t".join(name.center(_WIDTH) for name in traces.channels).encode("ascii") + newline


def sample_rows(traces: Traces, newline: bytes = b"\n") -> Iterator[bytes]:
    """The rows of the samples, each ended, in blocks."""
    for start in range(0, traces.size, _ROWS_AT_ONCE):
        columns = [_column(traces, row, slice(start, start + _ROWS_AT_ONCE)) for row in range(len(traces.channels))]
        lines = [*map("\t".join, zip(*columns, strict=True)), ""]
        yield newline.decode("ascii").join(lines).encode("ascii")


def _column(traces: Traces, row: int, part: slice) -> list[str]:
    distinct, which = np.unique(traces.samples[row, part], return_inverse=True)
    quantum = traces.quantum[row]
    # 0.0 is added so that no minus stands before a zero.
    texts = np.array([value_text(number * quantum + 0.0).ljust(_WIDTH) for number in distinct.tolist()], dtype=object)
    cells: NDArray[np.object_] = texts[which]
    if traces.unusable is not None:
        cells[traces.unusable[row, part]] = "***".ljust(_WIDTH)
    if traces.over_range is not None:
        cells[traces.over_range[row, part]] = OVER_RANGE_TEXT.ljust(_WIDTH)
    return list(cells)


def write_report(header: bytes, traces: Traces, newline: bytes = b"\n") -> bytes:
    """A whole report: `header` untouched (its last line ended), an empty line, the sample table."""
    ending = b"" if header.endswith(b"\n") or not header else newline
    return header + ending + newline + sample_table(traces, newline)


def header_text(fields: Iterable[tuple[str, str]], newline: bytes = b"\r\n", encoding: str = "utf-8") -> bytes:
    """Lines `"Name : Value"`, each ended. Raises UsageError for a name or value of more than one line."""
    lines = []
    for name, value in fields:
        if any(sign in name + value for sign in "\r\n") or " : " in name:
            raise UsageError(f"{name!r} with {value!r} cannot stand in one line of a report")
        lines.append(f'"{name} : {value}"'.encode(encoding) + newline)
    return b"".join(lines)


def waveform_fields(
    traces: Traces,
    readings: Iterable[Reading],
    *,
    serial: str,
    recorded_at: datetime,
    file_name: str,
    notes: Iterable[tuple[str, str]] = (),
    range_text: str = "",
    software: str = PRODUCT,
) -> list[tuple[str, str]]:
    """Header lines for a decoded waveform.

    `readings`: as `quantities_of` gives them. `notes`: label (with a colon of its own) and text of the four titles.

    The last line names our own software: this text is not Blastware's and must not claim to be.
    """
    before = traces.pretrigger / traces.sample_rate
    geo = next((traces.units[row] for row in traces.geophones), "in/s")
    mic = "Pa" if "MicL" in traces.channels else ""
    return [
        *_identity_lines("Full Waveform", serial, file_name, recorded_at),
        ("Pre-trigger Length", f"-{before:.3f} sec"),
        ("Record Time", f"{traces.size / traces.sample_rate - before:.3f} sec"),
        ("Sample Rate", f"{traces.sample_rate:g} sps"),
        ("Units", f"{geo} and {mic}"),
        *notes,
        ("Geo Range", range_text),
        *_value_lines(readings),
        ("PC SW Version", software),
    ]


def histogram_fields(
    readings: Iterable[Reading],
    *,
    intervals: int,
    interval: timedelta,
    sample_rate: float | None,
    unit: str,
    serial: str,
    recorded_at: datetime,
    file_name: str,
    notes: Iterable[tuple[str, str]] = (),
    range_text: str = "",
    software: str = PRODUCT,
) -> list[tuple[str, str]]:
    """Header lines for a decoded histogram: as those of a waveform, with number and size of the intervals.

    `readings`: as `histogram_quantities` gives them. `sample_rate`: None where nothing tells it. `unit`: of the
    velocities.
    """
    return [
        *_identity_lines("Full Histogram", serial, file_name, recorded_at),
        ("Number of Intervals", str(intervals)),
        ("Interval Size", f"{interval.total_seconds():g} seconds"),
        *([] if sample_rate is None else [("Sample Rate", f"{sample_rate:g} sps")]),
        ("Units", f"{unit} and Pa"),
        *notes,
        ("Geo Range", range_text),
        *_value_lines(readings),
        ("PC SW Version", software),
    ]


def _identity_lines(event_type: str, serial: str, file_name: str, recorded_at: datetime) -> list[tuple[str, str]]:
    return [
        ("Event Type", event_type),
        ("Serial Number", serial),
        ("File Name", file_name),
        ("Event Time", f"{recorded_at:%H:%M:%S}"),
        ("Event Date", date_text(recorded_at)),
    ]


def _value_lines(readings: Iterable[Reading]) -> list[tuple[str, str]]:
    by_name = {(reading.quantity, reading.channel): reading for reading in readings}
    fields: list[tuple[str, str]] = []
    for quantity, name in _CHANNEL_LINES:
        of_channels = ((f"{channel} {name}", by_name.get((quantity, channel))) for channel in GEO_CHANNELS)
        fields += [(label, vendor_text(reading)) for label, reading in of_channels if reading is not None]
    for name, quantity, channel in _EVENT_LINES:
        if (quantity, channel) in by_name:
            fields.append((name, vendor_text(by_name[quantity, channel])))
    return fields


def vendor_text(reading: Reading) -> str:
    """A computed reading in the vendor's forms: `10.27 mm/s`, `34.7 Hz`, `55 Hz`, `0.023 sec`, `1.474 g`, `OORANGE`.

    From which frequency on no decimal is printed is OPEN (34.7 has one, 55 none): 50 Hz is taken.
    """
    if reading.state is ValueState.OVER_RANGE:
        return OVER_RANGE_TEXT
    number = reading.number
    if reading.state is ValueState.ABSENT or number is None:
        return "N/A"
    sign = {ValueState.ABOVE_LIMIT: ">", ValueState.BELOW_THRESHOLD: "<"}.get(reading.state, "")
    if sign:
        text = f"{number:g}"
    elif reading.unit == "Hz":
        text = f"{number:.1f}" if number < 50 else f"{number:.0f}"
    elif reading.unit == "dB(L)":
        text = f"{number:.1f}"
    elif reading.unit in GEO_UNITS:
        text = value_text(number)
    else:
        text = f"{number:.3f}"
    return f"{sign}{text} {reading.unit}".strip()
