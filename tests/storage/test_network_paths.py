"""Which mount holds a path, and what the archive does on network drives."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.storage import connection
from sfm_archive.storage.network import is_network_path, mount_type

TABLE = r"""rootfs / rootfs rw 0 0
/dev/vda / ext4 rw 0 0
server:/quarry /mnt/quarry nfs4 rw 0 0
//pc/share /mnt/two\040words\134x cifs rw 0 0
tab /mnt/a\011b nfs rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
/dev/sdb /mnt/quarry/usb vfat rw 0 0
/dev/sdc /mnt/quarrystone xfs rw 0 0
over /mnt/over nfs rw 0 0
/dev/sdd /mnt/over ext4 rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/home/me/a.sfm", "ext4"),
        ("/mnt/quarry", "nfs4"),
        ("/mnt/quarry/2026/a.sfm", "nfs4"),
        ("/mnt/quarry/usb/a.sfm", "vfat"),
        ("/mnt/quarrystone/a.sfm", "xfs"),
        ("/mnt/quarryx", "ext4"),
        ("/mnt/two words\\x/a.sfm", "cifs"),
        ("/mnt/a\tb/a.sfm", "nfs"),
        ("/home/me/far/a.sfm", "nfs"),
        ("/mnt/over/a.sfm", "ext4"),  # the newer mount covers the older one
    ],
)
def test_the_innermost_mount_counts(path: str, kind: str) -> None:
    assert mount_type(Path(path), TABLE) == kind


def test_without_a_table_nothing_is_known() -> None:
    assert mount_type(Path("/a"), "") == ""


def test_a_path_that_does_not_exist_yet_can_be_asked_for(tmp_path: Path) -> None:
    assert is_network_path(tmp_path / "a.sfm") in (False, True)


def test_on_a_network_drive_the_rollback_journal_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "is_network_path", lambda path: True)
    path = tmp_path / "a.sfm"
    event = testing.simulate_histogram(Random(1), count=5)
    with sfm.create(path) as archive:
        assert archive.store.connection.pragma("journal_mode") == "delete"
        assert archive.store.connection.pragma("synchronous") == 3  # EXTRA
        archive.save(sfm.Event(serial="BE1", recorded_at=event.recorded_at), testing.read_out(event))
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.sfm"]
        with sfm.open(path, read_only=True) as reader:
            assert reader.count() == 1
    monkeypatch.setattr(connection, "is_network_path", lambda path: False)
    with sfm.open(path) as archive:
        assert archive.store.connection.pragma("journal_mode") == "wal"
        assert archive.store.connection.pragma("synchronous") == 3  # EXTRA; for WAL the same as FULL
