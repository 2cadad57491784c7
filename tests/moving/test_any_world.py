"""Whatever is done in which archive, and however often a merge is cut off: in the end one archive says it all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.moving import source
from sfm_archive.storage.tables import schema_text
from tests.moving.conftest import (
    ALL,
    HISTOGRAM,
    LATE,
    THIRD,
    WAVE,
    World,
    captured,
    event_of,
    everything_in,
    reported,
    what_counts,
)

EVENTS = (HISTOGRAM, WAVE, LATE, THIRD)
ZONES = ("Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Rome", "Europe/Vienna", "UTC")
ARCHIVES = ("office", "north", "south")
FORKS = ("copy", "second copy")


class CutOffError(Exception):
    """What a kill is for the transaction that is open."""


def has(archive: sfm.Archive, which: int) -> bool:
    wanted = EVENTS[which]
    return any(row.event().recorded_at == wanted.recorded_at for row in archive.events(serial=wanted.serial))


def review(which: int, number: int) -> Callable[[sfm.Archive], Any]:
    """A decision that no other one equals."""
    return lambda archive: archive.review(
        event_of(archive, EVENTS[which]), false_trigger=number % 2 == 0, notes=f"seen {number}", reviewer=f"P{number}"
    )


def job(name: str, number: int) -> tuple[Callable[[sfm.Archive], Any], ...]:
    """A job with a point of its own, and limits there."""
    return (
        lambda archive: sfm.add_job(archive, f"{name} {number}", units="mm/s", by="Ann"),
        lambda archive: sfm.add_point(archive, f"{name} {number}", "Church", limits=["din-4150-3-line-1"], by="Ann"),
    )


def correction(serial: str, text: str) -> Callable[[sfm.Archive], Any]:
    """What is right of a unit's place."""
    return lambda archive: sfm.correct(archive, serial, location=text, by="Ann", reason="moved")


def calibration(serial: str, day: str, lab: str) -> Callable[[sfm.Archive], Any]:
    """A calibration of a unit."""
    return lambda archive: sfm.calibrate(archive, serial, day, lab=lab, by="Ann")


steps = st.tuples(
    st.integers(0, len(ARCHIVES) + len(FORKS) - 1),
    st.sampled_from(["capture", "report", "review", "zone", "correction", "job", "calibration", "fork"]),
    st.integers(0, len(EVENTS) - 1),
    st.integers(0, len(EVENTS) - 1),
)


def live(world: World, drawn: list[tuple[int, str, int, int]]) -> None:
    """Do what was drawn, as far as it can be done."""
    names = [*ARCHIVES]
    for name in names:
        world.make(name)
    for number, (where, what, first, second) in enumerate(drawn):
        at = names[where % len(names)]
        archive = world.archives[at]
        match what:
            case "capture":
                chosen = [EVENTS[one] for one in dict.fromkeys((first, second))]
                world.do(at, captured(*chosen, seed=100 + 4 * first + second))
            case "report" if has(archive, first):
                world.do(at, reported(EVENTS[first]))
            case "review" if has(archive, first):
                world.do(at, review(first, number))
            case "zone" if number < len(ZONES):
                serial, zone = EVENTS[first].serial, ZONES[number]
                world.do(at, lambda one, unit=serial, said=zone: one.state_time_zone(unit, said))
            case "correction" if has(archive, first):
                serial, text = EVENTS[first].serial, f"place {number}"
                world.do(
                    at,
                    lambda one, unit=serial, text=text: sfm.correct(one, unit, location=text, by="Ann", reason="moved"),
                )
            case "job":
                world.do(at, *job(at, number))
            case "calibration":
                day, serial = f"2026-0{1 + second}-1{number % 10}", EVENTS[first].serial
                if has(archive, first):
                    world.do(
                        at,
                        lambda one, unit=serial, day=day, n=number: sfm.calibrate(
                            one, unit, day, lab=f"L{n}", by="Ann"
                        ),
                    )
            case "fork" if len(names) < len(ARCHIVES) + len(FORKS):
                fork = FORKS[len(names) - len(ARCHIVES)]
                world.fork(fork, at)
                names.append(fork)


def merge_cut_off(archive: sfm.Archive, path: Path, after: int) -> None:
    """A merge that ends with an error behind so many transactions (-1: it does not), then the same again."""
    made = 0

    def step(_done: int, _total: int) -> None:
        nonlocal made
        made += 1
        if made > after >= 0:
            raise CutOffError

    with suppress(CutOffError):
        sfm.merge(archive, path, progress=step)
    sfm.merge(archive, path)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.lists(steps, min_size=3, max_size=12),
    order=st.permutations([*ARCHIVES[1:], *FORKS]),
    cut_after=st.lists(st.integers(-1, 4), min_size=4, max_size=4),
    at_once=st.integers(1, 4),
)
@pytest.mark.timeout(300)
def test_all_archives_merged_say_what_one_that_saw_everything_says(drawn, order, cut_after, at_once):
    before = source.AT_ONCE
    source.AT_ONCE = at_once
    try:
        with tempfile.TemporaryDirectory(prefix="sfm-moving-") as folder, World(Path(folder)) as world:
            live(world, drawn)
            office = world.archives["office"]
            for name, after in zip(order, cut_after, strict=True):
                if name in world.archives:
                    merge_cut_off(office, world.path(name), after)
            assert office.verify().findings == ()
            assert what_counts(office, Path(folder)) == what_counts(world.archives[ALL], Path(folder))
            head = office.history_head()
            for name in world.archives:
                if name not in ("office", ALL):
                    sfm.merge(office, world.path(name))
            assert office.history_head() == head
    finally:
        source.AT_ONCE = before


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(steps, min_size=3, max_size=10))
@pytest.mark.timeout(300)
def test_an_extract_has_nothing_of_another_unit_and_comes_back_without_a_change(drawn):
    with tempfile.TemporaryDirectory(prefix="sfm-moving-") as name, World(Path(name)) as world:
        folder = Path(name)
        live(world, drawn)
        everything = world.archives[ALL]
        head = everything.history_head()
        parts = []
        units = sorted({row.serial for row in everything.events()})
        for unit in units:
            parts.append(folder / f"of {unit}.sfm")
            sfm.extract(everything, parts[-1], sfm.Selection(serials=(unit,)))
            with sfm.open(parts[-1], read_only=True) as part:
                assert part.verify().damage == ()
                assert part.count() == everything.count(serial=unit)
            text = everything_in(parts[-1])
            # The format's own text, which is in every file, has the other serial for an example.
            assert not any(other.encode() in text for other in units if other != unit and other not in schema_text())
        assert not any(one.is_new for part in parts for one in sfm.merge(everything, part).sources)
        assert everything.history_head() == head
        world.make("together")
        together = world.archives["together"]
        for part in parts:
            sfm.merge(together, part)
        assert together.verify().damage == ()
        events = [what_counts(one, folder)["events"] for one in (together, everything)]
        assert events[0].keys() == events[1].keys()
        for key, own in events[0].items():
            for said in ("values", "revisions", "current", "false_trigger", "ppv", "start_local"):
                assert own[said] == events[1][key][said], (key, said)
