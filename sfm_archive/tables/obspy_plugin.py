"""ObsPy's waveform plug-in BLASTWARE: `obspy.read("M529LK44.AB0")`, `obspy.read("5m.TXT")`. Found through ObsPy's own
entry points."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfm_archive.base.regular_files import open_file, read_file
from sfm_archive.formats.blastware.event_file import (
    describe_memory,
    inspect_event_file,
    is_event_file,
    memory_of_file,
    not_whole,
)
from sfm_archive.formats.reports.dialects import READERS, checked_dialect, dialect_of
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.units import GEO_UNITS

if TYPE_CHECKING:
    from sfm_archive.formats.blastware.event_file import MemoryDescription
    from sfm_archive.formats.blastware.names import DecodedName

_HEAD = 16 * 1024
_MOST_BYTES = 64 * 1024 * 1024


def is_blastware(filename: Any, **_: Any) -> bool:
    """Whether a file begins as a Blastware event file does, or as a report of the vendor's programs; ObsPy asks this of
    every plug-in."""
    if hasattr(filename, "read"):
        place = filename.tell()
        head = filename.read(_HEAD)
        filename.seek(place)
        return _is_known(bytes(head))
    try:
        with open_file(Path(filename)) as file:
            return _is_known(file.read(_HEAD))
    except (OSError, TypeError, ValueError):
        return False


def _is_known(head: bytes) -> bool:
    return is_event_file(head) or dialect_of(head) is not None


def read_blastware(
    filename: Any,
    *,
    sample_rate: float | None = None,
    pretrigger: int | None = None,
    geo_range: float | None = None,
    unit: str = "in/s",
    incomplete: bool = False,
    **_: Any,
) -> Any:
    """The Stream of an event file, or of a report's table of samples: counts, with `stats.calib` and `stats.units`.

    The file holds neither rate nor pre-trigger nor range: `sample_rate` (per second), `pretrigger` (samples) and
    `geo_range` (in/s) do, else 1024, 0.25 s and 10 in/s are taken and `stats.blastware.assumed` says so. Times are the
    unit's own clock. What is odd is warned of and stands in `stats.blastware.findings`. Where the file does not tell
    its unit or time, its name does (`M529LK44.AB0`); where neither does, the station is empty, the start 1970-01-01 and
    `stats.time_basis` `unknown`. A report says all of that itself: only a `sample_rate` that it lacks is taken from
    here, and its channels are in the unit in which it prints them.

    Raises BadInput for a file that is none or is not whole (cut off, without footer, two events in one): with
    `incomplete` the samples that are there are read. Raises UsageError for a file without samples (a histogram).
    """
    from sfm_archive.errors import BadInput, UsageError
    from sfm_archive.model.events import RecordType
    from sfm_archive.tables.streams import stream_of
    from sfm_archive.waveforms import DECODER, decode_event

    data = bytes(filename.read() if hasattr(filename, "read") else read_file(Path(filename)))
    name = _name_of(filename)
    if dialect_of(data[:_HEAD]) is not None:
        return _printed_stream(data, name, sample_rate)
    if len(data) > _MOST_BYTES:
        raise BadInput(f"{name}: {len(data):,} bytes, and this program reads event files of up to {_MOST_BYTES:,}")
    if unit not in GEO_UNITS:
        raise UsageError(f"{unit!r} is not a unit of velocity; give 'in/s' or 'mm/s'")
    try:
        memory = memory_of_file(data)
    except BadInput as error:
        raise BadInput(f"{name}: {error}") from error
    decoded = decode_event(memory, sample_rate=sample_rate, pretrigger=pretrigger)
    kind = decoded.record_type
    if kind in (RecordType.HISTOGRAM, RecordType.MONITOR_LOG):
        raise UsageError(f"{name}: a {kind.value} file holds no samples; sfm export-data gives a histogram's intervals")
    broken = not_whole(data)
    if broken and not incomplete:
        raise BadInput(
            f"{name}: {_sentence(broken)}. The event is not whole: take another copy of the file, or give "
            "incomplete=True for the samples that are there"
        )
    if decoded.waveform is None:
        raise BadInput(f"{name}: {_sentence((*broken, *decoded.findings))}")
    own, named = describe_memory(memory), _from_name(name)
    findings = (*inspect_event_file(data), *decoded.findings, *own.findings, *_findings_on_identity(own, named))
    loud = [one for one in findings if one.severity is not Severity.NOTE]
    if loud:
        warnings.warn(f"{name}: {_sentence(loud)}", stacklevel=2)
    traces = decoded.waveform.traces(10.0 if geo_range is None else geo_range, "mm/s" if unit == "mm/s" else "in/s")
    assumed = [
        *(["sample rate"] if sample_rate is None else []),
        *(["pre-trigger"] if pretrigger is None else []),
        *(["geophone range"] if geo_range is None else []),
    ]
    return stream_of(
        traces,
        serial=own.serial or ("" if named is None else str(named.serial_number)),
        recorded_at=own.recorded_at or (None if named is None else named.recorded_at),
        utc=None,
        findings=findings,
        extra={"decoder": DECODER, "assumed": ", ".join(assumed), "settings": dict(own.settings)},
    )


def _printed_stream(data: bytes, name: str, sample_rate: float | None) -> Any:
    """The Stream of a report's table. Raises BadInput where it has none that is whole, UsageError without a rate."""
    from sfm_archive.errors import BadInput, UsageError
    from sfm_archive.tables.streams import stream_of
    from sfm_archive.waveforms import read_any_report
    from sfm_archive.waveforms.printed_traces import printed_samples

    report = read_any_report(data)
    header = report.header
    try:
        printed = printed_samples(report, sample_rate)
    except (BadInput, UsageError) as error:
        raise type(error)(f"{name}: {error}") from error
    findings = (*header.findings, *printed.findings)
    loud = [one for one in findings if one.severity is not Severity.NOTE]
    if loud:
        warnings.warn(f"{name}: {_sentence(loud)}", stacklevel=3)
    return stream_of(
        printed.traces.signed(),
        serial=header.serial or "",
        recorded_at=header.recorded_at,
        utc=None,
        findings=findings,
        extra={"decoder": READERS[checked_dialect(data[:_HEAD])], "assumed": "", "settings": dict(header.fields)},
    )


