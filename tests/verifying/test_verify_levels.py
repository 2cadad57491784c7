"""Quick and full, samples and parts, ending early and going on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive.errors import NotUsable, UsageError
from sfm_archive.verifying import Level, Share, VerifyOptions, VerifyReport, parse_part, parse_sample, verify
from sfm_archive.verifying.sound import identity, start


def verified(path: Path, **options: Any) -> VerifyReport:
    with sfm.open(path, read_only=True) as archive:
        return verify(archive, options=VerifyOptions(**options))


def test_quick_looks_at_structure_and_history_only(quarry: Path, alter: Any) -> None:
    report = verified(quarry, level=Level.QUICK)
    assert report.ok and report.complete and report.level is Level.QUICK
    assert report.checked["events"] == 4 and report.checked["history rows"] == 7
    assert report.checked["frame revisions"] == report.checked["encodings"] == 0
    alter(quarry, "UPDATE frames SET data = zeroblob(length(data))")
    assert verified(quarry, level=Level.QUICK).ok, "stored bytes are for the full one"
    assert not verified(quarry).ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET actor = 'else' WHERE sequence = 3",
        "DELETE FROM history WHERE sequence = 7",
        "DELETE FROM event_name",
        "INSERT INTO finding VALUES (1, 'x', 'y', 'note', 2)",
        "DELETE FROM event_file WHERE event_id = 4",
        "DELETE FROM frames WHERE event_id = 1",
        "UPDATE archive SET pinned_encoder = 'blastware@1'",
    ],
)
def test_quick_finds_what_counts_and_chain_can_tell(quarry: Path, alter: Any, statement: str) -> None:
    alter(quarry, statement)
    assert not verified(quarry, level=Level.QUICK).ok


def test_the_parts_together_are_everything(quarry: Path) -> None:
    whole = verified(quarry).checked
    parts = [verified(quarry, share=parse_part(f"{number}/3")) for number in (1, 2, 3)]
    assert all(report.ok and report.complete and report.share for report in parts)
    for what in ("frame revisions", "file contents", "received files", "encodings"):
        assert sum(report.checked[what] for report in parts) == whole[what]
    assert all(report.checked["history rows"] == whole["history rows"] for report in parts)


def test_a_share_into_which_nothing_fell_says_so(quarry: Path) -> None:
    nothing = verified(quarry, share=Share(low=0.0, high=1e-12, text="a sample"))
    assert nothing.ok and nothing.nothing_fell_into_it
    assert not verified(quarry).nothing_fell_into_it
    assert not verified(quarry, level=Level.QUICK).nothing_fell_into_it


def test_damage_is_found_in_exactly_one_part(quarry: Path, alter: Any) -> None:
    alter(quarry, "UPDATE frames SET data = zeroblob(length(data)) WHERE event_id = 2")
    found = [
        number
        for number in range(1, 9)
        if any(f.code == "frames" for f in verified(quarry, share=parse_part(f"{number}/8")).damage)
    ]
    assert len(found) == 1


def test_a_sample_is_another_one_each_time() -> None:
    one, other = parse_sample("5%"), parse_sample("5 %")
    taken = [{number for number in range(4000) if share.takes(("frames", number))} for share in (one, other)]
    assert all(120 < len(some) < 290 for some in taken) and taken[0] != taken[1]
    everything = Share()
    assert all(everything.takes(number) for number in range(100))


@pytest.mark.parametrize("text", ["", "0/3", "4/3", "1/0", "a/b", "1", "-1/2", "1/2/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="3/12"):
        parse_part(text)


@pytest.mark.parametrize("text", ["", "5", "0%", "101%", "-1%", "x%"])
def test_what_is_no_sample_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="5%"):
        parse_sample(text)


def test_it_ends_when_its_time_is_over_and_goes_on(quarry: Path, tmp_path: Path) -> None:
    state, whole = tmp_path / "cache" / "place.json", verified(quarry)
    first = verified(quarry, max_seconds=0, state=state)
    assert not first.complete and first.ok and first.checked["frame revisions"] == 1
    runs = 1
    while state.exists():
        last = verified(quarry, max_seconds=0, state=state, resume=True)
        runs += 1
        assert runs < 50
    assert last.complete and last.ok and last.checked == whole.checked
    # One thing in each run; where one kind ends, the first of the next may be looked at already.
    assert first.unchecked // 2 < runs <= first.unchecked + 1


def test_what_earlier_runs_found_is_in_the_last_report(quarry: Path, alter: Any, tmp_path: Path) -> None:
    alter(quarry, "UPDATE frames SET data = zeroblob(length(data)) WHERE event_id = 1")
    state = tmp_path / "place.json"
    first = verified(quarry, max_seconds=0, state=state)
    assert [finding.code for finding in first.damage] == ["frames"]
    last = verified(quarry, state=state, resume=True)
    assert last.complete and first.damage[0] in last.damage and not state.exists()
    assert len([f for f in last.damage if f.subject == "frames revision 1" and f.event_id == 1]) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"format": "sfm-archive verification 1"}'])
def test_a_place_that_does_not_fit_is_begun_anew(quarry: Path, tmp_path: Path, content: bytes) -> None:
    state = tmp_path / "place.json"
    state.write_bytes(content)
    assert verified(quarry, state=state, resume=True).complete


def test_the_place_of_another_archive_is_not_taken(quarry: Path, tmp_path: Path) -> None:
    state = tmp_path / "place.json"
    verified(quarry, max_seconds=0, state=state)
    document = json.loads(state.read_text())
    document["archive_id"] = "0" * 32
    state.write_text(json.dumps(document))
    assert verified(quarry, state=state, resume=True).checked == verified(quarry).checked


def test_ctrl_c_keeps_the_place(quarry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sfm_archive.verifying.files import FileChecker

    def interrupted(self: FileChecker, content_id: int) -> None:
        raise KeyboardInterrupt

    state = tmp_path / "place.json"
    with monkeypatch.context() as patch:
        patch.setattr(FileChecker, "content", interrupted)
        with pytest.raises(KeyboardInterrupt):
            verified(quarry, state=state)
    assert state.exists()
    assert verified(quarry, state=state, resume=True).checked == verified(quarry).checked


@pytest.mark.parametrize("processes", [1, 2])
def test_processes_find_what_one_finds(quarry: Path, alter: Any, processes: int) -> None:
    """Damage in frames, in a row of the history's and in a derived row: the report is the same, whoever looked."""
    sound = verified(quarry, processes=processes)
    assert sound.ok and sound == verified(quarry)
    alter(quarry, "UPDATE event_summary SET project = 'other' WHERE event_id = 2")
    alter(quarry, "UPDATE frames SET data = zeroblob(40) WHERE event_id = 1")
    alter(quarry, "UPDATE event_name SET name = 'other' WHERE event_id = 3")
    found = verified(quarry, processes=processes)
    assert {"frames", "derived"} <= {finding.code for finding in found.damage}
    assert found == verified(quarry, processes=1)


def test_a_process_that_finds_another_file_at_the_path_leaves_the_work(quarry: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sfm"
    other.write_bytes(quarry.read_bytes())
    with pytest.raises(NotUsable, match="another file"):
        start(str(other), identity(quarry))
