"""ObsPy streams of events: counts with their scale, miniSEED, and StationXML beside it.

Data are the unit's own counts (int32), `stats.calib` is the physical value of one count and `stats.units` its unit, so
that `trace.data * trace.stats.calib` is the motion. Where a report prints samples of which no counts can be restored,
data are the printed numbers (float64) and `stats.calib` is 1. Codes, because miniSEED has room for no more: network XX
(none is registered), station the digits of the serial, channel by rate, instrument and direction:

    Tran  .PT     Vert  .PZ     Long  .PR     MicL  .DF     P a geophone, D a pressure sensor

`starttime` is UTC where the unit's zone is known (`stats.time_basis` = "UTC"), else the unit's own clock written as if
it were UTC (`stats.time_basis` = "device-local"): ObsPy knows no time without a zone. Where the time is not known it is
ObsPy's own 1970-01-01 ("unknown").
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from obspy import Stream, Trace, UTCDateTime
from obspy.core import AttribDict
from obspy.core.inventory import (
    Channel,
    Comment,
    InstrumentSensitivity,
    Inventory,
    Network,
    PolesZerosResponseStage,
    Response,
    Site,
    Station,
)

from sfm_archive.analysing import Recording
from sfm_archive.base.plain import to_plain
from sfm_archive.base.version import TOOL
from sfm_archive.errors import UsageError
from sfm_archive.model.findings import Finding
from sfm_archive.model.units import PSI_PER_PA, VELOCITIES_MM_S
from sfm_archive.waveforms import Traces

NETWORK = "XX"
_ENDINGS = {"Tran": "PT", "Vert": "PZ", "Long": "PR", "MicL": "DF"}
_AZIMUTH_AND_DIP = {"Tran": (90.0, 0.0), "Vert": (0.0, -90.0), "Long": (0.0, 0.0), "MicL": (0.0, 0.0)}
_GAIN_AT_HZ = 20.0
_SI = {**{unit: mm_s / 1000 for unit, mm_s in VELOCITIES_MM_S.items()}, "Pa": 1.0, "psi": 1 / PSI_PER_PA}


def band_code(sample_rate: float) -> str:
    """The band of a short-period instrument in the SEED manual's letters."""
    for lowest, letter in ((5000.0, "J"), (1000.0, "G"), (250.0, "D"), (80.0, "E")):
        if sample_rate >= lowest:
            return letter
    return "S"


def stream_of(
    traces: Traces,
    *,
    serial: str,
    recorded_at: datetime | None,
    utc: datetime | None,
    findings: Sequence[Finding],
    extra: dict[str, Any],
) -> Any:
    """A Stream of these traces. `recorded_at`: device-local time of the trigger, None where it is not known; `utc` the
    same moment where known."""
    moment = recorded_at.replace(tzinfo=UTC) if utc is None and recorded_at is not None else utc
    # ObsPy's own start of a trace of which no time is known.
    start = UTCDateTime(0)
    if moment is not None:
        start = UTCDateTime(moment.timestamp()) - traces.pretrigger / traces.sample_rate
    time_basis = "unknown" if moment is None else "device-local" if utc is None else "UTC"
    found = Stream()
    for row, channel in enumerate(traces.channels):
        kind = np.int32 if traces.restored[row] else np.float64
        trace = Trace(data=np.ascontiguousarray(traces.samples[row], dtype=kind))
        stats = trace.stats
        stats.network, stats.location = NETWORK, ""
        stats.station = "".join(sign for sign in serial if sign.isdigit())[-5:]
        stats.channel = band_code(traces.sample_rate) + _ENDINGS.get(channel, "PX")
        stats.sampling_rate = traces.sample_rate
        stats.starttime = start
        stats.calib = float(traces.quantum[row])
        stats.units = traces.units[row]
        stats.time_basis = time_basis
        over = 0 if traces.over_range is None else int(traces.over_range[row].sum())
        own = {"channel": channel, "serial": serial, "over_range_samples": over}
        stats.blastware = AttribDict({**own, "findings": to_plain(findings), **extra})
        found.append(trace)
    return found


