"""`CellCapture`: calls of `scipy.stats` in cells are recorded while the setting `capture` is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.recording.session import Session
    from ithtel.stats.capture.capture import SessionCapture


class CellCapture:
    """What one shell captures."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._capture: SessionCapture | None = None

    def follow(self, session: Session) -> None:
        """Follow the settings of a session until it ends."""
        if session.settings.capture != "scipy":
            self._end()
        elif self._capture is None or not self._capture.is_active:
            from ithtel.stats.capture.capture import SessionCapture

            self._capture = SessionCapture(session, self._is_of_a_cell, self._shell.user_ns)

    def _end(self) -> None:
        if self._capture is not None:
            self._capture.end()

    def _is_of_a_cell(self, frame: FrameType) -> bool:
        """Return whether a frame runs a cell or a function that a cell defined."""
        return frame.f_globals is self._shell.user_global_ns
