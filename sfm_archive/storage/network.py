"""Whether a path lies on a network drive, as far as the system shows it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "9p", "afs", "ncpfs", "vboxsf"}
)
_ESCAPED = re.compile(r"\\([0-7]{3})")
_DRIVE_REMOTE = 4
_MOUNT_TABLE = Path("/proc/self/mounts")


def is_network_path(path: Path) -> bool:
    """True for Windows shares and mapped drives and for network mounts on Linux; False where that is not known."""
    if sys.platform == "win32":
        return _is_windows_network_path(path)
    try:
        table = _MOUNT_TABLE.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return mount_type(path.resolve(), table) in _NETWORK_TYPES


def mount_type(path: Path, table: str) -> str:
    """File-system type of the mount that holds an absolute path, by a mount table as in /proc/self/mounts.

    `fuse.sshfs` and the like count as `nfs`; '' where no mount fits.
    """
    best, found = -1, ""
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Blank, tab, line feed and backslash stand as three octal digits in the table.
        point = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        if (point == path or point in path.parents) and len(point.parts) >= best:
            best, found = len(point.parts), fields[2]
    return "nfs" if found in ("fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs") else found


def _is_windows_network_path(path: Path) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    anchor = path.resolve().anchor
    return anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(anchor) == _DRIVE_REMOTE
