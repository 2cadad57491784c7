"""What is to be told of events: held against the limits of their points, else against those that were given."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.listing import ListedEvent
from sfm_archive.archive.measuring import measured_against, with_all_pairs
from sfm_archive.archive.point_limits import stated_limits
from sfm_archive.base.batches import batches
from sfm_archive.limits.near_limits import lowered_to
from sfm_archive.limits.outcomes import Cause, Outcome, worst
from sfm_archive.limits.verdicts import Limits, Measured, verdict_on
from sfm_archive.model.peak_text import peak_text
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.storage import events, notices
from sfm_archive.watching.notice import EventTold, Notice, NoticeKind

NEAR: Final = Decimal("0.8")
_AT_ONCE = 500
_CHANNELS = (("Tran", "tran_basis"), ("Vert", "vert_basis"), ("Long", "long_basis"), ("MicL", "pspl_basis"))


class Found(NamedTuple):
    """What is to be told of an event: the kind, and why in words; `limits`: what it was held against."""

    kind: NoticeKind
    why: str
    limits: str


def events_due(archive: Archive, behind: int, fallback: Limits, at_utc: str) -> Iterator[Notice]:
    """The notices of events of which something was received behind a change and that were not sent, in the order of
    their ids. `fallback`: limits for events whose point has none. What a person calls a false trigger is not told.
    Raises Damaged."""
    with archive.store.settled() as connection:
        ids = notices.received_behind(connection, behind)
    for some in batches(ids, _AT_ONCE):
        yield from _of_some(archive, some, fallback, at_utc)


def _of_some(archive: Archive, ids: list[int], fallback: Limits, at_utc: str) -> Iterator[Notice]:
    with archive.store.settled() as connection:
        rows = list(events.of_ids(connection, ids))
        sent = notices.sent_of_events(connection, ids)
    book = stated_limits(archive, fallback.by)
    known = measured_against(archive, rows, book)
    without = [row for row in rows if _has_none(known[row.event_id][1])]
    known |= measured_against(archive, without, fallback)
    for limits in {one for _, one in known.values()}:
        own = {event_id: one for event_id, (one, other) in known.items() if other == limits}
        curves = lowered_to(limits, NEAR).curves
        known |= {event_id: (one, limits) for event_id, one in with_all_pairs(archive, own, curves).items()}
    found = {
        event_id: what_is_due(measured, limits, any_limits=bool(book.every))
        for event_id, (measured, limits) in known.items()
        if not measured.summary.is_false_trigger
    }
    told = {one: what for one, what in found.items() if what}
    if not told:
        return
    archive_id = archive.info().archive_id
    for listed in archive.listing(Selection(event_ids=tuple(told))):
        summary = known[listed.event_id][0].summary
        was_above = any(one.kind == NoticeKind.ABOVE_LIMIT and one.event_id == listed.event_id for one in sent)
        for one in told[listed.event_id]:
            notice = _notice(archive, archive_id, listed, summary, one, at_utc)
            # Behind "above" neither says anything new.
            lesser = one.kind in (NoticeKind.UNDECIDED, NoticeKind.NEAR_LIMIT)
            if notice.sent not in sent and not (was_above and lesser):
                yield notice


def _has_none(limits: Limits) -> bool:
    """Whether a point has no limits at all for an event; of one between points that is not known."""
    return not limits.curves and limits.airblast is None and limits.why_none is not Cause.BETWEEN_POINTS


def what_is_due(measured: Measured, limits: Limits, *, any_limits: bool) -> list[Found]:
    """What limits say of an event, and which channels were over range. `any_limits`: points have limits, so that what
    is between points may be above one."""
    found: list[Found] = []
    outcome, why = _said(measured, limits)
    if limits.why_none is Cause.BETWEEN_POINTS and any_limits:
        outcome, why = Outcome.UNDECIDED, "it is or may be of more than one point, or of one in part"
    against = _in_words(limits)
    if outcome is Outcome.EXCEEDED:
        found.append(Found(NoticeKind.ABOVE_LIMIT, why, against))
    elif outcome is Outcome.UNDECIDED:
        found.append(Found(NoticeKind.UNDECIDED, why, against))
    elif outcome is Outcome.WITHIN:
        near, why = _said(measured, lowered_to(limits, NEAR))
        if near is Outcome.EXCEEDED:
            found.append(Found(NoticeKind.NEAR_LIMIT, why, against))
    over = [name for name, column in _CHANNELS if getattr(measured.summary, column) == Basis.OVER_RANGE]
    if over:
        found.append(Found(NoticeKind.OVER_RANGE, ", ".join(over), against))
    return found


def _said(measured: Measured, limits: Limits) -> tuple[Outcome, str]:
    """What vibration and airblast say together, and what shows it."""
    verdict = verdict_on(measured, limits)
    outcomes = [one.found.outcome for one in verdict.vibration]
    if verdict.airblast is not None:
        outcomes.append(verdict.airblast.outcome)
    decided = [one for one in outcomes if one is not Outcome.NOT_COMPARED]
    if not decided:
        return Outcome.NOT_COMPARED, ""
    outcome = worst(decided)
    said = []
    if verdict.shown is not None and verdict.shown.found.outcome is outcome:
        curve, judged = verdict.shown
        why = judged.why(curve.unit)
        said.append(f"{curve.label}{f', {judged.channel}' if judged.channel else ''}{f': {why}' if why else ''}")
    if verdict.airblast is not None and verdict.airblast.outcome is outcome:
        level = "" if verdict.airblast.level_db is None else f" {verdict.airblast.level_db:g} dB(L)"
        said.append(f"airblast{level}{f': {verdict.airblast.why}' if verdict.airblast.why else ''}")
    return outcome, "; ".join(said)


def _in_words(limits: Limits) -> str:
    if limits.said:
        return limits.said
    curves = ", ".join(curve.title for curve in limits.curves)
    airblast = "" if limits.airblast is None else f"airblast {limits.airblast_text}"
    return ", ".join(filter(None, (curves, airblast)))


_SENTENCES = {
    NoticeKind.ABOVE_LIMIT: "above its limit",
    NoticeKind.UNDECIDED: "undecided whether above its limit",
    NoticeKind.NEAR_LIMIT: "at 80 % of its limit or more",
    NoticeKind.OVER_RANGE: "over range",
}


def _notice(
    archive: Archive, archive_id: str, listed: ListedEvent, summary: EventSummary, found: Found, at_utc: str
) -> Notice:
    peak = "" if listed.ppv is None else peak_text(listed.ppv, listed.ppv_basis, day_known=listed.day_known)
    where = f" at {listed.job}/{listed.point}" if listed.point else ""
    at = listed.start_local.replace("T", " ")
    who = f"event {listed.event_id}, {listed.serial} {at}{where}"
    said = f"{_SENTENCES[found.kind]}: {found.why}" if found.why else _SENTENCES[found.kind]
    against = f"; held against {found.limits}" if found.limits and found.kind is not NoticeKind.OVER_RANGE else ""
    return Notice(
        kind=found.kind,
        sentence=f"{who}{f', {peak}' if peak else ''}: {said}{against}",
        archive=str(archive.path),
        archive_id=archive_id,
        at_utc=at_utc,
        event=EventTold(
            event_id=listed.event_id,
            serial=listed.serial,
            start_local=listed.start_local,
            time_zone=listed.time_zone,
            record_type=listed.record_type,
            name=listed.name,
            job=listed.job,
            point=listed.point,
            ppv=listed.plain_ppv,
            ppv_text=peak,
            pspl_db=summary.pspl_db,
            limits=found.limits,
            why=found.why,
        ),
    )
