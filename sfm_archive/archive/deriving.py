"""The derived half: rows that lists and filters read, made of the content in the transaction of whatever changes it.

Saving, rebuilding and verifying all call `summaries_of`, so that none of them can come to another row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sfm_archive.archive import renewed
from sfm_archive.archive.correcting import corrections_of, with_texts
from sfm_archive.archive.doubts import doubts_of
from sfm_archive.archive.finding import name_of
from sfm_archive.archive.placing import with_places
from sfm_archive.archive.setting_sources import resting_on, that_rest_otherwise
from sfm_archive.base.batches import batches
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import BadInput, Damaged, NotFound, UsageError
from sfm_archive.model.correcting import AS_RECORDED, moved_text
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.disputes import Values
from sfm_archive.model.eight_channels import EIGHT_CHANNEL
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.selection import EVERYTHING
from sfm_archive.model.setting_evidence import as_it_was_decoded
from sfm_archive.model.summaries import COMPUTED_QUANTITIES, RULES, SUMMARY_QUANTITIES, EventSummary, summary_of
from sfm_archive.storage import archive_row, computed, day_peaks, doubts, encodings, events, readings, summaries, values
from sfm_archive.storage.computed import ComputedRow, numbers_text
from sfm_archive.storage.day_peaks import DayPeaksRow, day_of, stored_form
from sfm_archive.storage.doubts import DoubtRow
from sfm_archive.storage.encodings import findings_json
from sfm_archive.storage.looking_back import writing_in_memory
from sfm_archive.storage.store import Store

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.archive.decoding import Task
    from sfm_archive.plugins.registry import RegisteredDecoder

_Stored = TypeVar("_Stored")

NOTHING_AT_HAND: Mapping[str, bytes] = {}
AT_ONCE = 500
"""Events whose rows are made at once."""

MOST_HELD = 16 << 20
"""Bytes of event memory that wait for that."""

_DUE = "derived rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild did, or would do where `dry_run`. `changed`: events whose rows were others before, or missing;
    `removed`: rows of no event."""

    path: str
    dry_run: bool
    rules_before: int | None
    rules: int
    events: int
    changed: int
    removed: int


def summaries_of(connection: Any, event_ids: Sequence[int]) -> dict[int, EventSummary]:
    """The rows of several events as the content gives them; events that are not there are left out."""
    found = {}
    own = archive_row.read(connection)
    pinned = _encoder(None if own is None else own.pinned_encoder)
    for ids in batches(event_ids, AT_ONCE):
        counting = values.current_of(connection, ids, SUMMARY_QUANTITIES)
        decoded = computed.of_events(connection, ids)
        made = {} if pinned is None else encodings.current_of(connection, ids, pinned)
        disputing = _disputing(connection, ids)
        rows = list(events.of_ids(connection, ids))
        right = corrections_of(connection, rows)
        for row in rows:
            record, of_samples = made.get(row.event_id), decoded.get(row.event_id)
            known = right.get(row.event_id, AS_RECORDED)
            said = counting.get(row.event_id, [])
            summary = summary_of(
                said,
                name=name_of(row),
                serial=row.serial,
                start_local=moved_text(row.recorded_at_local, known.shift_s),
                record_type=RecordType(row.record_type),
                revision=row.revision,
                encoding=_encoding(row.revision, None if record is None else record.encoded),
                computed=() if of_samples is None else of_samples.readings(row.event_id, COMPUTED_QUANTITIES),
                stop_local="" if of_samples is None else moved_text(of_samples.stop_local, known.shift_s),
                reports=disputing.get(row.event_id, ()),
            )
            found[row.event_id] = summary if known is AS_RECORDED else with_texts(summary, known, said)
    return with_places(connection, found)


def _disputing(connection: Any, event_ids: Sequence[int]) -> dict[int, list[Values]]:
    """What each report says of events of which reports contradict each other."""
    rows = doubts.rows_of(connection, event_ids)
    differing = [event_id for event_id, own in rows.items() if any(row.counts and row.why for row in own)]
    differing = sorted(set(differing) - encodings.with_finding(connection, differing, EIGHT_CHANNEL))
    found: dict[int, list[Values]] = {}
    for event_id, documents in (readings.of_events(connection, differing) if differing else {}).items():
        said: dict[str, dict[tuple[str, str], Reading]] = {}
        for one in documents:
            if one.source is ValueSource.REPORT:
                own = said.setdefault(one.origin_sha256, {})
                own |= {(value.quantity, value.channel): value for value in one.readings}
        found[event_id] = [*said.values()]
    return found


