"""A simulated MiniMate Plus: events in memory, downloads, captures and old stores, faults included.

Independent of the archive's own decoding and of all encoders, so that simulator and archive check each
other: escapes, layouts and names are written here a second time, straight from the published facts. Every
function that draws takes a `random.Random`; the same seed gives the same bytes. No field of a drawn event
is constant over a run.
"""

from sfm_archive.testing.captures import capture, damaged_wire, pc_capture
from sfm_archive.testing.faults import (
    conflicting_frame,
    corrupted_byte,
    doubled_start,
    header_in_samples,
    missing_closing,
    missing_frame,
    out_of_order,
    over_read,
    repeated_frame,
    restarted,
    truncated_frame,
    without_checksums,
    wrong_end_key,
)
from sfm_archive.testing.histograms import HistogramInterval, draw_intervals
from sfm_archive.testing.link import a5_frame, address_of, content_of, stored_frame, wire_frame
from sfm_archive.testing.memory import (
    FILE_PREFIX,
    FIRST_KEY,
    GAP,
    Peaks,
    SimulatedEvent,
    blastware_file,
    simulate_histogram,
    simulate_memory,
    simulate_waveform,
)
from sfm_archive.testing.motion import Motion, recorded_motion, synthetic_motion
from sfm_archive.testing.older_store import (
    StoredEvent,
    call_home_name,
    sequential_file,
    sidecar,
    write_older_store,
)
from sfm_archive.testing.reports import ascii_report, report_file_name
from sfm_archive.testing.thor import thor_csv
from sfm_archive.testing.walk import OLD_STEP, STEP, old_read_out, old_wire_read_out, read_out, wire_read_out

__all__ = [
    "FILE_PREFIX",
    "FIRST_KEY",
    "GAP",
    "OLD_STEP",
    "STEP",
    "HistogramInterval",
    "Motion",
    "Peaks",
    "SimulatedEvent",
    "StoredEvent",
    "a5_frame",
    "address_of",
    "ascii_report",
    "blastware_file",
    "call_home_name",
    "capture",
    "conflicting_frame",
    "content_of",
    "corrupted_byte",
    "damaged_wire",
    "doubled_start",
    "draw_intervals",
    "header_in_samples",
    "missing_closing",
    "missing_frame",
    "old_read_out",
    "old_wire_read_out",
    "out_of_order",
    "over_read",
    "pc_capture",
    "read_out",
    "recorded_motion",
    "repeated_frame",
    "report_file_name",
    "restarted",
    "sequential_file",
    "sidecar",
    "simulate_histogram",
    "simulate_memory",
    "simulate_waveform",
    "stored_frame",
    "synthetic_motion",
    "thor_csv",
    "truncated_frame",
    "wire_frame",
    "wire_read_out",
    "without_checksums",
    "write_older_store",
    "wrong_end_key",
]
