"""A summary is what adding up its events one by one gives, whatever SQL does of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.listing import levels_of
from sfm_archive.archive.measuring import above_limits, measured_of
from sfm_archive.archive.reading import unit_of_most_reports, values_of
from sfm_archive.base.plain import to_plain
from sfm_archive.base.texts import folded
from sfm_archive.limits.airblast import airblast_limit
from sfm_archive.limits.by_day import in_days, parts_of, same_part
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Limits, verdict_on
from sfm_archive.model.asked_level import LimitCounts
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.magnitudes import as_level, greatest_peak, level_of, magnitude, vector_sum_of
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading, stated_reading
from sfm_archive.model.summaries import Basis
from sfm_archive.reporting import summarising
from sfm_archive.reporting.counted_once import without_triggered_intervals
from sfm_archive.reporting.groups import Greatest
from sfm_archive.reporting.part_values import part_readings
from sfm_archive.reporting.summarising import KEYS
from sfm_archive.storage import grouping
from sfm_archive.testing.histograms import HistogramInterval

SERIALS = ("BE11529", "BE9413")
PEAKS = ("0.02 in/s", "0.35 in/s", "8.89 mm/s", "1.2 in/s", "OORANGE", "<0.005 in/s", ">10 in/s", "N/A", "60 mm/s")
LEVELS = ("120.3 dB(L)", "0.02 psi", "OORANGE", "<88 dB(L)", ">140 dB(L)", "N/A", "133.0 dB(L)")
PROJECTS = ("North  Quarry", "NORTH QUARRY", "Québec", "quebec", "")
DIGITS = {"year": 4, "month": 7, "day": 10}
TYPED = ("project", "client", "location")
QUANTITIES = ("ppv", "pvs", "pspl")
START = datetime(2026, 4, 30)


def documents(random: Random, number: int) -> Iterator[ReadingSet]:
    """What a device record, a report or a sidecar says, each at times."""
    for place, source in enumerate((ValueSource.DEVICE_RECORD, ValueSource.REPORT, ValueSource.SIDECAR)):
        if random.random() < 0.5:
            continue
        said = [
            measured_reading("ppv", random.choice(PEAKS), channel)
            for channel in ("Tran", "Vert", "Long")
            if random.random() < 0.7
        ]
        said += [measured_reading("zc_frequency", "15 Hz", one.channel) for one in said if random.random() < 0.5]
        if random.random() < 0.5:
            said.append(measured_reading("pvs", random.choice(PEAKS)))
        if random.random() < 0.5:
            said.append(measured_reading("pspl", random.choice(LEVELS), random.choice(("MicL", ""))))
        said += [stated_reading(word, random.choice(PROJECTS)) for word in TYPED if random.random() < 0.5]
        if source is ValueSource.SIDECAR and random.random() < 0.3:
            said.append(stated_reading("false_trigger", random.choice(("yes", "no"))))
        yield ReadingSet(source=source, origin_sha256=f"{number:060x}{place:04x}", readings=tuple(said))


def simulated(random: Random, serial: str, at: datetime) -> testing.SimulatedEvent:
    if random.random() < 0.3:
        return testing.simulate_waveform(random, serial=serial, recorded_at=at, seconds=0.25, sample_rate=1024)
    most = random.choice((30, 400, 2047))
    counts = [
        HistogramInterval(
            *(number for _ in "TVL" for number in (random.randrange(most), random.choice((0, 9, 40)))),
            micl=random.randrange(60),
            micl_half=random.choice((0, 9)),
        )
        for _ in range(random.randrange(1, 9))
    ]
    return testing.simulate_histogram(
        random, serial=serial, recorded_at=at, intervals=counts, interval_seconds=random.choice((60, 3600, 36000))
    )


def fill(archive: sfm.Archive, random: Random, count: int) -> None:
    with archive.batch():
        for number in range(count):
            at = START + timedelta(hours=random.randrange(96), minutes=number)
            serial, said = random.choice(SERIALS), tuple(documents(random, number))
            kind = random.choice(tuple(sfm.RecordType))
            if random.random() < 0.6:
                # Frames that stop before the event began do not tell when it ended, nor how long its intervals are.
                one = simulated(random, serial, at - random.choice((timedelta(0), timedelta(days=2))))
                event = sfm.Event(serial=one.serial, recorded_at=at, record_type=one.record_type)
                archive.save(event, testing.read_out(one), readings=said)
            else:
                archive.save(sfm.Event(serial=serial, recorded_at=at, record_type=kind), readings=said)


def added_up(
    archive: sfm.Archive, by: tuple[str, ...], selection: sfm.Selection, limits: Limits
) -> list[dict[str, Any]]:
    """The groups as JSON has them, each event looked at by itself, in its order."""
    unit = unit_of_most_reports(archive, selection)
    groups: dict[tuple[str, ...], sfm.Group] = {}
    first_day, last_day = selection.days
    digits = max((DIGITS[word] for word in by if word in DIGITS), default=0)
    booking: Any = {"digits": digits, "first_day": first_day, "last_day": last_day}
    for row in archive.events(replace(selection, newest_first=False)):
        own = values_of(archive.store, [row.event_id], (*QUANTITIES, *TYPED, "false_trigger")).get(row.event_id, [])
        answer = levels_of(archive, selection, [row.event_id]).get(row.event_id)
        measured = measured_of(archive, [row], limits.curves)[row.event_id]
        false_trigger = any(one.quantity == "false_trigger" and one.text == "yes" for one in own)
        for part in parts_of(measured, row.recorded_at_local[:10], **booking):
            texts = {one.quantity: " ".join(one.text.split()) for one in own if one.quantity in TYPED}
            own_keys = {word: part.day[: DIGITS[word]] if word in DIGITS else texts.get(word, "") for word in by} | {
                word: value for word, value in (("serial", row.serial), ("type", row.record_type)) if word in by
            }
            same = tuple(folded(text) if word in TYPED else text for word, text in own_keys.items())
            group = groups.setdefault(same, sfm.Group(keys=own_keys, unit=unit))
            group.events += part.begins
            group.continued += not part.begins
            group.waveforms += part.begins and row.record_type == "waveform"
            group.histograms += part.begins and row.record_type == "histogram"
            group.false_triggers += false_trigger
            if false_trigger and selection.false_triggers is not True:
                continue
            group.level_undecided += part.begins and answer is sfm.LevelAnswer.UNDECIDED
            summary = part.measured.summary
            readings = own if part.whole else part_readings(summary)
            count_values(group, row.event_id, readings, summary, day_known=part.day_known)
            group.without_peaks -= part.measured.nothing
            verdict = verdict_on(part.measured, limits)
            if verdict.outcome is Outcome.EXCEEDED:
                beside = without_triggered_intervals(archive, [(row, measured)], limits, selection)
                others = beside.get(row.event_id)
                again = None if others is None else same_part(others, part, **booking)
                found = None if again is None else verdict_on(again, limits).outcome
                once = found in (Outcome.WITHIN, Outcome.NOT_COMPARED)
            else:
                once = False
            group.counted_once += once
            for name, outcome in (
                ("", None if once else verdict.outcome),
                ("airblast_", None if verdict.airblast is None else verdict.airblast.outcome),
            ):
                if outcome is not None:
                    name += outcome.name.lower()
                    setattr(group, name, getattr(group, name) + 1)
    return [to_plain(group) for _, group in sorted(groups.items())]


def count_values(group: sfm.Group, event_id: int, values: list[Reading], summary: Any, *, day_known: bool) -> None:
    known = {(value.quantity, value.channel): value for value in values}
    peak = greatest_peak(values)
    if summary.ppv_least_nm_s is not None:
        group.least_nm_s = max(summary.ppv_least_nm_s, group.least_nm_s or 0)
    group.day_unknown += not day_known
    group.without_peaks += peak is None
    group.with_peaks += peak is not None
    group.assumed_range += summary.ppv_basis == Basis.ASSUMED
    group.with_vector_sum += summary.pvs_nm_s is not None
    over = ValueState.OVER_RANGE
    level = level_of(known)
    group.over_range += any(one.state is over for one in values if one.quantity == "ppv") or (
        level is not None and level.state is over
    )
    bases = {"ppv": summary.ppv_basis, "pvs": summary.pvs_basis, "pspl": summary.pspl_basis}
    for quantity, value in (("ppv", peak), ("pvs", vector_sum_of(known)), ("pspl", level)):
        if value is None:
            continue
        value = as_level(value)
        if not value.unit and quantity != "pspl":
            value = replace(value, unit=group.unit)  # OORANGE is printed without a unit
        value = in_unit(value, group.unit)
        before = group.greatest[quantity][0] if quantity in group.greatest else None
        if kept(value) > kept(before):
            group.greatest[quantity] = Greatest(value, event_id, bases[quantity], day_known)


def kept(value: Reading | None) -> tuple[int, float]:
    """Levels are kept, and compared, to a hundredth of a decibel."""
    rank, number = magnitude(value)
    return rank, round(number, 2) if value is not None and value.quantity == "pspl" else number


def one_by_one(archive: sfm.Archive, selection: sfm.Selection, words: list[str]) -> sfm.Selection:
    """What `above_limits` finds, each event of the selection judged by itself."""
    limits = Limits(curves_from(words))
    found: dict[int, Outcome] = {}
    because: dict[int, str] = {}
    marked = set[int]()
    for row in archive.events(replace(selection, limit=None)):
        own = values_of(archive.store, [row.event_id], ("false_trigger",)).get(row.event_id, [])
        if selection.false_triggers is not True and any(one.text == "yes" for one in own):
            marked.add(row.event_id)
        measured = in_days(
            measured_of(archive, [row], limits.curves)[row.event_id], row.recorded_at_local[:10], selection.days
        )
        verdict = verdict_on(measured, limits)
        assert verdict.outcome is not None and verdict.shown is not None
        found[row.event_id] = verdict.outcome
        if verdict.outcome is Outcome.UNDECIDED:
            because[row.event_id] = verdict.shown.found.in_short
    above = tuple(key for key, one in found.items() if one in (Outcome.EXCEEDED, Outcome.UNDECIDED))
    counting = [one for event_id, one in found.items() if event_id not in marked]
    of_each = {one: sum(one is other for other in counting) for one in Outcome}
    counts = LimitCounts(
        limits=tuple(words),
        judge="both",
        exceeded=of_each[Outcome.EXCEEDED],
        undecided=of_each[Outcome.UNDECIDED],
        within=of_each[Outcome.WITHIN],
        not_compared=of_each[Outcome.NOT_COMPARED],
        left_out=False,
        false_triggers=len(marked),
    )
    return replace(selection, above=tuple(words), above_ids=above, undecided_because=because, limit_counts=counts)


ASKED = (
    Limits(()),
    Limits(curves_from(["usbm"]), airblast_limit("osmre-2hz")),
    Limits(curves_from(["osmre"]), airblast_limit("osmre-c")),
    Limits((), airblast_limit("120dB")),
)


def selections(archive: sfm.Archive, random: Random) -> Iterator[sfm.Selection]:
    yield sfm.select()
    yield sfm.select(false_triggers=random.choice((True, False)), record_type="histogram")
    level = random.choice(("", "0.35 in/s"))
    yield sfm.select(since="2026-05-01 07:00", until="2026-05-02", newest_first=True, ppv_from=level)
    yield sfm.select(ppv_from="0.35 in/s", limit=7)
    yield above_limits(archive, sfm.select(serial=SERIALS[0]), ["usbm"])


def check(seed: int, count: int) -> None:
    random = Random(seed)
    with TemporaryDirectory() as folder, closing(sfm.create(Path(folder) / "a.sfm")) as archive:
        fill(archive, random, count)
        for chosen in (
            *list(selections(archive, random))[:-1],
            sfm.select(since="2026-05-01 01:00", newest_first=True),
        ):
            words = random.choice((["usbm"], ["osmre", "3mm/s"], ["bs"]))
            assert above_limits(archive, chosen, words) == one_by_one(archive, chosen, words), (chosen, words)
        for chosen in selections(archive, random):
            limits = random.choice(ASKED)
            for by in (tuple(random.sample(KEYS, 2)), *product(random.sample(KEYS, 3))):
                found = [to_plain(group) for group in sfm.summarise(archive, by, chosen, limits).groups]
                assert found == added_up(archive, by, chosen, limits), (by, chosen, limits)


@given(st.integers(0, 2**32))
@settings(max_examples=12, deadline=None, phases=[Phase.generate])
def test_a_summary_is_the_sum_of_its_events(seed: int) -> None:
    check(seed, 16)


@pytest.mark.long
@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None, phases=[Phase.generate])
def test_many_summaries_are_the_sums_of_their_events(seed: int) -> None:
    check(seed, 30)


def test_a_summary_in_many_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        fill(archive, Random(5), 40)
        whole = sfm.summarise(archive, ("project",), limits=ASKED[1])
        monkeypatch.setattr(grouping, "AT_ONCE", 3)
        assert sfm.summarise(archive, ("project",), limits=ASKED[1]) == whole
        assert whole.events == 40 and len(whole.groups) > 1
        monkeypatch.setattr(summarising, "is_in_memory", lambda store: True)  # rows of days may be of other rules
        assert sfm.summarise(archive, ("project",), limits=ASKED[1]) == whole
