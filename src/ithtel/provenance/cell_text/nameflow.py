"""`NameFlow`: which names a cell reads from before it, followed along every path through it."""

from __future__ import annotations

import builtins

from ithtel.provenance.cell_text.scopes import Deferred, Scope, ScopeKind, mangled

BUILTINS = frozenset(dir(builtins)) | {
    *("__annotations__", "__builtin__", "__builtins__"),
    *("__IPYTHON__", "display", "exit", "get_ipython", "quit"),
}
"""Names that exist in every notebook and are made by no cell."""

State = set[str] | None
"""The names that the cell has certainly bound or deleted (the fresh ones); None where no path leads."""


def join(one: State, other: State) -> State:
    """Return the state where two paths meet."""
    if one is None:
        return other
    return one if other is None else one & other


class NameFlow:
    """What a cell has done with names up to the current place.

    A name is read from before if on some path to here the cell has neither bound nor deleted it. Along a path, names
    only become fresh, so the state at the start of a loop or `try` is valid for every point within it. The body of a
    function counts when its name is used in a way that may call it: Python looks its global names up when it runs.
    """

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.deletes: set[str] = set()
        self.mutates: set[str] = set()
        self.calls: dict[str, set[str]] = {}
        """Names that may be called → the names that are certainly fresh at each of these calls."""
        self.fresh: State = set()
        self.scope: Scope | None = None
        self.private: str | None = None
        self.deferred: Deferred | None = None
        self.functions: dict[str, list[Deferred]] = {}
        """What functions and classes do when they are called, by name."""
        self._n_defined = 0

    @property
    def is_dead(self) -> bool:
        """Whether no path leads here; not tracked inside of functions."""
        return self.fresh is None and self.deferred is None

    def copy(self) -> State:
        """Return a copy of the current state for another path."""
        return None if self.fresh is None else self.fresh.copy()

    def leave(self) -> None:
        """End this path."""
        if self.deferred is None:
            self.fresh = None

    def load(self, name: str, *, may_call: bool = True) -> None:
        """Use the value of a name; `h = g` uses the value of `g` without calling it."""
        name = mangled(name, self.private)
        scope = self.scope
        if scope is not None and scope.kind is ScopeKind.CLASS and name not in scope.declared_global:
            for deferred in scope.methods.get(name, ()):
                self.run(deferred)
            if name in scope.local:
                return
        if self.is_global(name):
            self._load_global(name, may_call=may_call)

    def store(self, name: str, *, is_certain: bool = True) -> None:
        """Bind a name."""
        name = mangled(name, self.private)
        scope = self.scope
        if scope is not None and name not in scope.declared_global:
            if scope.kind is ScopeKind.CLASS and not scope.n_branches:
                scope.local.add(name)
            return
        if self.deferred is not None:
            self.deferred.stores.add(name)
        elif self.fresh is not None:
            self.writes.add(name)
            if is_certain:
                self.fresh.add(name)

    def delete(self, name: str) -> None:
        """Unbind a name."""
        name = mangled(name, self.private)
        scope = self.scope
        if scope is not None and name not in scope.declared_global:
            if scope.kind is ScopeKind.CLASS:
                scope.local.discard(name)
            return
        if self.deferred is not None:
            self.deferred.deletes.add(name)
        elif self.fresh is not None:
            self.deletes.add(name)
            self.fresh.add(name)

    def mutate(self, name: str | None) -> None:
        """Change the value of a name in place."""
        if name is None:
            return
        name = mangled(name, self.private)
        if not self.is_global(name):
            return
        if self.deferred is not None:
            self.deferred.mutates.add(name)
        elif self.fresh is not None and name not in self.fresh:
            self.mutates.add(name)

    def is_global(self, name: str) -> bool:
        """Return whether a name, as used here, is global."""
        scope, is_inside_class = self.scope, False
        while scope is not None:
            if name in scope.declared_global:
                return True
            if scope.kind is not ScopeKind.CLASS:
                if name in scope.local:
                    return False
            elif scope is not self.scope:
                is_inside_class = True
            scope = scope.parent
        return not (is_inside_class and name == "__class__")

    def define(self, table: dict[str, list[Deferred]], name: str, deferred: Deferred) -> None:
        """Remember what a body does until its name is used."""
        table.setdefault(name, []).append(deferred)
        self._n_defined += 1

    def run(self, deferred: Deferred) -> None:
        """Apply a deferred body, and all that it may call, at this place."""
        if self.is_dead:
            return
        if self.deferred is not None:
            self.deferred.loads |= deferred.loads
            return
        fresh = self.fresh or set()
        if deferred.ran is not None and deferred.ran[0] == self._n_defined and deferred.ran[1] <= fresh:
            return  # it reads nothing now that was not read then
        deferred.ran = self._n_defined, fresh.copy()
        waiting, done = [deferred], {id(deferred)}
        while waiting:
            body = waiting.pop()
            self.writes |= body.stores
            self.deletes |= body.deletes
            self.mutates |= body.mutates - fresh
            self.reads |= body.loads - fresh
            for name in body.loads:
                self._note_call(name, fresh)
            for name in body.loads & self.functions.keys():
                calls = [item for item in self.functions[name] if id(item) not in done]
                done.update(map(id, calls))
                waiting += calls

    def _load_global(self, name: str, *, may_call: bool) -> None:
        if self.deferred is not None:
            self.deferred.loads.add(name)
            return
        if self.fresh is None:
            return
        if name not in self.fresh:
            self.reads.add(name)
        if not may_call:
            return
        self._note_call(name, self.fresh)
        for deferred in self.functions.get(name, ()):
            self.run(deferred)

    def _note_call(self, name: str, fresh: set[str]) -> None:
        known = self.calls.get(name)
        self.calls[name] = fresh.copy() if known is None else known & fresh
