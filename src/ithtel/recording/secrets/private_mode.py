"""`Privacy`: what an event may still contain in a private session, whose data must not leave the notebook."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ithtel.events import ExceptionInfo
    from ithtel.events.base import Withheld

S = TypeVar("S", bound=msgspec.Struct)
NOT_RECORDED = "not recorded: the session is private"
_NAME_DIGITS = 8
_DERIVED = r"(?<![0-9a-f])[0-9a-f]{16}\Z"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LEAST: tuple[Any, ...] = (None, "", [], {})


class Privacy:
    """Removes text and values from events, and keys every digest, because a plain digest of few values can be guessed.

    What happens to which field is declared by the events (`private`). Each session makes its own key and stores it
    nowhere, so digests and names can be compared within a session only.

    >>> from ithtel.events import CellPrior
    >>> Privacy(b"key").event(CellPrior(execution_count=1, source="salary = 1")).source
    ''
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def event(self, event: S) -> S:
        """Return an event, or a struct within one, as it may be written."""
        kind = type(event)
        changes = {}
        for name in kind.__struct_fields__:
            value = getattr(event, name)
            kept = self.value(kind, name, value)
            if kept is not value:
                changes[name] = kept
        return msgspec.structs.replace(event, **changes) if changes else event

    def value(self, kind: type[msgspec.Struct], name: str, value: Any) -> Any:  # noqa: ANN401 - of any field
        """Return the value of one field as it may be written; the same object if nothing changes."""
        if value is None:
            return None
        how = _private(kind).get(name)
        if how is not None:
            return _least(kind, name) if how == "absent" else self._treated(how, value)
        within = _within(kind).get(name)
        if within is not None and isinstance(value, dict):
            return value | {key: self._key_of(how, value[key]) for key, how in within.items() if key in value}
        return self._inside(value)

    def column(self, name: str) -> str:
        """Return the replacement for a column name, the same for the same name."""
        return f"column {self._keyed(name)[:_NAME_DIGITS]}"

    def digest(self, digest: str | None) -> str | None:
        """Return a digest of the same form that can be made only with the key."""
        if digest is None:
            return None
        prefix, colon, digits = digest.rpartition(":")
        return f"{prefix}{colon}{self._keyed(digits)[: len(digits)]}"

    def exception(self, exception: ExceptionInfo) -> ExceptionInfo:
        """Return an exception with its type only, without its message and traceback."""
        return msgspec.structs.replace(exception, value="", traceback="")

    def failure(self, reason: str) -> str:
        """Return the kind of a recording failure (`TypeError: …`) without its message."""
        return reason.partition(":")[0]

    def _keyed(self, text: str) -> str:
        return hmac.digest(self._key, text.encode("utf-8", "backslashreplace"), hashlib.sha256).hex()

    def _key_of(self, how: Withheld, value: Any) -> Any:  # noqa: ANN401 - free JSON
        return None if how == "absent" or value is None else self._treated(how, value)

    def _treated(self, how: Withheld, value: Any) -> Any:  # noqa: ANN401 - one text, a list or a mapping of them
        match how, value:
            case "parts", list() | dict():
                return self._parts(value)
            case "replaced", dict():
                return dict.fromkeys(value, NOT_RECORDED)
            case _, list():
                return [self._treated(how, each) for each in value]
            case "renamed", dict():
                return {self.column(name): self._inside(each) for name, each in value.items()}
            case _:
                return self._text(how, str(value))

    def _text(self, how: Withheld, text: str) -> str:
        match how:
            case "keyed":
                return self.digest(text) or ""
            case "derived":
                return re.sub(_DERIVED, lambda found: self._keyed(found[0])[: len(found[0])], text)
            case "quoted":
                return re.sub(_QUOTED, lambda found: json.dumps(self.column(json.loads(found[0]))), text)
            case "replaced":
                return NOT_RECORDED
            case _:
                return self.column(text)

    def _parts(self, parts: Any) -> Any:  # noqa: ANN401 - fingerprints, in a list or by name
        if isinstance(parts, dict):
            return {self.column(name): self._part(part) for name, part in parts.items()}
        return [self._part(part) for part in parts]

    def _part(self, part: Any) -> Any:  # noqa: ANN401 - a struct with a name
        kept = self.event(part)
        return kept if part.name is None else msgspec.structs.replace(kept, name=self.column(part.name))

    def _inside(self, value: Any) -> Any:  # noqa: ANN401 - of any field
        """Return a field without a declaration; the structs in it have their own declarations."""
        match value:
            case msgspec.Struct():
                return self.event(value)
            case [msgspec.Struct(), *_]:
                return [self.event(each) for each in value]
            case dict() if any(isinstance(each, msgspec.Struct) for each in value.values()):
                return {key: self._inside(each) for key, each in value.items()}
            case _:
                return value


def _private(kind: type[msgspec.Struct]) -> Mapping[str, Withheld]:
    return getattr(kind, "private", {})


@functools.cache
def _within(kind: type[msgspec.Struct]) -> dict[str, dict[str, Withheld]]:
    """Return the treatment of the keys of free mappings: field → key → treatment."""
    found: dict[str, dict[str, Withheld]] = {}
    for path, how in _private(kind).items():
        name, dot, key = path.partition(".")
        if dot:
            found.setdefault(name, {})[key] = how
    return found


@functools.cache
def _least_of(kind: type[msgspec.Struct]) -> dict[str, int]:
    """Return for each absent field the index in `_LEAST` of the first value that its type allows."""
    return {
        field.name: next(place for place, each in enumerate(_LEAST) if _fits(each, field.type))
        for field in msgspec.structs.fields(kind)
        if _private(kind).get(field.name) == "absent"
    }


def _least(kind: type[msgspec.Struct], name: str) -> Any:  # noqa: ANN401 - of the field's type
    least = _LEAST[_least_of(kind)[name]]
    return least.copy() if isinstance(least, list | dict) else least


def _fits(value: object, kind: Any) -> bool:  # noqa: ANN401 - a type
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True
