"""Everything that a plug-in may import from this project. See docs/writing-a-plugin.md.

Names are added here and never taken away within one major version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfm_archive.errors import BadFrames, BadInput, EncodeRefused
from sfm_archive.formats.blastware.captures import Capture, CapturedEvent, CapturedPart, CapturedRecord, read_capture
from sfm_archive.formats.blastware.event_file import (
    BODY_OFFSET,
    EVENT_HEADER,
    EVENT_TAG,
    FILE_PREFIX,
    FOOTER_MARK,
    FOOTER_SIZE,
    STRT_SIZE,
    Strt,
    inspect_event_file,
    read_strt,
)
from sfm_archive.formats.blastware.frames import A5, LogicalFrame, logical_frame
from sfm_archive.formats.blastware.link import may_hold_replies
from sfm_archive.formats.blastware.names import ascii_report_name
from sfm_archive.formats.blastware.streams import StreamSurvey, survey_stream
from sfm_archive.formats.reports.blastware_text import is_own_text, looks_like_report
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading, ValueState, measured_reading, stated_reading
from sfm_archive.model.running import UnitRan
from sfm_archive.plugins.contracts import (
    HOOK_API,
    Decoder,
    Encoder,
    ExportedEvent,
    Exporter,
    Importer,
    StatedSettings,
)
from sfm_archive.plugins.hookspecs import hookimpl
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile

if TYPE_CHECKING:
    # For annotations only: `ExportedEvent.recording()` and a decoder's own imports bring numpy when they are used.
    from sfm_archive.analysing import Recording as Recording
    from sfm_archive.waveforms import DecodedEvent as DecodedEvent

__all__ = [
    "A5",
    "BODY_OFFSET",
    "EVENT_HEADER",
    "EVENT_TAG",
    "FILE_PREFIX",
    "FOOTER_MARK",
    "FOOTER_SIZE",
    "HOOK_API",
    "STRT_SIZE",
    "A5Frame",
    "BadFrames",
    "BadInput",
    "Capture",
    "CapturedEvent",
    "CapturedPart",
    "CapturedRecord",
    "Decoder",
    "EncodeRefused",
    "EncodedFile",
    "Encoder",
    "Event",
    "ExportedEvent",
    "Exporter",
    "Finding",
    "ImportedEvent",
    "ImportedFile",
    "Importer",
    "LogicalFrame",
    "Reading",
    "RecordType",
    "Severity",
    "StatedSettings",
    "StreamSurvey",
    "Strt",
    "UnitRan",
    "ValueState",
    "ascii_report_name",
    "hookimpl",
    "inspect_event_file",
    "is_own_text",
    "logical_frame",
    "looks_like_report",
    "may_hold_replies",
    "measured_reading",
    "read_capture",
    "read_strt",
    "stated_reading",
    "survey_stream",
]
