"""`canonical`, `encode`, `decode`: the baseline of a notebook, a small file with its results that can be committed.

A baseline holds no times, ids, paths or texts, and is the same for every run. The first line describes the environment.
Each cell has a line, followed by one line for each of its values, analyses, statistical results and decisions, so that
a review shows which of them changed. Digests are truncated to 16 digits, floats in sketches to 12 significant digits.
"""

from __future__ import annotations

import hashlib
import re
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import LogError
from ithtel.events import EpochDetected, RngState, Sketch
from ithtel.events.values import canonical_digest
from ithtel.plain_text import message, place
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED, imported, split_seeds
from ithtel.provenance.randomness.capture import looks_unseeded
from ithtel.reading.history.values import (
    Algorithm,
    Environment,
    Execution,
    History,
    Note,
    Output,
    StreamState,
    Value,
    WrittenFile,
)
from ithtel.reading.lines.sessions import version_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VERSION = 1
SUFFIX = ".baseline.ndjson"
MAX_EPOCHS = 10
"""If there are more, only their digest is kept."""
MAX_DETAILS = 1_000
"""In bytes. Longer details are replaced by their digest; statistic, p-value, effect and decision are kept."""
_DIGITS = 16
_PART = b'{"of":'
"""How a line begins that belongs to the cell above it."""
_HEX = re.compile(r"\b((?:[a-z0-9]+:)*)([0-9a-f]{64})\b")


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="ithtel", tag="baseline"):
    """The first line."""

    version: int
    name: str
    python: str | None = None
    timezone: str | None = None
    packages: dict[str, str] = {}


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line that belongs to the cell above it."""

    of: int
    """The place of the cell."""
    name: str | None = None
    value: Value | None = None
    algorithm: Algorithm | None = None
    result: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None


def baseline_path(notebook: Path) -> Path:
    """Return the path of the baseline of a notebook.

    >>> from pathlib import Path
    >>> baseline_path(Path("notebooks/demo.ipynb")).name
    'demo.baseline.ndjson'
    """
    return notebook.with_name(notebook.stem + SUFFIX)


def canonical(history: History, *, ignored: frozenset[int] = frozenset()) -> History:
    """Return a session in the form that is compared with a baseline; source texts are kept for display.

    Args:
        history: What ran.
        ignored: Places of the cells whose outputs are not compared.
    """
    unseeded = {name for cell in history.executions for note in cell.hazards for name in note.names}
    cells = [_cell(each, unseeded, with_outputs=each.place not in ignored) for each in history.cells]
    used = {package for each in history.executions for package in imported(each.source or "").values()}
    packages = {name: version for name, version in history.environment.packages.items() if name in used}
    python = history.environment.python
    zone = history.environment.timezone
    environment = Environment(packages=packages, python=python and python.rpartition(".")[0], timezone=zone)
    return History(name=history.name, config={"record_outputs": "hash"}, environment=environment, executions=cells)


def encode(history: History) -> bytes:
    """Return a session (in its canonical form) as the lines of a baseline."""
    environment = history.environment
    head = Head(version=VERSION, name=history.name, python=environment.python, timezone=environment.timezone,
        packages=environment.packages,
    )  # fmt: skip
    lines = [head, *chain.from_iterable(map(_lines, history.executions))]
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def decode(content: bytes, name: str = "baseline") -> History:
    """Return the session that a baseline holds.

    Raises:
        LogError: The content is not a baseline, or has a newer version.
    """
    lines = content.splitlines()
    try:
        head = msgspec.json.decode(lines[0] if lines else b"", type=Head)
        cells = [_joined(group) for group in _groups(lines[1:])]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LogError(f"{name} is not a baseline ({error}): write a new one with ithtel check --update") from None
    if (problem := version_problem(name, head.version, VERSION)) is not None:
        raise LogError(problem)
    return History(
        name=head.name,
        config={"record_outputs": "hash"},
        environment=Environment(python=head.python, timezone=head.timezone, packages=head.packages),
        executions=cells,
    )


def _lines(cell: Execution) -> Iterator[Execution | Part]:
    yield msgspec.structs.replace(cell, source=None, values={}, algorithms=[], results=[], decisions=[])
    for name, value in cell.values.items():
        yield Part(of=cell.place, name=name, value=value)
    for algorithm in cell.algorithms:
        yield Part(of=cell.place, algorithm=algorithm)
    for result in cell.results:
        yield Part(of=cell.place, result=result)
    for decision in cell.decisions:
        yield Part(of=cell.place, decision=decision)


def _groups(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Yield the line of each cell with the lines that belong to it."""
    starts = [number for number, line in enumerate(lines) if number == 0 or not line.startswith(_PART)]
    for start, stop in pairwise([*starts, len(lines)]):
        yield lines[start:stop]


def _joined(group: list[bytes]) -> Execution:
    cell = msgspec.json.decode(group[0], type=Execution)
    parts = [msgspec.json.decode(line, type=Part) for line in group[1:]]
    return msgspec.structs.replace(
        cell,
        values=cell.values
        | {part.name: part.value for part in parts if part.name is not None and part.value is not None},
        algorithms=cell.algorithms + [part.algorithm for part in parts if part.algorithm is not None],
        results=cell.results + [part.result for part in parts if part.result is not None],
        decisions=cell.decisions + [part.decision for part in parts if part.decision is not None],
    )


