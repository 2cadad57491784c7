"""The program that notices are given to: without a shell, one document, and never longer than its time."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from sfm_archive.errors import UsageError
from sfm_archive.watching import Notice, NoticeKind, checked_program
from sfm_archive.watching.notice import FileTold
from sfm_archive.watching.programs import run_program
from tests.watching.conftest import until

NOTICE = Notice(
    kind=NoticeKind.REJECTED,
    sentence='größer $HOME `x` "y" ; & | %PATH%',
    archive="q.sfm",
    archive_id="0" * 32,
    at_utc="2026-05-01T12:00:00.000000Z",
    about="x" * 200_000,
    file=FileTold(path="x", message="no event"),
)


def run(code: str, *arguments: str, seconds: float = 20) -> str:
    return run_program((sys.executable, "-c", code, *arguments), NOTICE, seconds)


def test_it_reads_one_document_and_gets_its_arguments_as_they_are(tmp_path: Path) -> None:
    code = (
        "import json, os, sys\n"
        "seen = json.loads(sys.stdin.buffer.read()), sys.argv[2:], os.environ['SFM_NOTICE_KIND']\n"
        "open(sys.argv[1], 'w').write(json.dumps(seen))"
    )
    odd = ["$HOME", "a b", "", "*", "--notify", "--help", "; rm -rf x"]
    assert run(code, str(tmp_path / "seen"), *odd) == ""
    document, arguments, kind = json.loads((tmp_path / "seen").read_text())
    assert document["sentence"] == NOTICE.sentence and document["id"] == NOTICE.id and document["version"] == 1
    assert (arguments, kind) == (odd, "rejected")


def test_one_that_reads_nothing_of_a_large_document_ends_well() -> None:
    assert run("pass") == ""


def test_one_that_fails_is_told_with_its_last_words() -> None:
    said = run("import sys; print('first'); print('no route to host', file=sys.stderr); sys.exit(7)")
    assert said == f"{Path(sys.executable).name} ended with 7: 'no route to host'"


def test_one_that_is_not_there_any_more_is_told(tmp_path: Path) -> None:
    assert "gone could not be started" in run_program((str(tmp_path / "gone"),), NOTICE)


def test_one_that_says_without_end_is_stopped() -> None:
    begun = time.monotonic()
    said = run("while True: print('x' * 1000)", seconds=1)
    assert "did not end within 1 s and was stopped: 'xxx" in said
    assert time.monotonic() - begun < 15


def test_one_that_hangs_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    child = f"import time\nwhile True: open({str(beats)!r}, 'a').write('x'); time.sleep(0.05)"
    parent = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    assert "did not end within 3 s and was stopped" in run(parent, seconds=3)
    size = beats.stat().st_size
    time.sleep(0.5)
    assert size and beats.stat().st_size == size


def test_what_a_program_that_ended_well_left_behind_goes_on(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    child = f"import time; time.sleep(1.0); open({str(sent)!r}, 'w').write('mail')"
    parent = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL)"
    )
    assert run(parent) == ""
    until(sent.exists)


@pytest.mark.posix("batch files are Windows'")
def test_a_batch_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = tmp_path / "tell.bat"
    batch.write_text("echo")
    batch.chmod(0o755)
    with pytest.raises(UsageError, match=r"is a batch file, which runs in a shell.* --notify cmd /d /c tell\.bat"):
        checked_program([str(batch)])


def test_a_program_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="'no-such-program --x' is no program that can be run here"):
        checked_program(["no-such-program --x"])


def test_a_program_is_found_before_the_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(sys.executable).parent)
    found = checked_program([os.curdir + os.sep + Path(sys.executable).name, "x"])
    assert Path(found[0]).is_absolute() and found[1:] == ("x",)
