"""`Appender`: appends whole lines to one open file, even if the file is rotated, deleted or closed by others.

There is no lock around an append: a write with O_APPEND is atomic on a local POSIX file system (a pair of flock calls
would cost more than the write: 1.7 µs and 1.3). Every 128 lines or 50 ms, before the journal forgets the lines since,
the appender checks whether another process rotated or deleted the file or closed the descriptor, and writes lines that
are gone again.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import time
from datetime import datetime
from typing import TYPE_CHECKING

from ithtel.events.format.files import NDJSON_FOLDER, parse_path
from ithtel.recording.file import locks, rotation
from ithtel.recording.file.folders import make_private_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLOSED = -1
CHECK_SECONDS = 0.05
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_N_TRIES = 100
_TAIL_BYTES = 1 << 22
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Appender:
    """Appends whole lines to the file at `path`; every method raises OSError if it cannot do what it promises."""

    def __init__(self, path: Path, file_mode: int, folder_mode: int) -> None:
        self.path: Path = path
        self.began: float | None = None
        self.fresh: list[bytes] = []
        """The lines appended last: the caller adds them, and removes them after `settle`."""
        self._file_mode = file_mode
        self._folder_mode = folder_mode
        self._descriptor = CLOSED
        self.write: Callable[[bytes], int | None] = _refuse
        """The plain system call, which may write part of a line or refuse; `append` handles both.

        It refuses from the moment the file is left until the lines that were lost with it are written again.
        """
        self._identity = (0, 0)
        self._safe: bytes | None = None
        """The last fresh line that is known to be in the file."""
        self._check_at = 0.0
        self._is_finished = False

    def append(self, lines: bytes) -> None:
        """Append `lines`; a short write is continued until everything is written, or taken back."""
        if self.write is _refuse:
            self.settle()
        try:
            written = os.write(self._descriptor, lines)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            self._reopen()
            written = os.write(self._descriptor, lines)
        if written != len(lines):
            self.carry_on(lines, written)

    @property
    def size(self) -> int:
        """The size of the file, zero if it is not open."""
        try:
            return os.fstat(self._descriptor).st_size
        except OSError as error:
            if not locks.is_refusal(error):
                raise
            return 0

    def holds(self, lines: bytes) -> bool:
        """Return whether `lines` are what this descriptor wrote last: its offset is the end of its last write."""
        try:
            end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            tail = _read(self._descriptor, max(0, end - len(lines)), end)
        except OSError as error:
            if not locks.is_refusal(error):
                raise
            return False
        if tail == lines:
            return True
        begun = _begun(tail, lines)
        if begun:  # a short write was interrupted
            self._take_back(end, begun)
        return False

    def sync(self) -> None:
        """Force the file to the disk."""
        if self._descriptor != CLOSED:
            os.fsync(self._descriptor)

    def look(self) -> None:
        """Settle, unless that was done a moment ago."""
        if time.monotonic() > self._check_at:
            self.settle()

    def settle(self) -> None:
        """Check whether the file is still the one at `path`; if not, continue in the one that is, or in a new one."""
        self._check_at = time.monotonic() + CHECK_SECONDS
        if self._is_finished:
            return
        if self._descriptor != CLOSED:
            try:
                at_path = os.stat(self.path)  # noqa: PTH116 - a third faster
                if (at_path.st_ino, at_path.st_dev) == self._identity and self._is_ours():
                    if self.write is _refuse:
                        self._repay()
                    self._note_safe()
                    return
            except FileNotFoundError:
                pass
        self._reopen()

    def rotate(self, now: float) -> bool:
        """Turn the file into a part of its session and begin a new one; return False if that has been done already."""
        file = parse_path(self.path)
        if file is None:
            return False
        with locks.folder_lock(self.path.parent):
            before = self._identity
            self.settle()
            is_ours = before == self._identity and self.size > 0
            if is_ours:
                if not locks.HAS_LOCKS:
                    self._drop()  # Windows cannot rename an open file
                rotation.rotate(self.path, file.name, now)
                self._note_safe()
                self._reopen()
        return is_ours

    def open(self) -> None:
        """Open the file, create it and its folder if missing, and end a last line that an earlier crash cut off."""
        for _ in range(_N_TRIES):
            try:
                descriptor = os.open(self.path, _FLAGS, self._file_mode)
            except FileNotFoundError:
                if self.path.parent.name == NDJSON_FOLDER:
                    make_private_folder(self.path.parent.parent, self._folder_mode)
                self.path.parent.mkdir(mode=self._folder_mode, parents=True, exist_ok=True)
                continue
            if self._take(descriptor):
                return
            os.close(descriptor)
            time.sleep(0.001)
        raise OSError(errno.EBUSY, "the file keeps being replaced", str(self.path))

    def close(self) -> None:
        """Write lines that have vanished again, and close the file for good."""
        with locks.ignoring_refusals():
            if self._unsafe():
                self.settle()
        self._is_finished = True
        self._drop()

    def forked(self) -> None:
        """Leave the parent's open file to the parent; the next append opens its own."""
        if self._descriptor != CLOSED:
            with locks.ignoring_refusals():
                if self._is_ours():
                    os.close(self._descriptor)  # without releasing the lock, which is the parent's too
        self._descriptor, self.write = CLOSED, _refuse

    def _take(self, descriptor: int) -> bool:
        """Use `descriptor` as the open file, unless the file was turned into a part meanwhile."""
        if not locks.share(descriptor):
            return False
        status = os.fstat(descriptor)
        try:
            at_path = os.stat(self.path)  # noqa: PTH116
        except FileNotFoundError:
            return False
        if not os.path.samestat(status, at_path):
            return False
        if status.st_size == 0 and self._file_mode != status.st_mode & 0o777:
            with contextlib.suppress(AttributeError), locks.ignoring_refusals():  # Windows has no fchmod
                os.fchmod(descriptor, self._file_mode)  # the umask removed requested permissions
        self._descriptor, self._identity = descriptor, (status.st_ino, status.st_dev)
        self.began = _first_moment(descriptor)
        if status.st_size:
            _end_torn_line(descriptor)
        self._check_at = time.monotonic() + CHECK_SECONDS
        return True

    def _reopen(self) -> None:
        """Open the file again, and write what was lost with the former one; any step may be interrupted or refused."""
        if self._descriptor != CLOSED and self._is_ours() and os.fstat(self._descriptor).st_nlink > 0:
            self._note_safe()  # renamed without being deleted, it holds what was written
        self._drop()
        self.open()
        self._repay()

    def _repay(self) -> None:
        """Write lines lost with a former file again, unless they are there; then allow `write`."""
        for lines in self._unsafe():
            size = os.fstat(self._descriptor).st_size
            if lines not in _read(self._descriptor, max(0, size - _TAIL_BYTES), size):
                written = os.write(self._descriptor, lines)
                if written != len(lines):
                    self.carry_on(lines, written)
            self._safe = lines
        self.write = io.FileIO(self._descriptor, "ab", closefd=False).write

    def _note_safe(self) -> None:
        """Note that everything that was appended is in the file."""
        if self.fresh:
            self._safe = self.fresh[-1]

    def _unsafe(self) -> list[bytes]:
        """Return the fresh lines after the last one that is known to be in the file."""
        at = next((at for at, lines in enumerate(self.fresh) if lines is self._safe), -1)
        return self.fresh[at + 1 :]

    def _is_ours(self) -> bool:
        """Return whether our descriptor is still our file: a user may have closed it, and opened another with it."""
        try:
            status = os.fstat(self._descriptor)
        except OSError as error:
            if not locks.is_refusal(error):
                raise
            return False
        return (status.st_ino, status.st_dev) == self._identity

    def _drop(self) -> None:
        descriptor, self._descriptor, self.write = self._descriptor, CLOSED, _refuse
        if descriptor != CLOSED:
            with locks.ignoring_refusals():
                status = os.fstat(descriptor)
                if (status.st_ino, status.st_dev) == self._identity:
                    locks.release(descriptor)
                    os.close(descriptor)

    def carry_on(self, lines: bytes, written: int) -> None:
        """Append the rest of `lines`, of which `written` bytes are written, or take those back."""
        try:
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
        except OSError as error:
            if error.errno in _FULL:
                self._take_back(os.lseek(self._descriptor, 0, os.SEEK_CUR), written)
            raise

    def _take_back(self, end: int, n_bytes: int) -> None:
        """Cut off the first `n_bytes` of a line that did not fit, unless another process wrote after them."""
        with locks.ignoring_refusals():
            if os.fstat(self._descriptor).st_size == end:
                os.ftruncate(self._descriptor, end - n_bytes)


