"""The fingerprints that `%%provenance` requests of a cell's inputs and results, and the line that it shows."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from ithtel.errors import InputError, did_you_mean
from ithtel.events import ArrayFingerprint, ObjectFingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun, Fingerprint, ProvenanceRequest


def inputs(shell: InteractiveShell, run: CellRun, chosen: list[str] | None) -> dict[str, Fingerprint]:
    """Return the fingerprints of what a cell is about to use: `chosen`, or what it reads.

    Raises:
        InputError: There is no variable of a name in `chosen`.
    """
    if chosen is None:
        return fingerprints(shell.user_ns, run.report.reads)
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
) -> dict[str, Fingerprint]:
    """Show in one line what a cell's results came from, and return the fingerprints of the results."""
    chosen = written if request.outputs is None else request.outputs
    after = {} if has_failed else fingerprints(shell.user_ns, chosen)
    missing = (
        [] if has_failed or request.outputs is None else [f"{name} (not made)" for name in chosen if name not in after]
    )
    results = "failed" if has_failed else ", ".join([*map(describe, after.values()), *missing]) or "nothing"
    label = f"{request.name}: " if request.name else ""
    inputs = ", ".join(map(describe, request.before.values())) or "nothing"
    sys.stdout.write(f"provenance: {label}{inputs} → {results}\n")
    return after


def describe(fingerprint: Fingerprint) -> str:
    """Return name, kind and shape: `nav float64[1047]`."""
    if isinstance(fingerprint, ObjectFingerprint):
        return f"{fingerprint.name} {fingerprint.type.rpartition('.')[2]}"
    shape = " × ".join(map(str, fingerprint.shape))
    kind = fingerprint.dtype if isinstance(fingerprint, ArrayFingerprint) else "frame"
    return f"{fingerprint.name} {kind}[{shape}]"
