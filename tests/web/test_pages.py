"""What the pages say: the rows and words of the command line, whatever stands in an archive."""

from __future__ import annotations

import hashlib
import html
import json
import random
import re
import shutil
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.model.received import FileKind, ReceivedFile

PAGES = (
    "/quarry/",
    "/quarry/events",
    "/quarry/event/1",
    "/quarry/event/2",
    "/quarry/event/7",
    "/quarry/job/1",
    "/quarry/point/1",
)
COMPARED = "/quarry/compare?event=3&event=6&channel=Vert"


def texts(page: str) -> list[str]:
    """What stands in the cells of a page's tables."""
    found = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in found]


def command(*arguments: str | Path) -> str:
    return CliRunner().invoke(main, [str(one) for one in arguments]).stdout


def test_the_list_has_the_rows_of_the_command_line(site, made_once):
    page = site.get("/quarry/events?units=mm/s").text
    listed = command("list", made_once / "quarry.sfm", "--units", "mm/s").splitlines()
    rows = [line for line in listed[1:] if re.match(r" *\d+  20", line)]
    cells = texts(page)
    assert len(rows) == 7
    assert [re.split(r" {2,}", row.strip()) for row in rows] == [
        [cell for cell in cells[at + 1 : at + len(cells) // 7] if cell] for at in range(0, len(cells), len(cells) // 7)
    ]


@pytest.mark.parametrize("words", ["serial=BE11529", "ppv-from=5mm/s", "type=histogram", "above=usbm", "unplaced=1"])
def test_filters_of_an_address_are_those_of_the_command_line(site, made_once, words):
    name, _, value = words.partition("=")
    options = [f"--{name}"] if value == "1" else [f"--{name}", value]
    listed = command("list", made_once / "quarry.sfm", *options).splitlines()
    ids = [line.split()[0] for line in listed[1:] if re.match(r" *\d+  20", line)]
    assert re.findall(r'name="event" value="(\d+)"', site.get(f"/quarry/events?{words}").text) == ids


def test_an_event_has_the_tables_of_show(site, made_once):
    page = html.unescape(site.get("/quarry/event/1").text)
    for line in command("show", made_once / "quarry.sfm", "1").splitlines():
        for part in re.split(r" {2,}", line.strip()):
            assert part in page or part == "none", part


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("page", [*PAGES, COMPARED])
def test_a_hostile_archive_shows_text(site, page):
    elements = Elements(site.get(page).text).found
    assert len(elements) > 20
    for tag, attributes in elements:
        assert tag not in ("img", "iframe", "object", "embed", "style", "foreignobject", "use", "animate"), tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        for name in ("href", "src", "action", "xlink:href"):
            assert re.match(r"(/|\?|#|data:,$|$)", attributes.get(name) or ""), (tag, attributes)
        if tag == "script":
            assert attributes.get("type") == "application/json" or attributes.get("src") == "/static/viewer.js"


def test_the_names_of_a_hostile_archive_are_there(site):
    first = site.get("/quarry/").text
    assert "North &lt;img src=y onerror=alert(1)&gt;" in first
    assert "&lt;script&gt;document.title" in site.get("/quarry/event/1").text


def test_a_received_page_comes_as_an_attachment(site):
    link = re.search(
        r'href="(/quarry/event/1/files/received/\d+)" download>&lt;script', site.get("/quarry/event/1").text
    )
    assert link is not None
    answer = site.get(link[1])
    assert answer.data == b"<html><script>document.title='broken'</script></html>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="') and "<" not in disposition


@pytest.mark.parametrize("kind", ["encoded", "pdf", "csv", "values"])
def test_files_are_made_of_an_event(site, made_once, kind):
    answer = site.get(f"/quarry/event/1/files/{kind}")
    assert answer.status == 200 and answer.data
    assert answer.headers["content-disposition"].startswith("attachment")
    if kind == "encoded":
        with sfm.open(made_once / "quarry.sfm", read_only=True) as archive:
            assert answer.data == archive.encode(1).data


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/quarry/events?above=/etc/passwd", 400, "is no limit"),
        ("/quarry/events?sreial=BE11529", 400, "is no filter"),
        ("/quarry/events?behind=[0,null,3]", 400, "no place in a list"),
        ("/quarry/events?sort=sha256", 400, "not sorted by"),
        ("/quarry/events?size=100000000", 400, "from 1 to 200"),
        ("/quarry/event/99", 404, "99"),
        ("/nowhere/", 404, "no archive"),
        ("/quarry/job/9", 404, "no job"),
        ("/quarry/point/9", 404, "no point"),
        ("/quarry/job/1?since=2020&until=2026", 400, "up to 400 days"),
        ("/quarry/compare", 400, "mark 1 to 8 events"),
        ("/quarry/compare?event=1&event=4", 400, "only waveforms are compared"),
        ("/quarry/compare?event=3&channel=Up", 400, "is no channel"),
        ("/static/..%2f..%2fpyproject.toml", 404, ""),
        ("/quarry/event/1/files/..%2f..%2fquarry.sfm", 404, ""),
    ],
)
def test_what_an_address_cannot_mean_is_said(site, made_once, address, status, said):
    answer = site.get(address)
    assert answer.status == status
    assert said in html.unescape(answer.text)
    assert str(made_once) not in answer.text, "where the archive lies is nobody's business"


