"""Where lines go: a file that several processes may append to, or memory where no file can be written."""

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
    """What takes whole lines."""

    fresh: list[bytes]
    """What was appended last: who appends notes it here, and takes it out after `settle`."""

    @property
    def path(self) -> Path | None:
        """The file, if it is one."""

    @property
    def write(self) -> Callable[[bytes], int | None]:
        """The system's own write, and no more: it may take a part of a line, or refuse; `append` does the rest."""

    def append(self, lines: bytes) -> None:
        """Hand `lines` to the operating system before returning; raise OSError where that fails."""

    def carry_on(self, lines: bytes, written: int) -> None:
        """Hand over the rest of `lines`, of which `write` took so many bytes; raise OSError where that fails."""

    def holds(self, lines: bytes) -> bool:
        """Say whether `lines` are what was appended last; asked after an interrupt in the middle of `append`."""

    def sync(self) -> None:
        """Bring what was appended to the disk before returning."""

    def settle(self) -> None:
        """Make sure that what was appended can still be found; raise OSError where that fails."""

    def look(self) -> None:
        """Settle, unless that was done a moment ago; to be called before `append`."""

    def close(self) -> None:
        """Release what is held."""


class FileSink(Appender):
    """Appends to one file, and rotates it: each write is of whole lines, so processes do not tear each other's."""

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
        """Say whether the file is to be rotated before `n_bytes` are added."""
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
        """Make the file a part and begin a new one; False where another process has just done so."""
        is_rotated = super().rotate(now)
        self.plan(self.schedule)
        return is_rotated

    def plan(self, schedule: Schedule | None) -> None:
        """Rotate as `schedule` says from here on."""
        self.schedule = schedule
        self._due_at = None


class MemorySink:
    """Keeps the last lines in memory, where no file can be written."""

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
        """Do nothing: `write` takes all."""

    def holds(self, lines: bytes) -> bool:
        """Say whether `lines` are the last that are kept."""
        last = lines.splitlines(keepends=True)
        return list(self._lines)[-len(last) :] == last

    def lines(self) -> list[bytes]:
        """Return what is kept."""
        return list(self._lines)

    def sync(self) -> None:
        """Do nothing: memory is no disk."""

    def settle(self) -> None:
        """Do nothing: memory does not vanish."""

    look = settle

    def close(self) -> None:
        """Keep the lines: they are all there is."""


def open_sink(
    log_dir: Path,
    name: str,
    environ: Mapping[str, str] = os.environ,
    *,
    schedule: Schedule | None = None,
    file_mode: int = PRIVATE_FILE,
    folder_mode: int = PRIVATE_FOLDER,
) -> tuple[Sink, str | None]:
    """Return a sink for the session `name`, and one sentence where it is not the one that was asked for.

    A folder that cannot be written to gives way to the user's state folder, that one to memory. Where processes cannot
    share a file (network file systems, Windows), this one gets its own: `{name}-{pid}.jsonl`.
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
    return MemorySink(), f"{reason}; recording to memory: it is gone when the process ends"


def _state_folder(environ: Mapping[str, str]) -> Path | None:
    if base := environ.get("XDG_STATE_HOME"):
        return Path(base) / "ithtel" / "logs"
    try:
        return Path.home() / ".local" / "state" / "ithtel" / "logs"
    except RuntimeError:  # no home folder at all
        return None
