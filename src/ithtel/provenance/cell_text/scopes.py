"""`Scope`, `function_scope`, `bound_names`: Python's scopes, as far as they decide whether a name is global."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TYPE_ALIAS = getattr(ast, "TypeAlias", None)

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


_WRAPPERS = frozenset(
    {
        *("partial", "partialmethod", "lru_cache", "cache", "cached_property", "wraps", "singledispatch"),
        *("total_ordering", "staticmethod", "classmethod", "property", "setter", "getter", "deleter"),
        *("contextmanager", "asynccontextmanager", "dataclass", "define", "frozen", "abstractmethod", "overload"),
        *("final", "override", "runtime_checkable", "jit", "njit", "vectorize", "guvectorize", "jitclass", "delayed"),
        *("field_validator", "model_validator", "validator", "fixture", "memoize", "retry"),
    }
)
"""Functions and decorators that keep a function or class for later, and do not call it."""


class ScopeKind(Enum):
    """Kinds of scopes; only those of functions and comprehensions are visible from inner scopes."""

    FUNCTION = "function"
    CLASS = "class"
    COMPREHENSION = "comprehension"


class Deferred(msgspec.Struct, eq=False):
    """What a body does with global names once it runs, which is later than its definition, or never."""

    loads: set[str] = msgspec.field(default_factory=set)
    stores: set[str] = msgspec.field(default_factory=set)
    deletes: set[str] = msgspec.field(default_factory=set)
    mutates: set[str] = msgspec.field(default_factory=set)
    ran: tuple[int, set[str]] | None = None
    """When it last ran: the number of bodies and the fresh names at that time."""


class Scope(msgspec.Struct, eq=False):
    """A scope below the module's; in a class `local` holds the names that are certainly bound by now."""

    kind: ScopeKind
    parent: Scope | None
    local: set[str] = msgspec.field(default_factory=set)
    declared_global: set[str] = msgspec.field(default_factory=set)
    n_branches: int = 0
    methods: dict[str, list[Deferred]] = msgspec.field(default_factory=dict)


def function_scope(node: Function, parent: Scope | None, private: str | None) -> Scope:
    """Return the scope of a function's body."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    local, declared_global = bound_names(body)
    local |= {argument.arg for argument in _arguments(node.args)}
    if private is not None:
        local = {mangled(name, private) for name in local}
        declared_global = {mangled(name, private) for name in declared_global}
    return Scope(ScopeKind.FUNCTION, parent, local, declared_global)


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from arguments.posonlyargs
    yield from arguments.args
    yield from arguments.kwonlyargs
    if arguments.vararg:
        yield arguments.vararg
    if arguments.kwarg:
        yield arguments.kwarg


def annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """Yield the annotations of a function's parameters and of its result."""
    yield from (argument.annotation for argument in _arguments(node.args) if argument.annotation)
    if node.returns:
        yield node.returns


def defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    """Yield the default values of parameters, which belong to the scope around the function."""
    yield from arguments.defaults
    yield from (value for value in arguments.kw_defaults if value is not None)


def bound_names(body: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """Return the names that a function's body makes local, and those that it declares global."""
    local: set[str] = set()
    elsewhere: set[str] = set()
    declared_global: set[str] = set()
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        match node:
            case ast.Name():
                if not isinstance(node.ctx, ast.Load):
                    local.add(node.id)
                continue
            case ast.Global():
                declared_global.update(node.names)
            case ast.Nonlocal():
                elsewhere.update(node.names)
            case _:
                local.update(_names_of(node))
        stack.extend(_in_same_scope(node))
    return local - elsewhere - declared_global, declared_global


def _names_of(node: ast.AST) -> Iterable[str]:
    """Return the names that a node itself binds, not through a `Name` within it."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (node.name,)
        case ast.Import() | ast.ImportFrom():
            return [bound_by(alias) for alias in node.names if alias.name != "*"]
        case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
            return (node.name,) if node.name else ()
        case ast.MatchMapping():
            return (node.rest,) if node.rest else ()
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return [item.target.id for item in ast.walk(node) if isinstance(item, ast.NamedExpr)]
        case _:
            return ()


def _in_same_scope(node: ast.AST) -> Iterable[ast.AST]:  # noqa: PLR0911 - a table, one line a kind
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [*node.decorator_list, *defaults(node.args)]
        case ast.Lambda():
            return defaults(node.args)
        case ast.AnnAssign(value=None, simple=0):
            return ()  # `(name): annotation` binds nothing
        case ast.ClassDef():
            return [*node.decorator_list, *node.bases, *node.keywords]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return ()
        case _ if _TYPE_ALIAS is not None and isinstance(node, _TYPE_ALIAS):
            return (cast("ast.Name", getattr(node, "name")),)  # noqa: B009 - new in 3.12
        case _:
            return ast.iter_child_nodes(node)


def bound_by(alias: ast.alias) -> str:
    """Return the name that one part of an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def mangled(name: str, private: str | None) -> str:
    """Return a name with two leading underscores as Python mangles it inside of a class.

    >>> mangled("__x", "Model")
    '_Model__x'
    """
    if private is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    return f"_{private}{name}" if private else name


def root_of(node: ast.AST) -> str | None:
    """Return the name at the start of `a.b[c].d` or `a.method(…)[k]`, None if there is none."""
    while True:
        match node:
            case ast.Attribute() | ast.Subscript() | ast.Starred():
                node = node.value
            case ast.Call(func=ast.Attribute()):
                node = node.func
            case ast.Name():
                return node.id
            case _:
                return None


def only_wraps(node: ast.expr) -> bool:
    """Return whether a decorator, or the function of a call, is known to keep a function without calling it.

    >>> only_wraps(ast.parse("functools.lru_cache(None)", mode="eval").body)
    True
    """
    while isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
    return name in _WRAPPERS


def wrapped_names(node: ast.expr) -> set[str]:
    """Return the names that `h = g` or `h = partial(g, 2)` keeps for calls of `h`; none if it is something else.

    >>> sorted(wrapped_names(ast.parse("functools.partial(g, k)", mode="eval").body))
    ['g', 'k']
    """
    if isinstance(node, ast.Name):
        return {node.id}
    if not isinstance(node, ast.Call) or not only_wraps(node.func):
        return set()
    parts = [*node.args, *(keyword.value for keyword in node.keywords)]
    return {part.id for part in parts if isinstance(part, ast.Name)}
