"""Analysing: what stored events say when they are decoded, beside what was reported of them.

Loads numpy. `analyse` goes over an archive and holds documents against samples;
`recording_of` gives one event with its traces, numbers and provenance; `check_file` compares one event file with its
report, `check_report` a report against itself, both without an archive.
"""

from sfm_archive.analysing.checking import Agreement, FileCheck, check_file, check_paths
from sfm_archive.analysing.recordings import Provenance, Recording, recording_of, recordings_of
from sfm_archive.analysing.report import AnalysisItem, AnalysisReport, AnalysisStatus
from sfm_archive.analysing.report_check import ReportCheck, check_report, check_report_path
from sfm_archive.analysing.run import AnalyseOptions, analyse

__all__ = [
    "Agreement",
    "AnalyseOptions",
    "AnalysisItem",
    "AnalysisReport",
    "AnalysisStatus",
    "FileCheck",
    "Provenance",
    "Recording",
    "ReportCheck",
    "analyse",
    "check_file",
    "check_paths",
    "check_report",
    "check_report_path",
    "recording_of",
    "recordings_of",
]
