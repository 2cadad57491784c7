"""Every error this package raises on purpose, and the exit code each one ends a command with.

```
SfmError
├── UsageError            2  the call itself cannot be right
│   ├── BadSerial            also ValueError
│   ├── BadName              also ValueError
│   ├── BadFrames            also ValueError
│   └── NotInstalled         a Python package is missing
├── NotFound              3
│   ├── ArchiveNotFound
│   ├── EventNotFound
│   └── EncoderNotFound
├── Busy                  4  someone else is writing; nothing was changed
├── Damaged               5  stored bytes do not hash or read as recorded
│   └── NotReproduced        an encoder no longer writes what it wrote before
├── NotUsable             6  the file, folder or medium does not allow it
│   ├── NotAnArchive
│   ├── NewerArchive
│   ├── ReadOnlyArchive
│   │   └── SealedArchive    nothing is written into it any more, whoever may write the file
│   ├── ArchiveMoved         the path leads to the open archive no more
│   ├── AlreadyExists
│   ├── LeftOverLog          a log at the path is of another archive
│   └── StorageFailed        disk full, input/output error, no permission
├── BadInput              1  received bytes that are not what they claim to be (also ValueError)
│   ├── ExporterFailed       an exporter broke, or gave no bytes
│   └── NotTold              nothing tells the serial or the time of an event
├── EncodeRefused         1  an encoder says these frames are not a whole event
└── PluginConflict        2  two plug-ins claim one encoder
```

A message names the file or event first, says what is wrong, and ends with the next step.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sfm_archive.model.findings import Finding


class ExitCode(IntEnum):
    """The exit code of a finished command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    NOT_FOUND = 3
    BUSY = 4
    DAMAGED = 5
    NOT_USABLE = 6
    INTERRUPTED = 130


class SfmError(Exception):
    """Base of every error raised on purpose."""

    exit_code: ClassVar[ExitCode] = ExitCode.FINDINGS


class UsageError(SfmError):
    """The call cannot be right, whatever the archive holds."""

    exit_code = ExitCode.USAGE


class BadSerial(UsageError, ValueError):
    """The text is not the serial of a unit."""


class BadName(UsageError, ValueError):
    """The text is not an event-file name, or no name can be made for this serial and time."""


class BadFrames(UsageError, ValueError):
    """The frames given are none, or not frames."""


class NotInstalled(UsageError):
    """A Python package that this needs is not installed."""


class NotFound(SfmError):
    """What was asked for is not there."""

    exit_code = ExitCode.NOT_FOUND


class ArchiveNotFound(NotFound):
    """There is no file at the path given."""


class EventNotFound(NotFound):
    """The archive holds no such event, revision or file."""


class EncoderNotFound(NotFound):
    """No installed plug-in provides the encoder asked for."""


class Busy(SfmError):
    """Another process is writing; nothing was changed."""

    exit_code = ExitCode.BUSY


class Damaged(SfmError):
    """Stored bytes do not read or hash as they were recorded."""

    exit_code = ExitCode.DAMAGED


class NotReproduced(Damaged):
    """An encoder writes other bytes than the archive recorded for it."""


class NotUsable(SfmError):
    """The file, folder or medium does not allow what was asked."""

    exit_code = ExitCode.NOT_USABLE


class NotAnArchive(NotUsable):
    """The file is something else than an sfm archive."""


class NewerArchive(NotUsable):
    """The archive was written by a later format version than this package reads."""


class ReadOnlyArchive(NotUsable):
    """The archive was opened read-only and a change was asked for."""


class SealedArchive(ReadOnlyArchive):
    """The archive is sealed: it says itself that nothing is written into it any more."""


class ArchiveMoved(NotUsable):
    """The archive was moved, deleted or replaced by another file while it was open."""


class AlreadyExists(NotUsable):
    """A file that must not be replaced stands where a new one was asked for."""


class LeftOverLog(NotUsable):
    """Beside the path lies the log of another archive, which SQLite would put into the file there."""


class StorageFailed(NotUsable):
    """The disk is full, the medium failed, or permission is missing."""


class BadInput(SfmError, ValueError):
    """Received bytes are not what they claim to be."""


class NotTold(BadInput):
    """Nothing tells the serial or the time of an event; once that is told, the event can be made."""


class ExporterFailed(BadInput):
    """An exporter broke on an event, or gave no bytes: nothing that the event or its file can help."""


class EncodeRefused(SfmError):
    """An encoder says that these frames cannot be a whole event.

    `findings` holds the encoder's reasons.
    """

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class PluginConflict(SfmError):
    """Two plug-ins claim one (family, version)."""

    exit_code = ExitCode.USAGE
