"""What a file held: its digest, not computed twice for the same file."""

from __future__ import annotations

import functools
import hashlib
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError, MissingFileError
from ithtel.events import FileRead, FileWrite

if TYPE_CHECKING:
    import os

_SETTLED_NS = 2_000_000_000
"""A file that changed less than 2 s ago may change again without a new time of change: FAT counts in steps of 2 s."""
_N_TRIES = 3


class FileFingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """What a file held, and when it was last changed."""

    path: str
    sha256: str
    size_bytes: int
    mtime_ns: int

    def read(self) -> FileRead:
        """Return the event that a cell read it."""
        return FileRead(path=self.path, sha256=self.sha256, size_bytes=self.size_bytes, mtime_ns=self.mtime_ns)

    def written(self) -> FileWrite:
        """Return the event that a cell wrote it."""
        return FileWrite(path=self.path, sha256=self.sha256, size_bytes=self.size_bytes, mtime_ns=self.mtime_ns)


def fingerprint_file(path: str | Path, *, now_ns: int | None = None) -> FileFingerprint:
    """Return the digest of a file's bytes, read in blocks; of an unchanged file from memory.

    Unchanged is a file with the same path, time of change, size and inode, that had settled when it was read.

    Args:
        path: The file; `path` of the result is as given.
        now_ns: The present time in ns since 1970, by which a file has settled or not; the clock's unless given.

    Raises:
        MissingFileError: There is no such file.
        InputError: It is a folder or no ordinary file, or cannot be read.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     fingerprint_file(file.name).sha256[:8]
    'e3b0c442'
    """
    name = str(path)
    file = Path(name)
    try:
        for _ in range(_N_TRIES):
            before = file.stat()
            sha256 = _sha256(file, before, time.time_ns() if now_ns is None else now_ns)
            after = file.stat()
            if _key(before) == _key(after):
                break
    except FileNotFoundError as error:
        raise MissingFileError(f"no file {name!r}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name!r} cannot be read: {error}") from error
    return FileFingerprint(path=name, sha256=sha256, size_bytes=after.st_size, mtime_ns=after.st_mtime_ns)


def _sha256(file: Path, status: os.stat_result, now_ns: int) -> str:
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
        raise InputError(f"{str(file)!r} is {what}; a file is possible")
    if now_ns - status.st_mtime_ns < _SETTLED_NS:
        return _digest(file)
    return _cached_digest(file.absolute(), _key(status))


def _key(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


@functools.lru_cache(maxsize=4096)
def _cached_digest(file: Path, _key: tuple[int, int, int, int]) -> str:
    return _digest(file)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
