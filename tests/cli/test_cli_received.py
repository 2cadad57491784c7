"""What came since a moment or a change, what nobody reviewed, and what an import says of limits."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

import sfm_archive
from sfm_archive.demo import captures

UNITS = ("BE9413", "BE11529", "BE14036")


@pytest.fixture
def site(sfm):
    """An archive with the first capture, marked so; all three units stand at a point with limits."""
    first, *_ = captures()
    sfm("import", "q.sfm", first, "--create")
    sfm("job", "add", "q.sfm", "North")
    sfm("point", "add", "q.sfm", "North", "School")
    for unit in UNITS:
        sfm("unit", "q.sfm", unit, "--calibrated", "2026-02-11")
        sfm("place", "q.sfm", unit, "--at", "School", "--from", "2026-01-01")
    sfm("mark", "q.sfm", "first")
    return "q.sfm"


def ids(sfm, *given):
    return sorted(event["event_id"] for event in sfm.json("list", "q.sfm", "--all", *given)["events"])


def test_what_came_behind_a_change_is_what_it_does_not_have(sfm, site):
    (marked,) = [one for one in sfm.json("history", site)["changes"] if one["action"] == "mark"]
    sfm("import", site, *captures()[1:])
    every = ids(sfm)
    for change in ("first", str(marked["sequence"]), marked["sha256"], marked["sha256"][:12]):
        before = ids(sfm, "--as-of", change)
        assert before == [1, 2] and ids(sfm, "--received-since", change) == every[2:], change
    assert ids(sfm, "--received-since", "1") == every
    last = str(sfm.json("info", site)["history_length"])
    assert ids(sfm, "--received-since", last) == []
    assert ids(sfm, "--received-since", "first", "--as-of", "first") == []


def test_a_moment_is_in_utc(sfm, site):
    sfm("import", site, *captures()[1:])
    made = {event["event_id"]: event["received_at_utc"] for event in sfm.json("list", site, "--all")["events"]}
    for event_id, at in made.items():
        second = at[:19].replace("T", " ")
        found = ids(sfm, "--received-since", second)
        assert found == [one for one in sorted(made) if made[one] >= at[:19]] and event_id in found
        assert ids(sfm, "--received-since", f"{second}Z") == ids(sfm, "--received-since", f"{second} UTC") == found
    assert ids(sfm, "--received-since", "2020-01") == sorted(made)
    assert ids(sfm, "--received-since", "2999-01-01") == []


def test_what_names_no_change_is_an_error(sfm, site):
    assert "names no change" in sfm.error("list", site, "--received-since", "tuesday", code=2)
    assert "has no change '9999'" in sfm.error("list", site, "--received-since", "9999", code=3)


def test_a_report_or_a_download_that_comes_late_counts(sfm, site):
    with sfm_archive.open(site) as archive:
        sfm_archive.mark(archive, "later")
        received = sfm_archive.ReceivedFile(kind=sfm_archive.FileKind.REPORT, name="R.TXT", data=b"late")
        archive.attach(1, [received])
    assert ids(sfm, "--received-since", "later") == [1]
    with sfm_archive.open(site) as archive:
        sfm_archive.mark(archive, "more")
        event, frames = archive.event(2).event(), archive.frames(2)
        assert archive.save(event, frames[:-1]).revision == 2
        archive.review(1, false_trigger=True, notes="a truck is no receipt")
    assert ids(sfm, "--received-since", "more") == [2]


def test_only_what_nobody_reviewed(sfm, site):
    sfm("import", site, *captures()[1:])
    every = ids(sfm)
    sfm("review", site, "3", "--false-trigger", "--reason", "truck")
    sfm("review", site, "5", "--no-false-trigger", "--reason", "blast")
    assert ids(sfm, "--unreviewed") == [one for one in every if one not in (3, 5)]
    assert ids(sfm, "--unreviewed", "--received-since", "first", "--serial", "BE11529") == [
        one for one in ids(sfm, "--received-since", "first", "--serial", "BE11529") if one not in (3, 5)
    ]


def test_every_command_with_filters_has_them(sfm, site):
    sfm("import", site, *captures()[1:])
    new = ids(sfm, "--received-since", "first")
    given = ("--received-since", "first", "--unreviewed")
    assert sum(group["events"] for group in sfm.json("summary", site, *given)["groups"]) == len(new)
    assert sfm.json("export", site, "out", *given)["totals"]["written"] == len(new)
    assert f"{len(new)} events" in sfm("report", site, "-o", "new.pdf", *given).stderr
    sfm("report", site, "-o", "neu.pdf", "--language", "de", *given)
    options = sfm.json("handovers", site, "1")["handovers"][0]["options"]
    assert "received_behind" in json.dumps(options) and "unreviewed" in json.dumps(options)
    assert "no event passes the filters" in sfm.error("export", site, "none", "--received-since", "2999-01", code=3)


def test_a_program_selects_them(sfm, site):
    with sfm_archive.open(site) as archive:
        behind, _ = archive.history_head()
        archive.import_from(*captures()[1:])
        assert archive.count(received_behind=behind) == archive.count() - 2
        assert archive.count(received_behind=behind, unreviewed=True) == archive.count() - 2
        assert archive.count(received_behind=2**62) == 0
        with pytest.raises(sfm_archive.UsageError, match="there is no change -1"):
            archive.count(received_behind=-1)


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_an_import_names_what_is_above_the_limits_of_its_point(sfm, site, dry, closed):
    sfm("point", "limits", site, "School", "--limits", "0.4in/s")
    document = sfm.json("import", site, *captures()[1:], *dry)
    closed("import", document)
    met = document["limits_met"]
    above = [one["event_id"] for one in met["events"] if one["level"] == "yes"]
    assert met["counts"]["exceeded"] == len(above) == 3
    assert all(one["ppv"]["number"] > 0.4 and one["point"] == "School" for one in met["events"])
    if not dry:
        assert sorted(above) == ids(sfm, "--above", "point", "--decided", "--received-since", "first")
        again = sfm.json("import", site, *captures()[1:])
        assert again["limits_met"] is None, "what was there before says nothing again"


def test_it_says_so_in_a_few_lines(sfm, site, monkeypatch):
    sfm("point", "limits", site, "School", "--limits", "0.01in/s")
    monkeypatch.setattr("sfm_archive.cli.import_._MOST_AT_LIMITS", 2)
    said = sfm("import", site, *captures()[1:]).stderr
    assert said.count("above its limits: event ") == 2 and "and 3 more; --json lists all" in said
    assert "of what came, against the limits of their points: 5 exceeded, 0 undecided" in said


def test_what_is_undecided_is_named_with_its_reason(sfm, site):
    """The torn download of the first capture has no peak that its samples tell."""
    sfm("point", "limits", site, "School", "--limits", "din")
    with sfm_archive.open(site) as archive:
        behind, _ = archive.history_head()
        event = sfm_archive.Event(serial="BE11529", recorded_at=datetime(2026, 6, 1, 10))
        archive.save(event, files=[sfm_archive.ReceivedFile(kind=sfm_archive.FileKind.EVENT_FILE, name="X", data=b"x")])
        from sfm_archive.importing.limits_met import limits_met

        met = limits_met(archive, behind)
    assert met is not None and met.counts.exceeded == 0
    assert met.counts.not_compared + met.counts.undecided == 1


def test_without_limits_of_points_nothing_is_said(sfm, site):
    done = sfm("import", site, *captures()[1:])
    assert "limits" not in done.stderr
    assert sfm.json("import", site, *captures()[1:])["limits_met"] is None