def _name_of(filename: Any) -> str:
    """For people; of an open file its own name, as far as it has one."""
    named = getattr(filename, "name", "the bytes given") if hasattr(filename, "read") else filename
    return str(named)


def _from_name(name: str) -> DecodedName | None:
    from sfm_archive.errors import BadName
    from sfm_archive.formats.blastware.names import decode_event_file_name

    try:
        return decode_event_file_name(Path(name).name)
    except BadName:
        return None


def _sentence(findings: Iterable[Finding]) -> str:
    return "; ".join(one.message for one in findings)


def _findings_on_identity(own: MemoryDescription, named: DecodedName | None) -> list[Finding]:
    """What the file does not tell of unit and time, and what was taken instead."""
    found = []
    if own.serial is None and named is None:
        found.append(Finding(code="no-serial", message="neither the file nor its name gives the serial"))
    elif own.serial is None and named is not None:
        message = f"the unit is not in the file; its name says {named.serial_number}, the letters are not known"
        found.append(Finding(code="serial-from-name", message=message, severity=Severity.NOTE))
    if own.recorded_at is None and named is None:
        message = "neither the file nor its name gives the time; starttime 1970-01-01 means unknown"
        found.append(Finding(code="no-time", message=message))
    elif own.recorded_at is None and named is not None:
        message = f"the time is not in the file; its name says {named.recorded_at}"
        found.append(Finding(code="time-from-name", message=message, severity=Severity.NOTE))
    return found
