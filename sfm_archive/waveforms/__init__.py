"""Waveforms: what was recorded, as samples, numbers and verdicts. Pure functions on bytes and arrays.

Loads numpy; nothing else in the package imports this room when it starts. It
opens no files and writes none. The usual way through it:

    from sfm_archive import waveforms

    event = waveforms.decode_event(memory)                 # or decode_event_file(data)
    velocities = event.waveform.physical(unit="mm/s")      # {"Tran": array, …}
    traces = event.waveform.traces(unit="mm/s")
    readings = waveforms.quantities_of(traces)                # PPV, frequency, …, with units and states

    report = waveforms.read_any_report(text)               # Blastware's .TXT or THOR's .csv
    waveforms.compare_samples(traces, report.samples).agree
    waveforms.differences(readings, report.header.readings)

Where each statement about the data comes from: `units`.
"""

from sfm_archive.waveforms.any_report import read_any_report
from sfm_archive.waveforms.compare import compare_quantities, compare_samples, differences
from sfm_archive.waveforms.compare_intervals import compare_intervals
from sfm_archive.waveforms.decode import DECODER, DecodedEvent, Waveform, decode_event, decode_event_file
from sfm_archive.waveforms.histograms import Histogram, histogram_quantities
from sfm_archive.waveforms.quantities import quantities_of
from sfm_archive.waveforms.report_samples import Report, read_report
from sfm_archive.waveforms.report_text import header_text, waveform_fields, write_report
from sfm_archive.waveforms.sample_tables import SampleTable
from sfm_archive.waveforms.spectrum import Spectrum, spectrum_of
from sfm_archive.waveforms.thor import ThorReport, read_thor
from sfm_archive.waveforms.traces import Traces

__all__ = [
    "DECODER",
    "DecodedEvent",
    "Histogram",
    "Report",
    "SampleTable",
    "Spectrum",
    "ThorReport",
    "Traces",
    "Waveform",
    "compare_intervals",
    "compare_quantities",
    "compare_samples",
    "decode_event",
    "decode_event_file",
    "differences",
    "header_text",
    "histogram_quantities",
    "quantities_of",
    "read_any_report",
    "read_report",
    "read_thor",
    "spectrum_of",
    "waveform_fields",
    "write_report",
]
