"""`is_safe_to_share`, `kind_of`: the file system of a folder; concurrent appends are atomic only on local ones."""

from __future__ import annotations

import os
from pathlib import Path

from ithtel.recording.file import locks

_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "lustre",
    "gpfs",
    "fuse",
    "prl_fs",
    "vboxsf",
    "vmhgfs",
)
_MOUNTS = Path("/proc/self/mounts")


def is_safe_to_share(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Return whether several processes may append to one file in `folder` without tearing each other's lines.

    They may on a local POSIX file system. On a network file system, in a FUSE mount and on Windows, each process writes
    a file of its own.
    """
    return locks.HAS_LOCKS and not kind_of(folder, mounts).startswith(_NETWORK) and _has_locks(folder)


def kind_of(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Return the type of the file system of `folder`, empty if the system does not report it."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    path = os.path.realpath(folder) + "/"
    best, kind = "", ""
    for line in table.splitlines():
        _, where, what, *_ = [*line.split(), "", "", ""]
        where = where.replace("\\040", " ")
        if path.startswith(where.rstrip("/") + "/") and len(where) >= len(best):
            best, kind = where, what
    return kind


def _has_locks(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if locks.share(descriptor):
            locks.release(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