def _cell(cell: Execution, unseeded: set[str], *, with_outputs: bool) -> Execution:
    states = {
        name: state
        for name, state in sorted(cell.rng_after.items())
        if name not in unseeded and _is_stable(name, state)
    }
    error = None if cell.error is None else (cell.error[0], message(cell.error[1]))
    shortened: dict[str, Any] = {
        "modules": dict(sorted(cell.modules.items())),
        "files": {place(path): digest for path, digest in sorted(cell.files.items())},
        "data": {place(path): digest for path, digest in sorted(cell.data.items())},
        "results": [_result(each) for each in cell.results],
        "decisions": cell.decisions,
        "skipped": dict(sorted(cell.skipped.items())),
    }
    seeds, rest = split_seeds(cell.source or "")
    return Execution(
        place=cell.place,
        source=cell.source,
        source_sha256=_short(cell.source_sha256),
        literal_seeds=seeds,
        unseeded_sha256=_short(hashlib.sha256(rest.encode()).hexdigest()) if seeds else None,
        status=cell.status,
        error=error,
        reads=cell.reads,
        writes=cell.writes,
        deletes=cell.deletes,
        mutates=cell.mutates,
        rng_after={name: StreamState(sha256=_short(state.sha256)) for name, state in states.items()},
        seeds=cell.seeds,
        values={name: _value(value) for name, value in sorted(cell.values.items())},
        algorithms=[_algorithm(each) for each in cell.algorithms],
        outputs=[_output(each) for each in cell.outputs] if with_outputs else [],
        hazards=[_hazard(each) for each in cell.hazards],
        contacts=cell.contacts,
        unstable={name: uses for name, uses in sorted(cell.unstable.items()) if uses},
        written={place(path): _written(file) for path, file in sorted(cell.written.items())},
        **{name: _short(value) for name, value in shortened.items()},
    )


def _is_stable(stream: str, state: StreamState) -> bool:
    """Return whether a state is the same in every run, because it was seeded."""
    if stream in {"python", "numpy.legacy", "torch"}:
        return False
    event = RngState(stream=stream, bit_generator="", state_sha256="", entropy=state.entropy)
    return not looks_unseeded(event)


def _value(value: Value, *, with_values: bool = True) -> Value:
    is_new_each_time = value.stable is not None and _is_new_each_time(value.volatile)
    return Value(
        kind=value.kind,
        type=value.type,
        fingerprint=_short(value.stable if is_new_each_time else value.fingerprint),
        stable=_short(value.stable),
        volatile=dict.fromkeys(value.volatile, 1),
        shape=value.shape,
        first_ten=None if value.stable is not None else value.first_ten,
        sketch=_sketch(value.sketch, with_values=with_values),
        columns={name: _value(column, with_values=False) for name, column in value.columns.items()},
    )


def _sketch(sketch: Sketch | None, *, with_values: bool) -> Sketch | None:
    """Return a rounded sketch; for a column of a table, only its mean and deviation."""
    if sketch is None:
        return None
    values = [_round(value) for value in sketch.values] if with_values else []
    return Sketch(mean=_round(sketch.mean), std=_round(sketch.std), values=values)


def _round(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.12g}")


def _algorithm(algorithm: Algorithm) -> Algorithm:
    epochs: list[EpochDetected] = algorithm.epochs if algorithm.n_epochs <= MAX_EPOCHS else []
    return msgspec.structs.replace(
        algorithm,
        version=None,
        input_hash=_short(algorithm.input_hash),
        output_hash=_short(algorithm.output_hash),
        epochs=epochs,
    )


def _result(result: dict[str, Any]) -> dict[str, Any]:
    """Return a statistical result, with long details replaced by their digest at 12 significant digits."""
    details = result.get("details")
    if details is None or len(msgspec.json.encode(details)) <= MAX_DETAILS:
        return result
    return result | {"details": canonical_digest(_rounded(details))}


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    return _leaves(value, lambda leaf: _round(leaf) if isinstance(leaf, float) else leaf)


def _hazard(hazard: Note) -> Note:
    """Return a hazard without its text, except whether it is only suspected."""
    return Note(kind=hazard.kind, detail=DROPPED if hazard.detail.endswith(DROPPED) else "", names=hazard.names)


def _written(file: WrittenFile) -> WrittenFile:
    return WrittenFile(sha256=_short(file.sha256), content=_short(file.content), reason=file.reason)


def _output(output: Output) -> Output:
    mime = output.mime | output.stable if _is_new_each_time(output.volatile) else output.mime
    return Output(
        kind=output.kind,
        mime=_short(mime),
        stable=_short(output.stable),
        volatile=dict.fromkeys(output.volatile, 1),
    )


def _is_new_each_time(volatile: dict[str, int]) -> bool:
    """Return whether a digest with the volatile parts would differ in every run; a date alone may be data."""
    return bool(volatile.keys() - {"date"})


def _short(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with every digest truncated: 64 bits are enough to detect changes."""

    def truncate(leaf: Any) -> Any:  # noqa: ANN401 - JSON
        return _HEX.sub(lambda found: found[1] + found[2][:_DIGITS], leaf) if isinstance(leaf, str) else leaf

    return _leaves(value, truncate)


def _leaves(value: Any, changed: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with `changed` applied to every value that contains no others."""
    match value:
        case dict():
            return {key: _leaves(item, changed) for key, item in value.items()}
        case list():
            return [_leaves(item, changed) for item in value]
        case _:
            return changed(value)
