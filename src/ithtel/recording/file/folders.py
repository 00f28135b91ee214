"""`make_private_folder`: folders for logs, and for files made from them, that only their owner can read."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FOLDER = 0o700


def make_private_folder(folder: Path, mode: int = PRIVATE_FOLDER) -> None:
    """Create `folder` for the owner only, with a `.gitignore` that keeps it out of git."""
    is_new = not folder.exists()
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if is_new:
        with contextlib.suppress(OSError):
            if stat.S_IMODE(folder.stat().st_mode) != mode:
                folder.chmod(mode)  # the umask removed requested permissions
            (folder / ".gitignore").write_text("*\n")
