"""`parse`, `expansions`: parse IPython's language, with its magics, `!` lines, and the names in their text."""

from __future__ import annotations

import ast
import functools
import re
import string
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_LINES = {"time": "", "timeit": "nrpv", "prun": "DlsT", "memit": "rti", "seed": ""}
"""Line magics whose text is Python, with the letters of their options that take a value."""
CODE_CELLS = frozenset(
    {"time", "timeit", "prun", "capture", "provenance", "memit", "mprun", "lprun", "pyinstrument", "snakeviz", "debug"}
)
"""Cell magics whose body is Python and runs in the namespace (that of `timeit`: in a function)."""
LOCAL = frozenset({"timeit", "memit"})
"""Magics whose code binds nothing in the namespace."""

_MAGIC_LINE = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_DOLLAR = re.compile(r"(.*?)\$(\$?[\w\.]+)(?=([^']*'[^']*')*[^']*$)")
_ASSIGNED = re.compile(r"(\s*)([\w.,\[\]'\" ]+?)\s*=\s*([%!])(?!=)(.*)", re.DOTALL)
_COMMAND = re.compile(r"(\s*)(%|!!?)(.*)", re.DOTALL)
_OPTION = re.compile(r"(--[a-z-]*|-([A-Za-z])(\S*))(?:\s+|$)")
_HELP = re.compile(r"\s*(\?{1,2}\s*[\w.%*]+|[%\w.*]+\?{1,2})\s*")
_ODD_LITERAL = re.compile(
    r"\\[^\n\r\\'\"abfnrtv0-7xNuU]|\\[4-7]\d\d|\b\d\w*(?:if|or|and|in|is|else|not|for)\b", re.IGNORECASE
)
"""Text that Python's parser may warn about: unknown escapes, numbers followed directly by a keyword."""


def parse(source: str) -> ast.Module | None:
    """Return the tree of a cell, raw or transformed by IPython; None if it is not Python.

    Warnings of the compiler are suppressed here; they appear when the cell is compiled to run.
    """
    tree = _parse(source)
    if tree is None and re.search(r"^\s*[%!?]|=\s*[%!]|\?\s*$", source, re.MULTILINE):
        tree = _parse(as_python(source))
    return tree


def _parse(source: str) -> ast.Module | None:
    try:
        if _ODD_LITERAL.search(source) is None:
            return ast.parse(source)
        with warnings.catch_warnings():  # only if needed: it makes Python forget which warnings it has shown
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@functools.lru_cache(maxsize=1024)
def parse_without_magics(source: str) -> ast.Module | None:
    r"""Return the tree of a raw cell with magics and `!` lines left out; None if the rest is not Python.

    Unlike `parse`, it sees the body of every cell magic as Python, and rejects what Python would not compile.

    >>> tree = parse_without_magics("%%time\nx = !ls")
    >>> tree is not None and ast.unparse(tree)
    'x = None'
    """
    text = _MAGIC_LINE.sub("", re.sub(r"^(\s*\w+\s*=\s*)[%!].*$", r"\1None", source, flags=re.MULTILINE))
    try:
        tree = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return tree if isinstance(tree, ast.Module) else None


def parse_expression(text: str) -> ast.expr | None:
    """Return the tree of one expression, None if the text is not one."""
    tree = _parse(f"({text}\n)")
    match tree:
        case ast.Module(body=[ast.Expr(value)]):
            return value
        case _:
            return None


def as_python(source: str) -> str:
    r"""Return a raw cell as Python, with magics and `!` lines as the calls that IPython turns them into.

    >>> as_python("files = !ls {folder}\nx?")
    "files = get_ipython().getoutput('ls {folder}')\npass\n"
    """
    stripped = source.lstrip()
    if stripped.startswith("%%"):
        first, _, body = stripped.partition("\n")
        name, _, line = first[2:].partition(" ")
        return f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})\n"
    return "".join(f"{_python_line(line)}\n" for line in _lines(source))


def _lines(source: str) -> Iterator[str]:
    """Yield the lines; a command that continues after a backslash is one line."""
    pending = ""
    for line in source.splitlines():
        whole = pending + line
        if whole.endswith("\\") and (_COMMAND.match(whole) or _ASSIGNED.match(whole)):
            pending = whole[:-1] + " "
        else:
            pending = ""
            yield whole
    if pending:
        yield pending


def _python_line(line: str) -> str:
    if _HELP.fullmatch(line):
        return f"{line[: len(line) - len(line.lstrip())]}pass"
    if match := _COMMAND.fullmatch(line):
        indent, mark, text = match.groups()
        return f"{indent}{_call(mark, text, is_assigned=False)}"
    if match := _ASSIGNED.fullmatch(line):
        indent, target, mark, text = match.groups()
        return f"{indent}{target} = {_call(mark, text, is_assigned=True)}"
    return line


def _call(mark: str, text: str, *, is_assigned: bool) -> str:
    if mark == "%":
        name, _, arguments = text.strip().partition(" ")
        return f"get_ipython().run_line_magic({name!r}, {arguments!r})"
    method = "getoutput" if is_assigned or mark == "!!" else "system"
    return f"get_ipython().{method}({text.strip()!r})"


def loads_ithtel(source: str) -> bool:
    """Return whether a cell loads this extension.

    >>> loads_ithtel("%load_ext ithtel"), loads_ithtel("x = 1")
    (True, False)
    """
    return "load_ext ithtel" in source


def code_of_line(magic: str, text: str) -> str:
    """Return the Python code in the text of a line magic, without the magic's options.

    >>> code_of_line("timeit", "-n 10 -r3 f(x)")
    'f(x)'
    """
    letters = CODE_LINES.get(magic, "")
    rest = text.strip()
    while match := _OPTION.match(rest):
        word, letter, value = match.groups()
        if letter and value and letter not in letters:
            break  # a negative name, not an option
        rest = rest[match.end() :]
        if letter and letter in letters and not value:
            rest = rest.partition(" ")[2].lstrip()
        if word == "--":
            break
    return rest


def expansions(text: str) -> list[ast.expr]:
    """Return the expressions that IPython expands in the text of a command: `{expression}`, `$name`, `$name.attribute`.

    As in IPython, nothing is expanded if one of them is not Python.
    """
    if "{" not in text and "$" not in text:
        return []
    found = []
    try:
        for literal, expression, spec, _ in string.Formatter().parse(text):
            dollars = [match[2] for match in _DOLLAR.finditer(literal)]
            parts = [name for name in dollars if not name.startswith("$")]
            if expression is not None:
                parts.append(expression)
                found += expansions(spec or "")
            for part in parts:
                tree = parse_expression(part)
                if tree is None:
                    return []
                found.append(tree)
    except ValueError:
        return []
    return found
