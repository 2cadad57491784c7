"""Blasts of a job at each of its points: what was measured there, or what the silence there says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sfm_archive.archive.deriving import derived
from sfm_archive.archive.measuring import measured_against
from sfm_archive.archive.reading import values_of
from sfm_archive.limits.judging import lowest_limit
from sfm_archive.limits.outcomes import Cause, Judgement, Outcome, velocity_text, worst
from sfm_archive.limits.verdicts import Limits, Measured, verdict_on
from sfm_archive.model.blasting import Charge, ScaledDistance, scaled_distance
from sfm_archive.model.readings import GEO_CHANNELS, Reading
from sfm_archive.model.statements import Blast, Point, UnitWindow
from sfm_archive.model.timestamps import local_text
from sfm_archive.reporting.period.histograms_then import HistogramsThen
from sfm_archive.reporting.period.judged_values import (
    QUANTITIES,
    airblast_limit_of,
    airblast_of,
    as_greatest,
    channel_value,
    frequency_of,
    no_verdict,
    value_of,
    vibration_of,
)
from sfm_archive.reporting.period.report import BlastAtPoint, CellState
from sfm_archive.reporting.period.scope import Scope
from sfm_archive.reporting.period.trigger_levels import TriggerLevel, TriggerLevels
from sfm_archive.reporting.period.values import ChannelPeak, EventElsewhere, PeriodValue, PeriodVerdict
from sfm_archive.sites.at_points import UnitAtBlast, UnitState, moments_of, units_at
from sfm_archive.sites.blast_distances import distance_of
from sfm_archive.sites.proposing import WITHIN_S, Candidate, Scene, candidates, scene_of
from sfm_archive.storage import events, statements
from sfm_archive.storage.blasts import RanSpans

QUIET = UnitState.NOTHING
NO_UNIT = "no unit stood there"


class CellsOfBlast(NamedTuple):
    """A blast at the points of its job. `beside`: events that are proposed to it, confirmed or refused, false triggers
    among them; `elsewhere`: of those at no point of the job the confirmed ones, and the proposed that can be of it;
    `told_elsewhere`: these with their values."""

    blast: Blast
    cells: tuple[BlastAtPoint, ...]
    beside: tuple[Candidate, ...]
    elsewhere: tuple[Candidate, ...]
    told_elsewhere: tuple[EventElsewhere, ...]

    @property
    def confirmed(self) -> tuple[int, ...]:
        """Events that are confirmed for it."""
        return tuple(one.event.event_id for one in self.beside if one.decision == "confirmed")


def blasts_at_points(scope: Scope, since: datetime, until: datetime) -> list[CellsOfBlast]:
    """The blasts of the job between two moments of its zone, the second not included, by time."""
    with derived(scope.archive.store) as connection:
        scene = scene_of(connection)
        first, last = local_text(since), local_text(until)
        own = [one for one in scene.blasts.values() if one.job == scope.job.number and first <= one.at_local < last]
        own.sort(key=lambda one: (one.at_local, one.fold or 0, one.number))
        found = candidates(connection, scene, own, WITHIN_S)
        windows = statements.that_count(connection, UnitWindow).values()
        rows = list(
            events.of_ids(connection, sorted({one.event.event_id for every in found.values() for one in every}))
        )
        ran = RanSpans(connection)
        levels = TriggerLevels(connection, ran, scope.unit)
        histograms = HistogramsThen(scope, connection, ran)
        measured = measured_against(scope.archive, rows, scope.book)
        cells = _Cells(scope, scene, levels, histograms, measured, partial(_units_at, connection, scene, ran))
        return [cells.of_blast(blast, found[blast.number], windows) for blast in own]


def _units_at(
    connection: Any,
    scene: Scene,
    ran: RanSpans,
    windows: Sequence[UnitWindow],
    blast: Blast,
    can_be: Sequence[Candidate],
) -> list[UnitAtBlast]:
    return units_at(connection, scene.clocks, windows, blast, can_be, WITHIN_S, ran)


class _Cells:
    def __init__(
        self,
        scope: Scope,
        scene: Scene,
        levels: TriggerLevels,
        histograms: HistogramsThen,
        measured: dict[int, tuple[Measured, Limits]],
        units_of: Callable[[Sequence[UnitWindow], Blast, Sequence[Candidate]], Sequence[UnitAtBlast]],
    ) -> None:
        self._scope, self._scene, self._levels, self._measured = scope, scene, levels, measured
        self._histograms, self._units_of = histograms, units_of
        self._values: dict[int, list[Reading]] = {}
        if measured:
            self._values = values_of(scope.archive.store, list(measured), QUANTITIES)

    def of_blast(self, blast: Blast, found: Sequence[Candidate], windows: Collection[UnitWindow]) -> CellsOfBlast:
        """`found`: the events beside it."""
        elsewhere = [
            one
            for one in found
            if not self._scope.name_of(one.event.point)
            and (one.decision == "confirmed" or (one.decision == "proposed" and not self.is_false(one)))
        ]
        can_be, cells = self.that_can_be(found), []
        for point in self._scope.points:
            here = [one for one in found if one.event.point == point.number]
            units = self._units_of([one for one in windows if one.point == point.number], blast, can_be)
            cells.append(_beside_elsewhere(self.cell(blast, point, here, units), elsewhere))
        told = tuple(map(self._told_elsewhere, elsewhere))
        return CellsOfBlast(blast, tuple(cells), tuple(found), tuple(elsewhere), told)

    def _told_elsewhere(self, one: Candidate) -> EventElsewhere:
        event = one.event
        return EventElsewhere(
            event_id=event.event_id,
            serial=event.serial,
            ppv=self._greatest("ppv", [event.event_id]),
            decision=one.decision,
        )

    def is_false(self, one: Candidate) -> bool:
        """Whether a review calls an event a false trigger."""
        return self._measured[one.event.event_id][0].summary.is_false_trigger

    def that_can_be(self, found: Iterable[Candidate]) -> list[Candidate]:
        """The events but those that reviews call false triggers."""
        return [one for one in found if not self.is_false(one)]

    def cell(self, blast: Blast, point: Point, here: Sequence[Candidate], units: Sequence[UnitAtBlast]) -> BlastAtPoint:
        """`here`: the events at the point beside the blast, whatever was decided of them."""
        can_be = self.that_can_be(here)
        confirmed = [one.event.event_id for one in can_be if one.decision == "confirmed"]
        proposed = [one.event.event_id for one in can_be if one.decision == "proposed"]
        others = [one for one in here if one not in can_be or one.decision == "refused"]
        limits = self._scope.book.at_moment(point.number, blast.at_local)
        state = _state(confirmed, proposed, units)
        trigger = ""
        if state is CellState.MEASURED:
            vibration, airblast = self._measured_cell(confirmed, proposed)
        elif state is CellState.NO_UNIT:
            vibration = airblast = no_verdict(Outcome.NOT_COMPARED, NO_UNIT)
        elif state is CellState.NOTHING and not others:
            vibration, airblast, trigger = self._quiet(blast, units, limits)
        else:
            why = _why_open(proposed, others)
            vibration = _without_event(limits, why, of_velocity=True)
            airblast = _without_event(limits, why, of_velocity=False)
        if state in (CellState.MEASURED, CellState.NOTHING, CellState.NOT_KNOWN):
            decided = {one.event.event_id for one in here if one.decision != "proposed"}
            why_vibration, why_airblast = self._by_histograms(blast, units, limits, decided)
            over = _open if state is CellState.MEASURED else _named
            vibration, airblast = over(vibration, why_vibration), over(airblast, why_airblast)
            trigger = "" if why_vibration else trigger
        if state is not CellState.NO_UNIT:
            airblast = airblast_limit_of(limits, airblast)
        metres, known_by = distance_of(blast, point)
        scaled = None
        if metres is not None and blast.charge is not None:
            scaled = scaled_distance(metres, Charge(blast.charge, blast.charge_unit))
        values = {quantity: self._greatest(quantity, confirmed) for quantity in ("ppv", "pvs", "pspl")}
        return BlastAtPoint(
            point=point.number,
            name=point.name,
            state=state,
            distance_m=metres,
            distance_by=known_by,
            **(ScaledDistance(*[None] * 4) if scaled is None else scaled)._asdict(),  # type: ignore[arg-type]
            events=tuple(confirmed),
            proposed=tuple(proposed),
            ppv=values["ppv"],
            frequency=self._frequency(values["ppv"]),
            components=tuple(self._components(confirmed)),
            pvs=values["pvs"],
            pspl=values["pspl"],
            vibration=vibration,
            airblast=airblast,
            trigger=trigger,
            units=tuple(units),
        )

    def _greatest(self, quantity: str, event_ids: Sequence[int]) -> PeriodValue | None:
        """Of several events at one point; of equals the first."""
        known = [
            (self._measured[one][0].summary.strength(quantity) or 0, -place, one) for place, one in enumerate(event_ids)
        ]
        for _, _, event_id in sorted(known, reverse=True):
            summary = self._measured[event_id][0].summary
            values = self._values.get(event_id, [])
            found = value_of(quantity, values, summary, self._scope.unit, event_id, day_known=True)
            if found is not None:
                return found
        return None

    def _components(self, event_ids: Sequence[int]) -> Iterator[ChannelPeak]:
        """Of each geophone the greatest peak of several events, of equals that of the first."""
        for channel in GEO_CHANNELS:
            known = []
            for place, event_id in enumerate(event_ids):
                own = as_greatest(self._measured[event_id][0].summary, channel)
                known.append((0 if own is None else own.strength("ppv") or 0, -place, event_id))
            for _, _, event_id in sorted(known, reverse=True):
                summary, values = self._measured[event_id][0].summary, self._values.get(event_id, [])
                found = channel_value(channel, values, summary, self._scope.unit, event_id, day_known=True)
                if found is not None:
                    yield ChannelPeak(value=found, frequency=frequency_of(values, channel))
                    break

    def _frequency(self, ppv: PeriodValue | None) -> Reading | None:
        return None if ppv is None else frequency_of(self._values.get(ppv.event_id, ()), ppv.channel)

    def _measured_cell(self, confirmed: Sequence[int], proposed: Sequence[int]) -> tuple[PeriodVerdict, PeriodVerdict]:
        """The worst of the confirmed events; where another one is proposed, and these are not above, it is open."""
        verdicts = []
        for event_id in confirmed:
            measured, limits = self._measured[event_id]
            found = verdict_on(measured, limits)
            vibration = vibration_of(found, self._scope.unit, event_id)
            verdicts.append((vibration, airblast_of(found, limits, measured.summary, event_id)))
        both = [_worst([pair[place] for pair in verdicts]) for place in (0, 1)]
        if proposed:
            both = [_open(one, _why_open(proposed, ())) for one in both]
        return both[0], both[1]

    def _by_histograms(
        self, blast: Blast, units: Sequence[UnitAtBlast], limits: Limits, decided: Collection[int]
    ) -> tuple[str, str]:
        """Why an interval of any unit there leaves vibration and airblast open, '' where none does."""
        said = ["", ""]
        for one in units:
            moments = moments_of(self._scene.clocks, one.serial, blast)
            found = self._histograms.why_open(one.serial, moments, limits, decided)
            said = [before or why for before, why in zip(said, found, strict=True)]
        return said[0], said[1]

    def _quiet(
        self, blast: Blast, units: Sequence[UnitAtBlast], limits: Limits
    ) -> tuple[PeriodVerdict, PeriodVerdict, str]:
        """Of a point where units ran and waited, and none was triggered."""
        quiet = {one.serial: moments_of(self._scene.clocks, one.serial, blast) for one in units if one.state is QUIET}
        lowest = lowest_limit(limits.curves)
        limit_text = "" if lowest is None else velocity_text(lowest, self._scope.unit)
        vibration, trigger = self._by_units(quiet, self._levels.geophones, lowest, limit_text)
        level = None if limits.airblast is None else limits.airblast.limit_db
        airblast, _ = self._by_units(quiet, self._levels.microphone, level, f"{level} dB(L)")
        return (
            vibration if limits.curves else _without_event(limits, of_velocity=True),
            airblast if limits.airblast is not None else _without_event(limits, of_velocity=False),
            trigger if limits.curves else "",
        )

    def _by_units(
        self,
        quiet: Mapping[str, Sequence[datetime]],
        level_at: Callable[[str, str], TriggerLevel],
        limit: float | None,
        limit_text: str,
    ) -> tuple[PeriodVerdict, str]:
        """What the unit says that says most: one is enough that waited below the limit, whichever moment of an hour
        that comes twice it was."""
        said = []
        for serial, moments in quiet.items():
            levels = [level_at(serial, local_text(at)) for at in moments]
            verdicts = [_against(level, serial, limit, limit_text) for level in levels]
            idle = [self._why_not_waiting(serial, at) for at in moments]
            verdicts = [_open(one, why) for one, why in zip(verdicts, idle, strict=True)]
            at = max(range(len(levels)), key=lambda place: verdicts[place].outcome is Outcome.UNDECIDED)
            known = levels[at].number is not None
            said.append((verdicts[at], f"{levels[at].text} ({levels[at].said})" if known else ""))
        return max(said, key=lambda one: (one[0].outcome is Outcome.WITHIN, bool(one[1])))

    def _why_not_waiting(self, serial: str, at: datetime) -> str:
        level = self._levels.geophones(serial, local_text(at)).number
        return "" if level is None else self._histograms.why_not_waiting(serial, at, level)


def _beside_elsewhere(cell: BlastAtPoint, elsewhere: Sequence[Candidate]) -> BlastAtPoint:
    """A cell without a unit says which events beside the blast may be of it all the same."""
    if cell.state is not CellState.NO_UNIT or not elsewhere:
        return cell
    ids = ", ".join(str(one.event.event_id) for one in elsewhere)
    why = f"{NO_UNIT}; beside the blast, and at no point of the job: event {ids}"
    return replace(cell, vibration=replace(cell.vibration, why=why), airblast=replace(cell.airblast, why=why))


def _state(confirmed: Sequence[int], proposed: Sequence[int], units: Sequence[UnitAtBlast]) -> CellState:
    if confirmed:
        return CellState.MEASURED
    if proposed:
        return CellState.PERHAPS
    if any(one.state is UnitState.NOTHING for one in units):
        return CellState.NOTHING
    return CellState.NOT_KNOWN if units else CellState.NO_UNIT


def _why_open(proposed: Sequence[int], others: Sequence[Candidate]) -> str:
    """Why nothing is said without a confirmed event."""
    if proposed:
        ids = ", ".join(map(str, proposed))
        what = "event" if len(proposed) == 1 else "events"
        return f"{what} {ids}: proposed, and nobody decided whether the blast made it"
    if others:
        ids = ", ".join(str(one.event.event_id) for one in others)
        return f"a unit there recorded something else then (event {ids}: refused, or a false trigger)"
    return "nothing tells that a unit there ran and waited for a trigger"


def _without_event(limits: Limits, why: str = "", *, of_velocity: bool) -> PeriodVerdict:
    """Undecided; without such a limit not compared."""
    if limits.curves if of_velocity else limits.airblast is not None:
        return no_verdict(Outcome.UNDECIDED, why)
    return no_verdict(Outcome.NOT_COMPARED, Judgement(Outcome.NOT_COMPARED, Cause.NO_POINT_LIMITS).why("in/s"))


def _against(level: TriggerLevel, serial: str, limit: float | None, limit_text: str) -> PeriodVerdict:
    """What a unit that was not triggered says: nothing there was above its trigger level."""
    if level.number is None:
        return no_verdict(Outcome.UNDECIDED, f"{serial} ran, and {level.said}")
    if limit is None:
        return no_verdict(Outcome.UNDECIDED, f"{serial} ran, and at some frequencies there is no limit")
    if level.number > limit:
        return no_verdict(
            Outcome.UNDECIDED,
            f"{serial} waited for {level.text} ({level.said}), which is above the limit of {limit_text}",
        )
    return no_verdict(Outcome.WITHIN, f"{serial} ran and waited for {level.text} ({level.said})")


def _worst(verdicts: Sequence[PeriodVerdict]) -> PeriodVerdict:
    outcome = worst(one.outcome for one in verdicts)
    return max((one for one in verdicts if one.outcome is outcome), key=lambda one: one.ratio or 0.0)


def _open(verdict: PeriodVerdict, why: str) -> PeriodVerdict:
    if verdict.outcome is not Outcome.WITHIN or not why:
        return verdict
    return no_verdict(Outcome.UNDECIDED, why)


def _named(verdict: PeriodVerdict, why: str) -> PeriodVerdict:
    """Of a point without an event: an interval says more than what else leaves it open."""
    if not why or verdict.outcome is Outcome.NOT_COMPARED:
        return verdict
    return no_verdict(Outcome.UNDECIDED, why)
