"""What every record of a change of the archive has; the records themselves are in `changes`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from sfm_archive.base.json_records import as_json
from sfm_archive.storage.event_identity import Identity

Described = tuple[tuple[str, ...], ...]
"""Received files, each as kind and name: so that a lost one can be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one row of the history says beside the rows that it lists."""

    action: ClassVar[str]

    @property
    def identity(self) -> Identity | None:
        """Of the event that came into the archive with it. Raises ValueError where it says something else."""
        return None

    @property
    def described(self) -> Described:
        """The received files that came with it."""
        return ()

    def told(self, wrote: Collection[str]) -> str:
        """What was done, in words; '' where the action says all. `wrote`: names of the tables that have rows of it."""
        return ""

    def as_text(self) -> str:
        """The detail as it stands in the history."""
        return json.dumps(as_json(self), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
