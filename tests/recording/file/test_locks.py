"""Locks between open files: writers share a file, compression needs it exclusively."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ithtel.recording.file import locks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not locks.HAS_LOCKS, reason="this system has no advisory locks")


def test_writers_share_a_file_and_compression_waits_for_them(tmp_path: Path) -> None:
    """The exclusive lock is free once the last writer has released the file."""
    path = tmp_path / "a"
    path.touch()
    one, two, three = (os.open(path, os.O_RDWR) for _ in range(3))
    assert [True, True, False] == [locks.share(one), locks.share(two), locks.claim(three)]
    locks.release(one)
    locks.release(two)
    assert [True, False] == [locks.claim(three), locks.share(one)]
    for descriptor in (one, two, three):
        os.close(descriptor)


def test_a_refusal_has_a_number() -> None:
    """A signal handler's TimeoutError is an OSError without one, and is not ignored."""
    assert locks.is_refusal(OSError(28, "No space left on device"))
    with locks.ignoring_refusals():
        raise OSError(28, "No space left on device")
    with pytest.raises(TimeoutError), locks.ignoring_refusals():
        raise TimeoutError


def test_the_lock_of_a_folder_is_released(tmp_path: Path) -> None:
    """It can be taken again."""
    for _ in range(2):
        with locks.folder_lock(tmp_path):
            assert tmp_path.is_dir()
