"""What has settled: held by rules written again from the words, on any history of a folder."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.watching.settling import Ready, Seen, Settling, why_left

SETTLE_S = 5.0
NAMES = [Path("/in/M529LKIQ.7M0H"), Path("/in/M529LKIQ.7M0H.part"), Path("/in/deep/report.txt")]
STATES = st.one_of(st.none(), st.builds(Seen, st.integers(0, 2), st.integers(0, 1)))
LOOKS = st.lists(st.tuples(st.floats(0.1, 4.0), st.tuples(*[STATES] * len(NAMES))), max_size=30)


@given(LOOKS)
def test_a_file_is_taken_once_for_each_state_in_which_it_stayed_for_the_settle_time(looks) -> None:
    """Of every file: taken at the first look at which all looks of the last five seconds saw it like this."""
    settling, now = Settling(SETTLE_S), 0.0
    seen: dict[Path, list[tuple[float, Seen | None]]] = {path: [] for path in NAMES}
    last_taken: dict[Path, Seen | None] = dict.fromkeys(NAMES)
    for passed, states in looks:
        now += passed
        settling.look(now, dict(zip(NAMES, states, strict=True)))
        expected = []
        for path, state in zip(NAMES, states, strict=True):
            seen[path].append((now, state))
            if state is None:
                last_taken[path] = None
                continue
            since = now
            for at, before in reversed(seen[path]):
                if before != state:
                    break
                since = at
            is_name_final = not str(path).endswith(".part")
            if now - since >= SETTLE_S and state.size and is_name_final and last_taken[path] != state:
                expected.append(Ready(path, state))
                last_taken[path] = state
        ready = settling.ready(now)
        assert ready == sorted(expected)
        for one in ready:
            settling.take(one)


def test_what_changes_while_it_is_imported_is_taken_again() -> None:
    settling, path = Settling(SETTLE_S), NAMES[0]
    settling.look(0, {path: Seen(10, 1)})
    (ready,) = settling.ready(5)
    settling.look(5.1, {path: Seen(20, 2)})
    settling.take(ready)
    assert settling.waiting() == [path] and settling.ready(6) == []
    assert settling.ready(10.2) == [Ready(path, Seen(20, 2))]


def test_a_file_that_cannot_be_read_is_told_once_and_tried_with_growing_pauses() -> None:
    settling, path = Settling(SETTLE_S), NAMES[0]
    settling.look(0, {path: Seen(10, 1)})
    now, tries, told = 5.0, [], []
    while len(tries) < 9:
        if settling.ready(now):
            tries.append(now)
            told.append(settling.cannot_be_read(path, now))
        now += 0.5
    pauses = [b - a for a, b in pairwise(tries)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert told == [False, False, True, *[False] * 6]
    assert not settling.will_be_ready()


def test_what_is_left_for_its_name_or_for_being_empty_is_told_once() -> None:
    settling = Settling(SETTLE_S)
    found = {Path("/in/a.part"): Seen(5, 1), Path("/in/b.txt"): Seen(0, 1), Path("/in/~$c.txt"): Seen(4, 1)}
    settling.look(0, found)
    assert settling.left(4) == []
    assert [one.path for one in settling.left(5)] == list(found)
    assert settling.left(6) == [] and settling.ready(6) == [] and not settling.will_be_ready()
    assert all(why_left(path, seen) for path, seen in found.items())


def test_a_folder_that_is_away_is_not_waited_for_and_what_was_taken_of_it_is_known() -> None:
    settling, (taken, waiting) = Settling(SETTLE_S), NAMES[::2]
    settling.look(0, {taken: Seen(1, 1)})
    settling.take(settling.ready(5)[0])
    settling.look(5, {waiting: Seen(1, 1)})
    settling.forget_waiting(Path("/in"))
    assert settling.waiting() == []
    settling.look(20, {taken: Seen(1, 1), waiting: Seen(1, 1)})
    assert settling.waiting() == [waiting]


def test_what_a_whole_look_does_not_find_is_forgotten() -> None:
    settling = Settling(SETTLE_S)
    settling.look(0, {NAMES[0]: Seen(1, 1), NAMES[2]: Seen(1, 1), Path("/inside/x"): Seen(1, 1)})
    settling.forget_others(Path("/in"), {NAMES[0]})
    assert settling.waiting() == [NAMES[0], Path("/inside/x")]
