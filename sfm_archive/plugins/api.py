"""Everything that a plug-in may import from this project. See docs/writing-a-plugin.md.

Names are added here and never taken away within one major version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfm_archive.base.extras import optional_packages
from sfm_archive.errors import BadFrames, BadInput, EncodeRefused
from sfm_archive.formats.blastware.captures import Capture, CapturedEvent, read_capture
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
from sfm_archive.model.encoders import EncodedFile, Encoder
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading, ValueState, measured_reading, stated_reading
from sfm_archive.plugins.contracts import HOOK_API, Decoder, Exporter, Samples
from sfm_archive.plugins.hookspecs import hookimpl
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile, Importer

if TYPE_CHECKING:
    # For annotations only: what travels is made by `decoded_recording`, and by archives.
    from sfm_archive.analysing import Recording as Recording

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
    "ascii_report_name",
    "decoded_recording",
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


def decoded_recording(event: Event, file: bytes | None, values: Sequence[Reading]) -> Recording:
    """What an exporter gets, decoded: samples or intervals in physical units, and what they were decoded with.

    Of a waveform `sampled()` gives the traces and refuses everything else with a sentence: `channels`; `units` (`in/s`
    or `mm/s`, `Pa`); `values(channel)`, an array of shape (n,) in that unit, NaN where no unit measures it; `times()`
    in seconds from the trigger; `sample_rate`; `pretrigger` in samples; `over_range`, a mask of shape (channels, n) or
    None. Of a histogram `histogram` has the intervals: `physical(range, unit)`, `frequencies()`, `over_range`;
    `interval` says how long one is. `settings` says how it was decoded: `rate`, `pretrigger`, `range` in in/s, `unit`,
    and in `assumed` what no value tells. `computed` are quantities as readings, `notes` what operators typed,
    `provenance` hash and decoder. Where nothing was understood `traces` and `histogram` are None and `why_not` says so.

    Never raises for the bytes. numpy is loaded when this is called; without it NotInstalled names the extra.
    """
    with optional_packages("decoding samples"):
        from sfm_archive.analysing import recording_from
    return recording_from(event, file, values)
