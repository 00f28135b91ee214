"""`VariableOrigins`: which execution made each variable; finds values that a run from the top would not reproduce."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text.definitions import definitions, reads_of_code

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from ithtel.notebook.cells.run import CellRun

    IsGone = Callable[[str, str | None], bool]


class Origin(msgspec.Struct, kw_only=True):
    """Where the present value of a variable comes from. `label` is None if no recorded cell made it."""

    label: str | None
    key: str = ""
    place: int = 0
    """The position of the cell among all cells, in the order in which they first ran."""
    version: str = ""
    """The fingerprint, or the execution if there is no fingerprint."""
    uses: dict[str, str] = msgspec.field(default_factory=dict)
    """The variables it was made from: name → version."""


class VariableOrigins:
    """Follows the executions. The position of a cell is the order in which cells first ran, as a rule the notebook's.

    A cell is identified by the host's id; if the host gives no id, by its text.
    """

    def __init__(self) -> None:
        self._made: dict[str, Origin] = {}
        self._places: dict[str, int] = {}
        self._sources: dict[str, str] = {}
        self._warned: set[str] = set()
        self._identities: dict[str, int] = {}

    def register(self, names: Iterable[str]) -> None:
        """Register variables that cells made before recording began: their origin is known."""
        for name in names:
            self._made.setdefault(name, Origin(label="a cell before recording"))

    def follow(self, run: CellRun, code: Container[str] = (), is_gone: IsGone = lambda _, __: False) -> None:
        """Add an execution that has ended, and warn of what it used.

        Args:
            run: The run.
            code: The names of functions, classes and modules.
            is_gone: Returns, for the id and text of a cell, whether the cell is no longer in the notebook.
        """
        again = run.cell.key in self._places and self._sources.get(run.cell.key) == run.cell.source
        place = self._places.setdefault(run.cell.key, len(self._places))
        self._sources[run.cell.key] = run.cell.source
        if not run.cell.is_off:
            self._warn_hidden(run, code)
            self._warn_stale(run)
            self._warn_deleted(run, is_gone)
            if again and run.cell.is_from_host:
                self._warn_out_of_order(run, place)
            self._warn_mutated(run)
        self._update(run, place, code)
        if run.cell.is_off:
            self._forget(name for name, identity in run.report.now.items() if run.report.before.get(name) != identity)
        self._identities = run.report.now

    def _warn_hidden(self, run: CellRun, code: Container[str]) -> None:
        """Warn of values that no recorded cell made, or that changed between cells."""
        unknown = [
            name
            for name in run.report.reads
            if name not in code
            and (
                self._made.get(name, Origin(label=None)).label is None
                or (name in self._identities and self._identities[name] != run.report.before.get(name))
            )
        ]
        names = [name for name in unknown if name not in self._warned]
        self._warned.update(names)
        if names:
            run.warn("hidden_state", f"{', '.join(names)}: no recorded cell made this", names)

    def _warn_stale(self, run: CellRun) -> None:
        """Warn of a value whose inputs a cell above has changed since."""
        for name in run.report.reads:
            made = self._made.get(name)
            if made is None or made.key == run.cell.key:
                continue
            for source, version in made.uses.items():
                now = self._made.get(source)
                if now is None or source == name or now.version == version or now.place >= made.place:
                    continue
                if f"{name} {made.version} {now.version}" not in self._warned:
                    self._warned.add(f"{name} {made.version} {now.version}")
                    detail = f"{name} of {made.label} was made from {source} as it was before {now.label}"
                    run.warn("stale_cell", detail, [name, source])

    def _warn_deleted(self, run: CellRun, is_gone: IsGone) -> None:
        """Warn of a value whose cell is no longer in the notebook: a run from the top would not make it."""
        for name in run.report.reads:
            made = self._made.get(name)
            if made is None or made.key == run.cell.key or f"{name} of {made.key}" in self._warned:
                continue
            if is_gone(made.key, self._sources.get(made.key)):
                self._warned.add(f"{name} of {made.key}")
                run.warn("deleted_cell", f"{name} of {made.label}, which is no longer in the notebook", [name])

    def _warn_out_of_order(self, run: CellRun, place: int) -> None:
        """Warn if a cell that ran again used what a cell below it made: in a run from the top it does not exist yet."""
        late = [name for name in run.report.reads if name in self._made and self._made[name].place > place]
        if late:
            made_by = ", ".join(dict.fromkeys(self._made[name].label or "" for name in late))
            run.warn("out_of_order", f"{', '.join(late)} of {made_by}: made below this cell, but used by it", late)

    def _warn_mutated(self, run: CellRun) -> None:
        """Warn of a value that was changed in place in a way that a second run would change again."""
        names = [
            name
            for name in run.report.mutates
            if name not in run.report.repeatable
            and getattr(run.report.fingerprints.get(name), "fingerprint", None) is not None
        ]
        if names:
            detail = f"{', '.join(names)} changed in place: running this cell again gives another value"
            run.warn("mutated_input", detail, names)

    def _update(self, run: CellRun, place: int, code: Container[str]) -> None:
        texts = definitions(run.cell.source)
        for name in (*run.report.writes, *run.report.mutates):
            text = texts.get(name) if name in code else None
            reads = run.report.reads if text is None else reads_of_code(text)
            uses = {used: self._made[used].version for used in reads if used in self._made}
            fingerprint = getattr(run.report.fingerprints.get(name), "fingerprint", None)
            made = Origin(label=run.cell.label, key=run.cell.key, place=place, uses=uses)
            made.version = fingerprint or (text or run.cell.source if name in code else f"run {run.cell.ordinal}")
            self._made[name] = made
        self._forget(run.report.deletes)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._made.pop(name, None)
            self._warned.discard(name)
