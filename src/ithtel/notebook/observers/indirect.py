"""`IndirectChanges`: values that a cell changed in place without naming them, and attributes of classes."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from ithtel.provenance.user_code import dict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ithtel.notebook.cells.run import CellRun

    Digest = Callable[[dict[str, Any]], str | None]

_CODE = (FunctionType, staticmethod, classmethod, property)
_OWN = frozenset({"__module__", "__doc__", "__dict__", "__weakref__", "__qualname__", "__annotations__"})


class IndirectChanges:
    """Compares the attributes of the notebook's classes before and after a cell that uses them.

    Args:
        digest: Returns the fingerprint of a dictionary, None if it has none.
    """

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._states: dict[str, dict[str, object]] = {}

    def before(self, run: CellRun, values: Mapping[str, Any]) -> None:
        """Remember the attributes of the classes that the cell uses."""
        states = {name: self._state(values[name]) for name in run.report.reads if is_own_class(values.get(name))}
        if states:
            self._states[run.cell.span_id] = states

    def changed_code(self, run: CellRun, values: Mapping[str, Any]) -> list[str]:
        """Return the classes and functions whose attributes the cell changed."""
        states = self._states.pop(run.cell.span_id, {})
        kept = [name for name in states if name not in run.report.writes and is_own_class(values.get(name))]
        changed = [name for name in kept if self._state(values[name]) != states[name]]
        functions = [name for name in run.report.flow.mutates_maybe if type(values.get(name)) is FunctionType]
        return [*changed, *(name for name in functions if name not in run.report.writes)]

    def _state(self, kind: type) -> object:
        attributes = {
            name: value
            for name, value in dict_of(kind).items()
            if name not in _OWN and not issubclass(type(value), _CODE)
        }
        if not attributes:
            return None
        return self._digest(attributes) or {name: id(value) for name, value in attributes.items()}


def is_own_class(value: object) -> bool:
    """Return whether a value is a class that the notebook defines.

    >>> is_own_class(int)
    False
    """
    return issubclass(type(value), type) and dict_of(value).get("__module__") == "__main__"  # type: ignore[arg-type]


def aliases(run: CellRun, changed: list[str]) -> dict[str, str]:
    """Return the other names of objects that the cell changed in place: name → the name under which it changed."""
    now, before = run.report.now, run.report.before
    by_identity = {now[name]: name for name in changed if name in now}
    return {
        name: by_identity[identity]
        for name, identity in now.items()
        if identity in by_identity and name not in changed and before.get(name) == identity
    }
