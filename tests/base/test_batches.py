"""Series in lists of some size."""

from __future__ import annotations

from sfm_archive.base.batches import batches


def test_all_items_come_in_their_order_and_no_list_is_empty() -> None:
    for size in (1, 3, 7, 8):
        found = list(batches(iter(range(7)), size))
        assert [item for batch in found for item in batch] == list(range(7))
        assert [len(batch) for batch in found[:-1]] == [size] * (len(found) - 1) and found[-1]
    assert list(batches([], 5)) == []
