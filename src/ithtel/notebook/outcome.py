"""What a cell came to: the names it used and made, and the fingerprints that `%%provenance` asked for."""

from __future__ import annotations

import dataclasses
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from ithtel.errors import InputError, did_you_mean
from ithtel.events import ArrayFingerprint, FrameFingerprint, ObjectFingerprint
from ithtel.provenance import dataflow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells import CellRun, ProvenanceRequest
    from ithtel.provenance.dataflow import CellNames

Fingerprint = ArrayFingerprint | FrameFingerprint | ObjectFingerprint


def names(shell: InteractiveShell, run: CellRun) -> CellNames:
    """Return what the cell reads from before, binds and deletes, going by its text."""
    if run.is_private:
        return dataflow.cell_names("")
    source = getattr(run.info, "transformed_cell", None) or shell.transform_cell(run.source)
    known = run.names_before - {*shell.user_ns_hidden, "get_ipython"}
    found = dataflow.cell_names(source, shadowed=known)
    return dataclasses.replace(found, reads=[name for name in found.reads if name in known])


def inputs(shell: InteractiveShell, run: CellRun, chosen: list[str] | None) -> dict[str, Fingerprint]:
    """Return the fingerprints of what a cell is about to use: `chosen`, or what it reads.

    Raises:
        InputError: There is no variable of a name in `chosen`.
    """
    if chosen is None:
        return fingerprints(shell.user_ns, names(shell, run).reads)
    for name in chosen:
        if name not in shell.user_ns:
            raise InputError(f"no variable {name!r} for --inputs{did_you_mean(name, _users_own(shell))}")
    return fingerprints(shell.user_ns, chosen)


def _users_own(shell: InteractiveShell) -> list[str]:
    return [name for name in shell.user_ns if name not in shell.user_ns_hidden and not name.startswith("_")]


def fingerprints(namespace: Mapping[str, object], chosen: Iterable[str]) -> dict[str, Fingerprint]:
    """Return the fingerprint of each variable of `chosen` that exists; modules are code, not data."""
    from ithtel.provenance.fingerprint import fingerprint

    return {
        name: fingerprint(namespace[name], name)
        for name in chosen
        if name in namespace and not isinstance(namespace[name], ModuleType)
    }


def provenance(
    shell: InteractiveShell, request: ProvenanceRequest, written: list[str], *, has_failed: bool
) -> list[Fingerprint]:
    """Show in one line what a cell's results came from, and return the fingerprints behind it."""
    chosen = written if request.outputs is None else request.outputs
    after = {} if has_failed else fingerprints(shell.user_ns, chosen)
    missing = (
        [] if has_failed or request.outputs is None else [f"{name} (not made)" for name in chosen if name not in after]
    )
    made = "failed" if has_failed else ", ".join([*map(describe, after.values()), *missing]) or "nothing"
    label = f"{request.name}: " if request.name else ""
    inputs = ", ".join(map(describe, request.before.values())) or "nothing"
    sys.stdout.write(f"provenance: {label}{inputs} → {made}\n")
    return [*request.before.values(), *after.values()]


def describe(fingerprint: Fingerprint) -> str:
    """Return name, kind and shape: `nav float64[1047]`."""
    if isinstance(fingerprint, ObjectFingerprint):
        return f"{fingerprint.name} {fingerprint.type.rpartition('.')[2]}"
    shape = " × ".join(map(str, fingerprint.shape))
    kind = fingerprint.dtype if isinstance(fingerprint, ArrayFingerprint) else "frame"
    return f"{fingerprint.name} {kind}[{shape}]"
