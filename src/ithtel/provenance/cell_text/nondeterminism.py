"""Detect clocks and the order of sets in a cell's text: values that differ from run to run.

While a notebook runs, a warning must be precise: `clock_calls` and `unordered` report only what a cell keeps, and know
the values of its variables. Once two runs differ, a possible cause is enough: `clock_in` and `uses_hash_order` report
any use, from the text alone.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from ithtel.provenance.cell_text import celltext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT_CLOCK = re.compile(r"\b(now|today|utcnow)\s*\(|[\"'](now|today)[\"']")
_ANY_CLOCK = re.compile(
    r"\b(?:time\.(?:time|time_ns|perf_counter|monotonic|process_time|ctime|localtime|gmtime|strftime)|(?:now|today|utcnow)"
    r"|uuid1|getpid)\s*\("
    r"|%%?time(?:it)?\b"
)
_TIME_ZONE = re.compile(
    r"\b(?:fromtimestamp|localtime|mktime|ctime|strftime|astimezone|tzlocal|get_localzone|tzname|tzset|altzone|time\.timezone"
    r"|TZ)\b"
)
_SETS = re.compile(r"\bset\s*\(|\bhash\s*\(|\{")
_WORD = re.compile(r"[^\W\d]\w*")
_UNORDERED = (set, frozenset)
_NOW = {"now", "today", "utcnow"}
_ORDERED = {"list", "tuple", "enumerate", "array", "Series", "Index", "next", "iter", "join"}
_FIXED = (int, float, bool, type(None))


def clock_calls(source: str) -> list[str]:
    """Return the calls by which a cell keeps the present date or time in a variable; measured durations do not count.

    >>> clock_calls("today = pd.Timestamp.now()"), clock_calls("began = time.time()"), clock_calls("print(now())")
    (['pd.Timestamp.now()'], [], [])
    """
    if not _KEPT_CLOCK.search(source):
        return []
    return [ast.unparse(call) for call in _kept_calls(source) if _is_clock(call)]


def _kept_calls(source: str) -> Iterator[ast.Call]:
    """Yield the calls whose results are kept: assigned, or used as a seed."""
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


def clock_in(source: str) -> str | None:
    """Return the first call in `source` whose result differs in every run, None if there is none.

    >>> clock_in("t = time.time()"), clock_in("t = np.datetime64('now')")
    ('time.time()', "np.datetime64('now')")
    """
    found = _ANY_CLOCK.search(source)
    if found is None:
        return next(iter(clock_calls(source)), None)
    return found[0].replace(" ", "") + (")" if found[0].endswith("(") else "")


def unordered(source: str, namespace: Mapping[str, object]) -> list[str]:
    """Return the expressions in which a cell uses the iteration order of a set of strings, which is random.

    Sets of numbers do not count, and neither does any set if Python's hashes are fixed.

    >>> unordered("names = list(set(columns))", {"columns": ["a", "b"]})
    ['list(set(columns))']
    >>> unordered("names = sorted(set(columns))", {"columns": ["a", "b"]})
    []
    """
    if not sys.flags.hash_randomization:
        return []
    if not _SETS.search(source) and not any(_is_unordered(namespace.get(word)) for word in _WORD.findall(source)):
        return []
    tree = celltext.parse(source)
    return [] if tree is None else [ast.unparse(node) for node in ast.walk(tree) if _takes_order(node, namespace)]


def _is_unordered(value: object) -> bool:
    return any(type(value) is kind for kind in _UNORDERED)  # `in` would run code of a metaclass


def uses_hash_order(source: str) -> bool:
    """Return whether `source` makes a set or calls `hash`: its order or value depends on PYTHONHASHSEED.

    >>> uses_hash_order("list({'a', 'b'})"), uses_hash_order("x = [1]")
    (True, False)
    """
    tree = celltext.parse_without_magics(source)
    if tree is None:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("set", "frozenset", "hash")
        ):
            return True
    return False


def uses_time_zone(source: str) -> bool:
    """Return whether `source` uses the clock or the machine's time zone.

    >>> uses_time_zone("datetime.fromtimestamp(0)"), uses_time_zone("x = 1")
    (True, False)
    """
    return clock_in(source) is not None or _TIME_ZONE.search(source) is not None


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
            return _is_unordered(value) and _holds_text(value)
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
    """Return whether a collection may hold values with random hashes; for tables and arrays, judging by the dtype."""
    if isinstance(value, str):
        return True
    if isinstance(value, list | tuple | set | frozenset | dict):
        return any(type(item) not in _FIXED for item in list(value)[:100])
    dtype = getattr(value, "dtype", None)
    return getattr(dtype, "kind", "O") not in "biufcmM"


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
