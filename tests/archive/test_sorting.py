"""Pages of a sorted list: every event once, in the order of its column, however long the pages are."""

from __future__ import annotations

from itertools import pairwise

import pytest

import sfm_archive as sfm
from sfm_archive.archive.sorting import listed_page
from sfm_archive.demo import captures
from sfm_archive.errors import UsageError
from sfm_archive.model.list_order import Behind, Order, behind_from, order_from
from sfm_archive.model.selection import Selection, select
from sfm_archive.model.velocities import whole_nm_s

VALUES = {
    Order.ID: lambda one: one.event_id,
    Order.TIME: lambda one: one.start_local,
    Order.SERIAL: lambda one: one.serial,
    Order.TYPE: lambda one: one.record_type,
    Order.NAME: lambda one: one.name,
    Order.POINT: lambda one: f"{one.job}/{one.point}" if one.point else "",
    Order.ENCODING: lambda one: {"ok": "ok", "not encodable": "refused"}.get(one.encoding, ""),
    Order.REVIEW: lambda one: {None: "", False: "event", True: "false trigger"}[one.false_trigger],
    Order.LEVEL: lambda one: one.level == "yes",
    Order.PPV: lambda one: (
        0 if one.ppv is None else 2 if one.ppv_basis in ("over range", "at least") else 1,
        0 if one.ppv is None or one.ppv.number is None else whole_nm_s(one.ppv.number, one.ppv.unit),
    ),
}
FILTERS = {
    "all": {},
    "unit": {"serial": "BE11529"},
    "since": {"since": "2026-05-12 09:00"},
    "level": {"ppv_from": "2mm/s"},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("sorting") / "quarry.sfm"
    with sfm.create(path) as archive:
        archive.import_from(*captures())
        archive.review(2, false_trigger=True, notes="truck")
        archive.review(5, false_trigger=False, notes="blast log")
        for name, serial in (("Zoo", "BE11529"), ("Abbey", "BE14036")):
            sfm.add_job(archive, name)
            sfm.add_point(archive, name, "door")
            sfm.place(archive, serial, at=f"{name}/door", since=sfm.select(since="2026-05-01").since)
    return path


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("order", Order)
def test_pages_of_any_length_are_the_whole_list_in_order(path, order, filters):
    if order is Order.LEVEL and filters != "level":
        pytest.skip("a level is sorted by where one is asked for")
    with sfm.open(path, read_only=True) as archive:
        for down in (True, False):
            chosen = select(**FILTERS[filters], newest_first=down)
            every = {one.event_id for one in archive.listing(chosen)}
            assert every
            for size in (1, 3, 50):
                found, behind = [], None
                while True:
                    page = listed_page(archive, chosen, order, size, behind)
                    found += page.events
                    assert len(page.events) <= size
                    if page.last is None:
                        break
                    behind = behind_from(page.last.text())
                assert sorted(one.event_id for one in found) == sorted(every)
                values = [(VALUES[order](one), one.event_id) for one in found]
                assert all((a > b) if down else (a < b) for a, b in pairwise(values)), values


def test_rows_are_those_of_the_list(path):
    with sfm.open(path, read_only=True) as archive:
        chosen = select(since="2026-05-12 09:00", newest_first=True)
        assert list(listed_page(archive, chosen, Order.TIME, 50).events) == list(archive.listing(chosen))
        assert listed_page(archive, Selection(serials=("BE1",)), Order.PPV, 50) == ((), None)


@pytest.mark.parametrize(
    "text", ["", "[]", "[0,1]", "[0,null,1]", "[0,1.5,2]", "[true,1,2]", "[0,-1,2]", "[" * 5000, "9" * 5000]
)
def test_what_is_no_place_in_a_list_is_refused(text):
    with pytest.raises(UsageError):
        behind_from(text)
    with pytest.raises(UsageError):
        order_from(text)
    assert behind_from(Behind(0, 'a"b', 3).text()) == (0, 'a"b', 3)
