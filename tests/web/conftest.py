"""Archives with scripts in every text, and `sfm serve` as a process that shows them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.demo import captures
from sfm_archive.model.received import FileKind, ReceivedFile

SCRIPT = "<script>document.title='broken'</script>"
IMAGE = "<img src=x onerror=\"document.title='broken'\">"
JOB = "North <img src=y onerror=alert(1)>"
HTML = b"<html><script>document.title='broken'</script></html>"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode("utf-8")


@dataclass
class Running:
    """A server: `host`, its address with port; `said`, what it told."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    host: str = ""

    @property
    def address(self) -> str:
        return f"http://{self.host}"

    @property
    def port(self) -> int:
        return int(self.host.rpartition(":")[2])

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=50)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask(path, **headers)

    def post(self, path: str, body: str, **headers: str) -> Answer:
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        return self.ask(path, "POST", body, **{**given, **headers})


@contextmanager
def serving(*arguments: str | Path, **environment: str) -> Iterator[Running]:
    """`sfm serve` with these arguments on any free port, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sfm_archive", "serve", "--port", "0", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
    )  # fmt: skip
    running = Running(process)
    opened = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            running.said.append(line.rstrip("\n"))
            if found := re.match(r"http://(\S+)/ is open", line):
                running.host = found[1]
                opened.set()
        opened.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        opened.wait(50)
        assert running.host, running.said
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait(10)
        reader.join(5)
        assert process.stderr is not None
        process.stderr.close()
    assert process.returncode in (0, 130, 1, -signal.SIGTERM, -signal.SIGINT), running.said
    assert not [line for line in running.said if "Traceback" in line], running.said


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two archives of one name: the demo's events, and none."""
    folder = tmp_path_factory.mktemp("web")
    path = folder / "quarry.sfm"
    with sfm.create(path, actor=f"tester {SCRIPT}") as archive:
        archive.import_from(*captures())
        sfm.add_job(archive, JOB, client=IMAGE)
        sfm.add_point(archive, JOB, f"Church {IMAGE}", address=SCRIPT)
        sfm.place(archive, "BE11529", at=f"{JOB}/Church {IMAGE}", since=datetime(2026, 5, 1))
        for subject in ("project", "client", "location"):
            sfm.correct(archive, "BE14036", **{subject: SCRIPT}, reason=IMAGE)
        archive.review(1, false_trigger=True, reviewer=IMAGE, notes=SCRIPT)
        archive.attach(1, [ReceivedFile(kind=FileKind.COPY, name="<script>alert(1)<x>.HTML", data=HTML)])
    (folder / "other").mkdir()
    sfm.create(folder / "other" / "quarry.sfm").close()
    return folder


@pytest.fixture(scope="session")
def site(made_once: Path) -> Iterator[Running]:
    """Both archives, to be looked at."""
    with serving(made_once / "quarry.sfm", made_once / "other" / "quarry.sfm") as running:
        yield running


@pytest.fixture(scope="session")
def served() -> Callable[..., object]:
    """Starts a server of one's own."""
    return serving
