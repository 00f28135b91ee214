"""`share`, `claim`, `release`, `folder_lock`: advisory locks between processes, on open descriptors.

On systems without them, each process writes its own file. A lock belongs to the open file, and a fork copies it, so a
lock is released explicitly and not by closing the descriptor.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def ignoring_refusals() -> Iterator[None]:
    """Ignore refusals by the system, but not a signal handler's TimeoutError, which is an OSError too."""
    try:
        yield
    except OSError as error:
        if not is_refusal(error):
            raise


def is_refusal(error: OSError) -> bool:
    """Return whether an error is a refusal by the operating system, which has an error number."""
    return error.errno is not None


def share(descriptor: int) -> bool:
    """Take a shared lock, as every writer of a file does; return False if the file is being compressed.

    Raises:
        OSError: The file system has no locks.
    """
    return _lock(descriptor, exclusive=False)


def claim(descriptor: int) -> bool:
    """Take the exclusive lock to compress a file; return False if another process has it open for writing."""
    return _lock(descriptor, exclusive=True)


def release(descriptor: int) -> None:
    """Release a lock."""
    if HAS_LOCKS:
        with ignoring_refusals():
            fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the lock that is needed to rotate a file in `folder`; wait for it."""
    if not HAS_LOCKS:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        release(descriptor)
        os.close(descriptor)


def _lock(descriptor: int, *, exclusive: bool) -> bool:
    if not HAS_LOCKS:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
