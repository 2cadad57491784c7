"""Where an offset lies, and how a difference is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.formats.blastware.event_file import FILE_PREFIX
from sfm_archive.formats.blastware.layout import (
    MOST_DIFFERENCES,
    Difference,
    DifferenceKind,
    Layout,
    Part,
    common_prefix,
    describe_difference,
    read_layout,
)

WAVEFORM = testing.simulate_waveform(Random(20), start_key=0x0111_0000, seconds=3.0)
WAVEFORM_FILE = testing.blastware_file(WAVEFORM)
HISTOGRAM_FILE = testing.blastware_file(testing.simulate_histogram(Random(2), count=20))
FRAMES = testing.read_out(WAVEFORM)


def parts_of(layout: Layout) -> Iterator[Part]:
    """All parts, in the order of the file."""
    offset = 0
    while offset < layout.size:
        part = layout.part_at(offset)
        yield part
        offset = part.end


def changed(data: bytes, offset: int) -> bytes:
    return data[:offset] + bytes((data[offset] ^ 0x55,)) + data[offset + 1 :]


@pytest.mark.parametrize(
    ("offset", "name", "start", "end"),
    [
        (0, "prefix", 0, 18),
        (17, "prefix", 0, 18),
        (18, "type tag", 18, 22),
        (22, "STRT: name", 22, 26),
        (27, "STRT: trigger mode", 26, 28),
        (28, "STRT: end key", 28, 32),
        (35, "STRT: start key", 32, 36),
        (36, "STRT: open bytes", 36, 38),
        (39, "STRT: first segment length", 38, 40),
        (40, "STRT: first segment counter", 40, 43),
        (43, "segment 1 (Tran): header, counter", 43, 44),
        (45, "segment 1 (Tran): header, mark", 44, 46),
        (46, "segment 1 (Tran): header, first samples", 46, 50),
        (60, "segment 1 (Tran): deltas", 50, 300),
        (300, "segment 2 (Vert): header, open bytes", 300, 302),
        (303, "segment 2 (Vert): header, length", 302, 304),
        (7469, "segment 28 (MicL): deltas", 7336, 7470),
        (7470, "settings", 7470, 7520),
        (-26, "footer: mark", -26, -24),
        (-24, "footer: start time", -24, -16),
        (-9, "footer: stop time", -16, -8),
        (-1, "footer: open bytes", -8, 0),
    ],
)
def test_the_parts_of_a_waveform(offset: int, name: str, start: int, end: int) -> None:
    size = len(WAVEFORM_FILE)
    base = size if offset < 0 else 0
    assert read_layout(WAVEFORM_FILE).part_at(base + offset) == (name, base + start, base + end)


@pytest.mark.parametrize(
    ("inner", "name"),
    [(0, "end of the counter"), (1, "index"), (5, "Tran peak"), (8, "Tran half-period"), (9, "Vert peak"),
     (17, "MicL peak"), (20, "MicL half-period"), (23, "open bytes"), (27, "next record's length")],
)  # fmt: skip
def test_the_fields_of_a_histogram_block(inner: int, name: str) -> None:
    part = read_layout(HISTOGRAM_FILE).part_at(43 + 32 * 6 + inner)
    assert part.name == f"histogram block 7: {name}"
    assert part.start <= 43 + 32 * 6 + inner < part.end <= 43 + 32 * 7


def test_settings_are_named_by_their_labels() -> None:
    layout = read_layout(WAVEFORM_FILE)
    for label, text in (("Project:", WAVEFORM.project), ("Seis Loc:", WAVEFORM.seis_loc)):
        at = WAVEFORM_FILE.index(label.encode())
        part = layout.part_at(at)
        assert part == layout.part_at(WAVEFORM_FILE.index(text.encode(), at))
        assert part.name == f"settings: {label.rstrip(':')}"
        assert WAVEFORM_FILE[part.start : part.end].endswith(text.encode())


@pytest.mark.parametrize("seed", range(8))
def test_every_segment_and_block_of_good_events_is_walked(seed: int) -> None:
    random = Random(seed)
    waveform = testing.simulate_waveform(random, seconds=random.choice((1.0, 2.0)))
    assert waveform.motion is not None
    names = [part.name for part in parts_of(read_layout(testing.blastware_file(waveform)))]
    segments = {name.split(" (")[0] for name in names if name.startswith("segment")}
    assert len(segments) == 4 * -(-len(waveform.motion.tran) // 512)
    assert "body" not in names
    count = random.randrange(1, 60)
    histogram = testing.blastware_file(testing.simulate_histogram(random, count=count))
    names = [part.name for part in parts_of(read_layout(histogram))]
    assert len({name.split(":")[0] for name in names if name.startswith("histogram block")}) == count


def test_a_walk_that_fails_leaves_a_body() -> None:
    broken = changed(WAVEFORM_FILE, 302)  # the length of segment 2
    names = {part.name for part in parts_of(read_layout(broken))}
    assert {"segment 1 (Tran): deltas", "body", "settings: Project", "footer: mark"} <= names
    unknown = changed(WAVEFORM_FILE, 44)
    names = {part.name for part in parts_of(read_layout(unknown))}
    assert "body" in names
    assert not [name for name in names if name.startswith("segment")]


def test_what_lies_behind_the_event_is_no_footer() -> None:
    layout = read_layout(testing.sequential_file(testing.over_read(WAVEFORM)))
    assert layout.part_at(layout.size - 1).name == "behind the event's end"
    assert layout.part_at(len(WAVEFORM_FILE) - 1).name == "footer: open bytes"


@pytest.mark.parametrize("data", [b"", b"x", FILE_PREFIX, b"text " * 40])
def test_other_files_have_one_part(data: bytes) -> None:
    layout = read_layout(data)
    assert not layout.known
    assert [part.name for part in parts_of(layout)] == (["file"] if data else [])
    assert layout.part_at(len(data)).name == "end of the file"


# --- differences ---


def test_equal_files_do_not_differ() -> None:
    assert describe_difference(WAVEFORM_FILE, bytes(WAVEFORM_FILE)) == []


def test_one_byte_in_each_of_three_parts() -> None:
    other = changed(changed(changed(WAVEFORM_FILE, 29), 700), len(WAVEFORM_FILE) - 20)
    found = describe_difference(WAVEFORM_FILE, other)
    assert [difference.part for difference in found] == [
        "STRT: end key",
        "segment 3 (Long): deltas",
        "footer: start time",
    ]
    assert [(difference.start, difference.end, difference.size) for difference in found] == [
        (at, at + 1, 1) for at in (29, 700, len(WAVEFORM_FILE) - 20)
    ]


def test_bytes_cut_out_are_one_difference_in_either_direction() -> None:
    shorter = WAVEFORM_FILE[:1050] + WAVEFORM_FILE[1075:]
    (cut,) = describe_difference(WAVEFORM_FILE, shorter)
    (added,) = describe_difference(shorter, WAVEFORM_FILE)
    assert (cut.kind, added.kind) == (DifferenceKind.ONLY_IN_ONE, DifferenceKind.ONLY_IN_OTHER)
    # Bytes behind the cut that repeat its first ones shift it: which of equal bytes were cut cannot be told.
    assert cut.size == added.size == 25
    assert 1050 <= cut.start == added.start < 1075
    assert cut.part == added.part == "segment 4 (MicL): deltas"


def test_over_read_bytes_are_one_difference() -> None:
    sequential = testing.sequential_file(testing.over_read(WAVEFORM))
    (found,) = describe_difference(WAVEFORM_FILE, sequential)
    assert found == Difference(
        part="behind the event's end",
        kind=DifferenceKind.ONLY_IN_OTHER,
        start=len(WAVEFORM_FILE),
        end=len(sequential),
        size=len(sequential) - len(WAVEFORM_FILE),
    )


def test_the_0x1000_fault_is_told_in_segments() -> None:
    found = describe_difference(WAVEFORM_FILE, testing.sequential_file(testing.doubled_start(FRAMES)))
    assert found[0].part == "segment 14 (Vert): deltas"
    assert 0x1012 <= found[0].start < 0x1022
    assert all(0x1012 <= difference.start < difference.end <= 0x1212 for difference in found)


def test_names_come_from_the_file_that_has_them() -> None:
    damaged = b"\xff" * 40 + WAVEFORM_FILE[40:]
    for pair in ((WAVEFORM_FILE, damaged), (damaged, WAVEFORM_FILE)):
        assert [difference.part for difference in describe_difference(*pair)][:3] == [
            "prefix",
            "type tag",
            "STRT: name",
        ]
    assert [difference.part for difference in describe_difference(b"abc", b"abd")] == ["file"]
    (all_of_it,) = describe_difference(WAVEFORM_FILE, b"")
    assert (all_of_it.start, all_of_it.end) == (0, len(WAVEFORM_FILE))
    assert all_of_it.part == "prefix to footer: open bytes"


def test_the_output_is_bounded_and_the_rest_counted() -> None:
    other = WAVEFORM_FILE[:43] + bytes(byte ^ 0xFF for byte in WAVEFORM_FILE[43:])
    found = describe_difference(WAVEFORM_FILE, other)
    assert len(found) == MOST_DIFFERENCES + 1
    assert found[-1].kind is DifferenceKind.MORE
    assert sum(difference.size for difference in found) == len(WAVEFORM_FILE) - 43
    assert found[-1].end == len(WAVEFORM_FILE)


def test_long_equal_runs_cost_next_to_nothing() -> None:
    long = WAVEFORM_FILE + bytes(40_000_000)
    other = long[:-1] + b"\x01"
    start = time.perf_counter()
    (found,) = describe_difference(long, other)
    assert found.start == len(long) - 1
    assert time.perf_counter() - start < 3  # a loop over single bytes takes longer on any machine


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(max_examples=settings.default.max_examples * 150 // 100)
def test_common_prefix_is_what_a_loop_finds(one: bytes, other: bytes) -> None:
    shared = one[: len(one) // 2]
    for pair in ((one, other), (one, shared + other), (one, one + other)):
        expected = next((at for at, (a, b) in enumerate(zip(*pair, strict=False)) if a != b), min(map(len, pair)))
        assert common_prefix(*pair) == expected


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """Event files with ranges replaced, cut out or put in, and bytes that only begin like one."""
    data = draw(st.sampled_from((WAVEFORM_FILE[:2000], WAVEFORM_FILE, HISTOGRAM_FILE, WAVEFORM_FILE[:60])))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 200)))
        data = data[:start] + draw(st.binary(max_size=60)) + data[end:]
    return data


@given(st.one_of(st.binary(max_size=400), damaged_files(), st.binary(max_size=200).map(lambda b: FILE_PREFIX + b)))
@settings(max_examples=settings.default.max_examples * 200 // 100)
def test_the_parts_of_arbitrary_bytes_are_all_of_them(data: bytes) -> None:
    layout = read_layout(data)
    parts = list(parts_of(layout))
    assert [part.start for part in parts] == [0, *(part.end for part in parts)][: len(parts)]
    assert (parts[-1].end if parts else 0) == len(data)
    assert all(part.name and part.start < part.end for part in parts)


@given(damaged_files(), damaged_files())
@settings(max_examples=settings.default.max_examples * 150 // 100)
def test_differences_of_arbitrary_bytes_are_bounded_and_begin_with_the_first(one: bytes, other: bytes) -> None:
    found = describe_difference(one, other)
    assert (found == []) == (one == other)
    assert len(found) <= MOST_DIFFERENCES + 2
    for difference in found:
        assert difference.start < difference.end <= max(len(one), len(other))
        assert 0 < difference.size <= difference.end - difference.start
    if found:
        assert found[0].start == common_prefix(one, other)
