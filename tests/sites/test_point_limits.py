"""Limits that stay with a point: stated, dated, listed, withdrawn; and what events are held against."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.analysing import recording_of
from sfm_archive.archive.point_limits import limits_asked, stated_limits
from sfm_archive.cli import main
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.outcomes import Judging
from sfm_archive.reporting.event_lines import line_of
from sfm_archive.reporting.events_table import EventsTable
from sfm_archive.reporting.judged import judged_event
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

MAY = datetime(2026, 5, 1, 8)
CURVE = Path(__file__).parents[1] / "data" / "limits_csv" / "plain.csv"


def stated(archive: sfm.Archive) -> list[tuple[str, str, str]]:
    return [
        (f"{job.name}/{point.name}", one.limits, one.from_local)
        for job in sfm.overview(archive).jobs
        for point in job.points
        for one in point.limits
    ]


def test_a_point_can_come_with_its_limits(archive: sfm.Archive) -> None:
    made = sfm.add_point(archive, "North", "House", limits=["din-4150-3-line-2"], airblast="120dB", judge="peak")
    assert made.what == "point House; limits din-4150-3-line-2, airblast 120dB, judge peak"
    assert stated(archive) == [("North/House", "din-4150-3-line-2", "")]
    head = archive.history_head()
    with pytest.raises(sfm.UsageError, match="no limit curve and no file 'dinn'"):
        sfm.add_point(archive, "North", "Bridge", limits=["dinn"])
    assert archive.history_head() == head
    assert [row.action for row in archive.history()][-2:] == ["state", "state"]
    assert archive.verify().ok


def test_a_change_of_limits_has_a_date_and_the_old_ones_stay(archive: sfm.Archive) -> None:
    sfm.limit_point(archive, "School", limits=["12mm/s"])
    sfm.limit_point(archive, "School", limits=["5mm/s"], since=MAY, reason="permit of 28 April")
    assert not sfm.limit_point(archive, "School", limits=["5mm/s"], since=MAY).new
    with pytest.raises(sfm.UsageError, match="--correct 2"):
        sfm.limit_point(archive, "School", limits=["6mm/s"], since=MAY)
    assert stated(archive) == [("North/School", "12mm/s", ""), ("North/School", "5mm/s", "2026-05-01T08:00:00")]
    sfm.correct_point_limits(archive, 2, airblast="115dB", reason="forgotten")
    assert sfm.overview(archive).jobs[0].points[1].limits[1].airblast == "115dB"
    with pytest.raises(sfm.UsageError, match="limits hold at School"):
        sfm.withdraw_point(archive, "School", reason="x")
    sfm.withdraw_point_limits(archive, 2, reason="revoked")
    assert stated(archive) == [("North/School", "12mm/s", "")]
    with pytest.raises(sfm.NotFound, match="point limits 2 was withdrawn"):
        sfm.withdraw_point_limits(archive, 2, reason="x")
    assert archive.verify().ok


def test_the_text_of_a_curve_file_is_kept(archive: sfm.Archive, tmp_path: Path) -> None:
    file = tmp_path / "permit.csv"
    file.write_bytes(CURVE.read_bytes())
    sfm.limit_point(archive, "School", limits=[str(file)])
    file.unlink()
    (limits,) = stated_limits(archive, Judging.BOTH).every
    assert [curve.title for curve in limits.curves] == ["Permit 2026-17"]


def test_known_words_are_never_files_that_lie_about(
    archive: sfm.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sfm.limit_point(archive, "School", limits=["12mm/s"])
    sfm.limit_point(archive, "North/Church", limits=["din-4150-3-line-1"])
    for name in ("12mm/s", "din-4150-3-line-1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(CURVE.read_bytes())
    monkeypatch.chdir(tmp_path)
    names = {curve.name for curve in stated_limits(archive, Judging.BOTH).curves}
    assert names == {"12mm/s", "din-4150-3-line-1"}


@pytest.mark.parametrize(
    ("limits", "rest", "error"),
    [
        ([], {}, "which limits"),
        (["point"], {}, "state some here"),
        ([], {"airblast": "loud"}, "is not an airblast limit"),
        (["din"], {"judge": "me"}, "not judged by 'me'"),
        (["din", str(CURVE)], {}, "one at a time"),
    ],
)
def test_limits_that_are_none_are_refused(
    archive: sfm.Archive, limits: list[str], rest: dict[str, str], error: str
) -> None:
    with pytest.raises(sfm.UsageError, match=error):
        sfm.limit_point(archive, "School", limits=limits, **rest)


BY_POINT = LimitWords(("point",))
LOW, HIGH = "0.1mm/s", "500mm/s"


@pytest.fixture
def measured(archive: sfm.Archive) -> dict[str, int]:
    """Events: `before` and `after` a change of limits at the school, `church` that has none, `nowhere` at no point,
    `between` the two points."""
    found = {
        "before": save_waveform(archive, MAY),
        "after": save_waveform(archive, MAY + timedelta(days=2)),
        "church": save_waveform(archive, MAY, OTHER),
        "nowhere": save_waveform(archive, MAY - timedelta(days=300)),
        "between": save_histogram(archive, MAY + timedelta(days=9, hours=20), 12 * 10),
    }
    sfm.place(archive, UNIT, at="School", since=MAY, until=MAY + timedelta(days=10))
    sfm.place(archive, UNIT, at="South/Church", since=MAY + timedelta(days=10))
    sfm.place(archive, OTHER, at="North/Church", since=MAY)
    sfm.limit_point(archive, "School", limits=[HIGH], airblast="150dB")
    sfm.limit_point(archive, "School", limits=[LOW], since=MAY + timedelta(days=1))
    sfm.limit_point(archive, "South/Church", limits=[LOW])
    return found


def outcomes(archive: sfm.Archive) -> dict[int, str]:
    found = {}
    for row in archive.events():
        verdict = judged_event(archive, recording_of(archive, row.event_id), BY_POINT).verdict
        assert verdict.outcome is not None
        found[row.event_id] = f"{verdict.outcome}{f': {verdict.why_none}' if verdict.why_none else ''}"
    return found


def test_each_event_is_held_against_the_limits_of_its_point_at_its_start(
    archive: sfm.Archive, measured: dict[str, int]
) -> None:
    assert outcomes(archive) == {
        measured["before"]: "within",
        measured["after"]: "exceeded",
        measured["church"]: "not compared: point without limits",
        measured["nowhere"]: "not compared: at no point",
        measured["between"]: "not compared: between points",
    }
    sfm.withdraw_point_limits(archive, 2, reason="revoked")
    assert outcomes(archive)[measured["after"]] == "within"


def test_the_verdict_says_which_limits_it_used_and_since_when(archive: sfm.Archive, measured: dict[str, int]) -> None:
    (listed,) = archive.listing(sfm.above_limits(archive, sfm.Selection(), ["point"]))
    assert listed.event_id == measured["after"]
    assert listed.limits == f"{LOW} (limits 2 of North/School, since 2026-05-02 08:00:00)"
    sketch = sfm.sketch_event(archive, measured["after"], limits=["point"])
    assert f"held against {listed.limits}"[:70] in sketch
    unknown = sfm.sketch_event(archive, measured["church"], limits=["point"])
    assert "vibration not compared: its point had no such limit when it began" in " ".join(unknown.split())


def test_counts_add_up_everywhere(archive: sfm.Archive, measured: dict[str, int]) -> None:
    summary = sfm.summarise(archive, ("serial",), limits=limits_asked(archive, BY_POINT))
    counts = [(one.exceeded, one.undecided, one.within, one.not_compared) for one in summary.groups]
    assert counts == [(1, 0, 1, 2), (0, 0, 0, 1)]
    assert [sum(one) for one in counts] == [one.events for one in summary.groups]
    levels = [
        one.airblast_exceeded + one.airblast_undecided + one.airblast_within + one.airblast_not_compared
        for one in summary.groups
    ]
    assert levels == [one.events for one in summary.groups]
    assert summary.without_limits is not None
    assert summary.without_limits.sentence == (
        "not compared for want of limits: 1 at no point, 1 at a point without limits, 1 between points"
    )

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, [words[0], str(archive.path), *words[1:]])
        assert done.exit_code == 0, done.output
        return done.stdout + ("" if "--json" in words else done.stderr)

    said = run("summary", "--limits", "point")
    assert f"limits: {LOW} (limits 2 of North/School, since 2026-05-02 08:00:00)" in said
    assert summary.without_limits.sentence in said
    assert json.loads(run("summary", "--by", "serial", "--limits", "point", "--json"))["groups"][0]["not_compared"] == 2
    above = json.loads(run("list", "--above", "point", "--json"))["above"]
    assert [above[word] for word in ("exceeded", "undecided", "within", "not_compared")] == [1, 0, 1, 3]
    assert above["without_limits"] == {"at_no_point": 1, "point_without_limits": 1, "between_points": 1}
    lines = [line_of(judged_event(archive, recording_of(archive, one), BY_POINT)) for one in measured.values()]
    texts = [text.text for page in EventsTable(lines, "a4", sfm.Selection()).draw(1, "now") for text in page.texts]
    assert "Vibration: 1 exceeded, 0 undecided, 1 within, 3 not compared" in texts
    assert summary.without_limits.sentence in texts


def test_a_point_decides_what_decides_of_a_waveform(archive: sfm.Archive, measured: dict[str, int]) -> None:
    sfm.limit_point(archive, "North/Church", limits=["din"], judge="record")
    asked = {row: judged_event(archive, recording_of(archive, row), BY_POINT).limits.by for row in measured.values()}
    assert asked[measured["church"]] is Judging.RECORD
    assert asked[measured["before"]] is Judging.BOTH


def test_limits_of_points_stand_alone(archive: sfm.Archive, measured: dict[str, int]) -> None:
    for words in (LimitWords(("point", "din")), LimitWords(("point",), "120dB")):
        with pytest.raises(sfm.UsageError):
            limits_asked(archive, words)
    with pytest.raises(sfm.UsageError, match="stand alone"):
        sfm.above_limits(archive, sfm.Selection(), ["din", "point"])


def test_without_any_limit_nothing_is_compared_and_that_is_a_finding(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    done = CliRunner().invoke(main, ["summary", str(archive.path), "--limits", "point"])
    assert done.exit_code == 1
    assert "not compared for want of limits: 1 at no point" in done.stderr
    assert "nothing was compared with the limits" in done.stderr


def test_reports_plots_and_exports_take_limits_of_points(
    archive: sfm.Archive, measured: dict[str, int], tmp_path: Path
) -> None:
    for words in (
        ["report", "-o", str(tmp_path / "r.pdf"), "--limits", "point", "--above", "point"],
        ["report", "-o", str(tmp_path / "all.pdf"), "--limits", "point"],
        ["plot", str(measured["church"]), "-o", str(tmp_path / "p.png"), "--limits", "point"],
        ["export", str(tmp_path / "out"), "--above", "point"],
        ["export-data", str(tmp_path / "data"), "--format", "csv", "--above", "point"],
    ):
        done = CliRunner().invoke(main, [words[0], str(archive.path), *words[1:]])
        assert done.exit_code == 0, (words, done.output)


def test_the_history_of_an_event_has_the_limits_and_calibrations_it_stands_on(
    archive: sfm.Archive, measured: dict[str, int]
) -> None:
    sfm.calibrate(archive, UNIT, "2026-04-25")
    sfm.calibrate(archive, OTHER, "2026-04-25")
    what = {one.what for one in sfm.told_history(archive, measured["before"])}
    assert any(one.startswith("point limits 1 stated") for one in what)
    assert [one for one in what if one.startswith("calibration")] == [
        f"calibration 1 stated: {UNIT} calibrated on 2026-04-25"
    ]
