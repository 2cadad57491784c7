"""`--as-of`: what commands say of an archive as it was, and that they name the change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader


def change(sfm, quarry, number: int) -> dict:
    return next(row for row in sfm.json("history", quarry)["changes"] if row["sequence"] == number)


@pytest.mark.parametrize("command", [["list"], ["summary", "--by", "serial,month"]])
def test_what_is_printed_is_what_was_printed_then_but_for_the_change(sfm, quarry, command) -> None:
    name, *options = command
    then = sfm(name, quarry, *options)
    plain, csv = sfm.json(name, quarry, *options), sfm(name, quarry, *options, "--csv")
    last = len(sfm.json("history", quarry)["changes"])
    sfm("review", quarry, "1", "--false-trigger", "--reason", "a truck")
    sfm("correct", quarry, "BE11529", "--project", "another", "--reason", "a slip")
    assert sfm(name, quarry, *options).stdout != then.stdout
    made = change(sfm, quarry, last)
    at = made["at_utc"][:19].replace("T", " ")
    now = sfm(name, quarry, *options, "--as-of", made["sha256"][:8])
    first, rest = now.stdout.split("\n", 1)
    assert rest == then.stdout and now.stderr == then.stderr
    assert first.startswith(f"as of change {last} of {at} UTC, head {made['sha256']}; sfm-archive 0.1.0, rules ")
    document = sfm.json(name, quarry, *options, "--as-of", last)
    said = document.pop("as_of")
    assert plain.pop("as_of") is None and document == plain
    assert (said["sequence"], said["head"], said["at_utc"]) == (last, made["sha256"], made["at_utc"])
    assert f"; {said['tool']}, rules {said['rules']}" in first
    of_csv = sfm(name, quarry, *options, "--csv", "--as-of", last)
    assert of_csv.stdout == csv.stdout and first in of_csv.stderr.splitlines()


def test_a_day_is_meant_by_its_end(sfm, quarry) -> None:
    today = datetime.now(UTC).date().isoformat()
    assert sfm.json("list", quarry, "--as-of", today)["matching"] == 7
    assert "so that nothing was in it on 2020-01-01; give a later day" in sfm.error(
        "list", quarry, "--as-of", "2020-01-01", code=3
    )


def test_every_page_of_a_report_names_the_change(sfm, quarry) -> None:
    sfm("review", quarry, "3", "--false-trigger", "--reason", "a truck")
    head = change(sfm, quarry, 5)["sha256"]
    done = sfm("report", quarry, "-o", "then.pdf", "--as-of", "5")
    pages = [page.extract_text().replace("\n", " ") for page in PdfReader("then.pdf").pages]
    events = sfm.json("list", quarry, "--as-of", "5")["matching"]
    assert len(pages) == events + 1 > 2 and f"then.pdf written: {events} events" in done.stderr
    for page in pages:
        assert "As of change 5 of " in page and f"head {head}" in page and "sfm-archive 0.1.0, rules " in page
        assert "false trigger" not in page.lower()
    sfm("report", quarry, "-o", "now.pdf")
    assert not any("As of change" in page.extract_text() for page in PdfReader("now.pdf").pages)


def test_no_byte_of_the_archive_changes(sfm, quarry) -> None:
    before = Path(quarry).read_bytes()
    for command in (["list"], ["summary"], ["report", "-o", "a.pdf"]):
        sfm(*command[:1], quarry, *command[1:], "--as-of", "5")
    assert Path(quarry).read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["a.pdf", quarry]


def test_an_event_that_came_later_is_not_found(sfm, quarry) -> None:
    assert "event 7" in sfm.error("list", quarry, "7", "--as-of", "3", code=3)
    assert "no event passes the filters" in sfm.error(
        "report", quarry, "--since", "2030", "-o", "a.pdf", "--as-of", "3", code=3
    )
