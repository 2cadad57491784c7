"""Counts of what was tried, printed at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder, in memory where the system has such: the power is cut in a model, not on a disk."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(prefix="sfm-trust-", dir="/dev/shm") as name:
        yield Path(name)


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Note how often a test has tried to lose something."""

    def note(what: str, count: int) -> None:
        record_property(f"tried: {what}", count)

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    if name.startswith("tried: "):
                        counts[name.removeprefix("tried: ")] += value
    if counts:
        text = ", ".join(f"{count:,} {what}" for what, count in counts.items())
        terminalreporter.write_line(f"tried to lose something: {text}")
