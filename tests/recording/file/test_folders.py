"""Folders for logs belong to their owner, and stay out of git."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ithtel.recording.file.folders import make_private_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_folder_has_its_mode_and_a_gitignore(tmp_path: Path) -> None:
    """Even if the umask would take permissions away."""
    before = os.umask(0o077)
    try:
        make_private_folder(tmp_path / "a/logs", 0o750)
    finally:
        os.umask(before)
    assert 0o750 == stat.S_IMODE((tmp_path / "a/logs").stat().st_mode)
    assert "*\n" == (tmp_path / "a/logs/.gitignore").read_text()


def test_an_existing_folder_is_left_as_it_is(tmp_path: Path) -> None:
    """The user's own folder gets no file."""
    make_private_folder(tmp_path)
    assert [] == list(tmp_path.iterdir())
