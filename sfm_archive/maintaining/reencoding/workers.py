"""What each process of a re-encoding has: its comparer, with plug-ins that it loads itself."""

from __future__ import annotations

from typing import NamedTuple

from sfm_archive.maintaining.reencoding.compared_event import EncoderComparer, EventToEncode, ReencodeResult
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.plugins.registry import PluginRegistry


class EncoderPair(NamedTuple):
    """Which encoder is compared with which, by name: a process loads its plug-ins itself."""

    encoder: str
    pinned: str
    ignore_records: bool

    def comparer(self, registry: PluginRegistry) -> EncoderComparer:
        """The comparer, with the encoders of a registry. Raises EncoderNotFound for the one to run."""
        encoder = registry.encoder(self.encoder)
        comparable = encoder.name.family == self.pinned.partition("@")[0]
        pinned = next((found for found in registry.encoders if str(found.name) == self.pinned), None)
        return EncoderComparer(encoder, pinned if comparable else None, comparable, self.ignore_records)

    def died(self, event_id: int) -> str:
        """The message when a process ended unexpectedly, at this event or soon after."""
        return (
            f"{self.encoder}: a process that ran it ended unexpectedly, at event {event_id} or soon after; what "
            "was recorded before is kept. Run it again with --processes 1 to see where"
        )


_comparers: list[EncoderComparer] = []
"""In a worker process: its one comparer."""


def start(pair: EncoderPair) -> None:
    """Before the first chunk."""
    _comparers[:] = [pair.comparer(load_plugins())]


def compare(chunk: list[EventToEncode]) -> list[ReencodeResult]:
    """Results for a chunk, in a process that was started."""
    return _comparers[0].compare_all(chunk)
