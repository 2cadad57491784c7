"""Which requests are answered, and which change anything."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from sfm_archive.errors import UsageError
from sfm_archive.web.app import make_app
from sfm_archive.web.login import Login, read_tokens
from sfm_archive.web.safety import CONTENT_POLICY, MOST_ADDRESS, MOST_BODY, allowed_for
from sfm_archive.web.served import served_archives
from sfm_archive.web.site import Site

TOKENS = "Ann Miller: 0123456789abcdef-ann\nBob: 0123456789abcdef-bob\n"
FOREIGN = ("example.org", "127.0.0.1.example.org", "localhost.", "127.0.0.1", "[::ffff:127.0.0.1]:80", "")


def addresses(made_once: Path, *, review: bool = False, login: bool = False) -> list[tuple[str, set[str]]]:
    """Every route with its methods, its parts filled in."""
    site = Site(
        served_archives([made_once / "quarry.sfm"]), Login(read_tokens(TOKENS, "here") if login else {}), review=review
    )
    app = make_app(site, allowed_for(["127.0.0.1"], 80))._app
    parts = {
        "archive": "quarry",
        "event:int": "1",
        "file:int": "1",
        "kind": "values",
        "name": "sfm.css",
        "number:int": "1",
    }
    filled = {one.path: re.sub(r"{([a-z:]+)}", lambda found: parts[found[1]], one.path) for one in app.routes}
    return [(filled[one.path], set(one.methods or ())) for one in app.routes]


def test_no_route_answers_a_foreign_host(site, made_once):
    for (address, _), host in product(addresses(made_once), FOREIGN):
        answer = site.get(address, Host=host)
        assert answer.status in (421, 400), (address, host)
        assert b"quarry" not in answer.data
    assert site.get("/quarry/", Host=f"localhost:{site.port}").status == 200


def test_no_route_takes_a_form_without_review(site, made_once):
    for address, _ in addresses(made_once):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            answer = site.ask(address, method, "a=b", Origin=site.address)
            assert answer.status == 405, (address, method)


def test_only_named_addresses_take_forms(made_once):
    for review in (False, True):
        posting = {address for address, methods in addresses(made_once, review=review, login=True) if "POST" in methods}
        assert {"/login", "/logout"} <= posting
        assert review or posting == {"/login", "/logout"}


@pytest.mark.parametrize("address", ["/", "/quarry/events", "/quarry/event/1", "/nowhere", "/static/viewer.js"])
def test_every_answer_has_its_policy(site, address):
    headers = site.get(address).headers
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert not re.search(r"unsafe-(eval|inline)|https?:|\*", CONTENT_POLICY)
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_sizes_are_bounded(site):
    assert site.get("/quarry/events?project=" + "x" * MOST_ADDRESS).status == 414
    assert site.ask("/login", "POST", "x" * (MOST_BODY + 1), Origin=site.address).status in (405, 413)


@pytest.fixture(scope="module")
def guarded(made_once, served, tmp_path_factory):
    tokens = tmp_path_factory.mktemp("tokens") / "people.txt"
    tokens.write_text(TOKENS, encoding="utf-8")
    with served(made_once / "quarry.sfm", "--tokens", tokens) as running:
        yield running


def logged_in(running, token: str = "0123456789abcdef-ann") -> str:
    answer = running.post("/login", f"token={token}")
    assert answer.status == 303, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    return cookie.partition(";")[0]


def test_a_token_opens_every_page_and_nothing_else_does(guarded, made_once):
    cookie = logged_in(guarded)
    for address, methods in addresses(made_once, login=True):
        if "GET" not in methods or address.startswith(("/static", "/login")):
            continue
        without = guarded.get(address)
        assert without.status in (303, 401) and b"BE11529" not in without.data, address
        assert guarded.get(address, Cookie="sfm-session=x" * 3).status in (303, 401)
    assert "Ann Miller" in guarded.get("/quarry/", Cookie=cookie).text
    assert guarded.get("/quarry/", Authorization="Bearer 0123456789abcdef-bob").status == 200
    assert guarded.get("/quarry/", Authorization="Bearer 0123456789abcdef-bo").status == 303
    assert guarded.post("/login", "token=wrong").status == 403


@pytest.mark.parametrize("origin", ["http://example.org", "null", "https://127.0.0.1", ""])
def test_a_form_of_another_site_is_not_taken(guarded, origin):
    assert guarded.post("/login", "token=0123456789abcdef-ann", Origin=origin).status == 403


def test_logging_out_ends_the_session(guarded):
    cookie = logged_in(guarded)
    assert guarded.post("/logout", "", Cookie=cookie).status == 303
    assert guarded.get("/quarry/", Cookie=cookie).status == 303


def test_a_form_is_good_once_and_for_its_session():
    login = Login(read_tokens(TOKENS, "here"))
    ann, bob = login.begin("Ann Miller"), login.begin("Bob")
    form = login.new_form(ann)
    assert not login.takes(bob, form)
    assert login.takes(ann, form) and not login.takes(ann, form)
    assert login.person_of(ann) == "Ann Miller"
    login.end(ann)
    assert login.person_of(ann) is None and login.person_of("") is None


@pytest.mark.parametrize(
    "text",
    ["", "# nobody", "Ann", "Ann:", ": 0123456789abcdef", "Ann: short", TOKENS + "Ann Miller: 0123456789abcdefg"],
)
def test_tokens_that_let_nobody_in_are_refused(text):
    with pytest.raises(UsageError):
        read_tokens(text, "people.txt")


def test_a_public_address_is_one(made_once):
    allowed = allowed_for(["127.0.0.1"], 8750, "https://records.example.org")
    assert "records.example.org" in allowed.hosts and allowed.origins >= {"https://records.example.org"}
    for wrong in ("records.example.org", "ftp://records.example.org", "https://records.example.org/path"):
        with pytest.raises(UsageError):
            allowed_for(["127.0.0.1"], 8750, wrong)


def test_behind_a_proxy_it_has_the_name_that_browsers_use(served, made_once):
    public = "https://records.example.org"
    with served(made_once / "quarry.sfm", "--public", public, SFM_TOKENS=TOKENS) as running:
        assert f"to browsers as {public}" in running.said[-1] and not any("without TLS" in one for one in running.said)
        asked = {"Host": "records.example.org", "Origin": public}
        answer = running.post("/login", "token=0123456789abcdef-bob", **asked)
        assert answer.status == 303 and "Secure" in answer.headers["set-cookie"]
        assert not any("0123456789abcdef" in line for line in running.said)
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert running.get("/quarry/", Host="records.example.org", Cookie=cookie).status == 200
        assert running.get("/quarry/", Host="example.org", Cookie=cookie).status == 421
        assert running.post("/login", "token=x", Host="records.example.org", Origin="http://evil.example").status == 403
    with served(made_once / "quarry.sfm", "--public", "http://10.1.2.3:8750", SFM_TOKENS=TOKENS) as running:
        assert any("without TLS" in one for one in running.said)


def test_every_other_address_and_review_need_a_token(served, made_once):
    with served(made_once / "quarry.sfm", "--review", "--actor", "Ann") as running:
        assert re.match(r"token of Ann, until this ends: \S{24,}$", running.said[0])
        assert running.get("/quarry/").status == 303
        assert running.get("/quarry/", Authorization=f"Bearer {running.said[0].split()[-1]}").status == 200
