"""Where lines go: a file that several processes may append to, or memory where no file can be written."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ithtel.events.files import log_path

if TYPE_CHECKING:
    from collections.abc import Mapping

MEMORY_LINES = 100_000
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


class Sink(Protocol):
    """What takes whole lines."""

    path: Path | None

    def append(self, lines: bytes) -> None:
        """Hand `lines` to the operating system before returning; raise OSError where that fails."""

    def close(self) -> None:
        """Release what is held."""


class FileSink:
    """Appends to one file: each call is one write of whole lines, so processes do not tear each other's."""

    def __init__(self, path: Path) -> None:
        make_private_folder(path.parent.parent)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self.path: Path | None = path
        self._descriptor = os.open(path, _OPEN, 0o600)

    def append(self, lines: bytes) -> None:
        """Append `lines`; a short write (a full disk, a signal) is carried on until all is written or fails."""
        written = os.write(self._descriptor, lines)
        while written < len(lines):
            written += os.write(self._descriptor, lines[written:])

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


class MemorySink:
    """Keeps the last lines in memory, where no file can be written."""

    def __init__(self, n_lines: int = MEMORY_LINES) -> None:
        self.path: Path | None = None
        self._lines: deque[bytes] = deque(maxlen=n_lines)

    def append(self, lines: bytes) -> None:
        """Keep `lines`."""
        self._lines.extend(lines.splitlines(keepends=True))

    def lines(self) -> list[bytes]:
        """Return what is kept."""
        return list(self._lines)

    def close(self) -> None:
        """Keep the lines: they are all there is."""


def open_sink(log_dir: Path, name: str, environ: Mapping[str, str] = os.environ) -> tuple[Sink, str | None]:
    """Return a sink for the session `name`, and one sentence where it is not the one that was asked for.

    A folder that cannot be written to gives way to the user's state folder, that one to memory.
    """
    try:
        return FileSink(log_path(log_dir, name)), None
    except OSError as error:
        reason = f"cannot write to {log_dir} ({error.strerror or error})"
    state = _state_folder(environ)
    if state is not None:
        with contextlib.suppress(OSError):
            return FileSink(log_path(state, name)), f"{reason}; recording to {state} instead"
    return MemorySink(), f"{reason}; recording to memory: it is gone when the process ends"


def _state_folder(environ: Mapping[str, str]) -> Path | None:
    if base := environ.get("XDG_STATE_HOME"):
        return Path(base) / "ithtel" / "logs"
    try:
        return Path.home() / ".local" / "state" / "ithtel" / "logs"
    except RuntimeError:  # no home folder at all
        return None


def make_private_folder(folder: Path) -> None:
    """Make `folder` for the owner only, kept out of git by a file of its own."""
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_new:
        with contextlib.suppress(OSError):
            (folder / ".gitignore").write_text("*\n")
