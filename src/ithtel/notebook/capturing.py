"""Calls of `scipy.stats` in cells, recorded while the setting `capture` asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.recording.session import Session
    from ithtel.stats.capture import ScipyCapture


class CellCapture:
    """What one shell captures."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._capture: ScipyCapture | None = None

    def follow(self, session: Session) -> None:
        """Do what the session's settings ask for, until it ends."""
        if session.settings.capture == "scipy":
            self._begin(session)
        else:
            self.end(session)

    def end(self, session: Session) -> None:
        """Undo it."""
        if self._capture is not None:
            from ithtel.stats.capture import say

            self._capture.undo()
            self._capture = None
            say(session, names_not_seen=None)

    def _begin(self, session: Session) -> None:
        if self._capture is not None:
            return
        from ithtel.stats.capture import ScipyCapture, say

        self._capture = ScipyCapture(self._is_of_a_cell)
        self._capture.install()
        session.on_close(lambda: self.end(session))
        say(session, names_not_seen=self._capture.names_not_seen(self._shell.user_ns))

    def _is_of_a_cell(self, frame: FrameType) -> bool:
        """Say whether a frame runs a cell, or a function that a cell defined."""
        return frame.f_globals is self._shell.user_global_ns
