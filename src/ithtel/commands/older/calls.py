"""The calls of the older quick starts, kept and working: each records one event, in a session `script` if none runs."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ithtel.commands.session.start import running_session, start
from ithtel.errors import InputError
from ithtel.events import (
    AlgorithmInit,
    AlgorithmResult,
    DataLoad,
    EpochDetected,
    Event,
    Json,
)
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
    """Return the fingerprint of a table as a mapping, its columns one by one."""
    return fp.as_mapping(fp.fingerprint_frame(frame, name))


def get_trace_id() -> str:
    """Return the trace id of the running session."""
    return running_session().trace_id


def set_trace_id(trace_id: str) -> None:
    """Let the lines from here on carry `trace_id`, so that they join those of another process.

    Raises:
        InputError: It is not 32 hexadecimal digits.
    """
    text = trace_id.replace("-", "").lower()
    if len(text) != _TRACE_ID_LENGTH or not _TRACE_ID.issuperset(text):
        raise InputError(f"{trace_id!r} is no trace id: 32 hexadecimal digits are needed")
    running_session().trace_id = text


def setup_ndjson_logger(  # noqa: PLR0917 - the order of the older one
    component: str,
    log_dir: str | Path | None = None,
    env: str = "development",
    level: str = "DEBUG",
    rotation: str | int | None = None,
    retention: str | int | None = None,
) -> Logger:
    """Return the loguru logger, bound to `component`; what it logs lands in the running session's file.

    Args:
        component: Written into each line.
        log_dir: Folder of the logs, where this starts a session.
        env: Written into each line, where this starts a session.
        level: Messages below it are not recorded, where this starts a session.
        rotation: When a new file is begun, where this starts a session: `10 MB`, `1 day`, `00:00`; bytes as a number.
        retention: How long rotated parts are kept, where this starts a session: `30 days`, `10 files`.
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
    """Record that data came in; the first and the second name of an argument mean the same."""
    path = source_path if source_path is not None else source
    if path is None:
        raise InputError("log_data_load needs source: a path, or a name such as 'synthetic:student_t5'")
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
    """Record that an algorithm is about to run, and return the run id that its epochs and its result carry."""
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
    """Record what an algorithm came to; it belongs to the run that began last under that name."""
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
    """Record an epoch; further keywords are the other fields of `epoch_detected`.

    Raises:
        InputError: A keyword is no field of the event.
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
    """Return the run that began last under that name; one that was never begun gets an id all the same."""
    return (_run.get() or {}).get(algorithm_name) or running_session().new_run_id(algorithm_name)


def _emitted(event: E) -> E:
    running_session().emit(event)
    return event
