"""Monitor logs (`.MLG`): what they tell of themselves is not published, so nothing of them may get lost.

One whose serial and time can be told is an event of the type 'monitor log'; any other is kept, byte for byte, without
an event. Imported again with what was missing, it gets its event.
"""

from __future__ import annotations

from sfm_archive.formats.blastware.event_file import FILE_PREFIX, MONITOR_LOG_TAG
from sfm_archive.importing.recognise import Kind, SourceFile


def is_monitor_log(source: SourceFile) -> bool:
    """Whether a file is a monitor log, by its type tag."""
    return source.kind is Kind.EVENT_FILE and source.data.startswith(MONITOR_LOG_TAG, len(FILE_PREFIX))


def kept_because(reason: Exception) -> str:
    """Why it is kept without an event."""
    return f"this monitor log is kept as received, without an event: {reason}"
