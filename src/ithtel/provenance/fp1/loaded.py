"""`is_a`, `type_name`: test for classes of packages without importing them."""

from __future__ import annotations

import sys
from functools import lru_cache


def classes(package: str, *names: str) -> tuple[type, ...]:
    """Return the classes of `package` that exist, none if it has not been imported.

    >>> classes("collections", "OrderedDict", "NoSuchClass")
    (<class 'collections.OrderedDict'>,)
    """
    module = sys.modules.get(package)
    if module is None:
        return ()
    found = (vars(module).get(name) for name in names)
    return tuple(value for value in found if isinstance(value, type))


def is_a(value: object, package: str, *names: str) -> bool:
    """Return whether the type of `value`, regardless of `__class__`, is one of these classes or a subclass."""
    return package in sys.modules and _derives(type(value), package, names)  # type: ignore[arg-type]


@lru_cache(maxsize=4_096)
def _derives(kind: type, package: str, names: tuple[str, ...]) -> bool:
    mro = type.__dict__["__mro__"].__get__(kind)
    return any(base in mro for base in classes(package, *names))


def type_name(kind: type) -> str:
    """Return module and qualified name of a class; for builtins only the name.

    >>> type_name(list), type_name(__import__("decimal").Decimal)
    ('list', 'decimal.Decimal')
    """
    name = str(type.__dict__["__qualname__"].__get__(kind))
    module = kind.__dict__.get("__module__") if "__module__" in kind.__dict__ else None
    module = module if isinstance(module, str) else getattr(kind, "__module__", "")
    return name if module in ("builtins", "") else f"{module}.{name}"
