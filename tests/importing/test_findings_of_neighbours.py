"""A late document can contradict what was known of other events: the import that brings it says so."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing


def _received(folder: Path, day: int, *, peaks: float, with_range: bool) -> None:
    """Event file and report of a loud waveform; `peaks`: what its printed peaks are multiplied with."""
    at = datetime(2026, 5, day, 12)
    made = testing.simulate_waveform(
        Random(day), serial="BE11529", recorded_at=at, seconds=1.0, sample_rate=1024, loudness="loud"
    )
    text = testing.ascii_report(made, file_name="M529LK44.AB0W").decode("ascii")
    text = text[: text.index("\n", text.index("PC SW Version")) + 1]
    if not with_range:
        text = re.sub(r'"Geo Range[^\n]*\n', "", text)
    text = re.sub(r"(PPV : )([0-9.]+)", lambda found: f"{found[1]}{float(found[2]) * peaks:.5f}", text)
    folder.mkdir()
    (folder / "M529LK44.AB0W").write_bytes(testing.blastware_file(made))
    (folder / "M529LK44_AB0W_ASCII.TXT").write_bytes(text.encode("ascii"))


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_import_says_what_it_contradicts_of_events_that_came_before(tmp_path, dry_run):
    """The range of the event in the middle was told by its peaks, an eighth; then documents beside it say Normal."""
    with sfm.create(tmp_path / "a.sfm") as archive:
        for day, peaks, with_range in ((10, 0.125, False), (5, 1.0, True), (15, 1.0, True)):
            _received(tmp_path / f"{day}", day, peaks=peaks, with_range=with_range)
        first = archive.import_from(tmp_path / "10")
        assert first.noticed_of_others == () and archive.count() == 1
        options = sfm.ImportOptions(dry_run=dry_run)
        later = archive.import_from(tmp_path / "5", tmp_path / "15", options=options)
        (kind,) = later.noticed_of_others
        assert (kind.code, kind.event_ids) == ("range-contradicted", (1,)) and "reported peaks" in kind.message
        again = archive.import_from(tmp_path / "5", tmp_path / "15")
        assert bool(again.noticed_of_others) is dry_run, "what is known is not told again"
