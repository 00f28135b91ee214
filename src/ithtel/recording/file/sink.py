"""`Sink`, `FileSink`, `MemorySink`, `open_sink`: where lines go, a file that processes share, or else memory."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ithtel.events.format.files import check_name, log_path
from ithtel.recording.file.appender import Appender
from ithtel.recording.file.filesystem import is_safe_to_share
from ithtel.recording.file.folders import PRIVATE_FOLDER, make_private_folder
from ithtel.recording.file.location import shown_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ithtel.recording.upkeep import Schedule

MEMORY_LINES = 100_000
PRIVATE_FILE = 0o600


class Sink(Protocol):
    """Takes whole lines."""

    fresh: list[bytes]
    """The lines appended last: the caller adds them, and removes them after `settle`."""

    @property
    def path(self) -> Path | None:
        """The file, if it is one."""

    @property
    def write(self) -> Callable[[bytes], int | None]:
        """The plain system call, which may write part of a line or refuse; `append` handles both."""

    def append(self, lines: bytes) -> None:
        """Hand `lines` to the operating system before returning; raise OSError if that fails."""

    def carry_on(self, lines: bytes, written: int) -> None:
        """Hand over the rest of `lines`, of which `write` took `written` bytes; raise OSError if that fails."""

    def holds(self, lines: bytes) -> bool:
        """Return whether `lines` are what was appended last; asked after an interrupt during `append`."""

    def sync(self) -> None:
        """Force what was appended to the disk before returning."""

    def settle(self) -> None:
        """Make sure that what was appended can still be found; raise OSError if that fails."""

    def look(self) -> None:
        """Settle, unless that was done a moment ago; called before `append`."""

    def close(self) -> None:
        """Release the file."""


class FileSink(Appender):
    """Appends to one file and rotates it; each write has whole lines, so processes do not tear each other's lines."""

    def __init__(
        self,
        path: Path,
        *,
        schedule: Schedule | None = None,
        file_mode: int = PRIVATE_FILE,
        folder_mode: int = PRIVATE_FOLDER,
    ) -> None:
        super().__init__(Path(os.path.abspath(path)), file_mode, folder_mode)  # noqa: PTH100 - resolve() follows links
        self.schedule = schedule
        self._due_at: float | None = None
        self.settle()

    def is_due(self, n_bytes: int, now: float) -> bool:
        """Return whether the file has to be rotated before `n_bytes` are added."""
        schedule = self.schedule
        if schedule is None:
            return False
        size = self.size
        if schedule.max_bytes is not None:
            return size > 0 and size + n_bytes > schedule.max_bytes
        if self._due_at is None:
            self._due_at = schedule.due_at(now if self.began is None else self.began)
        return size > 0 and now >= self._due_at

    def rotate(self, now: float) -> bool:
        """Turn the file into a part and begin a new one; return False if another process has just done so."""
        is_rotated = super().rotate(now)
        self.plan(self.schedule)
        return is_rotated

    def plan(self, schedule: Schedule | None) -> None:
        """Rotate according to `schedule` from here on."""
        self.schedule = schedule
        self._due_at = None


class MemorySink:
    """Keeps the last lines in memory, for when no file can be written."""

    def __init__(self, n_lines: int = MEMORY_LINES) -> None:
        self.path: Path | None = None
        self.fresh: list[bytes] = []
        self._lines: deque[bytes] = deque(maxlen=n_lines)

    def write(self, lines: bytes) -> int:
        """Keep `lines`, all of them."""
        self.append(lines)
        return len(lines)

    def append(self, lines: bytes) -> None:
        """Keep `lines`."""
        self._lines.extend(lines.splitlines(keepends=True))

    def carry_on(self, lines: bytes, written: int) -> None:
        """Do nothing: `write` takes everything."""

    def holds(self, lines: bytes) -> bool:
        """Return whether `lines` are the last that are kept."""
        last = lines.splitlines(keepends=True)
        return list(self._lines)[-len(last) :] == last

    def lines(self) -> list[bytes]:
        """Return what is kept."""
        return list(self._lines)

    def sync(self) -> None:
        """Do nothing: there is no disk."""

    def settle(self) -> None:
        """Do nothing: memory does not vanish."""

    look = settle

    def close(self) -> None:
        """Keep the lines, which exist nowhere else."""


def open_sink(
    log_dir: Path,
    name: str,
    environ: Mapping[str, str] = os.environ,
    *,
    schedule: Schedule | None = None,
    file_mode: int = PRIVATE_FILE,
    folder_mode: int = PRIVATE_FOLDER,
) -> tuple[Sink, str | None]:
    """Return a sink for the session `name`, and a notice if it is not the requested one.

    If the folder cannot be written to, the user's state folder is used instead, and if that fails too, memory. If
    processes cannot share a file (network file systems, Windows), this one gets its own: `{name}-{pid}.jsonl`.
    """

    def file_in(folder: Path) -> FileSink:
        inner = log_path(folder, name).parent
        make_private_folder(folder, folder_mode)
        inner.mkdir(mode=folder_mode, exist_ok=True)
        own = name if is_safe_to_share(inner) else check_name(f"{name[:90]}-{os.getpid()}")
        return FileSink(log_path(folder, own), schedule=schedule, file_mode=file_mode, folder_mode=folder_mode)

    try:
        return file_in(log_dir), None
    except OSError as error:
        reason = f"cannot write to {log_dir} ({error.strerror or error})"
    state = _state_folder(environ)
    if state is not None:
        with contextlib.suppress(OSError):
            return file_in(state), f"{reason}; recording to {shown_path(state)} instead"
    return MemorySink(), f"{reason}; recording to memory, which is lost when the process ends"


def _state_folder(environ: Mapping[str, str]) -> Path | None:
    if base := environ.get("XDG_STATE_HOME"):
        return Path(base) / "ithtel" / "logs"
    try:
        return Path.home() / ".local" / "state" / "ithtel" / "logs"
    except RuntimeError:  # no home folder at all
        return None