class FromSamples(NamedTuple):
    """What the derived half has of an event's samples: its row of `event_computed`, None where there are no samples,
    those of `event_peaks`, and those of `report_in_doubt`, which decide whose settings they were decoded with."""

    numbers: ComputedRow | None
    days: tuple[DayPeaksRow, ...]
    doubts: tuple[DoubtRow, ...] = ()

    def readings(self, event_id: int) -> tuple[Reading, ...]:
        """The numbers as values of the decoder. Raises Damaged, naming the event."""
        return () if self.numbers is None else self.numbers.readings(event_id)


NO_SAMPLES = FromSamples(None, ())


def from_samples(
    archive: Archive, event_ids: Sequence[int], decoder: RegisteredDecoder | None = None, *, every_pair: bool = False
) -> dict[int, FromSamples]:
    """What a decoder, the pinned one where none is given, makes of the samples of several events, all of one decoding
    each. `every_pair`: see `peaks_by_day`. Raises NotFound where the pinned one is not installed."""
    found = _tasks(archive, event_ids)
    if decoder is None and any(task.sources for task in found):
        decoder = _pinned_decoder(archive)
    with archive.store.reading() as connection:
        doubted = doubts_of(archive, connection, event_ids)
    return {
        task.event_id: _decoded_by(decoder, task, every_pair=every_pair)._replace(doubts=doubted.get(task.event_id, ()))
        for task in found
    }


def stored_from_samples(connection: Any, event_ids: Sequence[int]) -> dict[int, FromSamples]:
    """What the archive has of the same."""
    numbers, days = computed.of_events(connection, event_ids), day_peaks.rows_of(connection, event_ids)
    doubted = doubts.rows_of(connection, event_ids)
    return {
        event_id: FromSamples(numbers.get(event_id), days.get(event_id, ()), doubted.get(event_id, ()))
        for event_id in event_ids
    }


def _tasks(archive: Archive, event_ids: Sequence[int]) -> list[Task]:
    from sfm_archive.archive.decode_sources import tasks  # here: reading an archive does not pay for numpy

    with archive.store.reading() as connection:
        rows = list(events.of_ids(connection, list(event_ids)))
    return tasks(archive, rows)


def _pinned_decoder(archive: Archive) -> RegisteredDecoder:
    from sfm_archive.archive.decode_sources import decoder_of

    return decoder_of(archive)


def _decoded_by(decoder: RegisteredDecoder | None, task: Task, *, every_pair: bool = False) -> FromSamples:
    """`decoder`: None where reports alone can have samples."""
    from sfm_archive.archive.decoding import run_task

    made = run_task(task, decoder, every_pair=every_pair)
    if not task.sources and made.message:
        return NO_SAMPLES
    row = ComputedRow(
        decoder=made.decoder or ("" if decoder is None else str(decoder.name)),
        origin_sha256=made.origin_sha256,
        numbers=numbers_text(made.readings),
        stop_local=made.stop_local,
        why=made.message,
        findings=findings_json(made.findings),
    )
    return FromSamples(row, tuple(stored_form(day) for day in made.days))


class _Due:
    """Events of an open transaction whose rows are still to be made, those of them of which documents came, and the
    event memory that is at hand of them."""

    def __init__(self, archive: Archive) -> None:
        self.event_ids: dict[int, None] = {}
        self.with_documents: set[int] = set()
        self.memory: dict[str, bytes] = {}
        self._archive = archive

    def __call__(self) -> None:
        with self._archive.store.transaction() as connection:
            changed = recompute(self._archive, list(self.event_ids), memory=self.memory)
            refresh(connection, [*self.event_ids, *sorted(changed - self.event_ids.keys())])
            others = resting_on(connection, self.with_documents | changed) - self.event_ids.keys() - changed
            for some in batches(sorted(others), AT_ONCE):
                refresh(connection, recompute(self._archive, that_rest_otherwise(connection, some)))


