"""Everything that a plug-in may import from this project. See docs/writing-a-plugin.md.

Names are added here and never taken away within one major version.
"""

from __future__ import annotations

from sfm_archive.errors import BadFrames, BadInput, EncodeRefused
from sfm_archive.extensions import HOOK_API, Decoder, EventValue, Exporter, Samples
from sfm_archive.formats.captures import Capture, CapturedEvent, read_capture
from sfm_archive.formats.encoded import EncodedFile, Encoder
from sfm_archive.formats.event_file import (
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
from sfm_archive.formats.events import Event, RecordType
from sfm_archive.formats.findings import Finding, Severity
from sfm_archive.formats.frames import A5, A5Frame, LogicalFrame, logical_frame
from sfm_archive.formats.link import may_hold_replies
from sfm_archive.formats.readings import Reading, ValueState, measured_reading, stated_reading
from sfm_archive.formats.streams import StreamSurvey, survey_stream
from sfm_archive.hookspecs import hookimpl
from sfm_archive.importers import ImportedEvent, ImportedFile, Importer

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
    "Decoder",
    "EncodeRefused",
    "EncodedFile",
    "Encoder",
    "Event",
    "EventValue",
    "Exporter",
    "Finding",
    "ImportedEvent",
    "ImportedFile",
    "Importer",
    "LogicalFrame",
    "Reading",
    "RecordType",
    "Samples",
    "Severity",
    "StreamSurvey",
    "Strt",
    "ValueState",
    "hookimpl",
    "inspect_event_file",
    "logical_frame",
    "may_hold_replies",
    "measured_reading",
    "read_capture",
    "read_strt",
    "stated_reading",
    "survey_stream",
]
