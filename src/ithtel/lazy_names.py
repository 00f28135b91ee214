"""`attach_names`, `complete_names`: public names of a package that are imported when they are first used.

`dir()` of such a package lists only the names that are loaded. Programs that walk `dir()` of every module and read each
name (freezegun, `inspect.getmembers`, Python's own completion) would otherwise import everything. IPython completes all
names through a hook of its own.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import lazy_loader

if TYPE_CHECKING:
    from collections.abc import Callable

_GENERICS = "IPython.utils.generics"
_packages: dict[str, list[str]] = {}


def attach_names(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package whose stub lists its public names.

    Args:
        package: The name of the package.
        file: Its `__file__`, beside which the stub lies.
    """
    load, _, names = lazy_loader.attach_stub(package, file)
    _packages[package] = names

    def get(name: str) -> Any:  # noqa: ANN401 - any public name
        value = load(name)
        vars(sys.modules[package])[name] = value  # so that it is listed, and found faster
        return value

    def listed() -> list[str]:
        return [name for name in names if name in vars(sys.modules[package])]

    if _GENERICS in sys.modules:
        complete_names()
    return get, listed, names


def complete_names() -> None:
    """Let IPython complete all public names of the packages, including those that are not loaded.

    A completion of modules that somebody else has registered is left alone.
    """
    generics: Any = sys.modules[_GENERICS]
    dispatcher = generics.complete_object
    if dispatcher.dispatch(ModuleType) is dispatcher.dispatch(object):
        dispatcher.register(ModuleType, _completed)


def _completed(module: ModuleType, found: list[str]) -> list[str]:
    return sorted({*found, *_packages.get(module.__name__, ())})