def derive(
    archive: Archive, event_id: int, *, memory: Mapping[str, bytes] = NOTHING_AT_HAND, documents: bool = False
) -> None:
    """Make the rows of an event whose samples or documents changed, inside the transaction that changed them: before it
    is committed, with those of the other events that it changes, since many at once cost half. `documents`: some came,
    so that rows of others can be others too."""
    due = archive.store.due.setdefault(_DUE, _Due(archive))
    assert isinstance(due, _Due)
    due.event_ids[event_id] = None
    if documents:
        due.with_documents.add(event_id)
    due.memory.update(memory)
    if len(due.event_ids) >= AT_ONCE or sum(map(len, due.memory.values())) > MOST_HELD:
        archive.store.do_due()


def _not_decoded(pinned: str, task: Task, known: FromSamples, why: NotFound) -> FromSamples:
    """Without the pinned decoder: numbers that it made of the same samples and settings stay."""
    if not task.sources:
        return _decoded_by(None, task)
    if known.numbers is not None:
        settings = as_it_was_decoded(task.settings, known.readings(task.event_id))
        if known.numbers.origin_sha256 in {settings.origin(source.sha256, pinned) for source in task.sources}:
            return known
    return FromSamples(ComputedRow(decoder="", origin_sha256="", numbers="{}", stop_local="", why=str(why)), ())


def keep_from_samples(connection: Any, made: Mapping[int, FromSamples]) -> None:
    """Write what was made of the samples of events."""
    for event_id, found in made.items():
        if found.numbers is None:
            computed.remove(connection, event_id)
        else:
            computed.put(connection, event_id, found.numbers)
        day_peaks.put(connection, event_id, found.days)
        doubts.put(connection, event_id, found.doubts)


def _readable(
    read: Callable[[Any, Sequence[int]], dict[int, _Stored]], connection: Any, event_ids: Sequence[int]
) -> dict[int, _Stored]:
    """What stands of several events before it is made again; those with a damaged row are left out."""
    try:
        return read(connection, event_ids)
    except (Damaged, UnicodeDecodeError):
        if len(event_ids) < 2:
            return {}
    return {key: row for event_id in event_ids for key, row in _readable(read, connection, [event_id]).items()}


def recompute(archive: Archive, event_ids: Sequence[int], *, memory: Mapping[str, bytes] = NOTHING_AT_HAND) -> set[int]:
    """Decode events, inside the transaction that changed their samples or what documents tell of their settings; those
    of which it gave something else than before. `memory`: event memory that is at hand, by the hash of its frames.

    Where the pinned decoder is not installed, numbers that it made of the same samples stay, others say why they are
    not there."""
    with archive.store.transaction() as connection:
        siblings = doubts.siblings(connection, event_ids)
        event_ids = [*dict.fromkeys([*event_ids, *(other for others in siblings.values() for other in others)])]
        before = _readable(stored_from_samples, connection, event_ids)
        doubted = doubts_of(archive, connection, event_ids)
        for event_id in event_ids:
            if doubted.get(event_id, ()) != before.get(event_id, NO_SAMPLES).doubts:
                doubts.put(connection, event_id, doubted.get(event_id, ()))
        found = [one.with_memory(memory) for one in _tasks(archive, event_ids)]
        try:
            decoder = _pinned_decoder(archive) if any(task.sources for task in found) else None
            made = {task.event_id: _decoded_by(decoder, task) for task in found}
        except NotFound as error:
            pinned = str(archive.pinned_decoder)
            made = {
                task.event_id: _not_decoded(pinned, task, before.get(task.event_id, NO_SAMPLES), error)
                for task in found
            }
        made = {event_id: row._replace(doubts=doubted.get(event_id, ())) for event_id, row in made.items()}
        changed = {event_id: row for event_id, row in made.items() if row != before.get(event_id)}
        keep_from_samples(connection, changed)
    for event_id, row in changed.items():
        renewed.note(event_id, before.get(event_id, NO_SAMPLES).numbers, row.numbers)
    return set(changed)


def out_of_date(archive: Archive, event_ids: Sequence[int]) -> set[int]:
    """Of several events, those whose stored numbers are not what the decoder gives now. Changes nothing."""
    with archive.store.reading() as connection:
        stored = stored_from_samples(connection, event_ids)
    made = from_samples(archive, event_ids)
    return {event_id for event_id, found in made.items() if found != stored[event_id]}


def refresh(connection: Any, event_ids: Iterable[int]) -> None:
    """Make the rows of some events again, inside the transaction that changed what they are made of."""
    for ids in batches(event_ids, AT_ONCE):
        summaries.put(connection, summaries_of(connection, ids).items())


