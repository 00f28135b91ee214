"""`sanitize`, `rules_of`: find, read, extend and apply the rules of nbval's sanitizer.

`pytest --nbval-sanitize-with FILE` reads a file of rules: pairs of lines `regex: …` and `replace: …`.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ithtel.reading.history.values import History, Output

FILE = "nbval.cfg"
"""The file beside the notebooks, unless pytest is configured to read another."""
_PLAIN = "text/plain"
_PAIR = re.compile(r"^regex: (.*)$\n^replace: (.*)$", re.MULTILINE)
_OPTION = re.compile(r"""--(?:nbval-)?sanitize-with[=\s"',]+([^\s"',\]]+)""")
_CONFIGURATIONS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


class Rule(NamedTuple):
    """Text that matches `regex` is replaced before outputs are compared."""

    regex: str
    replace: str


def rules_in(text: str) -> list[Rule]:
    r"""Return the rules in a text, as nbval reads them.

    >>> rules_in("[time]\nregex: took .+\nreplace: took TIME\n")
    [Rule(regex='took .+', replace='took TIME')]
    """
    return [Rule(*found) for found in _PAIR.findall(text)]


def rules_file(notebook: Path) -> Path:
    """Return the file whose rules apply to a notebook: the one that pytest is configured to read, else `nbval.cfg`."""
    folder = notebook.resolve().parent
    for place in (folder, *folder.parents):
        for name in _CONFIGURATIONS:
            found = _OPTION.search(_text(place / name))
            if found is not None and (place / found[1]).resolve().is_relative_to(place):
                return place / found[1]
        if (place / ".git").exists():
            break
    return folder / FILE


def rules_of(notebook: Path) -> list[Rule]:
    """Return the rules that apply to a notebook."""
    return rules_in(_text(rules_file(notebook)))


def with_rules(text: str, rules: Iterable[Rule], title: str) -> str:
    r"""Return the text of a rules file with new rules appended; rules that it already has are not repeated.

    >>> with_rules("", [Rule("took .+", "VOLATILE")], "demo [3]")
    '[demo [3]]\nregex: took .+\nreplace: VOLATILE\n'
    """
    new = [rule for rule in rules if rule not in rules_in(text)]
    if not new:
        return text
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return text + gap + f"[{title}]\n" + "".join(f"regex: {rule.regex}\nreplace: {rule.replace}\n" for rule in new)


def sanitize(text: str, rules: Iterable[Rule]) -> str:
    """Return a text with the rules applied, as nbval compares it."""
    for rule in rules:
        text = re.sub(rule.regex, rule.replace, text)
    return text


def sanitized(history: History, rules: list[Rule]) -> History:
    """Return a session with the rules applied to its outputs, as far as their text was recorded."""
    if not rules:
        return history
    executions = [
        msgspec.structs.replace(cell, outputs=[_sanitized(output, rules) for output in cell.outputs])
        for cell in history.executions
    ]
    return msgspec.structs.replace(history, executions=executions)


def _sanitized(output: Output, rules: list[Rule]) -> Output:
    """Return an output with the rules applied; if they change it, its plain text replaces all of its texts."""
    left = None if output.text is None else sanitize(output.text, rules)
    if left is None or left == output.text:
        return output
    pictures = {mime: digest for mime, digest in output.mime.items() if mime.startswith("image/")}
    digest = hashlib.sha256(left.encode("utf-8", "backslashreplace")).hexdigest()
    return msgspec.structs.replace(output, text=left, mime=pictures | {_PLAIN: digest})


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
