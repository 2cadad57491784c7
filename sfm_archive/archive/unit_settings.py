"""Settings of units as people state them: kept, withdrawn, and the numbers that rest on them computed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import AT_ONCE, TakenBack, recompute, refresh
from sfm_archive.base.batches import batches
from sfm_archive.base.counting import counted
from sfm_archive.base.texts import checked_length, without_lone_surrogates
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.decode_settings import RANGE_WORDS
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import LONGEST_TEXT
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.unit_settings import FASTEST_OF_A_HISTOGRAM, RATES, UnitSetting
from sfm_archive.storage import events, unit_settings
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import StateSettings, WithdrawSettings
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChange:
    """A statement, or the end of one. `number`: its own. `events`: that it is about; `changed`: of how many of them the
    computed numbers, or what they rest on, became others. `dry_run`: nothing was changed."""

    number: int
    events: int
    changed: int
    dry_run: bool


def state_settings(
    archive: Archive,
    serial: str,
    *,
    sample_rate: int | None = None,
    geo_range: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> SettingsChange:
    """State the sample rate (per second) or geophone range ('normal', 'sensitive') of a unit, for its events that start
    at `since` or later and before `until` (device-local, None: no bound), where no document of an event tells it.

    The numbers of those events are computed again in the same transaction. `by`: who states it, the actor where nobody
    is named; `reason`: why. Raises BadSerial, UsageError (also for a rate that no histogram has where the unit recorded
    histograms in the span), ReadOnlyArchive, Busy.
    """
    if sample_rate is None and not geo_range:
        raise UsageError(f"{serial}: nothing is stated; give a rate, a range or both")
    if sample_rate is not None and sample_rate not in RATES:
        raise UsageError(f"no unit samples {sample_rate} times a second; a rate is {', '.join(map(str, RATES))}")
    if geo_range and geo_range not in RANGE_WORDS:
        raise UsageError(f"{geo_range!r} is no geophone range; a range is {' or '.join(RANGE_WORDS)}")
    if since is not None and until is not None and not since < until:
        raise UsageError(f"{serial}: the span ends before it begins; --until is the first moment that is not meant")
    row = UnitSetting(
        number=0,
        serial=checked_serial(serial),
        sample_rate=sample_rate or 0,
        geo_range=geo_range,
        from_local="" if since is None else local_text(since),
        until_local="" if until is None else local_text(until),
        withdraws=0,
        decided_by=_one_line(by, "the name of who states it") or archive.actor,
        reason=_reason(reason),
    )
    return _kept(archive, row, dry_run=dry_run)


def withdraw_settings(
    archive: Archive, number: int, *, by: str = "", reason: str, dry_run: bool = False
) -> SettingsChange:
    """End a statement: it counts for no event any more. As `state_settings`; raises NotFound for a number that no
    statement has, UsageError for one that was withdrawn before."""
    with archive.store.reading() as connection:
        known = {one.number: one for one in unit_settings.every(connection)}
    ended = known.get(number)
    if ended is None or ended.withdraws:
        raise NotFound(f"{archive.path} has no statement {number} to withdraw; sfm settings {archive.path} lists them")
    if any(one.withdraws == number for one in known.values()):
        raise UsageError(f"statement {number} was withdrawn before")
    who = _one_line(by, "the name of who withdraws it") or archive.actor
    row = ended._replace(sample_rate=0, geo_range="", withdraws=number, decided_by=who, reason=_reason(reason))
    return _kept(archive, row, dry_run=dry_run)


def stated_settings(archive: Archive) -> list[UnitSetting]:
    """Every statement and every withdrawal, in the order in which they were made."""
    with archive.store.reading() as connection:
        return unit_settings.every(connection)


def _kept(archive: Archive, row: UnitSetting, *, dry_run: bool) -> SettingsChange:
    changed: set[int] = set()
    try:
        with archive.store.transaction() as connection:
            meant = unit_settings.events_meant(connection, row)
            if row.is_of_waveforms:
                _refuse_of_histograms(connection, row, meant)
            writing = Writing(connection)
            number = unit_settings.add(writing, row)
            change: Change = StateSettings(serial=row.serial, number=number)
            if row.withdraws:
                change = WithdrawSettings(serial=row.serial, number=number, withdraws=row.withdraws)
            writing.note(change, archive.actor)
            for some in batches(meant, AT_ONCE):
                changed |= recompute(archive, some)
            refresh(connection, sorted(changed))
            if dry_run:
                raise TakenBack
    except TakenBack:
        pass
    return SettingsChange(number=number, events=len(meant), changed=len(changed), dry_run=dry_run)


def _refuse_of_histograms(connection: Any, row: UnitSetting, meant: list[int]) -> None:
    histograms = [one for one in events.of_ids(connection, meant) if one.record_type == RecordType.HISTOGRAM.value]
    if histograms:
        first = histograms[0]
        raise UsageError(
            f"{row.serial} recorded {counted(len(histograms), 'histogram')} in that span, the first at "
            f"{first.recorded_at_local.replace('T', ' ')}, and no histogram has more than {FASTEST_OF_A_HISTOGRAM} "
            f"samples a second; state {row.sample_rate} for a span without them (--from, --until)"
        )


def _reason(text: str) -> str:
    why = _one_line(text, "the reason")
    if not why:
        raise UsageError("a statement needs a reason; say how it is known")
    return why


def _one_line(text: str, what: str) -> str:
    checked_length(text, LONGEST_TEXT, what)
    return without_lone_surrogates(" ".join(text.split()))
