"""Python objects as tokens: bytes that are equal exactly when the values are equal and of the same type."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict, deque
from enum import Enum
from functools import partial
from itertools import islice
from operator import itemgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.provenance.fp1 import leaves
from ithtel.provenance.fp1 import state as states
from ithtel.provenance.fp1.digest import NoFingerprintError, hex_of
from ithtel.provenance.fp1.functions import function_token
from ithtel.provenance.fp1.loaded import type_name
from ithtel.provenance.fp1.stand_ins import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ithtel.provenance.fp1.digest import Method

MAX_DEPTH = 100
LONG_BYTES = 65_536
CHUNK = 4_096
MAX_KNOWN = 65_536
MAX_STATES = 100_000
"""Objects read by their state in one value: about a second."""
MAX_FORGOTTEN = 2_000
LONG_PLACE = 60
TOO_LONG = "it would take longer than the time allowed"
_CLOSED = 1 << 30

_BASES = (dict, list, tuple, set, frozenset, deque, str, bytes, bytearray, int, float, complex)


class Encoder:
    """Makes the token of a value, of what it contains, and so on."""

    def __init__(self, method: Method, until: float | None = None) -> None:
        """Make one; past `until`, by `time.thread_time`, objects read by their state are refused."""
        self._method = method
        self._until = until
        self._depth = 0
        self._inside: dict[int, int] = {}
        self._reaches = _CLOSED
        self._n_states = self._n_numbered = self._n_met_again = self._n_forgotten = 0
        self._known: dict[int, tuple[object, bytes]] = {}
        self._containers: dict[type, Callable[[Any], bytes]] = {
            list: lambda value: b"l" + self._digest(self.items(value)),
            tuple: lambda value: b"t" + self._digest(self.items(value)),
            set: lambda value: b"u" + self._digest(sorted(self._members(value))),
            frozenset: lambda value: b"z" + self._digest(sorted(self._members(value))),
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
            token = self._known[id(value)][1]
            self._n_met_again += token[:1] == b"q"
            return token
        if id(value) in self._inside:  # it contains itself: so many levels up
            level = self._inside[id(value)]
            self._reaches = min(self._reaches, level)
            return b"r%d;" % (self._depth - level)
        if self._depth >= MAX_DEPTH:
            raise NoFingerprintError(f"it is nested deeper than {MAX_DEPTH} levels")
        outer, self._reaches, level = self._reaches, _CLOSED, self._depth
        self._inside[id(value)] = level
        self._depth += 1
        try:
            token = self._containers.get(type(value), self._other)(value)
        finally:
            self._depth = level
            del self._inside[id(value)]
            is_closed = self._reaches >= level
            self._reaches = outer if is_closed else min(outer, self._reaches)
        # What is shared is digested once (a list of a list twice over, fifty levels deep, would take for ever).
        # The innermost are remembered first, so a bound on their number does no harm. What refers to a level above
        # itself means something else in another place: met again, it is a reference by number, as pickle makes them.
        if not is_closed:
            self._known[id(value)] = (value, b"q%d;" % self._n_numbered)
            self._n_numbered += 1
        elif len(self._known) < MAX_KNOWN:
            self._known[id(value)] = (value, token)
        return token

    def _members(self, values: Iterable[object]) -> Iterator[bytes]:
        """Return the token of each member of what has no order.

        The members are read in the order of their hashes, so none may refer by number to what another one holds.
        """
        for value in values:
            leaf = leaves.BY_TYPE.get(type(value))
            yield self._isolated(partial(self.token, value)) if leaf is None else self.token(value)

    def _isolated(self, read: Callable[[], bytes]) -> bytes:
        """Return a token, and forget what was met on the way if numbers were given or used."""
        n_known, n_numbered, n_met_again = len(self._known), self._n_numbered, self._n_met_again
        token = read()
        if (self._n_numbered, self._n_met_again) != (n_numbered, n_met_again):
            self._n_numbered = n_numbered
            self._n_forgotten += len(self._known) - n_known
            while len(self._known) > n_known:
                self._known.popitem()
            if self._n_forgotten > MAX_FORGOTTEN:
                raise NoFingerprintError("it holds sets of objects that refer to each other in too many ways")
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
        """Return the tokens of keys and values, read in the order of the keys' tokens.

        The order of a dict does not count. Where keys may hold other objects, each entry is read by itself.
        """
        by_type = leaves.BY_TYPE
        if all(type(key) in by_type for key in mapping):
            pairs = sorted(((self.token(key), key, value) for key, value in dict.items(mapping)), key=itemgetter(0))
            return sorted(token + self._valued(key, value) for token, key, value in pairs)
        return sorted(self._isolated(partial(self._entry, key, value)) for key, value in dict.items(mapping))

    def _entry(self, key: object, value: object) -> bytes:
        try:
            token = self.token(key)
        except NoFingerprintError as error:
            raise NoFingerprintError(_at("[…]", error)) from None
        return token + self._valued(key, value)

    def _valued(self, key: object, value: object) -> bytes:
        try:
            return self.token(value)
        except NoFingerprintError as error:
            place = repr(key) if type(key) in (str, int) else "…"
            raise NoFingerprintError(_at(f"[{place}]", error)) from None

    def _fields(self, kind: type, fields: dict[str, Any]) -> bytes:
        return b"o" + self._digest((leaves.text(type_name(kind)), self.token(fields)))

    def _other(self, value: Any) -> bytes:  # noqa: ANN401
        kind = type(value)
        token = leaves.scalar(value)
        if token is None:
            token = function_token(value, self.token)
        if token is not None:
            return token
        fingerprint = self._method.nested(value)
        if fingerprint is not None:
            return b"a" + bytes.fromhex(hex_of(fingerprint))
        instead = stand_in(value)
        if instead is not value:
            return b"m" + self.token(instead)
        contents = contents_of(value, kind, type.mro(kind))
        if contents is not None:
            return self._fields(kind, contents)
        return self._by_state(value)

    def _by_state(self, value: object) -> bytes:
        refused = leaves.unreadable(value)
        if refused is not None:
            raise NoFingerprintError(refused)
        self._n_states += 1
        if self._n_states > MAX_STATES:
            raise NoFingerprintError(f"it holds more than {MAX_STATES:,} objects")
        if self._until is not None and time.thread_time() > self._until:
            raise NoFingerprintError(TOO_LONG)
        return b"j" + self.token(states.state_of(value))


def contents_of(value: Any, kind: type, mro: list[type]) -> dict[str, Any] | None:  # noqa: ANN401
    """Return declared fields, what a builtin base holds, and further attributes; None without fields or such a base."""
    if Enum in mro:
        return {"name": value._name_, "value": value._value_}
    declared = _fields_of(value, kind, mro)
    base = next((base for base in _BASES if base in mro), None)
    if declared is None:
        return None if base is None else _derived(value, base, mro)
    rest = {
        name: part
        for name, part in states.own_attributes(value, kind).items()
        if name not in declared and (kind is not SimpleNamespace)
    }
    if base is None and not rest:
        return declared
    held = {} if base is None else {"value": _held(value, base, mro)}
    return {"fields": declared, **held, "attributes": rest}


def _fields_of(value: Any, kind: type, mro: list[type]) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the fields of what is made of declared fields, those left out that are not set; else None."""
    names: Iterable[str]
    if kind is SimpleNamespace:
        return dict(vars(value))
    if kind is slice:
        names = ("start", "stop", "step")
    elif any("__dataclass_fields__" in base.__dict__ for base in mro):
        names = kind.__dataclass_fields__  # type: ignore[attr-defined]
    elif msgspec.Struct in mro:
        names = kind.__struct_fields__  # type: ignore[attr-defined]
    elif "__attrs_attrs__" in kind.__dict__:
        names = [field.name for field in kind.__dict__["__attrs_attrs__"]]
    else:
        return None
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _derived(value: Any, base: type, mro: list[type]) -> dict[str, Any]:  # noqa: ANN401
    """Return what a class derived from a builtin holds: the builtin's contents, the names of a namedtuple's fields."""
    held = {"value": _held(value, base, mro), "attributes": states.own_attributes(value, type(value))}
    if base is tuple and isinstance(names := getattr(type(value), "_fields", None), tuple):
        held["fields"] = names
    return held


def _held(value: Any, base: type, mro: list[type]) -> Any:  # noqa: ANN401
    """Return what the builtin base holds, by the builtin's own methods."""
    if OrderedDict in mro:
        return list(OrderedDict.items(value))
    if base is dict:
        items = dict(dict.items(value))
        return {"items": items, "default_factory": value.default_factory} if defaultdict in mro else items
    if base is deque:
        return {"items": list(deque.__iter__(value)), "maxlen": deque.maxlen.__get__(value)}
    if base in (list, tuple, set, frozenset):
        return base(base.__iter__(value))
    if base in (int, float, complex):
        return getattr(base, "__pos__")(value)  # noqa: B009 - of the builtin, not the derived class
    return base.__getnewargs__(value)[0] if base is not bytearray else bytes(memoryview(value))  # type: ignore[attr-defined]


def _at(place: str, error: Exception) -> str:
    message = str(error)
    if not message.startswith("at ["):
        return f"at {place}: {message}"
    inner, _, reason = message.removeprefix("at ").partition(": ")
    return f"at {place}{inner if len(inner) < LONG_PLACE else '[…]'}: {reason}"
