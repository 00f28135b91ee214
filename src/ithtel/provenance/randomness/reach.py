"""`Reach`: what a cell can have changed in place, from the names in its text and the objects behind them."""

from __future__ import annotations

import gc
import math
import re
import sys
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType

from ithtel.provenance.user_code import dict_of, is_own_class, is_own_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_OBJECTS = 600
"""A cell that reaches more than these may have changed anything: following them would take longer than a look at it."""
_WORD = re.compile(r"[^\W\d]\w*")
_ANYWHERE = frozenset(
    [
        "globals",
        "locals",
        "vars",
        "exec",
        "eval",
        "get_ipython",
        "user_ns",
        "__main__",
        "_getframe",
        "currentframe",
        "inspect",
        "gc",
        "sys",
        "f_globals",
        "__globals__",
        "run_cell_magic",
        "run_line_magic",
        "getoutput",
        "__import__",
        "import_module",
        "await",
        "threading",
        "Thread",
        "Timer",
        "concurrent",
        "asyncio",
        "create_task",
        "reload",
    ]
)
"""Words of code that may reach any variable without naming it, or go on when the cell has ended."""
_PLAIN = (int, float, complex, bool, str, bytes, bytearray, range, slice, type(None), type(NotImplemented), type(...))
_LEAVES = frozenset(_PLAIN)


class Reach:
    """Finds the objects that code can get hold of: by its names, the functions it calls, and what objects refer to.

    Python's own and installed packages are not followed: they hold nothing of the notebook unless it is also reached
    through what the cell names.

    Args:
        namespace: The variables of the notebook.
        modules: The loaded modules.

    >>> inner = [1]
    >>> found = Reach({"outer": [inner], "inner": inner, "other": [2]}, {}).of("outer[0].append(3)")
    >>> found is not None and id(inner) in found
    True
    """

    def __init__(self, namespace: Mapping[str, object], modules: Mapping[str, ModuleType]) -> None:
        self._namespace = namespace
        self._modules = modules

    def of(self, source: str, limit: float = math.inf) -> set[int] | None:
        """Return the identities of what a cell with this text can reach; None if that may be anything.

        Args:
            source: The text of the cell.
            limit: If more than so many references have to be followed, it may have changed anything.
        """
        search = _Search(self._namespace, self._modules, limit)
        try:
            search.name(set(_WORD.findall(source)))
            search.follow()
        except Exception:  # noqa: BLE001 - besides _AnywhereError: a user's metaclass may fail in any way
            return None
        return search.found


class _AnywhereError(Exception):
    """The code may reach any variable."""


class _Search:
    def __init__(self, namespace: Mapping[str, object], modules: Mapping[str, ModuleType], limit: float) -> None:
        self._namespace = namespace
        self._modules = modules
        self._limit = limit
        self._n_seen = 0
        self._names: set[str] = set()
        self._todo: list[Any] = []
        self.found: set[int] = set()

    def name(self, names: Iterable[str]) -> None:
        """Add what the notebook binds to `names`."""
        new = set(names) - self._names
        if not _ANYWHERE.isdisjoint(new):
            raise _AnywhereError
        self._names |= new
        namespace = self._namespace
        self._add(namespace[name] for name in new if name in namespace)

    def follow(self) -> None:
        """Add all that the objects so far refer to, directly and indirectly."""
        while self._todo:
            self._add(self._behind(self._todo.pop()))

    def _add(self, items: Iterable[object]) -> None:
        found, todo, references = self.found, self._todo, list(items)
        for each in references:
            item = each() if type(each) is ReferenceType else each  # pandas keeps long lists of dead references
            if type(item) not in _LEAVES and id(item) not in found:
                found.add(id(item))
                todo.append(item)
        self._n_seen += len(references)
        if len(found) > MAX_OBJECTS or self._n_seen > self._limit:
            raise _AnywhereError

    def _behind(self, item: Any) -> Iterable[object]:  # noqa: ANN401
        """Return what an object refers to, as far as the notebook's code can have put it there."""
        kind = type(item)
        if kind is FunctionType:
            found = self._of_function(item)
        elif kind is CodeType:
            self.name(_names_of(item))
            found = iter(())
        elif issubclass(kind, ModuleType):
            found = iter(vars(item).values() if is_own_file(getattr(item, "__file__", None)) else ())
        elif issubclass(kind, type):
            found = self._of_class(item)
        elif issubclass(kind, getattr(sys.modules.get("numpy"), "ndarray", ())) and item.dtype.hasobject:
            found = self._of_array(item)
        else:
            found = self._referents(item)
        return found

    def _referents(self, item: Any) -> Iterator[object]:  # noqa: ANN401
        """Yield what the garbage collector knows an object to refer to; nothing for what belongs to a package."""
        is_of_module = type(item) is BuiltinFunctionType and type(item.__self__) is ModuleType
        if (
            _is_bookkeeping(type(item))
            or is_of_module
            or item is self._namespace
            or item is self._modules
            or _is_of_a_package(item)
        ):
            return
        found = gc.get_referents(item)
        if len(found) <= MAX_OBJECTS or any(type(each) not in _LEAVES for each in found):
            yield from found

    def _of_function(self, item: FunctionType) -> Iterator[object]:
        """Yield what a function holds; the variables that its code names are added if it is the notebook's."""
        scope = item.__globals__
        if scope is self._namespace:
            self.name(_names_of(item.__code__))
        elif not _is_of_a_package(scope):
            yield scope
        yield from item.__closure__ or ()
        yield from item.__defaults__ or ()
        yield from (item.__kwdefaults__ or {}).values()
        yield from item.__dict__.values()

    def _of_class(self, item: type) -> Iterator[object]:
        if is_own_class(item, self._modules):
            yield from dict_of(item).values()
            yield from type.__getattribute__(item, "__mro__")[1:]

    def _of_array(self, item: Any) -> Iterator[object]:  # noqa: ANN401
        """Yield the objects in an array: the garbage collector does not see them."""
        if item.size > MAX_OBJECTS * 10:
            raise _AnywhereError
        yield from item.ravel().tolist()


def _is_bookkeeping(kind: type) -> bool:
    """Return whether objects of a class only help pandas to find what a table holds: places, engines, references.

    What the table holds is also reached without them. Each view of a table adds a reference, so that their lists
    become long.
    """
    module = dict_of(kind).get("__module__")
    return type(module) is str and module.startswith("pandas._libs.")


def _names_of(code: CodeType) -> set[str]:
    """Return the global names, attributes and words of texts in a function's code and in the functions inside it."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found |= _names_of(constant)
    return found


def _is_of_a_package(item: object) -> bool:
    """Return whether an object is the namespace of an installed module."""
    if type(item) is not dict:
        return False
    file = item.get("__file__")
    return "__spec__" in item and "__name__" in item and not (isinstance(file, str) and is_own_file(file))
