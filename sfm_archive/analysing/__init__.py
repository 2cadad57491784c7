"""Analysing: what stored events say when they are decoded, beside what was reported of them.

Needs numpy (`pip install sfm-archive[waveforms]`). `analyse` goes over an archive and keeps decoded values;
`recording_of` gives one event with its traces, numbers and provenance; `check_file` holds one event file against its
report, without an archive.
"""

from sfm_archive.analysing.checking import FileCheck, Verdict, check_file, check_paths
from sfm_archive.analysing.recordings import Provenance, Recording, recording_from, recording_of
from sfm_archive.analysing.report import AnalysisItem, AnalysisReport, AnalysisStatus, ValueDifference
from sfm_archive.analysing.run import AnalyseOptions, analyse

__all__ = [
    "AnalyseOptions",
    "AnalysisItem",
    "AnalysisReport",
    "AnalysisStatus",
    "FileCheck",
    "Provenance",
    "Recording",
    "ValueDifference",
    "Verdict",
    "analyse",
    "check_file",
    "check_paths",
    "recording_from",
    "recording_of",
]
