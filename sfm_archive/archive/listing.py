"""Events as lists show them: with name, greatest peak, state of the encoding and review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.archive.calibrations import calibrations_of, register_of
from sfm_archive.archive.correcting import corrections_in_words, corrections_of
from sfm_archive.archive.deriving import derived, peaks_by_day, summaries_of
from sfm_archive.archive.finding import name_of
from sfm_archive.archive.reading import values_of
from sfm_archive.archive.reviewing import REVIEW_QUANTITIES, Review, reviews_of
from sfm_archive.base.batches import batches
from sfm_archive.base.plain import NOT_IN_JSON, in_json
from sfm_archive.base.records import record_from
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts, cause_of, level_of_event
from sfm_archive.model.calibrations import CalibrationState
from sfm_archive.model.events import RecordType
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.selection import Continued, Selection
from sfm_archive.model.summaries import EventSummary
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in
from sfm_archive.storage import events, files, statements, summaries, windows
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.store import Store

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

_AT_ONCE = 500
_ENCODINGS = {"": "received only", "ok": "ok", "refused": "not encodable"}
_NEVER = "~"
"""In place of a stop that nothing tells."""

_NO_FILE = "no event file"
_REVIEWS = {"": None, "event": False, "false trigger": True}


class ListedPeak(NamedTuple):
    """`number`: None where the unit gave no number; `unit`: as the source has it. `basis`: what it stands on,
    `reported`, `computed`, `assumed` (computed with a range that no document tells), `over range`, `at least` (a limit
    was passed, or another channel's peak is not known) or `at most`."""

    number: float | None
    unit: str
    channel: str
    state: ValueState
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEvent:
    """One event in a list.

    `name`: as received, else computed. `revision` and `frame_count` are those of the current frames, 0 without any.
    `day_known`: False where it was, or may have been, recorded on several days and nothing tells on which of them its
    peaks were. `ppv`: the greatest peak particle velocity of its geophones, None where no value counts, and
    `ppv_basis`, what it stands on. `ppv_at_least`: how fast the ground moved at least, in the unit of `ppv`, in/s where
    that has none: the number itself, the rail where it is over range, so that a comparison keeps the event, an eighth
    where the range is assumed, None where nothing is known. `level`: whether it is as loud as the selection asks, `yes`
    or `undecided`, None where no level is asked for; `level_why`: what leaves it undecided, else ''. `stop_local`: when
    it ended, '' where nothing tells it. `continued`: whether it began before the window that was asked for and ran into
    it, `yes`, or `unknown` where nothing tells when it ended; `runs_on`: whether it is known to have gone on behind
    that window. The peak is that of the whole event. `encoding`: what the pinned encoder makes of it (`ok`, `not
    encodable`, `not yet blastware@3`); of an event without frames `received only`, or `no event file` where it is known
    by reports or other documents alone.
    `start_local`: when it began, `recorded_at_local` with stated corrections of the clock, as `stop_local` is;
    `corrected`: what people corrected, by subject: the right `project`, `client` or `location`, the shift of its
    `clock`, the `zone` that it showed. `false_trigger`: as a review says, None without one. `job`, `point`: in whose
    window it starts, '' without one. `placed`: how it lies to the windows of its unit, `whole`, `part` (a histogram
    that crosses a border), `perhaps` (nothing tells whether it does), `undecided` (on which side, in an hour that the
    clocks repeat), '' in none.
    `calibration`: of its unit at its start, `valid`, `overdue` or `unknown`, by what is stated of the unit (sfm unit).
    `limits`: with `--above point` the limits of its point that it was held against, with their number and since when
    they hold, else ''.
    """

    event_id: int
    serial: str
    recorded_at_local: str
    time_zone: str
    record_type: str
    start_key: str
    name: str
    received_at_utc: str
    revision: int
    frame_count: int
    ppv: Reading | None
    ppv_basis: str = field(metadata=NOT_IN_JSON)
    ppv_at_least: float | None
    level: LevelAnswer | None
    level_why: str
    stop_local: str
    continued: Continued
    runs_on: bool
    day_known: bool
    encoding: str
    false_trigger: bool | None
    job: str
    point: str
    placed: str
    calibration: CalibrationState
    limits: str
    start_local: str
    corrected: dict[str, str]

    def in_unit(self, unit: GeoUnit) -> ListedEvent:
        """The same with its velocities in this unit; the text of a peak stays as printed."""
        peak, least = self.ppv, self.ppv_at_least
        if peak is None:
            return self
        if least is not None:
            bound = Reading(quantity="ppv", number=least, unit=peak.unit or "in/s")
            least = float(f"{in_unit(bound, unit).number:.7g}")
        # `OORANGE` is printed without a unit.
        return replace(self, ppv=replace(in_unit(peak, unit), unit=unit), ppv_at_least=least)

    @property
    def ppv_number(self) -> float | None:
        """The peak without the noise of 32-bit numbers, in which units store peaks: seven digits."""
        number = None if self.ppv is None else self.ppv.number
        return None if number is None else float(f"{number:.7g}")

    @property
    @in_json("ppv")
    def plain_ppv(self) -> ListedPeak | None:
        """The greatest peak of the three geophone channels, None where none is known."""
        peak = self.ppv
        if peak is None:
            return None
        return ListedPeak(self.ppv_number, peak.unit, peak.channel, peak.state, self.ppv_basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedEvent:
    """An event with what counts as decided about it.

    `false_trigger`: None where a reviewer wrote without deciding that. `source`: `program` for a decision taken here,
    `sidecar` for one that came along in a file.
    """

    event_id: int
    recorded_at_local: str
    serial: str
    name: str
    false_trigger: bool | None
    reviewer: str
    notes: str
    source: str


def list_events(archive: Archive, selection: Selection) -> Iterator[ListedEvent]:
    """The selected events; a few hundred are looked up at once."""
    pinned = archive.pinned_encoder
    names, register = names_of_points(archive), register_of(archive)
    beyond = _beyond(archive, selection)
    for page in batches(archive.events(selection), _AT_ONCE):
        ids = [row.event_id for row in page]
        rows = summary_rows(archive, ids)
        by_reports = _known_by_documents(archive, page)
        of_unknown_day = day_not_known(archive, page, rows)
        starts = {row.event_id: (row.serial, rows[row.event_id].start_local) for row in page}
        calibrations = calibrations_of(archive, starts, register)
        right = _corrections(archive, page, rows)
        for row in page:
            summary = rows[row.event_id]
            level, why = _answer(selection, row.event_id, beyond.get(row.event_id, summary))
            yield record_from(
                ListedEvent,
                row,
                name=summary.name,
                ppv=summary.ppv(),
                ppv_basis=summary.ppv_basis,
                ppv_at_least=_at_least(summary),
                level=level,
                level_why=why,
                stop_local=summary.stop_local,
                continued=selection.continued(summary.start_local, summary.stop_local),
                runs_on=selection.runs_on(summary.stop_local),
                day_known=row.event_id not in of_unknown_day,
                encoding=_NO_FILE
                if row.event_id in by_reports
                else _ENCODINGS.get(summary.encoding, f"not yet {pinned}"),
                false_trigger=_REVIEWS[summary.review],
                job=names.get(summary.point, ("", ""))[0],
                point=names.get(summary.point, ("", ""))[1],
                placed=summary.placed,
                limits=selection.held_against.get(row.event_id, ""),
                calibration=calibrations[row.event_id].state,
                start_local=summary.start_local,
                corrected=right.get(row.event_id, {}),
            )


def names_of_points(archive: Archive) -> dict[int, tuple[str, str]]:
    """By number of each point the names of its job and of itself."""
    with archive.store.reading() as connection:
        return statements.names_of_points(connection)


def _corrections(
    archive: Archive, page: Sequence[EventRow], rows: Mapping[int, EventSummary]
) -> dict[int, dict[str, str]]:
    """What is corrected of events, by subject; most archives have none."""
    with archive.store.reading() as connection:
        found = corrections_of(connection, [row for row in page if rows[row.event_id].corrected])
    return {
        event_id: {
            subject: text
            for subject, text in corrections_in_words(known, {}).items()
            if subject in rows[event_id].corrected.split()
        }
        for event_id, known in found.items()
    }


def _known_by_documents(archive: Archive, page: Sequence[EventRow]) -> set[int]:
    """Events of which neither frames nor an event file were received."""
    without_frames = [row.event_id for row in page if not row.revision]
    if not without_frames:
        return set()
    with archive.store.reading() as connection:
        return set(without_frames) - files.event_files_of(connection, without_frames).keys()


def day_not_known(archive: Archive, page: Sequence[EventRow], rows: Mapping[int, EventSummary]) -> set[int]:
    """Events that were, or may have been, recorded on several days, and of which nothing tells on which of them their
    peaks were."""
    several = [
        row for row in page if (rows[row.event_id].stop_local or _NEVER)[:10] > rows[row.event_id].start_local[:10]
    ]
    if not several:
        return set()
    from sfm_archive.limits.by_day import is_not_known_by_day
    from sfm_archive.limits.verdicts import Measured

    days = peaks_by_day(archive, [row.event_id for row in several])
    return {
        row.event_id
        for row in several
        if is_not_known_by_day(Measured(RecordType(row.record_type), rows[row.event_id], days.get(row.event_id, ())))
    }


def summary_rows(archive: Archive, event_ids: Sequence[int]) -> dict[int, EventSummary]:
    """The derived rows of several events."""
    with derived(archive.store) as connection:
        rows = summaries.of_events(connection, event_ids)
        if len(rows) < len(event_ids):
            # A program that keeps no such rows saved them: sfm verify names them, sfm rebuild makes them.
            rows |= summaries_of(connection, [event_id for event_id in event_ids if event_id not in rows])
    return rows


def _beyond(archive: Archive, selection: Selection) -> dict[int, EventSummary | None]:
    """Of events that reach beyond the window of a selection that asks for a level, what was recorded in it."""
    with derived(archive.store) as connection:
        return windows.parts_beyond(connection, selection)


def _answer(selection: Selection, event_id: int, summary: EventSummary | None) -> tuple[LevelAnswer | None, str]:
    """What a selected event says to the level and the limits that are asked for, None where none is; and what leaves it
    undecided."""
    asked = selection.ppv_from_nm_s
    answers = [] if asked is None else [level_of_event(summary, asked)]
    why = [cause_of(summary).value] if summary is not None and LevelAnswer.UNDECIDED in answers else []
    if selection.above_ids is not None:
        because = selection.undecided_because.get(event_id)
        answers.append(LevelAnswer.YES if because is None else LevelAnswer.UNDECIDED)
        why += [] if because is None else [because]
    return max(answers, key=tuple(LevelAnswer).index, default=None), "; ".join(dict.fromkeys(why))


def _at_least(summary: EventSummary) -> float | None:
    least = summary.ppv_least_nm_s
    return None if least is None else float(f"{velocity_in(least, summary.ppv_unit or 'in/s'):.7g}")


def level_counts(archive: Archive, selection: Selection) -> LevelCounts | None:
    """How many events reach the level that a selection asks for, and of how many that is undecided; None where it asks
    for none."""
    with derived(archive.store) as connection:
        return events.level_counts(connection, selection)


def levels_of(archive: Archive, selection: Selection, event_ids: Sequence[int]) -> dict[int, LevelAnswer]:
    """Whether each of several selected events is as loud as the selection asks, and above its limits; nothing where it
    asks for neither."""
    return {event_id: answer for event_id, (answer, _) in level_answers(archive, selection, event_ids).items()}


def level_answers(
    archive: Archive, selection: Selection, event_ids: Sequence[int]
) -> dict[int, tuple[LevelAnswer, str]]:
    """The same, with what leaves each undecided, else ''."""
    if selection.ppv_from_nm_s is None and selection.above_ids is None:
        return {}
    found: dict[int, tuple[LevelAnswer, str]] = {}
    beyond = _beyond(archive, selection)
    for ids in batches(event_ids, _AT_ONCE):
        with derived(archive.store) as connection:
            rows = summaries.of_events(connection, ids)
        for event_id, row in rows.items():
            answer, why = _answer(selection, event_id, beyond.get(event_id, row))
            if answer is not None:
                found[event_id] = answer, why
    return found


def list_reviews(archive: Archive, selection: Selection) -> list[ReviewedEvent]:
    """The selected events that somebody reviewed, by id."""
    rows = {row.event_id: row for row in archive.events(selection)}
    return [
        record_from(ReviewedEvent, rows[event_id], name=name_of(rows[event_id]), **review._asdict())
        for event_id, review in sorted(read_reviews(archive.store, list(rows)).items())
    ]


def read_reviews(store: Store, event_ids: Sequence[int]) -> dict[int, Review]:
    """What people decided about several events; events that nobody reviewed are left out."""
    return reviews_of(values_of(store, event_ids, REVIEW_QUANTITIES))
