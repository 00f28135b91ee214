"""The file system of a folder decides whether processes share a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.recording.file import locks
from ithtel.recording.file.filesystem import is_safe_to_share, kind_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """A table of mounts: the folder of the test, and a network folder with a space in its name within it."""
    path = tmp_path / "mounts"
    path.write_text(f"none / ext4 rw 0 0\nhost {tmp_path}/net\\040work nfs4 rw 0 0\n", encoding="utf-8")
    return path


def test_the_nearest_mount_counts(tmp_path: Path, mounts: Path) -> None:
    """A folder below a network mount is on the network, its neighbour is not."""
    assert "nfs4" == kind_of(tmp_path / "net work/logs", mounts)
    assert "ext4" == kind_of(tmp_path / "net", mounts)


def test_without_a_table_the_kind_is_unknown(tmp_path: Path) -> None:
    """As on other systems than Linux."""
    assert "" == kind_of(tmp_path, tmp_path / "missing")


def test_processes_share_a_file_on_a_local_file_system_only(tmp_path: Path, mounts: Path) -> None:
    """Not on the network."""
    (tmp_path / "net work").mkdir()
    assert locks.HAS_LOCKS is is_safe_to_share(tmp_path, mounts)
    assert not is_safe_to_share(tmp_path / "net work", mounts)
