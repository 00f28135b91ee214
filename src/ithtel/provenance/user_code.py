"""`is_own_file`, `is_own_module`, `is_own_class`, `modules_behind`: the user's own code, not an installed package."""

from __future__ import annotations

import functools
import os
import site
import sysconfig
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType


@functools.lru_cache(maxsize=4096)
def is_own_file(path: str | None) -> bool:
    """Return whether a module's file is the user's own: neither Python's nor an installed package's."""
    if path is None:
        return False
    if "site-packages" in path or "dist-packages" in path:
        return False
    return not path.startswith(_library_folders())


def is_own_module(name: object, modules: Mapping[str, ModuleType]) -> bool:
    """Return whether a module is the user's own: the notebook itself, or one of their files."""
    if not isinstance(name, str) or name == "__main__":
        return name == "__main__"
    return is_own_file(getattr(modules.get(name), "__file__", None))


def is_own_class(kind: type, modules: Mapping[str, ModuleType]) -> bool:
    """Return whether a class is the user's own, without running any code of its metaclass."""
    return is_own_module(dict_of(kind).get("__module__"), modules)


def modules_behind(namespace: Mapping[str, object], modules: Mapping[str, ModuleType]) -> dict[str, ModuleType]:
    """Return the user's own modules, by full name, that functions and classes in `namespace` come from.

    `from model import draw` binds no module, but `draw` uses what the module holds.
    """
    names = set()
    for value in list(namespace.values()):
        kind = type(value)
        if kind is FunctionType:
            names.add(value.__module__)
        elif issubclass(kind, type):
            names.add(dict_of(value).get("__module__"))  # type: ignore[arg-type] # it is a class
    names.discard("__main__")
    return {name: modules[name] for name in names if name in modules and is_own_module(name, modules)}


def dict_of(kind: type) -> Mapping[str, object]:
    """Return the attributes of a class, without running any code of its metaclass."""
    attributes: Mapping[str, object] = type.__getattribute__(kind, "__dict__")
    return attributes


@functools.cache
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    own = str(Path(__file__).parents[1])
    return tuple(sorted(folder + os.sep for folder in {*folders, *site.getsitepackages(), own}))
