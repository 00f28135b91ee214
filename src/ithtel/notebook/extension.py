"""Loading and unloading: what is put into the shell, and taken out again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from ithtel.errors import RecordingError, SettingError
from ithtel.notebook import completion, display, transformer
from ithtel.notebook.capturing import CellCapture
from ithtel.notebook.config import IthTel
from ithtel.notebook.hooks import CellHooks
from ithtel.notebook.host import notebook_path, session_name
from ithtel.notebook.magics import IthtelMagics
from ithtel.provenance.git import git_state
from ithtel.recording import process
from ithtel.recording.location import shown_location

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.utils.bunch import Bunch

    from ithtel.recording.session import Session

_extensions: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()


class Extension:
    """All that ithtel has put into one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.config = IthTel(parent=shell)
        self.hooks = CellHooks(shell)
        self.capture = CellCapture(shell)
        self.magics = IthtelMagics(shell, self)
        self._shadowed: dict[tuple[str, str], object] = {}
        self._formatters: list[Callable[[], object]] = []

    @property
    def session(self) -> Session | None:
        """The notebook's session, None while nothing is recorded."""
        session = self.hooks.session
        return None if session is None or session.is_closed else session

    def load(self) -> None:
        """Begin to record, and put hooks, magics, transformer and displays into the shell."""
        self.start()
        cast("list[object]", self.shell.configurables).append(self.config)
        self.config.observe(self._configure)
        self._register_magics()
        self.shell.input_transformers_cleanup.insert(0, transformer.transform)
        completion.register(self.shell)
        self._formatters = display.register(self.shell)
        self.hooks.register()
        self.hooks.adopt()

    def unload(self) -> None:
        """Take out what `load` put in, and end the session."""
        self.stop()
        self.hooks.unregister()
        self.config.unobserve(self._configure)
        for ours in (self.config, self.magics):
            cast("list[object]", self.shell.configurables).remove(ours)
        self._unregister_magics()
        self.shell.input_transformers_cleanup.remove(transformer.transform)
        completion.unregister(self.shell)
        for undo in self._formatters:
            undo()

    def start(self, name: str | None = None) -> Session:
        """Begin to record this notebook, and say where; go on with the session that is running if there is one.

        Raises:
            RecordingError: A session of another name is running.
        """
        if self.session is not None and name not in (None, self.session.name):
            raise RecordingError(f"already recording to {shown_location(self.session)}; %ithtel stop ends that")
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
        """Change one setting, for the session that is running and those to come.

        Raises:
            SettingError: There is no such setting, or it does not take that value.
        """
        setattr(self.config, name, getattr(self.config.settings().replaced(**{name: value}), name))

    def _configure(self, change: Bunch) -> None:
        """Let `%config IthTel.level = …` reach the session that is running; what is refused is not kept."""
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
                session.emit(state)  # again, now that what it tells of is kept

    def _register_magics(self) -> None:
        table = self.shell.magics_manager.magics
        for kind, magics in self.magics.magics.items():
            for name in magics:
                if name in table[kind]:
                    self._shadowed[kind, name] = table[kind][name]
        self.shell.register_magics(self.magics)

    def _unregister_magics(self) -> None:
        table = self.shell.magics_manager.magics
        for kind, magics in self.magics.magics.items():
            for name in magics:
                table[kind].pop(name, None)
        for (kind, name), magic in self._shadowed.items():
            table[kind][name] = magic


def _keeps_code(session: Session) -> bool:
    """Say whether uncommitted changes are kept."""
    return session.settings.git and session.keeper is not None and "code" in session.keeper.kinds


def announcement(session: Session) -> str:
    """Say in one line that cells are recorded, and where."""
    if session.notice:
        return f"{session.notice} (%ithtel stop)"
    return f"recording cells to {shown_location(session)} (%ithtel stop)"


def load(shell: InteractiveShell) -> None:
    """Load the extension into `shell`; a second time changes nothing."""
    if shell in _extensions:
        return
    extension = Extension(shell)
    extension.load()
    _extensions[shell] = extension


def unload(shell: InteractiveShell) -> None:
    """Take the extension out of `shell`; where it is not loaded, nothing happens."""
    extension = _extensions.pop(shell, None)
    if extension is not None:
        extension.unload()