def recording_stream(recording: Recording) -> Any:
    """The Stream of an event of an archive. Raises UsageError for an event without traces, Damaged where
    its stored bytes are."""
    if recording.traces is None:
        reason = recording.why_not or "a histogram has no samples"
        raise recording.undecoded(f"event {recording.event_id} has no traces: {reason}", UsageError)
    origin = recording.provenance
    extra = {
        "event_id": recording.event_id,
        "name": recording.name,
        "decoder": origin.decoder,
        "decoded_from": origin.source,
        "decoded_from_sha256": origin.source_sha256,
        "assumed": ", ".join(recording.assumed),
    }
    return stream_of(
        recording.traces,
        serial=recording.event.serial,
        recorded_at=recording.start,
        utc=recording.utc.utc,
        findings=recording.findings,
        extra=extra,
    )


def miniseed(recording: Recording) -> bytes:
    """The counts of an event as miniSEED, Steim 2 where it holds them; printed numbers as 64-bit ones. Raises BadInput
    where it has no samples."""
    recording.sampled()
    stream = recording_stream(recording)
    buffer = io.BytesIO()
    for trace in stream:
        # What miniSEED cannot carry stands in the StationXML.
        trace.stats.pop("blastware", None)
    for kind, encoding in ((np.int32, "STEIM2"), (np.float64, "FLOAT64")):
        part = Stream([trace for trace in stream if trace.data.dtype == kind])
        if part:
            part.write(buffer, format="MSEED", encoding=encoding, reclen=4096)
    return buffer.getvalue()


def _response(unit: str, quantum: float) -> Any:
    """Counts, or printed numbers, to m/s or Pa at every frequency: what the sensor's own curve is, is not recorded."""
    units, unit_name = (
        ("PA", "Pressure in pascals") if unit in ("Pa", "psi") else ("M/S", "Velocity in metres per second")
    )
    gain = 1 / (quantum * _SI[unit])
    ends = {
        "input_units": units,
        "output_units": "COUNTS",
        "input_units_description": unit_name,
        "output_units_description": "Digital counts",
    }
    # A stage of a gain alone has no place for units in StationXML, and ObsPy warns of each that it has to guess.
    stage = PolesZerosResponseStage(
        stage_sequence_number=1, stage_gain=gain, stage_gain_frequency=_GAIN_AT_HZ, zeros=[], poles=[],
        pz_transfer_function_type="LAPLACE (RADIANS/SECOND)", normalization_frequency=_GAIN_AT_HZ, **ends,
    )  # fmt: skip
    sensitivity = InstrumentSensitivity(value=gain, frequency=_GAIN_AT_HZ, **ends)
    return Response(instrument_sensitivity=sensitivity, response_stages=[stage])


def station_xml(recording: Recording) -> bytes:
    """StationXML for the miniSEED of one event: counts to m/s or Pa, and where the numbers come from.

    No coordinates are recorded; zeros stand for them, and a comment says so. Raises BadInput where it has no samples.
    """
    recording.sampled()
    stream = recording_stream(recording)
    start, end = min(trace.stats.starttime for trace in stream), max(trace.stats.endtime for trace in stream)
    channels = []
    for trace in stream:
        azimuth, dip = _AZIMUTH_AND_DIP.get(trace.stats.blastware.channel, (0.0, 0.0))
        channels.append(
            Channel(
                code=trace.stats.channel, location_code="", latitude=0.0, longitude=0.0, elevation=0.0, depth=0.0,
                azimuth=azimuth, dip=dip, sample_rate=trace.stats.sampling_rate, start_date=start, end_date=end,
                response=_response(trace.stats.units, trace.stats.calib),
                description=f"{trace.stats.blastware.channel}; azimuth from the unit's own Long axis",
            )
        )  # fmt: skip
    notes = dict(recording.notes)
    basis = stream[0].stats.time_basis
    comments = [
        "No coordinates are recorded: latitude, longitude and elevation 0 mean unknown",
        f"Times are {basis}" + (", as no zone is stated for this unit" if basis == "device-local" else ""),
        f"{recording.name}, archive event {recording.event_id}, decoded with {recording.provenance.decoder} from "
        f"{recording.provenance.source}, SHA-256 {recording.provenance.source_sha256}",
    ]
    station = Station(
        code=stream[0].stats.station, latitude=0.0, longitude=0.0, elevation=0.0, channels=channels,
        site=Site(name=notes.get("location") or recording.event.serial), start_date=start, end_date=end,
        comments=[Comment(text) for text in comments], creation_date=start,
    )  # fmt: skip
    inventory = Inventory(networks=[Network(code=NETWORK, stations=[station])], source=TOOL, created=start)
    buffer = io.BytesIO()
    inventory.write(buffer, format="STATIONXML")
    return buffer.getvalue()
