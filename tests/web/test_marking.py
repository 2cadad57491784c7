"""Deciding in a browser: the same calls and history as the commands, in the name of the login, each form once."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from urllib.parse import urlencode

import pytest

import sfm_archive as sfm

TOKENS = "Ann Miller: 0123456789abcdef-ann\nBob: 0123456789abcdef-bob\n"


@pytest.fixture(scope="module")
def reviewing(made_once, served, tmp_path_factory):
    """A server with --review on a copy, and where that lies."""
    path = tmp_path_factory.mktemp("reviewing") / "quarry.sfm"
    shutil.copyfile(made_once / "quarry.sfm", path)
    with sfm.open(path) as archive:
        sfm.add_blast(archive, "1", at=datetime(2026, 5, 12, 13, 0), zone="UTC", name="A 12")
    with served(path, "--review", SFM_TOKENS=TOKENS) as running:
        yield running, path


def cookie_of(running, token: str = "0123456789abcdef-ann") -> str:
    return running.post("/login", f"token={token}").headers["set-cookie"].partition(";")[0]


def form_word(running, event: int, name: str, cookie: str) -> str:
    page = running.get(f"/quarry/event/{event}", Cookie=cookie).text
    found = re.search(rf'action="/quarry/event/{event}/{name}".*?name="form" value="([^"]+)"', page, re.DOTALL)
    assert found is not None, page
    return found[1]


def test_a_false_trigger_is_kept_once_in_the_name_of_the_login(reviewing):
    running, path = reviewing
    cookie = cookie_of(running)
    given = {"form": form_word(running, 3, "review", cookie), "false-trigger": "yes", "reason": "truck <b>"}
    given["reviewer"] = given["actor"] = "somebody else"
    answer = running.post("/quarry/event/3/review", urlencode(given), Cookie=cookie)
    assert (answer.status, answer.headers["location"]) == (303, "/quarry/event/3")
    with sfm.open(path, read_only=True) as archive:
        before = archive.history_head()
        (review,) = archive.reviews(event_ids=[3])
        assert (review.reviewer, review.notes, review.false_trigger) == ("Ann Miller", "truck <b>", True)
        assert archive.history(3)[-1].actor == "Ann Miller"
    again = running.post("/quarry/event/3/review", urlencode(given), Cookie=cookie)
    assert again.status == 409 and "nothing was changed" in again.text
    with sfm.open(path, read_only=True) as archive:
        assert archive.history_head() == before
    assert "truck &lt;b&gt;" in running.get("/quarry/event/3", Cookie=cookie).text


@pytest.mark.parametrize("given", [{}, {"false-trigger": "yes"}, {"false-trigger": "perhaps", "reason": "x"}])
def test_a_decision_without_its_reason_is_refused_and_keeps_nothing(reviewing, given):
    running, path = reviewing
    cookie = cookie_of(running)
    with sfm.open(path, read_only=True) as archive:
        before = archive.history_head()
    word = form_word(running, 4, "review", cookie)
    assert running.post("/quarry/event/4/review", urlencode({"form": word, **given}), Cookie=cookie).status == 400
    with sfm.open(path, read_only=True) as archive:
        assert archive.history_head() == before


def test_a_form_of_another_session_site_or_of_nobody_changes_nothing(reviewing):
    running, path = reviewing
    ann, bob = cookie_of(running), cookie_of(running, "0123456789abcdef-bob")
    word = form_word(running, 4, "review", ann)
    given = urlencode({"form": word, "false-trigger": "yes", "reason": "x"})
    with sfm.open(path, read_only=True) as archive:
        before = archive.history_head()
    assert running.post("/quarry/event/4/review", given, Cookie=bob).status == 409
    assert running.post("/quarry/event/4/review", given).status == 303
    assert running.post("/quarry/event/4/review", given, Cookie=ann, Origin="http://example.org").status == 403
    assert running.post("/quarry/event/4/review", given, Cookie=ann, Host="example.org").status == 421
    assert running.post("/quarry/event/4/review", given, Authorization="Bearer 0123456789abcdef-ann").status == 303
    json = running.post("/quarry/event/4/review", '{"a": 1}', Cookie=ann, Content_Type="application/json")
    assert json.status == 400
    with sfm.open(path, read_only=True) as archive:
        assert archive.history_head() == before


def test_an_unplaced_event_is_placed_and_its_blast_confirmed(reviewing):
    running, path = reviewing
    cookie = cookie_of(running)
    with sfm.open(path, read_only=True) as archive:
        (event,) = list(archive.listing(serial="BE14036", record_type="waveform"))[:1]
        point = sfm.overview(archive).jobs[0].points[0].name
        job = sfm.overview(archive).jobs[0].name
    assert not event.point
    given = {"form": form_word(running, event.event_id, "place", cookie), "at": f"{job}/{point}"}
    given |= {"from": event.recorded_at_local[:16].replace("T", " "), "until": "", "reason": "moved there"}
    assert running.post(f"/quarry/event/{event.event_id}/place", urlencode(given), Cookie=cookie).status == 200
    word = form_word(running, event.event_id, "blast", cookie)
    given = {"form": word, "blast": "1", "decision": "confirm", "reason": "log"}
    assert running.post(f"/quarry/event/{event.event_id}/blast", urlencode(given), Cookie=cookie).status == 200
    with sfm.open(path, read_only=True) as archive:
        assert next(iter(archive.listing(event_ids=[event.event_id]))).point == point
        assert sfm.list_blasts(archive).blasts[0].confirmed == 1
        assert {row.actor for row in archive.history()[-2:]} == {"Ann Miller"}
        assert archive.verify().ok