def _refuse(_lines: bytes) -> int:
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def _read(descriptor: int, start: int, end: int) -> bytes:
    """Read without moving the offset, which `holds` relies on."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, end - start, start)
    here = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, start, os.SEEK_SET)
    content = os.read(descriptor, end - start)
    os.lseek(descriptor, here, os.SEEK_SET)
    return content


def _begun(tail: bytes, lines: bytes) -> int:
    """Return the number of bytes of `lines` at the end of `tail`."""
    at = tail.find(lines[:1])
    while at >= 0:
        if lines.startswith(tail[at:]):
            return len(tail) - at
        at = tail.find(lines[:1], at + 1)
    return 0


def _end_torn_line(descriptor: int) -> None:
    """End a line that a power failure cut off, so that ours begins a new one; first wait for a line being written."""
    for _ in range(5):
        size = os.fstat(descriptor).st_size
        if size == 0 or _read(descriptor, size - 1, size) == b"\n":
            return
        time.sleep(0.002)
    os.write(descriptor, b"\n")


def _first_moment(descriptor: int) -> float | None:
    """Return the time of the first line, which gives the age of the file even after it was copied."""
    head = _read(descriptor, 0, 64)
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(
            head.decode("ascii", "replace").partition('"ts":"')[2].partition('"')[0]
        ).timestamp()
    return None
