"""Every command on a real disk with only a few kilobytes left: 32 are what a write-ahead log needs to be looked at.

The disk is in memory (tmpfs), mounted where only the trial sees it; Linux lets any user do that. Whatever a command
does, it succeeds or says that the disk is full; and while it still is, the archive is listed and verified.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import sfm_archive as sfm
from sfm_archive.selftest.power_cuts import NAME
from sfm_archive.selftest.work import a_days_work, job
from sfm_archive.testing import blastware_file

_DISK = 2 * 1024 * 1024
FREE_KIB = (0, 8, 16, 28, 48)
MOUNTED = ["unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c"]
_MOUNT = f'mount -t tmpfs -o size={_DISK} tmpfs "$0" && exec "$@"'

COMMANDS = {
    "list": ("list", NAME),
    "verify": ("verify", NAME),
    "export": ("export", NAME, "out"),
    "import": ("import", NAME, "../received"),
    "review": ("review", NAME, "1", "--false-trigger", "--reason", "blast log"),
    "rebuild": ("rebuild", NAME),
    "compact": ("compact", NAME),
    "backup": ("backup", NAME, "copy.sfm"),
    "seal": ("seal", NAME, "copy.sfm"),
    "create": ("create", "new.sfm"),
    "merge": ("merge", NAME, "../other.sfm"),
    "extract": ("extract", NAME, "copy.sfm"),
}

_KILLED = """
    import os, sys
    import sfm_archive as sfm
    from sfm_archive.selftest.work import job
    archive = sfm.open(sys.argv[1])
    job("in the log").save(archive)
    os._exit(9)
"""


@dataclass(slots=True)
class SmallDisks:
    """How many commands ran, how many of them found the disk full, and what was wrong. `tried`: whether the system lets
    such a disk be mounted."""

    tried: bool = True
    commands: int = 0
    full: int = 0
    wrong: list[str] = field(default_factory=list)


def work_on_small_disks(folder: Path, every: int = 1) -> SmallDisks:
    """All commands at every n-th size, on an archive at rest and on one whose writer was killed."""
    disk = folder / "disk"
    disk.mkdir(parents=True)
    if not sys.platform.startswith("linux") or _run([*MOUNTED, _MOUNT, str(disk), "true"], folder).returncode:
        return SmallDisks(tried=False)
    _prepare(folder)
    command = [*MOUNTED, _MOUNT, str(disk), sys.executable, "-m", __spec__.name, str(folder), str(every)]
    done = _run(command, folder)
    if done.returncode:
        return SmallDisks(wrong=[f"the trial ended early: {done.stderr[-500:]}"])
    return SmallDisks(**json.loads(done.stdout))


def _prepare(folder: Path) -> None:
    path = folder / NAME
    with sfm.create(path) as archive:
        for step in a_days_work():
            step.run(archive)
    with sfm.create(folder / "other.sfm") as archive:
        for number in range(20):
            job(f"of another {number}").save(archive)
    (folder / "received").mkdir()
    for number in range(5):
        one = job(f"received {number}")
        (folder / "received" / f"R{number}.TXT").write_bytes(one.report.data)
        (folder / "received" / f"{one.event.serial}.{number:03}").write_bytes(blastware_file(one.simulated))


def _on_the_disk(folder: Path, every: int) -> SmallDisks:
    found = SmallDisks()
    for killed in (False, True):
        for number, (name, command) in enumerate(COMMANDS.items()):
            for kib in FREE_KIB[number % every :: every]:
                where = f"{name} with {kib} kB free{', behind a killed writer' if killed else ''}"
                found.wrong += [f"{where}: {text}" for text in _one(folder, command, kib, killed, found)]
    return found


def _one(folder: Path, command: tuple[str, ...], kib: int, killed: bool, found: SmallDisks) -> Iterator[str]:
    disk = folder / "disk"
    for left in disk.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    shutil.copy(folder / NAME, disk / NAME)
    if killed:
        _run([sys.executable, "-c", dedent(_KILLED), str(disk / NAME)], disk)
    filler = disk / "everything else"
    filler.write_bytes(bytes(_free(disk) - kib * 1024))
    done = _sfm(disk, *command)
    found.commands += 1
    found.full += done.returncode == 6
    if done.returncode not in (0, 6) or "Traceback" in done.stderr:
        yield f"exit code {done.returncode}: {done.stderr[-300:]}"
    elif done.returncode == 6 and "disk is full" not in done.stderr:
        yield f"a sentence that does not help: {done.stderr[-300:]}"
    for look in (("list", NAME), ("verify", NAME, "--quick")):
        seen = _sfm(disk, *look)
        if seen.returncode:
            yield f"then {look[0]} says {seen.stderr[-300:] or seen.stdout[-300:]}"
    filler.unlink()
    with sfm.open(disk / NAME) as archive:
        if not archive.verify().ok:
            yield "with room again it is damaged"
    beside = [path.name for path in disk.iterdir() if path.name.startswith(f"{NAME}-")]
    if beside:
        yield f"with room again {', '.join(beside)} lies there after closing"


def _free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


def _sfm(disk: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run([sys.executable, "-m", "sfm_archive", *arguments], disk)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", "")


if __name__ == "__main__":
    result = _on_the_disk(Path(sys.argv[1]), int(sys.argv[2]))
    json.dump({"commands": result.commands, "full": result.full, "wrong": result.wrong}, sys.stdout)
