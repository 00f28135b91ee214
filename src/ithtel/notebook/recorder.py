"""`Recorder`: the session of a notebook, its settings, and the hooks that watch its cells."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ithtel.errors import RecordingError, SettingError
from ithtel.notebook.config import IthTel
from ithtel.notebook.hooks import CellHooks
from ithtel.notebook.host import notebook_path, session_name
from ithtel.notebook.observers.scipy_capture import CellCapture
from ithtel.provenance.git import git_state
from ithtel.recording import process
from ithtel.recording.file.location import shown_location

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.utils.bunch import Bunch

    from ithtel.recording.session import Session

NOT_RECORDING = "recording is off; %ithtel start turns it on"


def say(text: str) -> None:
    """Show one line under the cell."""
    sys.stdout.write(f"ithtel: {text}\n")


def require(session: Session | None) -> Session:
    """Return the session.

    Raises:
        RecordingError: No session is running.
    """
    if session is None:
        raise RecordingError(NOT_RECORDING)
    return session


class Recorder:
    """Records the cells of one shell: what the magics control."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.config = IthTel(parent=shell)
        self.hooks = CellHooks(shell)
        self.capture = CellCapture(shell)

    @property
    def session(self) -> Session | None:
        """The notebook's session, None while nothing is recorded."""
        session = self.hooks.session
        return None if session is None or session.is_closed else session

    def open(self) -> None:
        """Start recording, and follow changes of the settings."""
        self.start()
        self.config.observe(self._configure)

    def close(self) -> None:
        """End the session, and stop watching cells and settings."""
        self.stop()
        self.hooks.unregister()
        self.config.unobserve(self._configure)

    def start(self, name: str | None = None) -> Session:
        """Start recording this notebook, and show where; continue the running session if there is one.

        Raises:
            RecordingError: A session of another name is running.
        """
        if self.session is not None and name not in (None, self.session.name):
            raise RecordingError(f"already recording to {shown_location(self.session.path)}; %ithtel stop ends that")
        if self.session is None:
            path = notebook_path(self.shell.user_ns)
            self.hooks.session = process.start(name or session_name(path), base=self.config.settings(), notebook=path)
            self.capture.follow(self.hooks.session)
        session = self.session
        assert session is not None  # noqa: S101 - for the type checker: it was just started
        sys.stdout.write(f"ithtel: {announcement(session)}\n")
        return session

    def stop(self) -> None:
        """End the notebook's session."""
        if self.session is not None:
            self.hooks.end_cell_here()
            self.session.close()

    def change(self, name: str, value: str) -> None:
        """Change one setting, for the running session and later ones.

        Raises:
            SettingError: The setting does not exist, or the value is not allowed.
        """
        setattr(self.config, name, getattr(self.config.settings().replaced(**{name: value}), name))

    def _configure(self, change: Bunch) -> None:
        """Apply `%config IthTel.level = …` to the running session; a refused value is not kept."""
        session = self.session
        kept_code = session is not None and _keeps_code(session)
        try:
            self.config.settings()
            if session is not None:
                session.settings = session.settings.replaced(**{change["name"]: change["new"]})
        except SettingError:
            setattr(self.config, change["name"], change["old"])
            raise
        if session is not None:
            self.capture.follow(session)
            if _keeps_code(session) and not kept_code and (state := git_state()) is not None:
                session.emit(state)  # again, now that the uncommitted changes are kept


def _keeps_code(session: Session) -> bool:
    """Return whether uncommitted changes are kept."""
    return session.settings.git and session.keeper is not None and "code" in session.keeper.kinds


def announcement(session: Session) -> str:
    """Return a line that says where cells are recorded."""
    if session.notice:
        return f"{session.notice} (%ithtel stop)"
    return f"recording cells to {shown_location(session.path)} (%ithtel stop)"
