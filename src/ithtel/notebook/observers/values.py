"""`Values`: fingerprints of what a cell made or changed, within a share of the cell's own time."""

from __future__ import annotations

import contextlib
import sys
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ithtel.events import Event, ObjectFingerprint
from ithtel.events.base import VOLATILE
from ithtel.events.notebook import OF_A_RECORD, TOO_LARGE
from ithtel.notebook.cells.run import is_code
from ithtel.notebook.observers import requested
from ithtel.notebook.observers.indirect import IndirectChanges, aliases
from ithtel.provenance.cell_text.dataflow import names_called_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun, Fingerprint, ProvenanceRequest
    from ithtel.notebook.observers.surfaces import Surfaces

COMPONENT = "namespace"
"""The component of fingerprints that were not requested by `%%provenance`."""
LEAST_MS, SHARE, BEFORE_MS = 1.0, 0.02, 0.3
LEEWAY, FIRST_MS = 2.0, 20.0
"""An estimate may be wrong: a fingerprint of an object ends at a multiple of the time that is left. The first of its
kind takes longer, since pandas and Arrow import modules for it."""
FEW, SMALL_MS = 16, 0.05
"""So many small values of a cell are always taken."""
FEW_OTHERS, MOST_OTHERS = 4, 100
"""So many values that the cell did not use, the latest first, are examined when it changed one in place: small ones
always, and more if there is time."""
_FIXED = frozenset(map(id, (int, float, complex, bool, str, bytes, type(None), range, slice)))
"""Types by identity: to hash a class would run code of its metaclass."""


class Known(NamedTuple):
    """The last fingerprint of a variable, and the identity of the object it was taken from."""

    identity: int
    fingerprint: str
    columns: Mapping[str, str] = MappingProxyType({})
    """Of a table: column → fingerprint."""


class Findings:
    """What `Values` finds out about one execution; it goes into the report as a whole."""

    def __init__(self) -> None:
        self.fingerprints: dict[str, Fingerprint] = {}
        self.mutates: list[str] = []
        self.repeatable: set[str] = set()
        self.skipped: dict[str, str] = {}


