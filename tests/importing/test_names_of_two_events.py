"""Reports that print one second and are named like two Micromate event files are of two events, in any order and split.

As with a clock an hour off: the report of the one prints the very time in the name of the other, and each report names
its event file in its own line.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations, product
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.testing import ascii_report, simulate_waveform, thor_csv

AT = datetime(2026, 5, 12, 14, 16, 34)
BINARY = bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(200))
QUIET = simulate_waveform(
    Random(1), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT, loudness="ordinary"
)
LOUD = simulate_waveform(Random(2), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=AT, loudness="loud")
SLOW, RIGHT = (f"UM16127_{AT - timedelta(hours=hours):%Y%m%d%H%M%S}.IDFW" for hours in (1, 0))
"""The names of the quiet event, by a clock set right later, and of the loud one."""

TEXTS = {
    f"t/{SLOW}.TXT": ascii_report(QUIET, file_name=SLOW),
    f"t/{RIGHT}.TXT": ascii_report(LOUD, file_name=RIGHT),
}
FILES = {f"b/{SLOW}": BINARY + b"quiet", f"b/{RIGHT}": BINARY + b"loud", **TEXTS}


def written(folder: Path, files: dict[str, bytes]) -> list[Path]:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return [folder / name for name in files]


def split(order: tuple[Path, ...]) -> list[list[list[Path]]]:
    """Every way to import these files, in this order, in one call or several; the first is one call, the last one for
    each file."""
    found = []
    for ends in product((False, True), repeat=len(order) - 1):
        calls = [[order[0]]]
        for path, is_new_call in zip(order[1:], ends, strict=True):
            if is_new_call:
                calls.append([])
            calls[-1].append(path)
        found.append(calls)
    return found


def outcome(target: Path, calls: list[list[Path]]) -> tuple[list[object], dict[str, bytes]]:
    """The events with their files and the number that a list shows, and what is exported."""
    with sfm.create(target) as archive:
        for call in calls:
            archive.import_from(*call)
        assert archive.verify().ok and not archive.waiting()
        told = sorted(
            (
                row.recorded_at_local,
                sorted((file.kind, file.name, file.sha256) for file in archive.files(row.event_id)),
                sorted(
                    (one.channel, str(one.number), one.state)
                    for one in archive.values(row.event_id)
                    if one.quantity == "ppv"
                ),
            )
            for row in archive.events()
        )
        out = target.with_suffix(".out")
        items = archive.export(out).items
        exported = {item.path: (out / item.path).read_bytes() for item in items if item.status == "written"}
    return list(told), exported


def every_outcome(
    tmp_path: Path, files: dict[str, bytes], ways_of: slice = slice(None)
) -> tuple[list[object], dict[str, bytes]]:
    """What every order gives, which is the same. `ways_of`: those of the ways to split an order that are tried."""
    paths = written(tmp_path / "received", files)
    found = None
    ways = (calls for order in permutations(paths) for calls in split(order)[ways_of])
    for number, calls in enumerate(ways):
        this = outcome(tmp_path / f"{number}.sfm", calls)
        found = found or this
        assert this == found, [[path.name for path in call] for call in calls]
    assert found is not None
    return found


@pytest.mark.parametrize("form", ["TXT", "CSV"])
def test_reports_of_two_names_that_print_one_second_are_two_events(tmp_path, form):
    typed = b'"EventType","Full Waveform"\r\n'
    tables = {
        f"t/{SLOW}.CSV": typed + thor_csv(QUIET, one_word=True),
        f"t/{RIGHT}.CSV": typed + thor_csv(LOUD, one_word=True),
    }
    events, _ = every_outcome(tmp_path, TEXTS if form == "TXT" else tables)
    assert [row[0] for row in events] == [AT.isoformat()] * 2
    assert events[0][2] != events[1][2]


@pytest.mark.parametrize(
    "ways_of",
    [
        pytest.param(slice(None, None, 7), id="at once and one by one"),
        pytest.param(slice(1, 7), id="in parts", marks=pytest.mark.long),
    ],
)
def test_two_binaries_and_their_reports_of_one_second_are_two_events_and_both_are_exported(tmp_path, ways_of):
    events, exported = every_outcome(tmp_path, FILES, ways_of)
    held = sorted(sorted(name for _, name, _ in row[1]) for row in events)
    assert held == [[SLOW, f"{SLOW}.TXT"], [RIGHT, f"{RIGHT}.TXT"]]
    assert events[0][2] != events[1][2]
    assert sorted(exported.values()) == sorted((BINARY + b"quiet", BINARY + b"loud"))


@pytest.mark.parametrize("copy", [f"c/{RIGHT}(1).TXT", f"c/{RIGHT} (1).TXT", f"c/{RIGHT[:-5]}.TXT", "m/mail.txt"])
@pytest.mark.parametrize("bytes_of_copy", ["the same", "others"])
def test_a_report_copied_under_another_name_makes_no_third_event(tmp_path, copy, bytes_of_copy):
    text = TEXTS[f"t/{RIGHT}.TXT"]
    copied = text if bytes_of_copy == "the same" else text.replace(b"Client", b"Klient")
    events, _ = every_outcome(tmp_path, {**TEXTS, copy: copied})
    assert len(events) == 2


@pytest.mark.parametrize("copy", [f"c/{RIGHT}.TXT", "m/mail.txt"])
def test_one_report_under_two_names_is_one_event(tmp_path, copy):
    (event,), _ = every_outcome(tmp_path, {f"t/{SLOW}.TXT": TEXTS[f"t/{SLOW}.TXT"], copy: TEXTS[f"t/{SLOW}.TXT"]})
    assert len(event[1]) == 2