def test_events_of_two_units_stand_on_one_axis(site):
    page = site.get("/quarry/compare?event=3&event=6").text
    graphs = re.findall(r">((?:Tran|Vert|Long|MicL), [^<]+)<", page)
    assert graphs == ["Tran, in/s", "Vert, in/s", "Long, in/s", "MicL, Pa"]
    assert page.count("seconds from each trigger") == 1 and "M529LL33.JM0W" in page and "P036LL33.JN0W" in page
    vert = site.get(COMPARED).text
    assert "Vert, in/s" in vert and "Tran, in/s" not in vert


def test_a_point_has_its_days_over_the_period(site):
    page = site.get("/quarry/point/1?since=2026-05-12&until=2026-05-13").text
    assert "2026-05-12 to 2026-05-13" in page and "<svg" in page
    assert [cell for cell in texts(page) if cell == "2026-05-12"]
    assert "2026-04-16 to 2026-05-13" in site.get("/quarry/job/1").text, "the weeks up to the newest event of the job"


def test_an_address_without_its_last_slash_leads_on_by_any_scheme(site):
    answer = site.get("/quarry")
    assert (answer.status, answer.headers["location"]) == (308, "/quarry/")
    assert site.get("//evil.example").status in (308, 404)
    assert not site.get("//evil.example").headers.get("location", "/").startswith("//")


def test_archives_of_one_name_are_apart(site):
    assert "7 events of 3 units" in site.get("/quarry/").text
    assert "0 events of 0 units" in site.get("/quarry-2/").text
    assert site.get("/quarry-2/event/1").status == 404


def test_looking_changes_no_byte(site, made_once):
    path = made_once / "quarry.sfm"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for page in (*PAGES, "/quarry/event/1/files/encoded", "/quarry/event/1/files/pdf"):
        assert site.get(page).status == 200
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [one.name for one in path.parent.iterdir() if one.name.startswith("quarry.sfm")] == ["quarry.sfm"]


def test_a_list_goes_on_behind_its_page(site):
    found, address = [], "/quarry/events?size=3&sort=ppv"
    while address:
        page = site.get(address).text
        found += re.findall(r'name="event" value="(\d+)"', page)
        following = re.search(r'<a href="(\?[^"]*)" rel="next">', page)
        address = f"/quarry/events{html.unescape(following[1])}" if following else ""
    assert sorted(map(int, found)) == [1, 2, 3, 4, 5, 6, 7]


