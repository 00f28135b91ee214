"""Classes of packages that somebody else has imported: an object can only be of a class that exists."""

from __future__ import annotations

import sys
from functools import lru_cache


def classes(package: str, *names: str) -> tuple[type, ...]:
    """Return those classes of `package` that exist, none where it has not been imported.

    >>> classes("collections", "OrderedDict", "NoSuchClass")
    (<class 'collections.OrderedDict'>,)
    """
    module = sys.modules.get(package)
    if module is None:
        return ()
    found = (vars(module).get(name) for name in names)
    return tuple(value for value in found if isinstance(value, type))


def is_a(value: object, package: str, *names: str) -> bool:
    """Say whether the type of `value` (not what its `__class__` claims) is one of these classes or derives from one."""
    return package in sys.modules and _derives(type(value), package, names)  # type: ignore[arg-type]


@lru_cache(maxsize=4_096)
def _derives(kind: type, package: str, names: tuple[str, ...]) -> bool:
    mro = type.__dict__["__mro__"].__get__(kind)
    return any(base in mro for base in classes(package, *names))


def type_name(kind: type) -> str:
    """Return module and qualified name of a class, builtins by name alone.

    >>> type_name(list), type_name(__import__("decimal").Decimal)
    ('list', 'decimal.Decimal')
    """
    name = str(type.__dict__["__qualname__"].__get__(kind))
    module = kind.__dict__.get("__module__") if "__module__" in kind.__dict__ else None
    module = module if isinstance(module, str) else getattr(kind, "__module__", "")
    return name if module in ("builtins", "") else f"{module}.{name}"
