"""`log_data_load`, `log_algorithm_init`, …: the calls of the older system's quick starts.

Each records one event; if no session is running, it starts one named `script`.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ithtel.commands.session.start import running_session, start
from ithtel.errors import InputError
from ithtel.events import AlgorithmInit, AlgorithmResult, DataLoad, EpochDetected, Event, Json
from ithtel.events.values import canonical_digest, to_json_value
from ithtel.provenance import fingerprint as fp
from ithtel.recording.process import current

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from loguru import Logger
    from numpy.typing import ArrayLike

_TRACE_ID = frozenset("0123456789abcdef")
_TRACE_ID_LENGTH = 32
S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound=Event)
_run: ContextVar[dict[str, str] | None] = ContextVar("ithtel_run", default=None)


def fingerprint_array(array: ArrayLike, name: str | None = None) -> Json:
    """Return the fingerprint of an array as a mapping: `name`, `sha256`, `shape`, `dtype`, `range` and others.

    >>> import numpy as np
    >>> fingerprint_array(np.arange(3.0), "x")["shape"]
    [3]
    """
    return fp.as_mapping(fp.fingerprint_array(array, name))


def fingerprint_frame(frame: pd.DataFrame, name: str | None = None) -> Json:
    """Return the fingerprint of a data frame as a mapping, with one of each column."""
    return fp.as_mapping(fp.fingerprint_frame(frame, name))


def get_trace_id() -> str:
    """Return the trace id of the running session."""
    return running_session().trace_id


def set_trace_id(trace_id: str) -> None:
    """Give the following lines `trace_id`, so that they can be joined with those of another process.

    Raises:
        InputError: `trace_id` is not 32 hexadecimal digits.
    """
    text = trace_id.replace("-", "").lower()
    if len(text) != _TRACE_ID_LENGTH or not _TRACE_ID.issuperset(text):
        raise InputError(f"a trace id must be 32 hexadecimal digits, got {trace_id!r}")
    running_session().trace_id = text


def setup_ndjson_logger(  # noqa: PLR0917 - the order of the older one
    component: str,
    log_dir: str | Path | None = None,
    env: str = "development",
    level: str = "DEBUG",
    rotation: str | int | None = None,
    retention: str | int | None = None,
) -> Logger:
    """Return the loguru logger, bound to `component`; the running session records its messages.

    If no session is running, this starts one. All arguments but the first apply only to a session that it starts.

    Args:
        component: The component of each message.
        log_dir: The folder of the logs.
        env: The environment that is written into each line.
        level: Messages below this level are not recorded.
        rotation: When a new file begins: `10 MB`, `1 day`, `00:00`, or a number of bytes.
        retention: How long rotated parts are kept: `30 days`, `10 files`.
    """
    from loguru import logger

    if current() is None:
        rotated, kept = str(rotation or ""), str(retention or "")
        start(log_dir=log_dir, env=env, level=level, rotation=rotated, retention=kept)
    return logger.bind(component=component)


def log_data_load(
    source: str | None = None,
    *,
    source_path: str | None = None,
    rows: int | None = None,
    row_count: int | None = None,
    columns: int | list[str] | None = None,
    column_count: int | None = None,
    sha256_hash: str | None = None,
    fingerprint: Mapping[str, Any] | None = None,
    schema: Mapping[str, str] | None = None,
    value_range: Mapping[str, list[Any] | None] | None = None,
) -> DataLoad:
    """Record that data was loaded; `source` and `source_path`, `rows` and `row_count`, and so on mean the same."""
    path = source_path if source_path is not None else source
    if path is None:
        raise InputError("log_data_load requires source: a path, or a name such as 'synthetic:student_t5'")
    n_columns = column_count if column_count is not None else columns
    digest = fingerprint.get("sha256") if fingerprint is not None else None
    event = DataLoad(
        source_path=str(path),
        sha256_hash=sha256_hash,
        input_hash=f"sha256:{digest}" if digest else None,
        size_bytes=fingerprint.get("size_bytes") if fingerprint is not None else None,
        row_count=row_count if row_count is not None else rows,
        column_count=len(n_columns) if isinstance(n_columns, list) else n_columns,
        schema={str(name): str(dtype) for name, dtype in (schema or {}).items()},
        value_range=to_json_value(value_range or {}),
    )
    return _emitted(event)


def log_algorithm_init(
    algorithm_name: str,
    version: str,
    config: Mapping[str, Any],
    input_hash: str | None = None,
    random_seed: int | None = None,
) -> str:
    """Record that an algorithm is about to run, and return the run id of its epochs and its result."""
    session = running_session()
    run_id = session.new_run_id(algorithm_name)
    _run.set({"latest": run_id, algorithm_name: run_id})
    event = AlgorithmInit(
        run_id=run_id,
        algorithm_name=algorithm_name,
        version=version,
        random_seed=session.provenance.random_seed if random_seed is None else random_seed,
        config=to_json_value(config),
        config_hash=canonical_digest(config),
        input_hash=input_hash,
    )
    _emitted(event)
    return run_id


def log_algorithm_result(
    algorithm_name: str, final_metrics: Mapping[str, Any], output_hash: str | None = None
) -> AlgorithmResult:
    """Record the result of an algorithm, for the latest run with that name."""
    event = AlgorithmResult(
        run_id=_run_id(algorithm_name),
        algorithm_name=algorithm_name,
        final_metrics=to_json_value(final_metrics),
        output_hash=output_hash,
        duration_ms=None,
    )
    return _emitted(event)


def log_epoch_detected(
    epoch_index: int,
    bar_index: int,
    excess_gain: float,
    excess_loss: float,
    **more: Any,  # noqa: ANN401 - the fields of the event
) -> EpochDetected:
    """Record an epoch; other keyword arguments are further fields of `epoch_detected`.

    Raises:
        InputError: A keyword is not a field of the event.
    """
    given = {"run_id": (_run.get() or {}).get("latest"), **more}
    try:
        event = EpochDetected(
            epoch_index=epoch_index, bar_index=bar_index, excess_gain=excess_gain, excess_loss=excess_loss, **given
        )
    except TypeError as error:
        raise InputError(f"log_epoch_detected: {error}; fields: {', '.join(EpochDetected.__struct_fields__)}") from None
    return _emitted(event)


def _run_id(algorithm_name: str) -> str:
    """Return the id of the latest run with that name, or a new id if there is none."""
    return (_run.get() or {}).get(algorithm_name) or running_session().new_run_id(algorithm_name)


def _emitted(event: E) -> E:
    running_session().emit(event)
    return event
