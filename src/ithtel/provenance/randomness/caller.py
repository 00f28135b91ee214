"""`Caller`, `caller_of`: the code on whose behalf entropy is asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.user_code import is_own_module

if TYPE_CHECKING:
    from types import FrameType

CELL = "__main__"
_BETWEEN = frozenset(
    {"numpy", "random", "secrets", "uuid", "tempfile", "os", "ithtel"}
    | {"importlib", "_frozen_importlib", "_frozen_importlib_external"}
)
"""Packages that ask on behalf of their caller."""
_SILENT = frozenset({"IPython", "ipykernel", "jupyter_client", "tornado", "zmq", "asyncio", "traitlets", "hypothesis"})
"""Packages whose random numbers name connections and requests, never a result of the notebook."""
_BOOTSTRAP = "<frozen importlib._bootstrap>"
_MAX_KNOWN = 10_000


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A function, or the body of a module or cell.

    Attributes:
        module: The name of its module.
        function: The qualified name of the function; `<module>` for a body.
        owner: The name to show: a function with its module, unless that is the notebook.
        is_import: Whether it runs while a package is imported: the body of a module, or what that calls. What a module
            of the user's does then is as good as done by a cell.
        is_silent: Whether its random numbers never reach a result of the notebook.
    """

    module: str
    function: str
    owner: str
    is_import: bool
    is_silent: bool


_between: dict[str, bool] = {}
"""Module → whether it asks on behalf of its caller. The cost of a request is mainly that of this question."""
_known: dict[tuple[str, str, bool], Caller] = {}


def caller_of(frame: FrameType | None) -> Caller:
    """Return the innermost code that does not ask on behalf of somebody else.

    >>> import sys
    >>> caller_of(sys._getframe()).is_silent
    False
    """
    while frame is not None:
        module = frame.f_globals.get("__name__")
        try:
            is_between = _between[module]  # type: ignore[index]
        except (KeyError, TypeError):  # anything may be bound to `__name__`
            module = str(module)
            is_between = _note_module(module)
        if not is_between:
            function = frame.f_code.co_qualname
            is_import = module != CELL and _is_import_of_a_package(module, frame)
            try:
                return _known[module, function, is_import]  # type: ignore[index]
            except KeyError:
                return _note_caller(str(module), function, is_import=is_import)
        frame = frame.f_back
    return _note_caller("", "", is_import=False)


def _is_import_of_a_package(module: object, frame: FrameType) -> bool:
    is_import = frame.f_code.co_qualname == "<module>" or _is_within_import(frame)
    return is_import and not is_own_module(module, sys.modules)


def _is_within_import(frame: FrameType | None) -> bool:
    """Return whether code runs because a cell imports a module."""
    while frame is not None and frame.f_globals.get("__name__") != CELL:
        if frame.f_code.co_filename == _BOOTSTRAP:
            return True
        frame = frame.f_back
    return False


def _note_module(module: str) -> bool:
    if len(_between) >= _MAX_KNOWN:
        _between.clear()
    return _between.setdefault(module, module.partition(".")[0] in _BETWEEN)


def _note_caller(module: str, function: str, *, is_import: bool) -> Caller:
    if len(_known) >= _MAX_KNOWN:
        _known.clear()
    if module == CELL:
        owner = "the cell" if function == "<module>" else function
    else:
        owner = module if function == "<module>" else f"{module}.{function}"
    is_silent = module.partition(".")[0] in _SILENT
    made = Caller(module=module, function=function, owner=owner, is_import=is_import, is_silent=is_silent)
    return _known.setdefault((module, function, is_import), made)
