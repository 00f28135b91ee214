"""Secrets are replaced before a line is written: `[redacted:kind:hmac8]`, equal ones alike within a session."""

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

from ithtel.errors import SettingError
from ithtel.events import CellStart, Event
from ithtel.recording.shapes import SECRET_NAME, SHAPES, assignments, says_secret, shape

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "source"
"""The field that holds a cell's text: there, magics assign too, so what was clean elsewhere need not be."""
MIN_LENGTH = 8
"""A shorter value is too common to be replaced wherever it stands."""
_MAX_KNOWN_CLEAN = 4096
_MAX_CLEAN_LENGTH = 200
_URL_SECRET = re.compile(r"://[^\s/:@]*:([^\s/@]+)@")
E = TypeVar("E", bound=Event)
Texts = str | None | tuple[str | None, ...]


class Redactor:
    """Finds secrets in text; a session owns one, and its forked children go on with the same key.

    >>> Redactor({"DB_PASSWORD": "correct-horse"}).text("login correct-horse").startswith("login [redacted:env:")
    True
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, pattern: str = "", home: str | None = None) -> None:
        self._environ = environ
        self._home = _home() if home is None else home
        self._key = secrets.token_bytes(16)
        self._assigned: dict[str, str] = {}
        self._seen: dict[str, str] | None = None
        self._known: dict[str, str] = {}
        self._expression: re.Pattern[str] | None = None
        self.clean: set[Texts] = {None}
        """Short texts that nothing is replaced in, several of them together, and None."""
        self.set_pattern(pattern)
        self.refresh()

    def _remember(self, texts: Texts) -> None:
        if len(self.clean) >= _MAX_KNOWN_CLEAN:
            self._forget()
        self.clean.add(texts)

    def _forget(self) -> None:
        self.clean.clear()
        self.clean.add(None)

    def set_pattern(self, pattern: str) -> None:
        """Replace what fits the user's own regular expression, too; none where it is empty.

        Raises:
            SettingError: It is no regular expression.
        """
        try:
            self._own = re.compile(pattern) if pattern else None
        except re.error as error:
            raise SettingError(
                f"setting 'redact' does not take {pattern!r}: not a regular expression ({error})"
            ) from None
        self._forget()

    def refresh(self) -> None:
        """Read the environment again, as is done before each cell."""
        now = dict(self._environ)
        if now == self._seen:
            return
        self._seen = now
        self._learn({value: "env" for name, value in now.items() for value in _secrets_in(name, value)})

    def text(self, text: str, *, is_source: bool = False) -> str:
        """Return `text` with every secret in it replaced."""
        if text in self.clean:
            return text
        found = text
        if self._expression is not None:
            found = self._expression.sub(self._placeholder_of_known, found)
        if self._own is not None:
            found = self._own.sub(lambda match: self._placeholder("pattern", match[0]) if match[0] else "", found)
        for kind, mark, expression in SHAPES:
            if mark in found:
                found = shape(expression).sub(lambda match, kind=kind: self._placeholder(kind, match[0]), found)  # type: ignore[misc]
        if "=" in found or ":" in found or is_source:
            found = self._without_assigned(found, is_source=is_source)
        if found is text and len(text) <= _MAX_CLEAN_LENGTH and not is_source and self._shortened(text) == text:
            self._remember(text)
        return found

    def remember(self, texts: Texts) -> None:
        """Know, of texts that are clean each for itself, that they are so together."""
        if isinstance(texts, tuple) and self.clean.issuperset(texts):
            self._remember(texts)

    def source(self, text: str) -> str:
        """Return a cell's source without its secrets, and know from here on those that it assigns."""
        values = [_unescaped(text[start:end]) for start, end in assignments(text, is_source=True)]
        new = {value: "assigned" for value in values if len(value) >= MIN_LENGTH and value not in self._known}
        if new:
            self._assigned |= new
            self._learn({value: kind for value, kind in self._known.items() if kind == "env"})
        return self.text(text, is_source=True)

    def path(self, text: str) -> str:
        """Return a path with `~` for the home folder, a host's address of a cell by the cell's own name."""
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
        """Return `event` with the secrets in its free text replaced; itself where there are none."""
        changes: dict[str, Any] = {}
        for name in event.free_text:
            value = getattr(event, name)
            is_source = name == SOURCE and isinstance(value, str)
            if value is None or (type(value) is str and value in self.clean and not is_source):
                continue
            cleaned = self.source(value) if is_source else self.value(value)
            if cleaned is not value and cleaned != value:
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

    def value(self, value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON, or structs within: a table, one line a type
        """Return a value of any depth with the secrets in its texts replaced."""
        match value:
            case None | int() | float():
                return value
            case str():
                return self.text(value)
            case dict():
                return {self.value(key): self._entry(key, inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.value(inner) for inner in value]
            case Event():
                return self.event(value)
            case msgspec.Struct():
                return type(value)(**{name: self.value(getattr(value, name)) for name in value.__struct_fields__})
            case _:
                return value

    def _entry(self, key: object, value: Any) -> Any:  # noqa: ANN401
        """Return the value of an entry; where its key says secret, all of its text goes."""
        if isinstance(key, str) and isinstance(value, str) and value and SECRET_NAME.search(key):
            return value if value.startswith("[redacted:") else self._placeholder("assigned", value)
        return self.value(value)

    def _learn(self, from_environment: dict[str, str]) -> None:
        """Know the secrets of the environment and those that cells assigned, in each form that text may hold them."""
        self._known = {**self._assigned, **from_environment}
        forms: dict[str, str] = {}
        for value in self._known:
            in_json = msgspec.json.encode(value.encode("utf-8", "replace").decode())[1:-1].decode()
            for form in (value, repr(value)[1:-1], in_json, quote(value, safe="", errors="replace")):
                forms[form] = value
        self._forms = forms
        longest_first = sorted(forms, key=len, reverse=True)
        self._expression = re.compile("|".join(map(re.escape, longest_first))) if forms else None
        self._forget()

    def _placeholder_of_known(self, match: re.Match[str]) -> str:
        value = self._forms[match[0]]
        return self._placeholder(self._known[value], value)

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


def _secrets_in(name: str, value: str) -> list[str]:
    """Return what is secret in an environment variable: all of it, or the password in its address."""
    if name.startswith("ITHTEL_"):
        return []
    found = [value] if says_secret(name) and len(value) >= MIN_LENGTH else []
    return found + [match[1] for match in _URL_SECRET.finditer(value) if len(match[1]) >= MIN_LENGTH]


def _unescaped(value: str) -> str:
    """Return the value that a literal stands for, so that it has the digits it has elsewhere."""
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
