"""ObsPy's waveform plug-in BLASTWARE: `obspy.read("M529LK44.AB0")`. Found through ObsPy's own entry points."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sfm_archive.formats.event_file import describe_memory, is_event_file, memory_of_file

_HEAD = 64
_MOST_BYTES = 64 * 1024 * 1024
_NEVER = datetime(1970, 1, 1)


def is_blastware(filename: Any, **_: Any) -> bool:
    """Whether a file begins as a Blastware event file does; ObsPy asks this of every plug-in."""
    if hasattr(filename, "read"):
        place = filename.tell()
        head = filename.read(_HEAD)
        filename.seek(place)
        return is_event_file(bytes(head))
    try:
        with Path(filename).open("rb") as file:
            return is_event_file(file.read(_HEAD))
    except (OSError, TypeError, ValueError):
        return False


def read_blastware(
    filename: Any,
    *,
    sample_rate: float | None = None,
    pretrigger: int | None = None,
    geo_range: float | None = None,
    unit: str = "in/s",
    **_: Any,
) -> Any:
    """The Stream of an event file: counts, with `stats.calib` and `stats.units`.

    The file tells neither rate nor pre-trigger nor range: `sample_rate` (per second), `pretrigger` (samples) and
    `geo_range` (in/s) do, else 1024, 0.25 s and 10 in/s are taken and `stats.blastware.assumed` says so. Times are the
    unit's own clock. Raises BadInput for a file that is none, UsageError for one without samples (a histogram).
    """
    from sfm_archive.converting.streams import stream_of
    from sfm_archive.errors import BadInput, UsageError
    from sfm_archive.waveforms import DECODER, decode_event

    data = filename.read() if hasattr(filename, "read") else Path(filename).read_bytes()
    if len(data) > _MOST_BYTES:
        raise BadInput(f"{filename}: {len(data):,} bytes are more than an event has")
    memory = memory_of_file(bytes(data))
    decoded = decode_event(memory, sample_rate=sample_rate, pretrigger=pretrigger)
    if decoded.waveform is None:
        kind = decoded.record_type.value
        raise UsageError(f"{filename}: a {kind} file holds no samples; sfm export-data gives a histogram's intervals")
    if unit not in ("in/s", "mm/s"):
        raise UsageError(f"{unit!r} is not a unit of velocity; give 'in/s' or 'mm/s'")
    traces = decoded.waveform.traces(10.0 if geo_range is None else geo_range, "mm/s" if unit == "mm/s" else "in/s")
    own = describe_memory(memory)
    assumed = [
        *(["sample rate"] if sample_rate is None else []),
        *(["pre-trigger"] if pretrigger is None else []),
        *(["geophone range"] if geo_range is None else []),
    ]
    return stream_of(
        traces,
        serial=own.serial or "",
        recorded_at=own.recorded_at or _NEVER,
        utc=None,
        extra={"decoder": DECODER, "assumed": ", ".join(assumed), "settings": dict(own.settings)},
    )
