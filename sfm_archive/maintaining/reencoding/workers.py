"""What each process of a re-encoding has: its judge, with plug-ins that it loads itself."""

from __future__ import annotations

from typing import NamedTuple

from sfm_archive.maintaining.reencoding.judge import Judge, ReencodeResult, Task
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.plugins.registry import PluginRegistry


class Contest(NamedTuple):
    """Which encoder is held against which, by name: a process loads its plug-ins itself."""

    encoder: str
    pinned: str
    again: bool

    def judge(self, registry: PluginRegistry) -> Judge:
        """The judge, with the encoders of a registry. Raises EncoderNotFound for the one to run."""
        encoder = registry.encoder(self.encoder)
        comparable = encoder.name.family == self.pinned.partition("@")[0]
        pinned = next((found for found in registry.encoders if str(found.name) == self.pinned), None)
        return Judge(encoder, pinned if comparable else None, comparable, self.again)

    def died(self, event_id: int) -> str:
        """What is said when a process ended without a word, at this event or soon after."""
        return (
            f"{self.encoder}: a process that ran it ended unexpectedly, at event {event_id} or soon after; what "
            "was recorded before is kept. Run it again with --processes 1 to see where"
        )


_judges: list[Judge] = []
"""In a worker process: its one judge."""


def start(contest: Contest) -> None:
    """Before the first chunk."""
    _judges[:] = [contest.judge(load_plugins())]


def judge(chunk: list[Task]) -> list[ReencodeResult]:
    """Verdicts on a chunk, in a process that was started."""
    return _judges[0].verdicts(chunk)
