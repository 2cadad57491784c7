"""How long operations tell how far they are."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then with the number of items done and the number there are."""

    def __call__(self, done: int, total: int, /) -> None:
        """`done` never falls; the last call has done equal to total."""


def silent(done: int, total: int, /) -> None:
    """A Progress that does nothing."""
