"""Commands that only look, and every `--dry-run`: an archive at rest is the same file behind them, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfm_archive.cli import COMMANDS
from sfm_archive.demo import captures

LOOKS = {
    "list": ["list QUARRY", "list QUARRY --json", "list QUARRY --ppv-from 1mm/s"],
    "find": ["find a QUARRY", "find *W QUARRY --json"],
    "waiting": ["waiting QUARRY"],
    "show": ["show QUARRY 1", "show QUARRY 1 --json"],
    "review": ["review QUARRY"],
    "export": ["export QUARRY out 1 --dry-run"],
    "handovers": ["handovers QUARRY"],
    "verify": ["verify QUARRY", "verify QUARRY --quick", "verify QUARRY --processes 2"],
    "encoders": ["encoders", "encoders QUARRY"],
    "decoders": ["decoders QUARRY", "decoders QUARRY --pin waveform@1 --dry-run"],
    "plugins": ["plugins"],
    "diff": ["diff QUARRY 1 --encoders blastware@1,blastware@1"],
    "reencode": ["reencode QUARRY --encoder blastware@3 --dry-run"],
    "zones": ["zones QUARRY"],
    "settings": [
        "settings QUARRY",
        "settings QUARRY BE11529 --range sensitive --reason log --dry-run",
        "settings QUARRY BE11529 --rate 2048 --reason log --dry-run",
    ],
    "correct": ["correct QUARRY", "correct QUARRY BE11529 --project x --reason log --dry-run"],
    "jobs": ["jobs QUARRY", "jobs QUARRY --json"],
    "job": [
        "job add QUARRY South --dry-run",
        "job suggest QUARRY",
        "job report QUARRY North --since 2026 --until 2026 --pages all",
        "job report QUARRY North --since 2026 --until 2026 --json",
    ],
    "point": ["point add QUARRY North Church --dry-run"],
    "place": ["place QUARRY BE11529 --at School --from 2026-05-01 --dry-run"],
    "unit": [
        "unit QUARRY",
        "unit QUARRY BE11529",
        "unit QUARRY BE11529 --json",
        "unit QUARRY BE11529 --calibrated 2026-02-11 --valid 12months --dry-run",
    ],
    "blast": [
        "blast add QUARRY North --at 2026-05-01T13:16 --zone UTC --dry-run",
        "blast list QUARRY",
        "blast list QUARRY --csv",
    ],
    "firm": ["firm QUARRY", "firm QUARRY --json", "firm QUARRY --name Rock --limits din --dry-run"],
    "config": ["config QUARRY", "config QUARRY --json"],
    "history": ["history QUARRY", "history QUARRY --verify"],
    "analyse": ["analyse QUARRY --dry-run"],
    "plot": ["plot QUARRY 1 -o out.png"],
    "page": ["page QUARRY 1 3 -o pages"],
    "report": ["report QUARRY -o out.pdf --no-record"],
    "summary": ["summary QUARRY"],
    "coverage": ["coverage QUARRY", "coverage QUARRY -o out.png", "coverage QUARRY --json"],
    "attenuation": ["attenuation QUARRY --job North", "attenuation QUARRY --job North --json"],
    "export-data": ["export-data QUARRY out 1 --format csv --no-record"],
    "write": ["write QUARRY 1 --as csv --to ."],
    "backup": ["backup QUARRY new.sfm", "backup QUARRY quick.sfm --quick"],
    "seal": ["seal QUARRY new.sfm"],
    "rebuild": ["rebuild QUARRY --dry-run", "rebuild QUARRY --reread --dry-run"],
    "salvage": ["salvage QUARRY new.sfm"],
    "info": ["info QUARRY", "info QUARRY --json"],
    "merge": ["merge QUARRY OTHER --dry-run", "merge QUARRY OTHER --dry-run --json"],
    "extract": ["extract QUARRY new.sfm", "extract QUARRY one.sfm 1 --json"],
    "import": ["import QUARRY CAPTURES --dry-run", "import QUARRY CAPTURES --dry-run --create"],
}
CHANGES = {"create", "compact", "demo", "join", "mark", "watch"}
"""Commands that have no other purpose."""

OF_NO_ARCHIVE = {"check-file", "check-report", "completion"}


WITHOUT_END = {"serve"}
"""Commands that run until somebody stops them: tests/web holds that they change no byte."""


def test_every_command_is_one_or_the_other():
    assert {*LOOKS, *CHANGES, *OF_NO_ARCHIVE, *WITHOUT_END} == set(COMMANDS)


@pytest.mark.parametrize("command", LOOKS)
def test_an_archive_at_rest_stays_as_it_is(sfm, quarry, command):
    other = quarry
    if command in ("import", "merge"):
        quarry = "empty.sfm"  # in which all that is imported is new
        sfm("create", quarry)
    if command in ("job", "point", "place", "blast", "attenuation"):
        sfm("job", "add", quarry, "North")
        sfm("point", "add", quarry, "North", "School")
    data, there = Path(quarry).read_bytes(), {path.name for path in sfm.folder.iterdir()}
    for line in LOOKS[command]:
        given = {"QUARRY": [quarry], "CAPTURES": captures(), "OTHER": [other]}
        code = 3 if command == "attenuation" else 0  # there are no blasts of which a law could be made
        sfm(*(word for part in line.split() for word in given.get(part, [part])), code=code)
        assert Path(quarry).read_bytes() == data, line
    made = {path.name for path in sfm.folder.iterdir()} - there
    assert not [name for name in made if name.startswith((quarry, ".sfm-"))]
