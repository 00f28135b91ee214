"""`BranchFlow`: walk the paths through a cell (conditions, loops, exceptions, patterns)."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, ClassVar

from ithtel.provenance.cell_text.nameflow import NameFlow, State, join
from ithtel.provenance.cell_text.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SUPPRESSING = re.compile(r"suppress|raises", re.IGNORECASE)
_NOT_WALKED = frozenset({"ctx", "op", "ops", "type_comment", "kind"})


_FIELDS = {
    kind: tuple(name for name in kind._fields if name not in _NOT_WALKED)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


class NotACellError(Exception):
    """The text can be parsed but not compiled, such as `return` outside of a function."""


class BranchFlow(NameFlow):
    """Walks statements in the order in which they run, and joins the states where paths meet."""

    handlers: ClassVar[dict[type[ast.AST], Callable[[Any, Any], None]]]

    def __init__(self) -> None:
        super().__init__()
        self.breaks: list[list[State]] = []

    def body(self, statements: Iterable[ast.AST]) -> None:
        """Walk statements until no path continues."""
        for statement in statements:
            if self.is_dead:
                return
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        """Walk any node."""
        kind = type(node)
        handler = self.handlers.get(kind)
        if handler is not None:
            handler(self, node)
            return
        for name in _FIELDS[kind]:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                self.visit(value)
            elif type(value) is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)

    def visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        """Walk several nodes in order."""
        for node in nodes:
            if node is not None:
                self.visit(node)

    def target(self, node: ast.AST) -> None:
        """Walk what is assigned to."""
        raise NotImplementedError

    def condition(self, test: ast.expr) -> tuple[State, State]:
        """Walk a condition and return the states if it holds and if it does not."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            holds, fails = self.condition(test.operand)
            return fails, holds
        if not isinstance(test, ast.BoolOp):
            self.visit(test)
            return self.fresh, self.copy()
        is_and = isinstance(test.op, ast.And)
        left: State = None
        for value in test.values:
            holds, fails = self.condition(value)
            left = join(left, fails if is_and else holds)
            self.fresh = holds if is_and else fails
        return (self.fresh, left) if is_and else (left, self.fresh)

    def bool_op(self, node: ast.BoolOp) -> None:
        """Walk `a and b`: b may not run."""
        self.fresh = join(*self.condition(node))

    def compare(self, node: ast.Compare) -> None:
        """Walk `a < b < c`: c may not run."""
        self.visit(node.left)
        self.visit(node.comparators[0])
        state = self.copy()
        self.visit_all(node.comparators[1:])
        self.fresh = join(self.fresh, state)

    def if_statement(self, node: ast.If) -> None:
        """Walk `if`, and join its two branches."""
        with_branch = self._enter_branch()
        self.fresh, other = self.condition(node.test)
        self.body(node.body)
        self.fresh, other = other, self.fresh
        self.body(node.orelse)
        self.fresh = join(self.fresh, other)
        self._leave_branch(entered=with_branch)

    def if_expression(self, node: ast.IfExp) -> None:
        """Walk `a if test else b`."""
        self.fresh, other = self.condition(node.test)
        self.visit(node.body)
        self.fresh, other = other, self.fresh
        self.visit(node.orelse)
        self.fresh = join(self.fresh, other)

    def for_statement(self, node: ast.For | ast.AsyncFor) -> None:
        """Walk a loop whose body may never run."""
        self.visit(node.iter)
        with_branch = self._enter_branch()
        start = self.copy()
        self.breaks.append([])
        self.target(node.target)
        self.body(node.body)
        self.fresh = start
        self._end_loop(node.orelse)
        self._leave_branch(entered=with_branch)

    def while_statement(self, node: ast.While) -> None:
        """Walk a loop; an endless one is left only by `break`."""
        with_branch = self._enter_branch()
        self.breaks.append([])
        self.fresh, fails = self.condition(node.test)
        self.body(node.body)
        is_endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.fresh = None if is_endless and self.deferred is None else fails
        self._end_loop(node.orelse)
        self._leave_branch(entered=with_branch)

    def _end_loop(self, orelse: list[ast.stmt]) -> None:
        breaks = self.breaks.pop()
        self.body(orelse)
        for state in breaks:
            self.fresh = join(self.fresh, state)

    def break_statement(self, _node: ast.AST) -> None:
        """Leave a loop."""
        if not self.breaks:
            raise NotACellError
        self.breaks[-1].append(self.copy())
        self.leave()

    def continue_statement(self, _node: ast.AST) -> None:
        """Go back to the start of a loop, where nothing is fresh that was not fresh before."""
        if not self.breaks:
            raise NotACellError
        self.leave()

    def return_statement(self, node: ast.AST) -> None:
        """Walk `return` and `yield`, which are valid only in functions."""
        if self.deferred is None:
            raise NotACellError
        self.visit_all([getattr(node, "value", None)])

    def raise_statement(self, node: ast.Raise) -> None:
        """Walk `raise`."""
        self.visit_all([node.exc, node.cause])
        self.leave()

    def assert_statement(self, node: ast.Assert) -> None:
        """Walk `assert`; its message is evaluated if it fails."""
        holds, self.fresh = self.condition(node.test)
        self.visit_all([node.msg])
        self.fresh = holds

    def try_statement(self, node: Any) -> None:  # noqa: ANN401 - ast.Try, ast.TryStar
        """Walk `try`: a handler may start after any part of the body, so only what was fresh before is fresh there."""
        with_branch = self._enter_branch()
        start = self.copy()
        self.body(node.body)
        self.body(node.orelse)
        end = self.fresh
        for handler in node.handlers:
            self.fresh = None if start is None else start.copy()
            self._handler(handler)
            end = join(end, self.fresh)
        if node.finalbody:
            self.fresh = None if start is None else start.copy()
            self.body(node.finalbody)
            added = set() if self.fresh is None or start is None else self.fresh - start
            end = None if end is None or self.fresh is None else end | added
        self.fresh = end
        self._leave_branch(entered=with_branch)

    def _handler(self, node: ast.ExceptHandler) -> None:
        """Walk `except E as name`, which unbinds the name at its end."""
        self.visit_all([node.type])
        if node.name is None:
            self.body(node.body)
            return
        is_written = node.name in self.writes
        self.store(node.name)
        self.body(node.body)
        if self.scope is not None or self.deferred is not None:
            self.delete(node.name)
            return
        self.deletes.add(node.name)  # also where the handler raises
        if not is_written:
            self.writes.discard(node.name)

    def with_statement(self, node: ast.With | ast.AsyncWith) -> None:
        """Walk `with`, whose body is taken to run to its end unless the manager's name says that it suppresses."""
        may_stop = False
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars)
            call = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
            name = getattr(call, "attr", getattr(call, "id", ""))
            may_stop = may_stop or bool(_SUPPRESSING.search(name))
        start = self.copy()
        self.body(node.body)
        if may_stop:
            self.fresh = start

    def match_statement(self, node: ast.Match) -> None:
        """Walk `match`: at most one case runs."""
        self.visit(node.subject)
        with_branch = self._enter_branch()
        end: State = None
        for case in node.cases:
            start = self.copy()
            self.visit(case.pattern)
            fails: State = start
            if case.guard is not None:
                self.fresh, _ = self.condition(case.guard)
            elif isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
                fails = None if self.deferred is None else start
            self.body(case.body)
            end = join(end, self.fresh)
            self.fresh = fails
            if self.is_dead:
                break
        self.fresh = join(end, self.fresh)
        self._leave_branch(entered=with_branch)

    def pattern(self, node: Any) -> None:  # noqa: ANN401 - the three kinds of patterns that bind
        """Walk a pattern that binds a name."""
        self.visit_all([*getattr(node, "keys", ()), *getattr(node, "patterns", ()), getattr(node, "pattern", None)])
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name is not None:
            self.store(name)

    def _enter_branch(self) -> bool:
        """Note that from here on, what a class binds is not certain."""
        is_class = self.scope is not None and self.scope.kind is ScopeKind.CLASS
        if self.scope is not None and is_class:
            self.scope.n_branches += 1
        return is_class

    def _leave_branch(self, *, entered: bool) -> None:
        if self.scope is not None and entered:
            self.scope.n_branches -= 1