class Values:
    """Observes the values of variables: those bound by a cell, and those it used and changed in place.

    A value that a cell reads is examined before and after it, if that is cheap. This shows which cell changed a value,
    even if it did so through another name.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._known: dict[str, Known] = {}
        self._surfaces: Surfaces | None = None
        self._indirect = IndirectChanges(lambda values: _fingerprint(values, "", float("inf")).fingerprint)

    def before(self, run: CellRun) -> None:
        """Check what the cell is about to use: it may have been changed through another name."""
        if run.cell.is_off or run.cell.settings.fingerprint == "off":
            return
        self._indirect.before(run, self.shell.user_ns)
        left_ms = BEFORE_MS
        for name in run.report.reads:
            known = self._known.get(name)
            if known is None or known.identity != run.report.before[name]:
                continue
            left_ms -= _estimate_ms(self.shell.user_ns[name], left_ms)
            if left_ms < 0:
                break
            with contextlib.suppress(Exception):  # an object of the user may fail in any way
                if _is_out_of_time(self._take(name, left_ms)):
                    self._known[name] = known

    def after(self, run: CellRun) -> None:
        """Take the fingerprints."""
        findings = Findings()
        if run.provenance is not None:
            self._take_requested(run, run.provenance, findings)
        if run.cell.is_off or run.cell.settings.fingerprint == "off":
            self._forget(run.report.before)
        else:
            self._take_all(run, findings)
        run.extend(
            fingerprints=findings.fingerprints,
            mutates=sorted(findings.mutates),
            repeatable=frozenset(findings.repeatable),
            skipped={**run.report.skipped, **findings.skipped},
        )

    def _take_all(self, run: CellRun, findings: Findings) -> None:
        namespace, report = self.shell.user_ns, run.report
        made = [name for name in report.writes if name in namespace and not is_code(namespace[name])]
        kept = [name for name in made if _was_augmented(run, name)]
        made = [name for name in made if name not in findings.fingerprints and name not in kept]
        used = [name for name in report.reads if name not in report.writes and self._may_have_changed(run, name)]
        self._take_within_budget(run, findings, made, used + kept)
        self._take_code(run, findings)
        findings.mutates += self._indirect.changed_code(run, namespace)
        if findings.mutates:
            self._take_others(run, findings)
        self._known = {name: known for name, known in self._known.items() if name in namespace}
        if self._surfaces is not None:
            self._surfaces.keep(frozenset(namespace))

    def _take_within_budget(self, run: CellRun, findings: Findings, made: list[str], used: list[str]) -> None:
        _load(self.shell.user_ns[name] for name in (*made, *used))
        left_ms = self._budget_ms(run)
        estimates = {name: _estimate_ms(self.shell.user_ns[name], left_ms) for name in (*made, *used)}
        for n, name in enumerate(sorted(estimates, key=lambda name: (estimates[name], name))):
            is_small = n < FEW and estimates[name] <= SMALL_MS  # the first of its kind takes longer
            began = time.thread_time()
            try:
                was_taken = self._examine(
                    run, findings, name, left_ms, is_made=name in made, is_cheap=is_small or estimates[name] <= left_ms
                )
            except Exception as error:  # noqa: BLE001 - an object of the user may fail in any way, at its own cost only
                self._known.pop(name, None)
                findings.skipped[name] = f"it cannot be examined: {type(error).__name__}"
                was_taken = True
            if was_taken:
                left_ms -= max(estimates[name], (time.thread_time() - began) * 1e3)

    def _examine(
        self, run: CellRun, findings: Findings, name: str, left_ms: float, *, is_made: bool, is_cheap: bool
    ) -> bool:
        """Take and record the fingerprint of one variable; return whether time was spent on it."""
        if is_of_a_record(self.shell.user_ns[name]):
            findings.skipped[name] = OF_A_RECORD
            return False
        if not is_cheap:
            self._leave_out(run, findings, name, is_made=is_made)
            return False
        known, fingerprint = self._known.get(name), self._take(name, left_ms)
        if _is_out_of_time(fingerprint):
            self._leave_out(run, findings, name, is_made=is_made)
        elif is_made:
            self._record(run, findings, name, fingerprint)
        elif known is None or known.fingerprint != fingerprint.fingerprint:
            findings.mutates.append(name)
            self._record(run, findings, name, fingerprint)
            if self._is_repeatable(run, name, known, fingerprint):
                findings.repeatable.add(name)
        self._has_changed_surface(name)
        return True

    def _take_code(self, run: CellRun, findings: Findings) -> None:
        """Record what the functions and classes that the cell made hold besides their text: defaults, closures."""
        namespace = self.shell.user_ns
        made = [name for name in run.report.writes if name in namespace and is_code(namespace[name])]
        if not made:
            return
        from ithtel.provenance.fp1.functions import code_state

        left_ms = self._budget_ms(run)
        for name in made:
            value = namespace[name]
            try:
                state = code_state(value)
            except Exception as error:  # noqa: BLE001 - a metaclass may fail in any way
                findings.skipped[name] = f"{type(error).__name__} while it was read"
                continue
            if state is None:
                continue
            left_ms -= _estimate_ms(state, left_ms)
            if left_ms < 0:
                findings.skipped[name] = TOO_LARGE
                break
            found = _fingerprint(state, name, time.thread_time() + (LEEWAY * left_ms + FIRST_MS) / 1e3)
            kind = "type" if issubclass(type(value), type) else "function"
            self._record(run, findings, name, msgspec.structs.replace(found, type=kind), state)

    def _take_others(self, run: CellRun, findings: Findings) -> None:
        """Record what else changed with the values that the cell changed: other names, containers and views of them."""
        for name, source in aliases(run, findings.mutates).items():
            findings.mutates.append(name)
            if source in findings.fingerprints:
                self._record(run, findings, name, msgspec.structs.replace(findings.fingerprints[source], name=name))
                if source in self._known:
                    self._known[name] = self._known[source]
        end = time.thread_time() + BEFORE_MS / 1e3
        for n, name in enumerate(reversed(self._others(run, findings)[-MOST_OTHERS:])):
            left_ms = max((end - time.thread_time()) * 1e3, BEFORE_MS if n < FEW_OTHERS else 0.0)
            if _estimate_ms(self.shell.user_ns[name], left_ms) > left_ms:
                break
            try:
                known, fingerprint = self._known[name], self._take(name, left_ms)
            except Exception:  # noqa: BLE001, S112 - an object of the user may fail in any way, at its own cost only
                continue
            if _is_out_of_time(fingerprint):
                break
            if fingerprint.fingerprint != known.fingerprint:
                findings.mutates.append(name)
                self._record(run, findings, name, fingerprint)

    def _others(self, run: CellRun, findings: Findings) -> list[str]:
        """Return the names that the cell did not use, whose values may hold what it changed."""
        namespace, passed = self.shell.user_ns, {*run.report.reads, *run.report.writes, *findings.mutates}
        return [
            name
            for name, known in self._known.items()
            if name not in passed
            and name in namespace
            and known.identity == id(namespace[name])
            and id(type(namespace[name])) not in _FIXED
        ]

    def _budget_ms(self, run: CellRun) -> float:
        if run.cell.settings.fingerprint == "all":
            return float("inf")
        return max(LEAST_MS, SHARE * run.report.duration_ms - run.overhead * 1e3)

    def _take(self, name: str, left_ms: float) -> Fingerprint:
        """Take the fingerprint of a variable, and remember it."""
        value = self.shell.user_ns[name]
        found = _fingerprint(value, name, time.thread_time() + (LEEWAY * left_ms + FIRST_MS) / 1e3)
        if found.fingerprint is None:
            self._known.pop(name, None)
        else:
            columns = {label: column.fingerprint for label, column in getattr(found, "columns", {}).items()}
            self._known[name] = Known(id(value), found.fingerprint, columns)
        return found

    def _is_repeatable(self, run: CellRun, name: str, before: Known | None, fingerprint: Fingerprint) -> bool:
        """Return whether running the cell again would leave the same value: new columns, an item set by its key.

        To fit a model again gives the same model; that the cell changes it, its text shows.
        """
        value = self.shell.user_ns[name]
        if type(value) is dict:
            return name in run.report.flow.mutates_maybe
        if isinstance(fingerprint, ObjectFingerprint) and _is_by_state(value):
            return name in run.report.flow.mutates_maybe or name in names_called_on(run.cell.source)
        now = self._known.get(name)
        if before is None or now is None or not before.columns:
            return False
        return before.columns.items() <= now.columns.items() and before.columns.keys() < now.columns.keys()

    def _record(
        self, run: CellRun, findings: Findings, name: str, fingerprint: Fingerprint, state: object = None
    ) -> None:
        value = self.shell.user_ns[name] if state is None else state
        fingerprint = _with_stable(value, name, fingerprint, run)
        findings.fingerprints[name] = fingerprint
        run.record(fingerprint, COMPONENT)
        if fingerprint.fingerprint is None:
            findings.skipped[name] = getattr(fingerprint, "reason", None) or "it has no canonical form"

    def _leave_out(self, run: CellRun, findings: Findings, name: str, *, is_made: bool) -> None:
        """Rely on the text of the cell if the value is too large to fingerprint."""
        self._known.pop(name, None)
        has_changed = self._has_changed_surface(name)
        says_so = name in run.report.flow.mutates_maybe or has_changed
        if not is_made and says_so:
            findings.mutates.append(name)
        if is_made or says_so:
            findings.skipped.setdefault(name, TOO_LARGE)

    def _has_changed_surface(self, name: str) -> bool:
        """Return whether attributes of an object that is read by its state were bound since it was seen last."""
        value = self.shell.user_ns[name]
        if id(type(value)) in _FIXED or not _is_by_state(value):
            return False
        if self._surfaces is None:
            from ithtel.notebook.observers.surfaces import Surfaces

            self._surfaces = Surfaces()
        return self._surfaces.has_changed(name, value)

    def _may_have_changed(self, run: CellRun, name: str) -> bool:
        value = self.shell.user_ns.get(name)
        if id(type(value)) in _FIXED or is_code(value) or name not in self.shell.user_ns:
            return False
        is_followed = name in self._known or (self._surfaces is not None and name in self._surfaces)
        return is_followed or name in run.report.flow.mutates_maybe

    def _take_requested(self, run: CellRun, request: ProvenanceRequest, findings: Findings) -> None:
        """Record what `%%provenance` requested, without a time limit."""
        taken = requested.provenance(self.shell, request, run.report.writes, has_failed=run.report.status != "ok")
        for fingerprint in (*request.before.values(), *taken.values()):
            run.record(fingerprint, "provenance")
        findings.fingerprints |= taken
        self._forget(taken)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._known.pop(name, None)


def _was_augmented(run: CellRun, name: str) -> bool:
    """Return whether a name was only bound again to the object it had, as `array += 1` does."""
    return name in run.report.flow.mutates_maybe and run.report.before.get(name) == run.report.now.get(name)


def is_of_a_record(value: object) -> bool:
    """Return whether a value is a record of a log, an event with its own time or id, or a list of these.

    >>> is_of_a_record([1, 2])
    False
    """
    first: Any = value[0] if (type(value) is list or type(value) is tuple) and value else value
    kind = type(first)  # isinstance() would run a class's own __class__
    if issubclass(kind, Event):
        return not VOLATILE.isdisjoint(first.__struct_fields__)
    record = sys.modules.get("ithtel.reading.lines.record")
    return record is not None and kind is record.Record


def _load(values: Iterable[object]) -> None:
    """Import the fingerprint modules first: loading them does not count as the cell's cost.

    NumPy is used if the user has loaded it or a value needs it. It is not loaded for Python's own values: variables
    that are set in the environment later (OMP_NUM_THREADS) would come too late for it.
    """
    from ithtel.notebook.observers import surfaces  # noqa: F401
    from ithtel.provenance.fp1 import estimate, python_values  # noqa: F401
    from ithtel.provenance.volatile import values as volatile_values  # noqa: F401

    if "numpy" in sys.modules or any(python_values.needs_numpy(value) for value in values):
        from ithtel.provenance import fingerprint  # noqa: F401


def _is_by_state(value: object) -> bool:
    """Return whether a value is read by the state of its class, as a fitted model is."""
    from ithtel.provenance.fp1.estimate import is_by_state

    return is_by_state(value)


def _fingerprint(value: object, name: str, until: float) -> Fingerprint:
    if "numpy" in sys.modules:
        from ithtel.provenance.fingerprint import PLAIN, take

        return take(value, name, PLAIN, until=until)
    from ithtel.provenance.fp1.python_values import fingerprint_python

    return fingerprint_python(value, name, until=until)


def _is_out_of_time(found: Fingerprint) -> bool:
    from ithtel.provenance.fp1.objects import TOO_LONG

    return found.fingerprint is None and (getattr(found, "reason", None) or "").endswith(TOO_LONG)


def _with_stable(value: object, name: str, found: Fingerprint, run: CellRun) -> Fingerprint:
    """Add the fingerprint of a value without its volatile parts, if it has any."""
    if run.look is None or found.fingerprint is None:
        return found
    from ithtel.provenance.volatile.values import measured_names, stable_form

    is_measured = run.look.is_timed and name in measured_names(run.cell.source)
    try:
        form = stable_form(value, found, run.look, is_measured=is_measured)
    except Exception:  # noqa: BLE001 - a user's object may fail in any way; its fingerprint was taken
        return found
    if form is None:
        return found
    stable, volatile = form
    return msgspec.structs.replace(
        found, stable=_fingerprint(stable, name, float("inf")).fingerprint, volatile=volatile
    )


def _estimate_ms(value: object, limit_ms: float) -> float:
    from ithtel.provenance.fp1.estimate import estimate_ms

    return estimate_ms(value, limit_ms)
