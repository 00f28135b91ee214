"""`attach_names`: public names of a package that are imported when they are first used.

`dir()` of such a package lists only the names that are loaded. Programs that walk `dir()` of every module and read each
name (freezegun, `inspect.getmembers`) would otherwise import everything. Completion gets all names.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import lazy_loader

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPLETION = frozenset({"IPython", "jedi", "rlcompleter"})
"""Packages that ask for the names in order to offer them, and read only what is chosen."""


def attach_names(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package whose stub lists its public names.

    Args:
        package: The name of the package.
        file: Its `__file__`, beside which the stub lies.
    """
    load, _, found = lazy_loader.attach_stub(package, file)
    names: list[str] = found

    def get(name: str) -> Any:  # noqa: ANN401 - any public name
        value = load(name)
        vars(sys.modules[package])[name] = value  # so that it is listed, and found faster
        return value

    def listed() -> list[str]:
        asking = str(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - the only way to know who asks
        if asking.partition(".")[0] in _COMPLETION:
            return names
        return [name for name in names if name in vars(sys.modules[package])]

    return get, listed, names
