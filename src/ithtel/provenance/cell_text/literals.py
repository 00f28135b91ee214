"""`Literals`: collect the strings in a cell that may name a file."""

from __future__ import annotations

import ast
import re

_MAX_LENGTH = 1_000
_QUOTED = re.compile(r"""'([^'\n]{1,500})'|"([^"\n]{1,500})\"""")
_PATH_MAKERS = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath", "str", "open", "fspath"})


class Literals:
    """Collects strings; remembers strings assigned to plain names, so that `folder / "a.csv"` is one string."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._known: dict[str, str] = {}

    def add(self, text: str) -> None:
        """Keep a string, and what is quoted within it (as in SQL)."""
        self._found.add(text)
        if " " in text:
            self._found.update(one or other for one, other in _QUOTED.findall(text))

    def add_words(self, text: str) -> None:
        """Keep the words of a command."""
        self._found.update(word.strip("'\"") for word in text.split() if not word.startswith("-"))

    def add_joined(self, node: ast.expr) -> None:
        """Keep the string that an expression composes from strings, if any."""
        text = self.text_of(node)
        if text is not None:
            self.add(text)

    def assign(self, name: str, value: ast.expr) -> None:
        """Remember the string assigned to a name, or that it no longer is a string."""
        text = self.text_of(value)
        if text is None:
            self._known.pop(name, None)
        else:
            self._known[name] = text

    def text_of(self, node: ast.expr) -> str | None:  # noqa: PLR0911 - a table with one line per form
        """Return the string of an expression made only of literals and known names, else None."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name):
                return self._known.get(name)
            case ast.BinOp(left=left, op=ast.Div() | ast.Add() as operator, right=right):
                return self._joined([left, right], "/" if isinstance(operator, ast.Div) else "")
            case ast.JoinedStr(values=parts):
                return self._joined([p.value if isinstance(p, ast.FormattedValue) else p for p in parts], "")
            case ast.Call(func=ast.Name(id=maker), args=parts) if maker in _PATH_MAKERS:
                return self._joined(parts, "/")
            case ast.Call(func=ast.Attribute(value=folder, attr="joinpath"), args=parts):
                return self._joined([folder, *parts], "/")
            case ast.Call(func=ast.Attribute(attr="join" | "Path"), args=parts) if len(parts) > 0:
                return self._joined(parts, "/")
            case _:
                return None

    def paths(self) -> list[str]:
        """Return the strings that can be names of files, sorted."""
        return sorted(text for text in self._found if 0 < len(text) <= _MAX_LENGTH and text.isprintable())

    def _joined(self, parts: list[ast.expr], separator: str) -> str | None:
        texts = [self.text_of(part) for part in parts]
        if not texts or None in texts:
            return None
        return separator.join(text.rstrip("/") if separator else text for text in texts if text is not None)
