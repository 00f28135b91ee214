"""`Maintenance`: rotates the file of a session, and compresses and deletes its parts in the background."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from ithtel.events.format.files import parse_path
from ithtel.recording.file.rotation import keep_up
from ithtel.recording.file.sink import FileSink
from ithtel.recording.upkeep import parse_rotation, parse_upkeep

if TYPE_CHECKING:
    from ithtel.recording.file.sink import Sink
    from ithtel.recording.settings import Settings

_PAUSE_S = 10.0
_PATIENCE_S = 5.0


class Maintenance:
    """Rotates one sink; does nothing if it is not a file, or without the setting `rotation`."""

    def __init__(self, sink: Sink, settings: Settings) -> None:
        self.is_on = False
        self._sink = sink if isinstance(sink, FileSink) else None
        self._not_before = 0.0
        self._thread: threading.Thread | None = None
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Apply the settings.

        Raises:
            SettingError: A setting has no meaning.
        """
        schedule = parse_rotation(settings.rotation)
        self._upkeep = parse_upkeep(settings.compression, settings.retention)
        if self._sink is not None:
            self._sink.plan(schedule)
            self.is_on = schedule is not None

    def is_due(self, n_bytes: int, now: float) -> bool:
        """Return whether the file has to be rotated before `n_bytes` are added."""
        return self._sink is not None and now >= self._not_before and self._sink.is_due(n_bytes, now)

    def rotate(self, n_bytes: int, now: float) -> None:
        """Rotate, unless another thread has just done so; after a failure, do not try again for a while."""
        if self._sink is None or not self.is_due(n_bytes, now):
            return
        self._not_before = now + _PAUSE_S
        self._sink.rotate(now)
        self._not_before = 0.0
        self._begin_upkeep()

    def finish(self) -> None:
        """Compress what is left, and wait for it briefly; the next session does what is not finished by then."""
        if self.is_on:
            self._join()
            self._begin_upkeep()
            self._join()

    def forked(self) -> None:
        """Forget the parent's thread."""
        self._thread = None

    def _begin_upkeep(self) -> None:
        thread, path = self._thread, self._sink.path if self._sink is not None else None
        file = parse_path(path) if path is not None else None
        if path is None or file is None or (thread is not None and thread.is_alive()):
            return
        thread = threading.Thread(
            target=keep_up, args=(path.parent, file.name, self._upkeep), name="ithtel-compress", daemon=True
        )
        with contextlib.suppress(RuntimeError):  # the interpreter is shutting down
            thread.start()
            self._thread = thread

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join(timeout=_PATIENCE_S)
