"""`Members`: find what a variable holds one level down, without running any code of the user's classes."""

from __future__ import annotations

from types import MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any

from ithtel.provenance.user_code import dict_of, is_own_class, is_own_file

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MEMBERS = 64
"""Longer lists and dicts are data: they do not hold generators."""
_LISTS = (list, tuple)
_Found = tuple[str, object]


class Members:
    """Finds the members of some types during one search, in which each class is examined once.

    Args:
        kinds: The types that are looked for, as for `issubclass`.
        modules: The loaded modules.

    >>> from types import SimpleNamespace
    >>> Members((int,), {}).of(SimpleNamespace(a=1, b="x"))
    [('.a', 1)]
    """

    def __init__(self, kinds: tuple[type, ...], modules: Mapping[str, ModuleType]) -> None:
        self.kinds = kinds
        self._modules = modules
        self._classes: dict[type, tuple[Mapping[str, MemberDescriptorType], Mapping[str, object]]] = {}

    def of(self, value: Any) -> list[_Found]:  # noqa: ANN401
        """Return each member with its place, as it would be written after the variable."""
        kind = type(value)  # isinstance() would run a class's own __class__
        if issubclass(kind, list | tuple):
            items = list(value) if len(value) <= MAX_MEMBERS else []
            return [(f"[{index}]", item) for index, item in enumerate(items) if self._is_one(item)]
        if issubclass(kind, dict):
            pairs = list(value.items()) if len(value) <= MAX_MEMBERS else []
            return [(f"[{key!r}]", item) for key, item in pairs if self._is_one(item) and type(key) in (str, int)]
        if issubclass(kind, ModuleType):
            return self._named(vars(value)) if is_own_file(getattr(value, "__file__", None)) else []
        if issubclass(kind, type):
            return self._named(dict_of(value)) if is_own_class(value, self._modules) else []
        return self._of_instance(kind, value)

    def _of_instance(self, kind: type, value: object) -> list[_Found]:
        """Return the attributes of an instance; for the user's classes also slots and attributes of the class."""
        own: Mapping[str, object] = object.__getattribute__(value, "__dict__") if kind.__dictoffset__ else {}
        found = self._named(own) if own else []
        slots, shared = self._of_class(kind)
        if slots:
            found += self._named({key: _in_slot(slot, value) for key, slot in slots.items()})
        if shared:
            found += [(f".{key}", item) for key, item in shared.items() if key not in own]
        return found

    def _of_class(self, kind: type) -> tuple[Mapping[str, MemberDescriptorType], Mapping[str, object]]:
        """Return the slots of a user's class and what all of its instances share; nothing for other classes."""
        known = self._classes.get(kind)
        if known is not None:
            return known
        slots: dict[str, MemberDescriptorType] = {}
        shared: dict[str, object] = {}
        if is_own_class(kind, self._modules):
            for base in reversed(type.__getattribute__(kind, "__mro__")[:-1]):
                attributes = dict_of(base)
                shared = {key: item for key, item in shared.items() if key not in attributes}
                shared |= {key: item for key, item in attributes.items() if self._is_one(item)}
                slots |= {key: item for key, item in attributes.items() if type(item) is MemberDescriptorType}
        self._classes[kind] = slots, shared
        return slots, shared

    def shared(self, kind: type) -> Mapping[str, object]:
        """Return the members that all instances of a user's class share."""
        return self._of_class(kind)[1]

    def _named(self, attributes: Mapping[str, Any]) -> list[_Found]:
        """Return the members among attributes, and those in attributes that are short lists of them."""
        kinds = self.kinds
        found = []
        for key, item in list(attributes.items()):
            kind = type(item)
            if issubclass(kind, kinds):
                found.append((f".{key}", item))
            elif kind in _LISTS and 0 < len(item) <= MAX_MEMBERS and self._is_one(item[0]):
                found += [(f".{key}[{place}]", each) for place, each in enumerate(item) if self._is_one(each)]
        return found

    def _is_one(self, item: object) -> bool:
        return issubclass(type(item), self.kinds)


def _in_slot(slot: MemberDescriptorType, value: object) -> object:
    try:
        return slot.__get__(value)
    except AttributeError:  # it was never filled
        return None
