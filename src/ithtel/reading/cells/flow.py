"""`Made`, `Flow`: which execution made each value that a cell used, and in which version."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text.definitions import definitions, reads_of_code
from ithtel.provenance.cell_text.nondeterminism import clock_calls
from ithtel.provenance.cell_text.seeds_and_imports import GLOBAL_STREAMS, sets_seed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ithtel.reading.history.values import Execution

FILE, STREAM = "file ", "stream "
"""Files and random streams are followed like variables, under names that no variable has."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A value as one execution left it.

    Attributes:
        by: The execution.
        version: Equal for equal values: the fingerprint, or else a digest of the code and of what it used.
        is_known: Whether the version comes from the value or the text of code; if not, changes in place may be missed.
    """

    by: Execution
    version: str
    is_known: bool = True


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What each execution used and left, by its place."""

    used: dict[int, dict[str, Made | None]] = {}
    made: dict[int, dict[str, Made]] = {}
    deleted: dict[int, tuple[str, ...]] = {}

    @classmethod
    def of(cls, executions: Iterable[Execution]) -> Flow:
        """Follow the executions in the order in which they ran."""
        flow, state = cls(), dict[str, Made]()
        for execution in executions:
            used = _used(execution, state)
            made = _made(execution, used)
            flow.used[execution.place], flow.made[execution.place] = used, made
            flow.deleted[execution.place] = tuple(execution.deletes)
            state |= made
            for name in execution.deletes:
                state.pop(name, None)
        return flow


def _used(execution: Execution, state: Mapping[str, Made]) -> dict[str, Made | None]:
    """Return what an execution used; files and streams in the version that it found, whoever made that."""
    used = {name: state.get(name) for name in execution.reads}
    for path, digest in execution.files.items():
        if path not in execution.written:
            used |= _found(f"{FILE}{path}", digest, state)
    for stream in execution.rng_used:
        if stream in execution.rng_before and not seeds(execution, stream):
            used |= _found(f"{STREAM}{stream}", execution.rng_before[stream].sha256, state)
    return used


def _found(name: str, version: str | None, state: Mapping[str, Made]) -> dict[str, Made | None]:
    made = state.get(name)
    if version is None or made is None:
        return {}
    return {name: msgspec.structs.replace(made, version=version)}


def _made(execution: Execution, used: Mapping[str, Made | None]) -> dict[str, Made]:
    names = [*execution.writes, *execution.mutates]
    if execution.status == "prior":
        from ithtel.provenance.cell_text.dataflow import cell_names

        names = cell_names(execution.source or "").writes
    texts = definitions(execution.source or "")
    whole = _digest([execution.source or str(execution.place), *_versions(execution, used)])
    made = {}
    for name in names:
        value = execution.values.get(name)
        if value is not None and value.fingerprint is not None:
            made[name] = Made(by=execution, version=value.fingerprint)
        elif name in texts and name not in execution.mutates:
            versions = [used[read] for read in sorted(reads_of_code(texts[name])) if read in used]
            parts = [texts[name], *(each.version for each in versions if each), *_modules(execution)]
            made[name] = Made(by=execution, version=_digest(parts))
        else:
            made[name] = Made(by=execution, version=_digest([name, whole]), is_known=False)
    for path, file in execution.written.items():
        if file.sha256 is not None:
            made[f"{FILE}{path}"] = Made(by=execution, version=file.sha256)
    for stream, state in execution.rng_after.items():
        made[f"{STREAM}{stream}"] = Made(by=execution, version=state.sha256)
    return made


def _versions(execution: Execution, used: Mapping[str, Made | None]) -> list[str]:
    """Return the versions of everything that an execution used; its place if it cannot be repeated."""
    parts = [f"{name} {made.version}" for name, made in sorted(used.items()) if made is not None]
    parts += [f"{path} {digest}" for path, digest in sorted({**execution.files, **execution.data}.items())]
    if any(note.kind == "unseeded_rng" for note in execution.hazards) or clock_calls(execution.source or ""):
        parts.append(str(execution.place))
    return parts


def _modules(execution: Execution) -> list[str]:
    return [f"{name} {digest}" for name, digest in sorted(execution.modules.items())]


def seeds(execution: Execution, stream: str) -> bool:
    """Return whether an execution sets the seed of a stream, so that the state before it does not matter."""
    return bool(execution.seeds) or (stream in GLOBAL_STREAMS and sets_seed(execution.source or "", stream))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
