"""`BindingFlow`: walk what binds names and opens scopes (assignments, imports, functions, classes, comprehensions)."""

from __future__ import annotations

import ast
from typing import Any

from ithtel.provenance.cell_text.branches import BranchFlow
from ithtel.provenance.cell_text.literals import Literals
from ithtel.provenance.cell_text.scopes import (
    Comprehension,
    Deferred,
    Function,
    Scope,
    ScopeKind,
    annotations_of,
    bound_by,
    bound_names,
    defaults,
    function_scope,
    mangled,
    only_wraps,
    root_of,
    wrapped_names,
)


class BindingFlow(BranchFlow):
    """Walks what binds and uses names, and updates `NameFlow`."""

    def __init__(self) -> None:
        super().__init__()
        self.imports: set[str] = set()
        self.star_imports: set[str] = set()
        self.literals = Literals()
        self._annotations_run = True

    def name(self, node: ast.Name) -> None:
        """Walk the use of a name."""
        self.load(node.id)

    def constant(self, node: ast.Constant) -> None:
        """Keep a string."""
        if type(node.value) is str:
            self.literals.add(node.value)

    def target(self, node: ast.AST) -> None:
        """Walk what is assigned to."""
        match node:
            case ast.Name(id=name):
                self.store(name)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for item in targets:
                    self.target(item)
            case ast.Starred(value=value):
                self.target(value)
            case _:
                self.visit_all([getattr(node, name, None) for name in ("value", "slice")])
                self.mutate(root_of(node))

    def assign(self, node: ast.Assign) -> None:
        """Walk `a = b = value`."""
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else None
        is_module = self.scope is None and self.deferred is None
        if name is not None and is_module and isinstance(node.value, ast.Lambda):
            self.define(self.functions, name, self.deferred_body(node.value))
        elif name is not None and is_module and (wrapped := wrapped_names(node.value)):
            self.mention(node.value)
            self.define(self.functions, name, Deferred(loads=wrapped))
        else:
            self.visit(node.value)
        if name is not None:
            self.literals.assign(name, node.value)
        for target in node.targets:
            self.target(target)

    def mention(self, node: ast.expr) -> None:
        """Walk an expression that uses functions without calling them, such as `g` and `partial(g, 2)`."""
        if isinstance(node, ast.Name):
            self.load(node.id, may_call=False)
            return
        if not isinstance(node, ast.Call):
            self.visit(node)
            return
        self.visit(node.func)
        for part in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.mention(part)

    def ann_assign(self, node: ast.AnnAssign) -> None:
        """Walk `name: annotation = value` in the order value, name and, outside of functions, annotation."""
        if node.value is not None:
            self.visit(node.value)
            self.target(node.target)
        elif not isinstance(node.target, ast.Name):
            self.visit_all([getattr(node.target, name, None) for name in ("value", "slice")])
        if self._annotations_run and (self.scope is None or self.scope.kind is ScopeKind.CLASS):
            self.visit(node.annotation)

    def aug_assign(self, node: ast.AugAssign) -> None:
        """Walk `a += value`: `a` is read, perhaps changed in place, and bound."""
        if isinstance(node.target, ast.Name):
            self.load(node.target.id)
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.mutate(node.target.id)
            self.literals.assign(node.target.id, node.value)
        self.target(node.target)

    def named_expr(self, node: ast.NamedExpr) -> None:
        """Walk `(name := value)`, which binds outside of the comprehensions around it."""
        self.visit(node.value)
        inner = self.scope
        while self.scope is not None and self.scope.kind is ScopeKind.COMPREHENSION:
            self.scope = self.scope.parent
        self.store(node.target.id, is_certain=self.scope is inner)
        self.scope = inner

    def delete_statement(self, node: ast.Delete) -> None:
        """Walk `del a, b[k]`."""
        for target in node.targets:
            self._delete(target)

    def _delete(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name):
                self.delete(name)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for item in targets:
                    self._delete(item)
            case _:
                self.target(node)

    def import_statement(self, node: ast.Import) -> None:
        """Walk `import a.b as c`."""
        for alias in node.names:
            self.imports.add(alias.name)
            self.store(bound_by(alias))

    def import_from(self, node: ast.ImportFrom) -> None:
        """Walk `from a import b as c`; the names that a star binds are unknown."""
        module = "." * node.level + (node.module or "")
        self.imports.add(module)
        for alias in node.names:
            if alias.name == "*":
                self.star_imports.add(module)
            else:
                self.store(alias.asname or alias.name)
        if module == "__future__" and any(alias.name == "annotations" for alias in node.names):
            self._annotations_run = False

    # scopes

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Walk a definition: decorators, defaults and annotations now, its body when it may be called."""
        self.visit_all(node.decorator_list)
        self.visit_all(list(defaults(node.args)))
        outer = self._enter_type_params(node)
        if self._annotations_run:
            self.visit_all(list(annotations_of(node)))
        deferred = self.deferred_body(node)
        self.scope = outer
        name = mangled(node.name, self.private)
        if self.deferred is None:
            table = self.scope.methods if self.scope is not None else self.functions
            self.define(table, name, deferred)
            if not all(map(only_wraps, node.decorator_list)):
                self.run(deferred)
        self.store(node.name)

    def deferred_body(self, node: Function) -> Deferred:
        """Walk the body of a function; the body of an inner function is part of the outer one's."""
        self.visit_all(list(defaults(node.args)) if isinstance(node, ast.Lambda) else [])
        outer = self.scope, self.deferred, self.fresh, self.breaks
        deferred = self.deferred or Deferred()
        self.deferred, self.fresh, self.breaks = deferred, set(), []
        self.scope = function_scope(node, self.scope, self.private)
        self.visit_all([node.body] if isinstance(node, ast.Lambda) else node.body)
        self.scope, self.deferred, self.fresh, self.breaks = outer
        return deferred

    def lambda_expression(self, node: ast.Lambda) -> None:
        """Walk a lambda at its place: it is unknown when it is called, but not earlier."""
        deferred = self.deferred_body(node)
        if self.deferred is None:
            self.run(deferred)

    def class_statement(self, node: ast.ClassDef) -> None:
        """Walk a class: its body runs now, its methods run when its name is used."""
        self.visit_all(node.decorator_list)
        outer, private = self._enter_type_params(node), self.private
        self.visit_all([*node.bases, *node.keywords])
        self.private = node.name.lstrip("_")
        scope = Scope(ScopeKind.CLASS, self.scope)
        scope.declared_global |= {name for item in node.body if isinstance(item, ast.Global) for name in item.names}
        self.scope = scope
        self.body(node.body)
        self.scope, self.private = outer, private
        table = self.functions if outer is None else outer.methods
        for deferred in [item for items in scope.methods.values() for item in items]:
            self.define(table, mangled(node.name, private), deferred)
            if node.keywords or not all(map(only_wraps, node.decorator_list)):
                self.run(deferred)
        self.store(node.name)

    def _enter_type_params(self, node: Any) -> Scope | None:  # noqa: ANN401 - three kinds of nodes, new in 3.12
        """Enter the scope of `[T: Bound]`, and return the one outside."""
        outer = self.scope
        if params := getattr(node, "type_params", None):
            private = node.name.lstrip("_") if isinstance(node, ast.ClassDef) else self.private
            names = {name for param in params for name in (param.name, mangled(param.name, private))}
            self.scope = Scope(ScopeKind.FUNCTION, outer, names)
            self.visit_all(params)
        return outer

    def type_alias(self, node: Any) -> None:  # noqa: ANN401 - ast.TypeAlias, new in 3.12
        """Walk `type Name[T] = value`, whose value is evaluated later, on first use."""
        outer = self._enter_type_params(node)
        self.visit(node.value)
        self.scope = outer
        self.store(node.name.id)

    def comprehension(self, node: Comprehension) -> None:
        """Walk a comprehension: its first iterable in the outer scope, the rest in a scope of its own."""
        first, outer = node.generators[0], self.scope
        self.visit(first.iter)
        state = self.fresh
        targets = bound_names([part.target for part in node.generators])[0]
        self.scope = Scope(ScopeKind.COMPREHENSION, outer, targets)
        self.fresh = self.copy()
        for part in node.generators:
            if part is not first:
                self.visit(part.iter)
            self.target(part.target)
            for test in part.ifs:
                self.fresh, _ = self.condition(test)
        self.visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.scope, self.fresh = outer, state
