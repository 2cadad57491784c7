"""What a plug-in subclasses: a base class for each kind of thing that it may offer, and what travels between.

A subclass sets the attributes and overrides the methods; what it leaves alone is as here. Nothing of this loads numpy:
what a decoder gives and an exporter may ask for is imported by whoever makes it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfm_archive.errors import BadInput
from sfm_archive.formats.csv_text import PLAIN, CsvForm
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile

if TYPE_CHECKING:
    from sfm_archive.analysing import Recording
    from sfm_archive.waveforms import DecodedEvent

HOOK_API = 1
"""Version of the hooks. A plug-in may declare the one that it was written for as `SFM_HOOK_API` in its module."""

DEPRECATED_HOOK_APIS: dict[int, str] = {}
"""Older hook APIs that still load and will not for ever: number, and a sentence that says what to change."""


class Offer(ABC):
    """Anything that a plug-in offers. `description`: one line for people who choose."""

    description: str


class Versioned(Offer):
    """What is named by family and version, written `family@version`. A released version never changes what it
    gives; a fix is a new version.

    `family`: a lower-case letter, then lower-case letters, digits and hyphens. `version`: from 0.
    """

    family: str
    version: int


class Encoder(Versioned):
    """Makes an event file of frames: one byte format, for ever."""

    @abstractmethod
    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        """The event file. Pure and deterministic; raises EncodeRefused, with findings, for what it will not encode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSettings:
    """What documents state of an event beside its memory, None where none does.

    `sample_rate`: per second. `pretrigger`: samples before the trigger. `samples`: of each channel. `intervals`: of a
    histogram, of `interval_s` seconds each, as documents print them (several stored ones can be one printed).
    """

    sample_rate: float | None = None
    pretrigger: int | None = None
    samples: int | None = None
    intervals: float | None = None
    interval_s: float | None = None


class Decoder(Versioned):
    """Turns event memory into samples or intervals."""

    @abstractmethod
    def decode(self, memory: bytes, stated: StatedSettings) -> DecodedEvent:
        """Event memory (type tag, STRT, body, settings, footer: a Blastware file without its first 18 bytes) as a
        `sfm_archive.waveforms.DecodedEvent`: counts of the four channels as int32, shape (4, n), or the intervals of a
        histogram, or neither, and findings for what was not understood. Pure and deterministic; never guesses.

        Raises BadInput, with the reason, for memory that it cannot read at all.
        """


class Importer(Versioned):
    """Recognises one kind of source file and reads it into events. `family` stands in reports as what the file is; of
    one family, the newest version is asked first."""

    @abstractmethod
    def recognise(self, data: bytes, name: str) -> bool:
        """Whether the bytes are of this kind. The name is a hint only."""

    @abstractmethod
    def read(self, data: bytes, name: str) -> Sequence[ImportedEvent] | ImportedFile:
        """The events, in the order of the file. Raises BadInput, with the reason, for a file that cannot be read."""


def _nothing_decodes() -> Recording:
    raise BadInput("nothing decodes this event; give it from an archive")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEvent:
    """One event as an exporter gets it. What lies behind `event` is made when it is asked for.

    `event`: its identity; `recorded_at` is device-local. The callables give what the properties of these names say.
    `csv_form`: how CSV is written, for an exporter that heeds it: `csv_form.encoded(rows, beginning=True)`.
    """

    event: Event
    give_file: Callable[[], bytes | None] = lambda: None
    give_values: Callable[[], Sequence[Reading]] = tuple
    give_recording: Callable[[], Recording] = _nothing_decodes
    csv_form: CsvForm = PLAIN

    @property
    def file(self) -> bytes | None:
        """The event file as an export would write it, None where there is none. Raises Damaged."""
        return self.give_file()

    @property
    def values(self) -> Sequence[Reading]:
        """The values that count, each with its unit, state and source."""
        return self.give_values()

    def recording(self) -> Recording:
        """The event, decoded; numpy is loaded when this is called. docs/writing-a-plugin.md has what it holds.

        Never raises for the bytes of an event: `why_not` says why nothing was understood, and `sampled()` refuses with
        that. Raises NotInstalled where numpy is missing.
        """
        return self.give_recording()


class Exporter(Offer):
    """Writes one event in another format. Unlike an encoder's, its bytes may get better from release to release.

    `name`: lower-case letters, digits, hyphens: what people write. `extension`: put behind the event file's name, such
    as `.csv`; '' for none. `beside`: names of exporters whose files belong beside this one's in a folder of data.
    `utc_only`: the format knows no device-local times, so that a message names those that are. `heeds_csv_form`: it
    writes CSV, as `exported.csv_form` says, so that it can be asked for what spreadsheets open.
    """

    name: str
    extension: str
    beside: Sequence[str] = ()
    utc_only: bool = False
    heeds_csv_form: bool = False

    @abstractmethod
    def export(self, exported: ExportedEvent) -> bytes | Iterable[bytes]:
        """The bytes, whole or in pieces. Raises BadInput for an event that this format cannot hold."""

    def recognise(self, data: bytes) -> bool:
        """Whether a document that was received with the event is in this format already: the newest one that is, is
        given back byte for byte, and nothing is made."""
        return False

    def file_name(self, event_file: str) -> str:
        """What the file beside an event file of this name is called. Where this is overridden, a folder of data has
        the file where an export would put the event file; else it is called after time and id."""
        return f"{event_file}{self.extension}"

    def export_table(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
        """A table of all events. Where this is not overridden, tables are CSV."""
        raise BadInput(f"{self.name} has no tables of its own")
