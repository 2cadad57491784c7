"""Any mix of files, good and bad: every one is accounted for, and importing again changes nothing."""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfm_archive.archive import Archive
from sfm_archive.importing import ImportOptions, import_sources
from sfm_archive.testing import (
    FILE_PREFIX,
    ascii_report,
    blastware_file,
    call_home_name,
    capture,
    corrupted_byte,
    missing_frame,
    out_of_order,
    pc_capture,
    read_out,
    sequential_file,
    sidecar,
    simulate_histogram,
    simulate_memory,
    thor_csv,
)

_RANDOM = Random(7)
EVENTS = [
    *simulate_memory(_RANDOM, 3, serial="BE11529", histograms=1.0),
    simulate_histogram(_RANDOM, serial="BE18003", count=150),
]
NAMES = [call_home_name(event) for event in EVENTS]
ENDINGS = ["", ".a5.pkl", ".sfm.json", ".h5", ".TXT", "_ASCII.TXT", " (1).TXT", ".csv", ".a5 (1).pkl", ".MLG"]


def _contents():
    for event, name in zip(EVENTS, NAMES, strict=True):
        frames = read_out(event)
        faulty = [missing_frame(frames, 3), out_of_order(frames, _RANDOM), corrupted_byte(frames, 2, _RANDOM)]
        yield blastware_file(event)
        yield blastware_file(event)[:-40]
        yield ascii_report(event, file_name=name)
        yield thor_csv(event)
        yield thor_csv(event, serial="", moment="")
        yield from map(sidecar, [frames, *faulty])
        yield from map(sequential_file, faulty)
    yield capture(_RANDOM, EVENTS[:3])
    yield capture(_RANDOM, EVENTS[:2], records=False, noise=False)
    yield pc_capture(_RANDOM, EVENTS[:3])
    yield FILE_PREFIX + bytes.fromhex("22010ea0") + _RANDOM.randbytes(200)
    yield b'{"review": {"false_trigger": true}, "project": "Pit 7"}'
    yield b"\x89HDF\r\n\x1a\n" + bytes(40)
    yield pickle.dumps({"version": 1, "frames": [{"sub": 1, "page_hi": 0, "page_lo": 0, "data": b"\x10\x02" * 9}]})
    yield pickle.dumps(print)
    yield from (b"", b"\0", FILE_PREFIX, b"SQLite format 3\0", b'"Event Type : Full Waveform"\r\n')
    yield b'"a","b"\n"Channel","c"\n'


CONTENTS = list(_contents())
contents = st.one_of(
    st.sampled_from(CONTENTS),
    st.builds(lambda data, cut: data[:cut], st.sampled_from(CONTENTS), st.integers(0, 4000)),
    st.builds(
        lambda data, at, other: data[:at] + other + data[at + len(other) :],
        st.sampled_from(CONTENTS), st.integers(0, 3000), st.binary(max_size=60),
    ),
    st.binary(max_size=300),
)  # fmt: skip
stems = st.sampled_from([*NAMES, NAMES[0].lower(), NAMES[1][:-1], NAMES[0].replace(".", "_"), "raw_s3_1.bin", "shot 5"])
names = st.one_of(st.builds(str.__add__, stems, st.sampled_from(ENDINGS)), st.sampled_from(["raw_bw_1.bin", "x"]))
folders = st.sampled_from(["BE11529", "BE18003", "UNKNOWN", "downloads"])
mixes = st.dictionaries(st.tuples(folders, names), contents, max_size=14)


@pytest.mark.parametrize("serial", [None, "BE11529"])
@settings(max_examples=settings.default.max_examples * 60 // 100)
@given(mix=mixes)
def test_every_file_has_one_item_and_the_second_import_changes_nothing(serial, mix):
    with TemporaryDirectory() as made:
        place = Path(made)
        for (folder, name), data in mix.items():
            (place / "received" / folder).mkdir(parents=True, exist_ok=True)
            (place / "received" / folder / name).write_bytes(data)
        (place / "received").mkdir(exist_ok=True)
        there = sorted(str(path) for path in (place / "received").rglob("*") if path.is_file())
        with Archive.create(place / "quarry.sfm") as archive:
            told: list[tuple[int, int]] = []
            options = ImportOptions(serial=serial)
            first = import_sources(
                archive, [place / "received"], options, lambda done, total: told.append((done, total))
            )
            assert [item.path for item in first.items] == there
            assert first.files_found == sum(first.totals.values()) == len(there)
            assert first.events_created == archive.count()
            assert told == sorted(told) and (not there or told[-1] == (len(there), len(there)))
            refused = [one for one in first.items if one.outcome == "rejected" or " was not taken: " in one.message]
            assert first.anything_rejected == bool(refused)
            assert all(item.message for item in first.items if item.outcome in ("rejected", "left out", "waiting"))
            before = archive.history_head()
            second = import_sources(archive, [place / "received"], options)
            assert archive.history_head() == before and second.history_head == first.history_head
            assert second.totals["rejected"] == first.totals["rejected"]
            assert second.totals["left out"] == first.totals["left out"]
            assert second.totals["duplicate"] == len(there) - first.totals["rejected"] - first.totals["left out"]
            assert second.anything_rejected == first.anything_rejected
            for row in archive.events():
                for file in archive.files(row.event_id):
                    archive.file_bytes(file, row.event_id)
                for revision in archive.revisions(row.event_id):
                    archive.frames(row.event_id, revision.revision)


def everything_in(path):
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


@settings(max_examples=settings.default.max_examples * 20 // 100)
@given(mix=mixes)
def test_a_dry_run_says_what_would_be_and_leaves_the_archive_as_it_was(mix):
    with TemporaryDirectory() as made:
        place = Path(made)
        for (folder, name), data in mix.items():
            (place / "received" / folder).mkdir(parents=True, exist_ok=True)
            (place / "received" / folder / name).write_bytes(data)
        (place / "received").mkdir(exist_ok=True)
        path = place / "quarry.sfm"
        with Archive.create(path) as archive:
            import_sources(archive, [place / "received"] if len(mix) % 2 else [])
        before = everything_in(path)
        with Archive.open(path) as archive:
            tried = import_sources(archive, [place / "received"], ImportOptions(dry_run=True))
        assert everything_in(path) == before and not list(place.glob("quarry.sfm-*"))
        with Archive.open(path) as archive:
            done = import_sources(archive, [place / "received"])
        assert tried.dry_run and tried.totals == done.totals
        assert (tried.events_created, tried.revisions_added) == (done.events_created, done.revisions_added)
        assert [item.message for item in tried.items] == [item.message for item in done.items]