def refresh_all(connection: Any, progress: Progress = silent, decoded: Collection[int] = ()) -> tuple[int, int]:
    """Make every row again, inside a transaction; how many events there are, and of how many the row was another, or is
    among `decoded`."""
    ids = events.sorted_ids(connection, EVERYTHING)
    changed = 0
    progress(0, len(ids))
    for number, some in enumerate(batches(ids, AT_ONCE)):
        before, now = _readable(summaries.of_events, connection, some), summaries_of(connection, some)
        other = [(event_id, row) for event_id, row in now.items() if before.get(event_id) != row]
        summaries.put(connection, other)
        changed += len({event_id for event_id, _ in other} | set(decoded).intersection(some))
        progress(min((number + 1) * AT_ONCE, len(ids)), len(ids))
    return len(ids), changed


def rebuild(archive: Archive, progress: Progress = silent, *, dry_run: bool = False) -> RebuildReport:
    """Make the derived half anew, in one transaction; see `Archive.rebuild`."""
    decoded: set[int] = set()
    try:
        with archive.store.transaction() as connection:
            before = summaries.rules(connection)
            removed = sum(table.remove_strays(connection) for table in (summaries, computed, day_peaks, doubts))
            ids = events.sorted_ids(connection, EVERYTHING)
            for number, some in enumerate(batches(ids, AT_ONCE)):
                decoded |= recompute(archive, some)
                progress(min((number + 1) * AT_ONCE, len(ids)), 2 * len(ids))
            total, changed = refresh_all(connection, decoded=decoded)
            progress(len(ids), len(ids))
            if dry_run:
                raise TakenBack
    except TakenBack:
        pass
    return RebuildReport(
        path=str(archive.path),
        dry_run=dry_run,
        rules_before=before,
        rules=RULES,
        events=total,
        changed=changed,
        removed=removed,
    )


class TakenBack(Exception):
    """Ends the transaction of a dry run: everything it did is undone."""


@contextmanager
def damage_named(store: Store) -> Iterator[None]:
    """A damaged row can hold anything, also where the format allows texts of one form alone."""
    try:
        yield
    except (BadInput, Damaged, ValueError, TypeError, KeyError, AttributeError) as error:
        if str(store.path) in str(error):
            raise
        raise Damaged(
            f"{store.path}: what lists read cannot be made again, for a row is not what a program writes ({error}). "
            "Keep the file as it is, and work on with a backup; sfm verify and sfm salvage read what is left"
        ) from error


def bring_up_to_date(archive: Archive) -> None:
    """Make the derived half anew where other rules made it: before anything is written, so that all rows are of one
    kind."""
    with archive.store.reading() as connection:
        stale = summaries.is_stale(connection, RULES)
    if stale:
        with damage_named(archive.store):
            rebuild(archive)


@contextmanager
def derived(store: Store) -> Iterator[Any]:
    """A connection that reads rows of these rules: where others made them and they may not be written, it gets rows of
    its own, in memory."""
    with store.settled() as connection:
        if store.read_only and summaries.is_stale(connection, RULES):
            with damage_named(store), writing_in_memory(connection):
                summaries.in_memory(connection)
                refresh_all(connection)
        yield connection


def peaks_by_day(
    archive: Archive, event_ids: Sequence[int], *, every_pair: bool = False
) -> dict[int, tuple[DayPeaks, ...]]:
    """What the samples of several events say of each local day; events of which nothing was decoded are left out. Where
    other rules made the rows and they may not be written, the events are decoded; also for `every_pair`, those that
    others outdo, of which there are no rows. Raises Damaged."""
    if not every_pair:
        with derived(archive.store) as connection:
            if not summaries.is_in_memory(connection):
                return day_peaks.of_events(connection, event_ids)
    decoded = from_samples(archive, event_ids, every_pair=every_pair)
    return {event_id: tuple(map(day_of, found.days)) for event_id, found in decoded.items() if found.days}


def is_in_memory(store: Store) -> bool:
    """Whether other rules made what lists read, so that it was computed anew for this opening alone."""
    with derived(store) as connection:
        return summaries.is_in_memory(connection)


def _encoding(revision: int, encoded: bool | None) -> str:
    if revision == 0:
        return ""
    return {None: "none", True: "ok", False: "refused"}[encoded]


def _encoder(name: str | None) -> EncoderName | None:
    try:
        return None if name is None else parse_encoder_name(name)
    except UsageError:
        return None  # a damaged row: verify names it
