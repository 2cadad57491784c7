"""Every command that reads an archive, in this process: it does what it is for, or says in a sentence why not.

On a damaged archive a command may refuse, at best with exit code 5. It may not end with a traceback, for nobody
can tell that from a fault of the program, and it says neither what is damaged nor what to do.
"""

from __future__ import annotations

import io
import shutil
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from sfm_archive.cli import main
from sfm_archive.errors import ExitCode


class Ran(NamedTuple):
    """What a command came to: its exit code, what it said beside its data, and the traceback that it ended with."""

    command: str
    code: int
    said: str
    traceback: str

    @property
    def wrong(self) -> str:
        """What no damage may bring about, '' where there is nothing of it."""
        if self.traceback:
            return f"{self.command}: {self.traceback}"
        if self.code == ExitCode.USAGE:
            return f"{self.command}: it calls itself wrong: {self.said}"
        return "" if "SQLite says" not in self.said else f"{self.command}: {self.said}"


def commands(folder: Path, path: Path) -> Iterator[Sequence[str]]:
    """The reading commands on the archive at `path`, those that write something of it too last. `folder`: for their
    output."""
    archive, out = str(path), folder / "out"
    yield "list", archive, "--all"
    yield "list", archive, "--json", "--above", "din", "--ppv-from", "1mm/s"
    yield "list", archive, "--csv", "--since", "2026-05-02", "--project", "north"
    for event in ("1", "2", "3", "4", "5"):
        yield "show", archive, event
        yield "show", archive, event, "--json"
    yield "summary", archive, "--by", "day", "--limits", "din"
    yield "summary", archive, "--json"
    yield "jobs", archive
    yield "correct", archive
    yield "unit", archive
    yield "unit", archive, "BE11521"
    yield "unit", archive, "BE11521", "--sensor-checks", "--json"
    yield "summary", archive, "--limits", "point"
    yield "list", archive, "--above", "point", "--json"
    yield "find", "north", archive
    yield "find", "*0", archive, "--since", "2026-05-02", "--json"
    yield "info", archive
    yield "waiting", archive
    yield "waiting", archive, "--json"
    yield "handovers", archive
    yield "handovers", archive, "1", "--json"
    yield "handovers", archive, "2", "-o", str(out / "again.pdf")
    yield "list", archive, "--as-of", "3", "--json"
    yield "job", "report", archive, "1", "--since", "2026", "--until", "2026", "--as-of", "20"
    yield "settings", archive
    yield "zones", archive
    yield "jobs", archive
    yield "job", "report", archive, "1", "--since", "2026", "--until", "2026", "--pages", "all", "--json"
    yield "blast", "list", archive
    yield "blast", "list", archive, "--csv"
    yield "blast", "show", archive, "1"
    yield "blast", "show", archive, "1", "--json"
    yield "firm", archive
    yield "firm", archive, "--json"
    yield "config", archive
    yield "attenuation", archive, "--job", "Quarry", "--limit", "5mm/s", "--json"
    yield "review", archive
    yield "history", archive
    yield "history", archive, "3"
    yield "history", archive, "--verify", "--json"
    yield "verify", archive, "--json", "--processes", "1"
    yield "diff", archive, "3", "--encoders", "blastware@1,blastware@2"
    yield "reencode", archive, "--encoder", "blastware@1", "--dry-run", "--processes", "1"
    yield "write", archive, "3", "--as", "ascii-values"
    yield "write", archive, "5", "--as", "ascii-values"
    yield "export-data", archive, str(out / "data"), "--format", "csv"
    yield "plot", archive, "5", "-o", str(out / "event.svg")
    yield "report", archive, "-o", str(out / "events.pdf")
    yield "analyse", archive, "--dry-run"
    yield "export", archive, str(out / "files")
    yield "export", archive, str(out / "same"), "--like", "1"
    yield "rebuild", archive


SLOW = frozenset({"plot", "report", "verify", "reencode", "export-data", "write", "analyse", "rebuild", "diff"})
"""Commands that take more than a few hundredths of a second."""


def run(arguments: Sequence[str]) -> Ran:
    """One command."""
    said = io.StringIO()
    code, trace = 0, ""
    try:
        with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")), redirect_stderr(said):
            main(args=list(arguments))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        trace = f"{type(error).__name__}: {error!s:.200} ({Path(last.filename).name}, line {last.lineno})"
    return Ran(arguments[0], code, said.getvalue(), trace)


def run_all(folder: Path, data: bytes, *, without: frozenset[str] = frozenset()) -> Iterator[Ran]:
    """All of them on an archive that holds `data`, each on the file as it is."""
    path = folder / "read.sfm"
    for arguments in commands(folder, path):
        if arguments[0] in without:
            continue
        path.write_bytes(data)
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / "out").mkdir()
        yield run(arguments)
