"""Doing something when a package is imported: who never imports loguru does not pay 20 ms for the bridge from it."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def when_imported(package: str, action: Callable[[], None]) -> Callable[[], None]:
    """Call `action` once `package` is imported, now if it is already; return what calls that off."""
    if package in sys.modules:
        action()
        return _nothing
    finder = _Awaiting(package, action)
    sys.meta_path.insert(0, finder)
    return finder.leave


class _Awaiting:
    """A finder that finds nothing itself: it lets the others find the package, and calls back when it has run."""

    def __init__(self, package: str, action: Callable[[], None]) -> None:
        self._package = package
        self._action = action

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders find, its loader calling back."""
        del path, target
        if name != self._package:
            return None
        self.leave()
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            self._call_back(spec.loader)
        return spec

    def leave(self) -> None:
        """Wait no longer."""
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)

    def _call_back(self, loader: Any) -> None:  # noqa: ANN401 - loaders share a protocol, no base
        load, is_awaited = loader.exec_module, "exec_module" in vars(loader)

        def load_and_call(module: ModuleType) -> None:
            if is_awaited:  # by another, too
                loader.exec_module = load
            else:
                del loader.exec_module
            try:
                load(module)
            except BaseException:
                sys.meta_path.insert(0, self)  # it may be tried again
                raise
            self._action()

        loader.exec_module = load_and_call


def _nothing() -> None:
    """Do nothing: there is nothing to call off."""
