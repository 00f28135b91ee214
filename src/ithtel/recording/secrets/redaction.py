"""`Redactor`: replaces secrets by `[redacted:kind:hmac8]` before a line is written, equal ones alike in a session."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import msgspec

from ithtel.events import CellStart, Event
from ithtel.events.values import to_json_value
from ithtel.recording.secrets.patterns import SECRET_NAME, SHAPES, assignments, says_secret, shape
from ithtel.recording.settings import pattern_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SOURCE = "source"
"""The field that holds the source of a cell: magics assign there too, so text that is clean elsewhere may not be."""
MIN_LENGTH = 8
"""A shorter value is too common to be replaced everywhere."""
_MAX_KNOWN_CLEAN = 4096
_MAX_CLEAN_LENGTH = 200
_URL_SECRET = re.compile(r"://[^\s/:@]*:([^\s/@]+)@")
E = TypeVar("E", bound=Event)
Texts = str | None | tuple[str | None, ...]


class Redactor:
    """Finds secrets in text. A session owns one, and its forked children continue with the same key.

    >>> Redactor({"DB_PASSWORD": "correct-horse"}).text("login correct-horse").startswith("login [redacted:env:")
    True
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, pattern: str = "", home: str | None = None) -> None:
        self._environ = environ
        self._home = _home() if home is None else home
        self._key = secrets.token_bytes(16)
        self._seen: dict[str, str] | None = None
        self._seen_raw: dict[object, object] = {}
        self._secrets = _Secrets({})
        self.clean: set[Texts] = {None}
        """Short texts in which nothing is replaced, alone or as tuples, and None."""
        self.set_pattern(pattern)
        self.refresh()

    def _remember(self, clean: set[Texts], texts: Texts) -> None:
        if len(clean) >= _MAX_KNOWN_CLEAN:
            self._forget()
        clean.add(texts)

    def _forget(self) -> None:
        self.clean = {None}

    def set_pattern(self, pattern: str) -> None:
        """Also replace what matches the user's own regular expression; none if it is empty.

        Raises:
            SettingError: It is not a regular expression.
        """
        self._own = pattern_of(pattern)
        self._forget()

    def refresh(self) -> None:
        """Read the environment again; called before each cell."""
        raw = dict(getattr(self._environ, "_data", ()))  # what os.environ decodes: 30 µs less in each cell
        if raw and raw == self._seen_raw:
            return
        now = dict(self._environ)
        self._seen_raw = raw
        if now == self._seen:
            return
        self._seen = now
        self._learn({value: "env" for name, value in now.items() for value in _secrets_in(name, value)})

    def text(self, text: str, *, is_source: bool = False) -> str:
        """Return `text` with every secret in it replaced."""
        clean = self.clean  # from before: text found clean while another thread learns a secret must not be kept
        if text in clean and not is_source:
            return text
        found = self._secrets.replaced(text, self._placeholder)
        if self._own is not None:
            found = self._own.sub(lambda match: self._placeholder("pattern", match[0]) if match[0] else "", found)
        for kind, mark, expression in SHAPES:
            if mark in found:
                found = shape(expression).sub(lambda match, kind=kind: self._placeholder(kind, match[0]), found)  # type: ignore[misc]
        if "=" in found or ":" in found or is_source:
            found = self._without_assigned(found, is_source=is_source)
        if found is text and len(text) <= _MAX_CLEAN_LENGTH and not is_source and self._shortened(text) == text:
            self._remember(clean, text)
        return found

    def remember(self, texts: Texts) -> None:
        """Remember a tuple of texts as clean if each of them is."""
        clean = self.clean
        if isinstance(texts, tuple) and clean.issuperset(texts):
            self._remember(clean, texts)

    def source(self, text: str) -> str:
        """Return a cell's source without its secrets, and learn those that it assigns."""
        values = [_unescaped(text[start:end]) for start, end in assignments(text, is_source=True)]
        self._learn({value: "assigned" for value in values if len(value) >= MIN_LENGTH})
        return self.text(text, is_source=True)

    def path(self, text: str) -> str:
        """Return a path with `~` for the home folder, and a host's address of a cell as the cell's own id."""
        return self.text(self._shortened(text))

    def _shortened(self, text: str) -> str:
        if "://" in text or text.startswith("vscode-notebook"):
            text = _plain_id(text)
        if (
            self._home
            and text.startswith(self._home)
            and text[len(self._home) : len(self._home) + 1] in ("", "/", "\\")
        ):
            text = "~" + text[len(self._home) :]
        return text

    def event(self, event: E) -> E:
        """Return `event` with the secrets in its free text replaced; the same object if there are none."""
        changes: dict[str, Any] = {}
        for name in event.free_text:
            value = getattr(event, name)
            is_source = name == SOURCE and isinstance(value, str)
            if value is None or (type(value) is str and value in self.clean and not is_source):
                continue
            cleaned = self.source(value) if is_source else self.value(value)
            if cleaned is not value:
                changes[name] = cleaned
        for name in event.paths:
            value = getattr(event, name)
            if value is not None and value not in self.clean and (cleaned := self.path(value)) != value:
                changes[name] = cleaned
        if not changes:
            return event
        if isinstance(event, CellStart) and SOURCE in changes:
            changes["source_sha256"] = hashlib.sha256(changes[SOURCE].encode("utf-8", "backslashreplace")).hexdigest()
        return msgspec.structs.replace(event, **changes)

    def value(self, value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON, or structs within: a table, one line per type
        """Return a nested value with the secrets in its texts replaced; the same object if there are none.

        Values that JSON lacks are searched and returned in their tagged form.
        """
        match value:
            case None | int() | float():
                return value
            case str():
                return self.text(value)
            case dict():
                found = {self.value(key): self._entry(key, inner) for key, inner in value.items()}
                return value if found.keys() == value.keys() and _are_same(found.values(), value.values()) else found
            case list() | tuple():
                items = [self.value(inner) for inner in value]
                return value if _are_same(items, value) else items
            case Event():
                return self.event(value)
            case msgspec.Struct():
                fields = {name: getattr(value, name) for name in value.__struct_fields__}
                searched = {name: self.value(inner) for name, inner in fields.items()}
                return value if _are_same(searched.values(), fields.values()) else type(value)(**searched)
            case _:
                return self.value(to_json_value(value))

    def _entry(self, key: object, value: Any) -> Any:  # noqa: ANN401
        """Return the value of an entry; if its key suggests a secret, all text in the value is replaced."""
        if isinstance(key, str) and SECRET_NAME.search(key):
            return self._hidden(value)
        return self.value(value)

    def _hidden(self, value: Any) -> Any:  # noqa: ANN401
        match value:
            case str() if value and not value.startswith("[redacted:"):
                return self._placeholder("assigned", value)
            case dict():
                return {self.value(key): self._hidden(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self._hidden(inner) for inner in value]
            case None | str() | int() | float():
                return value
            case _:
                return self._hidden(to_json_value(value))

    def _learn(self, new: dict[str, str]) -> None:
        """Remember more secrets, even if their variables are deleted after they were read."""
        if not new.keys() <= self._secrets.kinds.keys():
            self._secrets = _Secrets({**self._secrets.kinds, **new})
            self._forget()

    def _placeholder(self, kind: str, secret: str) -> str:
        digits = hmac.digest(self._key, secret.encode("utf-8", "surrogatepass"), "sha256").hex()[:8]
        return f"[redacted:{kind}:{digits}]"

    def _without_assigned(self, text: str, *, is_source: bool) -> str:
        spans = assignments(text, is_source=is_source)
        if not spans:
            return text
        parts, at = [], 0
        for start, end in spans:
            parts += [text[at:start], self._placeholder("assigned", _unescaped(text[start:end]))]
            at = end
        return "".join([*parts, text[at:]])


class _Secrets:
    """Known secrets, in every form in which text may contain them; immutable, replaced when more become known.

    Args:
        kinds: Secret → kind.
    """

    def __init__(self, kinds: dict[str, str]) -> None:
        self.kinds = kinds
        self._forms: dict[str, str] = {}
        for value in kinds:
            in_json = msgspec.json.encode(value.encode("utf-8", "replace").decode())[1:-1].decode()
            for form in (value, repr(value)[1:-1], in_json, quote(value, safe="", errors="replace")):
                self._forms[form] = value
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._expression = re.compile("|".join(map(re.escape, longest_first))) if kinds else None

    def replaced(self, text: str, placeholder: Callable[[str, str], str]) -> str:
        """Return `text` with each secret in it replaced by `placeholder(kind, value)`."""
        if self._expression is None:
            return text

        def of_match(match: re.Match[str]) -> str:
            value = self._forms[match[0]]
            return placeholder(self.kinds[value], value)

        return self._expression.sub(of_match, text)


def _are_same(found: Iterable[object], before: Iterable[object]) -> bool:
    """Return whether these are the same objects: comparing a user's values might run code or raise."""
    return all(one is other for one, other in zip(found, before, strict=True))


def _secrets_in(name: str, value: str) -> list[str]:
    """Return the secrets in an environment variable: its whole value, or the password in a URL."""
    if name.startswith("ITHTEL_"):
        return []
    found = [value] if says_secret(name) and len(value) >= MIN_LENGTH else []
    return found + [match[1] for match in _URL_SECRET.finditer(value) if len(match[1]) >= MIN_LENGTH]


def _unescaped(value: str) -> str:
    """Return the value of a literal, so that it gets the same digits as elsewhere."""
    return re.sub(r"\\(['\"\\])", r"\1", value)


def _plain_id(text: str) -> str:
    if text.startswith("file://"):
        return text.removeprefix("file://")
    fragment = text.rpartition("#")[2] if "#" in text else ""
    if fragment:
        return fragment
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16] if text.startswith("vscode") else text


def _home() -> str:
    try:
        home = str(Path.home())
    except RuntimeError:
        return ""
    return "" if home == "/" else home
