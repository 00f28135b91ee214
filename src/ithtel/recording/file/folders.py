"""Folders that are their owner's only: of logs, and of what is made from them."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FOLDER = 0o700


def make_private_folder(folder: Path, mode: int = PRIVATE_FOLDER) -> None:
    """Make `folder` for the owner only, kept out of git by a file of its own."""
    is_new = not folder.exists()
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if is_new:
        with contextlib.suppress(OSError):
            if stat.S_IMODE(folder.stat().st_mode) != mode:
                folder.chmod(mode)  # the umask took away what was asked for
            (folder / ".gitignore").write_text("*\n")
