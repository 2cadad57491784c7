"""A file of a hundred megabytes is kept, read back and verified without ever standing in memory whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 100 << 20
MOST = 24 << 20
"""Bytes more than a small file takes. Most of it is SQLite's cache of pages, which is bounded by itself."""

SCRIPT = """
import hashlib, resource, sys
from datetime import datetime
from pathlib import Path
import sfm_archive as sfm

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

source, target = map(Path, sys.argv[1:])
small = source.with_name("small.pdf")
small.write_bytes(b"%PDF" * 1000)
event = sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1))
with sfm.create(target) as archive:
    def keep(path):
        file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=path.name, path=path)
        archive.save(event, files=[file])
        row = archive.files(1)[-1]
        digest = hashlib.sha256()
        for piece in archive.file_pieces(row):
            digest.update(piece)
        assert (digest.hexdigest(), row.size) == (file.sha256, path.stat().st_size)
        assert archive.verify().ok
    keep(small)
    before = most()
    keep(source)
    print(most() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such count of memory there")
def test_a_hundred_megabytes_pass_in_bounded_memory(tmp_path: Path) -> None:
    source = tmp_path / "large.pdf"
    block = bytes(range(256)) * 4096
    with source.open("wb") as file:
        for number in range(SIZE >> 20):
            file.write(number.to_bytes(4, "big") + block[4:])
    command = [sys.executable, "-c", SCRIPT, str(source), str(tmp_path / "a.sfm")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < MOST
