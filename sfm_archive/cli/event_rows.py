"""How events look in a listing: the same columns and JSON wherever several are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sfm_archive.cli.output import Column, table
from sfm_archive.model.magnitudes import greatest_peak
from sfm_archive.model.reading_text import number_text
from sfm_archive.model.readings import Reading

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.model.encoders import EncoderName
    from sfm_archive.storage.encodings import EncodingRow
    from sfm_archive.storage.events import EventRow

COLUMNS = (
    Column("id", "event_id", number=True),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("serial", "serial"),
    Column("type", "record_type"),
    Column("name", "name"),
    Column("PPV", "ppv", number=True),
    Column("unit", "ppv_unit"),
    Column("encoding", "encoding"),
    Column("review", "false_trigger"),
)
_REVIEWED = {None: "", True: "false trigger", False: "no false trigger"}
CSV_COLUMNS = (
    Column("", "event_id"),
    Column("", "recorded_at_local"),
    Column("", "time_zone"),
    Column("", "serial"),
    Column("", "record_type"),
    Column("", "name"),
    Column("", "ppv"),
    Column("", "ppv_unit"),
    Column("", "ppv_channel"),
    Column("", "ppv_state"),
    Column("", "encoding"),
    Column("", "false_trigger"),
)
_AT_ONCE = 500


class ListedEvent(NamedTuple):
    """One event with everything that a listing says of it."""

    row: EventRow
    name: str
    peak: Reading | None
    encoding: str
    false_trigger: bool | None

    def cells(self) -> tuple[object, ...]:
        """Values for COLUMNS."""
        row, peak = self.row, self.peak
        return (
            row.event_id,
            row.recorded_at_local.replace("T", " "),
            row.serial,
            row.record_type,
            self.name,
            "" if peak is None else number_text(peak),
            "" if peak is None else peak.unit,
            self.encoding,
            _REVIEWED[self.false_trigger],
        )

    def csv_cells(self) -> tuple[object, ...]:
        """Values for CSV_COLUMNS."""
        row, peak = self.row, self.peak
        last = ("", "", "", "") if peak is None else (_rounded(peak.number), peak.unit, peak.channel, peak.state.value)
        return (
            row.event_id,
            row.recorded_at_local,
            row.time_zone,
            row.serial,
            row.record_type,
            self.name,
            *last,
            self.encoding,
            {None: "", True: "yes", False: "no"}[self.false_trigger],
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        row, peak = self.row, self.peak
        return {
            "event_id": row.event_id,
            "serial": row.serial,
            "recorded_at_local": row.recorded_at_local,
            "time_zone": row.time_zone,
            "record_type": row.record_type,
            "start_key": row.start_key,
            "name": self.name,
            "received_at_utc": row.received_at_utc,
            "revision": row.revision,
            "frame_count": row.frame_count,
            "ppv": None if peak is None else _peak_dict(peak),
            "encoding": self.encoding,
            "false_trigger": self.false_trigger,
        }


def listed(archive: Archive, rows: Iterable[EventRow]) -> Iterator[ListedEvent]:
    """Events with name, peak and the state of the pinned encoding; a few hundred are looked up at once."""
    from sfm_archive.archive.reading import current_encodings, values_of

    pinned = archive.pinned_encoder
    left = iter(rows)
    while page := list(islice(left, _AT_ONCE)):
        ids = [row.event_id for row in page]
        velocities = values_of(archive.store, ids, ("ppv", "pvs"))
        encodings = current_encodings(archive.store, ids, pinned)
        reviews = archive.reviews(ids)
        for row in page:
            state = encoding_state(row.revision, encodings.get(row.event_id), pinned)
            review = reviews.get(row.event_id)
            false_trigger = None if review is None else review.false_trigger
            yield ListedEvent(
                row, archive.name_of(row), greatest_peak(velocities.get(row.event_id, ())), state, false_trigger
            )


def event_table(events: Sequence[ListedEvent]) -> str:
    """The events for people; the column of reviews only where one was reviewed."""
    reviewed = any(event.false_trigger is not None for event in events)
    shown = len(COLUMNS) if reviewed else len(COLUMNS) - 1
    return table(COLUMNS[:shown], (event.cells()[:shown] for event in events))


def encoding_state(revision: int, record: EncodingRow | None, pinned: EncoderName) -> str:
    """`ok`, `not encodable`, `received only` for an event without frames, or what is still to be done."""
    if revision == 0:
        return "received only"
    if record is None:
        return f"not yet {pinned}"
    return "ok" if record.encoded else "not encodable"


def _peak_dict(peak: Reading) -> dict[str, Any]:
    return {
        "number": _rounded(peak.number),
        "unit": peak.unit,
        "channel": peak.channel,
        "state": peak.state.value,
    }


def _rounded(number: float | None) -> float | None:
    """Units store peaks as 32-bit numbers; beyond seven digits there is only noise of the conversion."""
    return None if number is None else float(f"{number:.7g}")
