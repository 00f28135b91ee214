"""Advisory locks between processes, on open descriptors; where a system has none, each process writes its own file.

A lock belongs to the open file and a fork copies it: so a lock is released by name, not by closing.
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
def quietly() -> Iterator[None]:
    """Pass over what the system refuses, but not over a signal handler's TimeoutError, which is an OSError too."""
    try:
        yield
    except OSError as error:
        if not is_systems(error):
            raise


def is_systems(error: OSError) -> bool:
    """Say whether the system refused something: then it says what, by its number."""
    return error.errno is not None


def share(descriptor: int) -> bool:
    """Take a shared lock, as every writer of a file does; False where somebody is compressing that file.

    Raises:
        OSError: The file system has no locks.
    """
    return _lock(descriptor, exclusive=False)


def claim(descriptor: int) -> bool:
    """Take the exclusive lock, as who compresses a file does; False where somebody has it open for writing."""
    return _lock(descriptor, exclusive=True)


def release(descriptor: int) -> None:
    """Give a lock back."""
    if HAS_LOCKS:
        with quietly():
            fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the lock that whoever rotates a file in `folder` takes; wait for it."""
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
