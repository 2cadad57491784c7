"""Several archives become one that says what one archive that saw everything would say."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

import sfm_archive as sfm
from tests.moving.conftest import ALL, a_season, what_counts

LAPTOPS = ("north", "south", "copy")


@pytest.mark.parametrize("order", list(permutations(LAPTOPS)), ids=" ".join)
def test_laptops_merged_in_any_order_say_what_one_archive_says(tmp_path: Path, order: tuple[str, ...]) -> None:
    with a_season(tmp_path) as world:
        office = world.archives["office"]
        for name in order:
            report = sfm.merge(office, world.path(name))
            assert not report.damaged
            (source,) = report.sources
            assert bool(source.forked_at) == (name == "copy")
        assert office.verify().findings == ()
        assert what_counts(office, tmp_path) == what_counts(world.archives[ALL], tmp_path)
        before = office.history_head()
        again = sfm.merge(office, *(world.path(name) for name in LAPTOPS))
        assert office.history_head() == before
        assert not any(source.is_new for source in again.sources)
