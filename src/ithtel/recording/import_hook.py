"""Doing something when a package is imported: who never imports loguru does not pay 20 ms for the bridge from it."""

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
    """Call `action` once `package` has been imported, now if it is already; return what calls that off.

    Who only looks for the package, or imports it in vain, does not end the waiting. The import never fails for our
    sake: an action that fails then is a warning.
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

    There is one for each package, until all who wait have been called or have called it off.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._actions: dict[object, Callable[[], None]] = {}
        self._asking: set[int] = set()

    def add(self, action: Callable[[], None]) -> Callable[[], None]:
        """Call this, too; return what calls that off."""
        key = object()
        self._actions[key] = action

        def call_off() -> None:
            self._actions.pop(key, None)
            if not self._actions:
                self._leave()

        return call_off

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders after this one find, its loader calling back where it can be made to."""
        thread = threading.get_ident()
        if name != self.package or thread in self._asking:  # one of those may ask all finders, this one too
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
        """Call those who wait, and wait no longer."""
        self._leave()
        while self._actions:
            action = self._actions.pop(next(iter(self._actions)))
            try:
                action()
            except Exception as error:  # noqa: BLE001 - it would be the user's import that fails
                said = f"ithtel cannot act on the import of {self.package}: {type(error).__name__}: {error}"
                with contextlib.suppress(Warning):
                    warnings.warn(said, RuntimeWarning, stacklevel=2)

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
    """Stands for a loader's `exec_module` until that runs for the awaited package; the loader is then as it was."""

    def __init__(self, loader: Any, awaiting: _Awaiting) -> None:  # noqa: ANN401 - loaders share a protocol, no base
        self.awaiting = awaiting
        self._loader = loader
        self._load = loader.exec_module
        self._own = {key: value for key, value in vars(loader).items() if key == "exec_module"}

    @classmethod
    def begin(cls, loader: Any, awaiting: _Awaiting) -> None:  # noqa: ANN401
        """Stand for a loader's own, unless that is a class, which loads for many, or has no place for it."""
        if loader is None or isinstance(loader, type):
            return
        with contextlib.suppress(Exception):
            there = vars(loader).get("exec_module")
            if not (isinstance(there, cls) and there.awaiting is awaiting):
                loader.exec_module = cls(loader, awaiting)

    def __call__(self, module: ModuleType) -> None:
        name = self.awaiting.package
        if getattr(module, "__name__", name) != name:  # a loader may be that of many modules
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
    """Do nothing: there is nothing to call off."""
