"""One notice: what a program is told on its standard input, as one JSON document, and by what it is known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from sfm_archive.archive.listing import ListedPeak
from sfm_archive.base.plain import in_json, to_plain
from sfm_archive.storage.notices import Sent

FORMAT = "sfm-archive notice"
VERSION = 1


class NoticeKind(StrEnum):
    """What a notice says."""

    ABOVE_LIMIT = "above limit"
    """An event is above a limit of its point, or of those that were given for events without any."""
    UNDECIDED = "undecided"
    """Whether it is cannot be decided by what is known of the event."""
    NEAR_LIMIT = "near limit"
    """It is within, and took 80 % of a limit or more."""
    OVER_RANGE = "over range"
    """A channel was over range: the ground, or the air, did at least that."""
    UNIT_SILENT = "unit silent"
    """Nothing new came of a unit for the time that was given."""
    CALIBRATION_OVERDUE = "calibration overdue"
    """The calibration of a unit holds no more."""
    REJECTED = "rejected"
    """A file, or an event in a file, was not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTold:
    """The event of a notice, as `sfm list` has it. `start_local`: device-local, with stated corrections; `time_zone`:
    of the clock, `unknown` where nothing states it. `job`, `point`: in whose window it starts, '' without one. `ppv`:
    the greatest peak of its geophones, None where none is known; `ppv_text`: the same for people. `pspl_db`: peak
    sound pressure level, dB(L), or None. `limits`: what it was held against, in words; `why`: what shows that, '' where
    nothing has to be said."""

    event_id: int
    serial: str
    start_local: str
    time_zone: str
    record_type: str
    name: str
    job: str
    point: str
    ppv: ListedPeak | None
    ppv_text: str
    pspl_db: float | None
    limits: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTold:
    """The unit of a notice. `last_heard_utc`: when something of it was received last, or since when it is known to
    stand at a point, '' where the notice is not about that. `calibration`: what is stated of it, in words, else ''."""

    serial: str
    last_heard_utc: str
    calibration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTold:
    """The file of a notice. `path`: of the file, '' of one that waits in the archive; `message`: why it was not taken,
    or what of it was not."""

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice. `kind`: what it says; `sentence`: all of it in words. `about`, `once_for`: what tells it from others
    of its kind, as docs/format.md says ("Notices"). `at_utc`: when it was found, UTC. One of `event`, `unit` and
    `file` is there."""

    kind: NoticeKind
    sentence: str
    archive: str
    archive_id: str
    at_utc: str
    about: str = ""
    once_for: str = ""
    event: EventTold | None = None
    unit: UnitTold | None = None
    file: FileTold | None = None

    @property
    @in_json("format")
    def format(self) -> str:
        """Of the document."""
        return FORMAT

    @property
    @in_json("version")
    def version(self) -> int:
        """Of the document's form."""
        return VERSION

    @property
    @in_json("id")
    def id(self) -> str:
        """The same whenever this notice is sent again: 32 hexadecimal digits."""
        known = [self.archive_id, *self.sent]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:32]

    @property
    def sent(self) -> Sent:
        """By what it is found among those that were sent."""
        return Sent(0 if self.event is None else self.event.event_id, self.kind.value, self.about, self.once_for)

    @property
    def document(self) -> bytes:
        """What the program reads: one JSON document in UTF-8, one line."""
        return json.dumps(to_plain(self), ensure_ascii=False).encode("utf-8") + b"\n"
