"""Python objects as tokens: bytes that are equal exactly when the values are equal and of the same type."""

from __future__ import annotations

from collections import OrderedDict, deque
from enum import Enum
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.provenance.fp1 import leaves
from ithtel.provenance.fp1.digest import NoFingerprintError, hex_of
from ithtel.provenance.fp1.loaded import type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ithtel.provenance.fp1.digest import Method

MAX_DEPTH = 100
LONG_BYTES = 65_536
CHUNK = 4_096
MAX_KNOWN = 65_536

_BASES = (dict, list, tuple, set, frozenset, str, bytes, bytearray, int, float, complex)


class Encoder:
    """Makes the token of a value, of what it contains, and so on."""

    def __init__(self, method: Method) -> None:
        self._method = method
        self._depth = 0
        self._inside: set[int] = set()
        self._known: dict[int, tuple[object, bytes]] = {}
        self._containers: dict[type, Callable[[Any], bytes]] = {
            list: lambda value: b"l" + self._digest(self.items(value)),
            tuple: lambda value: b"t" + self._digest(self.items(value)),
            set: lambda value: b"u" + self._digest(sorted(self.items(value))),
            frozenset: lambda value: b"z" + self._digest(sorted(self.items(value))),
            dict: lambda value: b"d" + self._digest(self._entries(value)),
        }

    def token(self, value: object) -> bytes:
        """Return the token of `value`.

        Raises:
            NoFingerprintError: it has none; the message says why, and where in it.
        """
        leaf = leaves.BY_TYPE.get(type(value))
        if leaf is None:
            return self._container(value)
        token = leaf(value)
        return token if len(token) <= LONG_BYTES else b"h" + token[:1] + self._digest((token,))

    def _container(self, value: object) -> bytes:
        if id(value) in self._known:
            return self._known[id(value)][1]
        if id(value) in self._inside:
            raise NoFingerprintError("it contains itself")
        if self._depth >= MAX_DEPTH:
            raise NoFingerprintError(f"it is nested deeper than {MAX_DEPTH} levels")
        self._inside.add(id(value))
        self._depth += 1
        try:
            token = self._containers.get(type(value), self._other)(value)
        finally:
            self._depth -= 1
            self._inside.discard(id(value))
        # What is shared is digested once (a list of a list twice over, fifty levels deep, would take for ever).
        # The innermost are remembered first, so a bound on their number does no harm.
        if len(self._known) < MAX_KNOWN:
            self._known[id(value)] = (value, token)
        return token

    def _digest(self, tokens: Iterable[bytes]) -> bytes:
        hasher = self._method.new_hasher()
        rest = iter(tokens)
        while chunk := b"".join(islice(rest, CHUNK)):
            hasher.update(chunk)
        return hasher.digest()

    def items(self, values: Iterable[object], start: int = 0) -> Iterator[bytes]:
        """Return the token of each value; `start` is the place of the first, for the message of an error."""
        by_type = leaves.BY_TYPE
        for place, value in enumerate(values, start):
            leaf = by_type.get(type(value))
            try:
                token = self._container(value) if leaf is None else leaf(value)
            except NoFingerprintError as error:
                raise NoFingerprintError(_at(f"[{place}]", error)) from None
            yield token if len(token) <= LONG_BYTES else self.token(value)

    def _entries(self, mapping: dict[Any, Any]) -> list[bytes]:
        entries = []
        for key, value in dict.items(mapping):
            try:
                entries.append(self.token(key) + self.token(value))
            except NoFingerprintError as error:
                place = repr(key) if type(key) in (str, int) else "…"
                raise NoFingerprintError(_at(f"[{place}]", error)) from None
        return sorted(entries)

    def _fields(self, kind: type, fields: dict[str, Any]) -> bytes:
        return b"o" + self._digest((leaves.text(type_name(kind)), self.token(fields)))

    def _other(self, value: Any) -> bytes:  # noqa: ANN401
        kind = type(value)
        token = leaves.scalar(value)
        if token is not None:
            return token
        fingerprint = self._method.nested(value)
        if fingerprint is not None:
            return b"a" + bytes.fromhex(hex_of(fingerprint))
        mro = type.mro(kind) if not issubclass(kind, type) else []
        fields = _fields_of(value, kind, mro)
        if fields is not None:
            return self._fields(kind, fields)
        for base in _BASES:
            if base in mro:
                return self._fields(kind, _derived(value, base, mro))
        raise NoFingerprintError(leaves.refusal(value))


def _fields_of(value: Any, kind: type, mro: list[type]) -> dict[str, Any] | None:  # noqa: ANN401, PLR0911 - a table
    """Return the fields of what is made of declared fields, else None."""
    if Enum in mro:
        return {"name": value._name_, "value": value._value_}
    if any("__dataclass_fields__" in base.__dict__ for base in mro):
        return {name: getattr(value, name) for name in kind.__dataclass_fields__}  # type: ignore[attr-defined]
    if msgspec.Struct in mro:
        return {name: getattr(value, name) for name in kind.__struct_fields__}  # type: ignore[attr-defined]
    if "__attrs_attrs__" in kind.__dict__:
        return {field.name: getattr(value, field.name) for field in kind.__dict__["__attrs_attrs__"]}
    if kind is SimpleNamespace:
        return dict(vars(value))
    if kind is slice:
        return {"start": value.start, "stop": value.stop, "step": value.step}
    if deque in mro:
        return {"items": list(value), "maxlen": value.maxlen}
    return None


def _derived(value: Any, base: type, mro: list[type]) -> dict[str, Any]:  # noqa: ANN401
    """Return what a class derived from a builtin holds, by the builtin's own methods."""
    plain: Any
    if OrderedDict in mro:
        plain = list(OrderedDict.items(value))
    elif base is dict:
        plain = dict(dict.items(value))
    elif base in (list, tuple, set, frozenset):
        plain = base(base.__iter__(value))
    elif base in (int, float, complex):
        plain = getattr(base, "__pos__")(value)  # noqa: B009 - of the builtin, not the derived class
    else:
        plain = base.__getnewargs__(value)[0] if base is not bytearray else bytes(memoryview(value))  # type: ignore[attr-defined]
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        attributes = {}
    return {"value": plain, "attributes": dict(attributes)}


def _at(place: str, error: Exception) -> str:
    message = str(error)
    return f"at {place}{message[3:]}" if message.startswith("at [") else f"at {place}: {message}"