def test_readers_beside_a_writer_wait_for_nobody_and_nothing_is_lost(served, made_once, tmp_path):
    path = tmp_path / "quarry.sfm"
    shutil.copyfile(made_once / "quarry.sfm", path)
    found: list[int] = []
    ended = threading.Event()

    def read(running: Any, number: int) -> None:
        while not ended.is_set():
            page = ("/quarry/events", "/quarry/event/3", "/api/quarry/events")[number % 3]
            found.append(running.get(page).status)

    with served(path) as running:
        readers = [threading.Thread(target=read, args=(running, number)) for number in range(6)]
        for one in readers:
            one.start()
        try:
            with sfm.open(path, wait_s=30) as archive:
                for second in range(40):
                    moment = datetime(2026, 6, 1, 12, 0, second)
                    archive.save(
                        sfm.Event(serial="BE9999", recorded_at=moment, record_type=sfm.RecordType.WAVEFORM), None
                    )
        finally:
            ended.set()
            for one in readers:
                one.join()
        assert set(found) == {200} and len(found) >= 6
        assert "40 of 40 shown" in running.get("/quarry/events?serial=BE9999").text


def test_a_large_received_file_comes_whole_and_in_pieces(served, made_once, tmp_path):
    path, data = tmp_path / "quarry.sfm", random.Random(7).randbytes(9_000_001)
    shutil.copyfile(made_once / "quarry.sfm", path)
    with sfm.open(path) as archive:
        archive.attach(3, [ReceivedFile(kind=FileKind.COPY, name="large.html", data=data)])
        (file,) = [one for one in archive.files(3) if one.name == "large.html"]
    address = f"/quarry/event/3/files/received/{file.file_id}"
    with served(path) as running, ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: running.get(address), range(6)))
    assert all(one.status == 200 and one.data == data for one in answers)


@pytest.mark.posix("Windows has no SIGINT for one process")
def test_a_server_ends_by_ctrl_c_without_a_complaint(served: Callable[..., Any], made_once):
    """By SIGTERM every server of these tests ends, which conftest.py looks at."""
    with served(made_once / "quarry.sfm") as running:
        assert running.get("/quarry/").status == 200
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) in (0, 130, -signal.SIGINT)


ODD = ("\0", "é\u202e", "9" * 30, "-1", "[0,5,9]", "'\"<", "1e400mm/s", "./schema.sql")


@pytest.mark.parametrize("page", ["/quarry/events", "/api/quarry/summary"])
def test_odd_words_of_an_address_never_fail_the_server(site, page):
    names = ("serial", "since", "event", "point", "behind", "ppv-from", "above", "size", "units", "interval", "by")
    for place, name in enumerate(names):
        for value in (ODD[place % len(ODD)], ODD[(place + 3) % len(ODD)]):
            assert site.get(f"{page}?{urlencode({name: value})}").status in (200, 400, 404, 422), (name, value)


def test_the_first_page_counts_by_the_limits_of_points_where_there_are_any(served, made_once, tmp_path):
    """Without any it names the curve that it takes."""
    shutil.copyfile(made_once / "quarry.sfm", tmp_path / "a.sfm")
    with served(tmp_path / "a.sfm") as running:
        assert "above usbm" in running.get("/a/").text
    with sfm.open(tmp_path / "a.sfm") as archive:
        (point,) = sfm.overview(archive).jobs[0].points
        sfm.limit_point(archive, f"{sfm.overview(archive).jobs[0].name}/{point.name}", limits=["1mm/s"])
    with served(tmp_path / "a.sfm") as running:
        page = running.get("/a/").text
        assert "above usbm" not in page
        number, link = re.search(r'href="([^"]+)"><b>([0-9]+)</b> above the limits of their points', page).group(2, 1)
        assert int(number) > 0 and len(
            json.loads(command("list", tmp_path / "a.sfm", "--above", "point", "--decided", "--json", "--all"))[
                "events"
            ]
        ) == int(number)
        assert running.get(html.unescape(link)).status == 200
