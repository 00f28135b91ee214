"""`fingerprint_file`: the digest of a file, computed once as long as the file does not change."""

from __future__ import annotations

import functools
import hashlib
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError, IthtelError, MissingFileError
from ithtel.events import FileRead, FileWrite

if TYPE_CHECKING:
    import os

_SETTLED_NS = 2_000_000_000
"""A file that changed less than 2 s ago may change again with the same modification time: FAT stores 2 s steps."""
_N_TRIES = 3


class FileFingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of a file's content, its size, and the time of its last change."""

    path: str
    sha256: str
    size_bytes: int
    mtime_ns: int

    def read(self) -> FileRead:
        """Return the event of a cell that read the file."""
        return FileRead(path=self.path, sha256=self.sha256, size_bytes=self.size_bytes, mtime_ns=self.mtime_ns)

    def written(self) -> FileWrite:
        """Return the event of a cell that wrote the file."""
        return FileWrite(path=self.path, sha256=self.sha256, size_bytes=self.size_bytes, mtime_ns=self.mtime_ns)


def fingerprint_file(path: str | Path, *, now_ns: int | None = None) -> FileFingerprint:
    """Return the SHA-256 digest of a file's bytes; for an unchanged file, the digest that is already known.

    A file is unchanged if its path, modification time, size and inode are the same, and it was already 2 s old when it
    was read.

    Args:
        path: The file; `path` of the result is as given.
        now_ns: The present time in ns since 1970; the system clock's unless given.

    Raises:
        MissingFileError: There is no such file.
        InputError: It is not an ordinary file, or cannot be read.

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
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {name!r}: {error}") from error
    return FileFingerprint(path=name, sha256=sha256, size_bytes=after.st_size, mtime_ns=after.st_mtime_ns)


def digest_or_none(path: str | Path) -> str | None:
    """Return the SHA-256 digest of a file, None if it is missing or cannot be read.

    >>> digest_or_none("no-such-file") is None
    True
    """
    try:
        return fingerprint_file(path).sha256
    except (IthtelError, OSError):
        return None


def _sha256(file: Path, status: os.stat_result, now_ns: int) -> str:
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a special file"
        raise InputError(f"expected a file, got {what}: {str(file)!r}")
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
