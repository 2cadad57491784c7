"""A long series in lists of some size, so that as much is looked up at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """All of `items` in their order, `size` at a time; the last list may be shorter."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
