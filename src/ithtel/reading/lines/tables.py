"""`records_frame`, `epochs_frame`: records as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ithtel.events import AlgorithmInit, EpochDetected
from ithtel.reading.lines.run_keys import RunKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.lines.record import Record

_COLUMNS = (
    "ts", "level", "component", "event_type", "seq", "pid", "session_id", "span_id", "msg", "context", "line_number",
)  # fmt: skip
_EPOCH_COLUMNS = EpochDetected.__struct_fields__
_EPOCH_TYPES = {"epoch_index": "int64", "bar_index": "int64", "pid": "int64"}
_EPOCH_TEXT = {"run_id", "series", "timestamp", "position_type", "session_id"}


def records_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Return one row per line: `ts` (datetime64[us, UTC]), the envelope, and `context` (a dict of all fields)."""
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    add = [column.append for column in columns.values()]
    for record in records:
        envelope = record.envelope
        row = (
            envelope.ts, envelope.level, envelope.component, record.event_type, envelope.seq, envelope.pid,
            envelope.provenance.session_id, envelope.span_id, envelope.msg, record.context, record.line_number,
        )  # fmt: skip
        for append, value in zip(add, row, strict=True):
            append(value)
    frame = pd.DataFrame({name: _series(values, _record_type(name)) for name, values in columns.items()})
    frame["ts"] = pd.to_datetime(frame["ts"], utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
    return frame


def _series(values: list[Any], dtype: str) -> pd.Series[Any]:
    """Return a column; of Python's integers if a damaged log holds some beyond 64 bits."""
    try:
        return pd.Series(values, dtype=dtype)
    except OverflowError:
        return pd.Series(values, dtype="object")


def _record_type(name: str) -> str:
    return "int64" if name in {"seq", "pid", "line_number"} else "object"


def epochs_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Return one row per epoch: the fields of `epoch_detected` in order, and `session_id`; null is NaN or None.

    Forked workers reuse run ids. If epochs of a session come from several processes, the column `pid`, the process
    that began the run, distinguishes the runs.
    """
    columns: dict[str, list[Any]] = {name: [] for name in (*_EPOCH_COLUMNS, "session_id", "pid")}
    keys = RunKeys()
    add = [(name, columns[name].append) for name in _EPOCH_COLUMNS]
    for record in records:
        event = record.event
        if isinstance(event, AlgorithmInit):
            keys.of(record, event)  # a worker may add to it later
        elif isinstance(event, EpochDetected):
            for name, append in add:
                append(getattr(event, name))
            key = keys.of(record, event)
            columns["session_id"].append(key.session_id)
            columns["pid"].append(key.pid)
    named = set(zip(columns["session_id"], columns["pid"], strict=True))
    if len(named) == len({session_id for session_id, _ in named}):
        del columns["pid"]  # no two runs of the same inputs would have it in common
    return pd.DataFrame({name: _series(values, _epoch_type(name)) for name, values in columns.items()})


def _epoch_type(name: str) -> str:
    return "object" if name in _EPOCH_TEXT else _EPOCH_TYPES.get(name, "float64")
