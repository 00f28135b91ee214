"""What a cell's text says of the clock and of the order of sets: values that another run would not give."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from ithtel.provenance.cell_text import celltext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CLOCK = re.compile(r"\b(now|today|utcnow|time|time_ns)\s*\(|[\"'](now|today)[\"']")
_SETS = re.compile(r"\bset\s*\(|\bhash\s*\(|\{")
_WORD = re.compile(r"[^\W\d]\w*")
_UNORDERED = (set, frozenset)
_NOW = {"now", "today", "utcnow"}
_ORDERED = {"list", "tuple", "enumerate", "array", "Series", "Index", "next", "iter", "join"}
_FIXED = (int, float, bool, type(None))


def clock_calls(source: str) -> list[str]:
    """Return the calls by which a cell keeps the present date or time in a variable; timing something is none.

    >>> clock_calls("today = pd.Timestamp.now()"), clock_calls("began = time.time()"), clock_calls("print(now())")
    (['pd.Timestamp.now()'], [], [])
    """
    if not _CLOCK.search(source):
        return []
    return [ast.unparse(call) for call in _kept_calls(source) if _is_clock(call)]


def _kept_calls(source: str) -> Iterator[ast.Call]:
    """Yield the calls whose results are kept: assigned, or a seed."""
    tree = celltext.parse(source)
    for node in [] if tree is None else ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            yield from (inner for inner in ast.walk(node.value) if isinstance(inner, ast.Call))
        elif isinstance(node, ast.Call) and _name_of(node.func).endswith("seed"):
            for argument in node.args:
                yield from (inner for inner in ast.walk(argument) if isinstance(inner, ast.Call))


def _is_clock(call: ast.Call) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(attr=name)) if name in _NOW:
            return True
        case ast.Call(args=[ast.Constant(value="now" | "today"), *_]):
            return True
        case _:
            return False


def unordered(source: str, namespace: Mapping[str, object]) -> list[str]:
    """Return the places where a cell takes the elements of a set of texts in their order, which is by chance.

    Not where Python's hashes are fixed, nor of numbers.

    >>> unordered("names = list(set(columns))", {"columns": ["a", "b"]})
    ['list(set(columns))']
    >>> unordered("names = sorted(set(columns))", {"columns": ["a", "b"]})
    []
    """
    if not sys.flags.hash_randomization:
        return []
    if not _SETS.search(source) and not any(type(namespace.get(word)) in _UNORDERED for word in _WORD.findall(source)):
        return []
    tree = celltext.parse(source)
    return [] if tree is None else [ast.unparse(node) for node in ast.walk(tree) if _takes_order(node, namespace)]


def _takes_order(node: ast.AST, namespace: Mapping[str, object]) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="hash"), args=[argument]):
            return _may_be_text(argument, namespace)
        case ast.Call(func=function, args=[argument, *_]) if _name_of(function) in _ORDERED:
            return _is_set(argument, namespace)
        case ast.ListComp(generators=[generator, *_]):
            return _is_set(generator.iter, namespace)
        case _:
            return False


def _is_set(node: ast.expr, namespace: Mapping[str, object]) -> bool:
    match node:
        case ast.Set(elts=elements):
            return any(_may_be_text(element, namespace) for element in elements)
        case ast.Call(func=ast.Name(id="set" | "frozenset"), args=[argument]):
            return _may_hold_text(argument, namespace)
        case ast.Name(id=name):
            value = namespace.get(name)
            return type(value) in _UNORDERED and _holds_text(value)
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() | ast.Sub() | ast.BitXor(), right=right):
            return _is_set(left, namespace) or _is_set(right, namespace)
        case _:
            return False


def _may_hold_text(node: ast.expr, namespace: Mapping[str, object]) -> bool:
    if isinstance(node, ast.Name) and node.id in namespace:
        return _holds_text(namespace[node.id])
    if isinstance(node, ast.List | ast.Tuple):
        return any(_may_be_text(element, namespace) for element in node.elts)
    return not (isinstance(node, ast.Call) and _name_of(node.func) == "range")


def _may_be_text(node: ast.expr, namespace: Mapping[str, object]) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | bytes)
    return not (isinstance(node, ast.Name) and type(namespace.get(node.id)) in _FIXED)


def _holds_text(value: object) -> bool:
    """Say whether a collection may hold what is hashed by chance; of a table or an array the type of elements says."""
    if isinstance(value, str):
        return True
    if isinstance(value, list | tuple | set | frozenset | dict):
        return any(type(item) not in _FIXED for item in list(value)[:100])
    dtype = getattr(value, "dtype", None)
    return getattr(dtype, "kind", "O") not in "biufcmM"


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
