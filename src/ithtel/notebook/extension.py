"""`load` and `unload`: what the extension adds to a shell, and how it is removed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from ithtel.notebook import display, transformer
from ithtel.notebook.magics import completion
from ithtel.notebook.magics.magics import IthtelMagics
from ithtel.notebook.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell


_extensions: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()


class Extension:
    """Everything that ithtel has added to one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.recorder = Recorder(shell)
        self.magics = IthtelMagics(shell, self.recorder)
        self._shadowed: dict[tuple[str, str], object] = {}
        self._formatters: list[Callable[[], object]] = []

    def load(self) -> None:
        """Start recording, and add hooks, magics, transformer and displays to the shell."""
        self.recorder.open()
        cast("list[object]", self.shell.configurables).append(self.recorder.config)
        self._register_magics()
        self.shell.input_transformers_cleanup.insert(0, transformer.transform)
        completion.register(self.shell)
        self._formatters = display.register(self.shell)
        self.recorder.hooks.register()
        self.recorder.hooks.adopt()

    def unload(self) -> None:
        """Remove what `load` added, and end the session."""
        self.recorder.close()
        for ours in (self.recorder.config, self.magics):
            cast("list[object]", self.shell.configurables).remove(ours)
        self._unregister_magics()
        self.shell.input_transformers_cleanup.remove(transformer.transform)
        completion.unregister(self.shell)
        for undo in self._formatters:
            undo()

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


def load(shell: InteractiveShell) -> None:
    """Load the extension into `shell`; loading it twice changes nothing."""
    if shell in _extensions:
        return
    extension = Extension(shell)
    extension.load()
    _extensions[shell] = extension


def unload(shell: InteractiveShell) -> None:
    """Remove the extension from `shell`; if it is not loaded, nothing happens."""
    extension = _extensions.pop(shell, None)
    if extension is not None:
        extension.unload()
