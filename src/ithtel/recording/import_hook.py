"""`when_imported`: call a function once a package is imported; without loguru nobody pays 20 ms for its bridge.

`wrapt.register_post_import_hook` does the same, but wrapt 2.5 fails four of the tests of this module: a module that is
made from a spec without being imported triggers the action, an action that fails makes the user's import fail (two
tests), and a loader with an `exec_module` of its own is missed. Its hooks cannot be cancelled, and its finder stays in
`sys.meta_path` after the session has ended. Importing wrapt would add 46 ms, and one dependency.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def when_imported(package: str, action: Callable[[], None]) -> Callable[[], None]:
    """Call `action` once `package` has been imported, at once if it already is; return a function that cancels this.

    Looking for the package, or failing to import it, does not end the wait. An action that fails never makes the
    import fail: it becomes a warning.
    """
    if package in sys.modules:
        action()
        return _nothing
    for finder in sys.meta_path:
        if isinstance(finder, _Awaiting) and finder.package == package:
            return finder.add(action)
    own = _Awaiting(package)
    sys.meta_path.insert(0, own)
    return own.add(action)


class _Awaiting:
    """A finder that finds nothing itself: it lets the others find the package, and calls back when it has been loaded.

    There is one per package, until every action has been called or cancelled.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._actions: dict[object, Callable[[], None]] = {}
        self._asking: set[int] = set()

    def add(self, action: Callable[[], None]) -> Callable[[], None]:
        """Add an action; return a function that cancels it."""
        key = object()
        self._actions[key] = action

        def cancel() -> None:
            self._actions.pop(key, None)
            if not self._actions:
                self._leave()

        return cancel

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders after this one find, with a loader that calls back if it can be made to."""
        thread = threading.get_ident()
        if name != self.package or thread in self._asking:  # one of those may ask all finders, including this one
            return None
        self._asking.add(thread)
        try:
            spec = self._found_by_others(path, target)
        finally:
            self._asking.discard(thread)
        if spec is not None:
            _Loading.begin(spec.loader, self)
        return spec

    def loaded(self) -> None:
        """Call the actions, and wait no longer."""
        self._leave()
        while self._actions:
            action = self._actions.pop(next(iter(self._actions)))
            try:
                action()
            except Exception as error:  # noqa: BLE001 - the user's import would fail
                message = f"ithtel cannot act on the import of {self.package}: {type(error).__name__}: {error}"
                with contextlib.suppress(Warning):
                    warnings.warn(message, RuntimeWarning, stacklevel=2)

    def _found_by_others(self, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in [*dropwhile(lambda each: each is not self, sys.meta_path)][1:]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(self.package, path, target)
            if spec is not None:
                return spec
        return None

    def _leave(self) -> None:
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)


class _Loading:
    """Replaces a loader's `exec_module` until it runs for the awaited package, and then restores the loader."""

    def __init__(self, loader: Any, awaiting: _Awaiting) -> None:  # noqa: ANN401 - loaders share a protocol, no base
        self.awaiting = awaiting
        self._loader = loader
        self._load = loader.exec_module
        self._own = {key: value for key, value in vars(loader).items() if key == "exec_module"}

    @classmethod
    def begin(cls, loader: Any, awaiting: _Awaiting) -> None:  # noqa: ANN401
        """Replace the loader's own, unless the loader is a class, which serves many modules, or has no attributes."""
        if loader is None or isinstance(loader, type):
            return
        with contextlib.suppress(Exception):
            there = vars(loader).get("exec_module")
            if not (isinstance(there, cls) and there.awaiting is awaiting):
                loader.exec_module = cls(loader, awaiting)

    def __call__(self, module: ModuleType) -> None:
        name = self.awaiting.package
        if getattr(module, "__name__", name) != name:  # a loader may serve many modules
            self._load(module)
            return
        self._end()
        self._load(module)
        if name in sys.modules:
            self.awaiting.loaded()

    def _end(self) -> None:
        with contextlib.suppress(Exception):
            if vars(self._loader).get("exec_module") is self:
                del self._loader.exec_module
                vars(self._loader).update(self._own)


def _nothing() -> None:
    """Do nothing, because there is nothing to cancel."""
