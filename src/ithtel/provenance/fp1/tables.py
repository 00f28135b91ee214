"""`table_event`, `series_event`, `index_event`: tables and labelled columns of any library as events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import ArrayFingerprint, FrameFingerprint
from ithtel.provenance.fp1.columns import array_event
from ithtel.provenance.fp1.cores import side_by_side
from ithtel.provenance.fp1.digest import NoFingerprintError, hex_of
from ithtel.provenance.fp1.labels import distinct, json_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.provenance.fp1.columns import Column
    from ithtel.provenance.fp1.digest import Method

PARALLEL_VALUES = 500_000


class Index(msgspec.Struct, kw_only=True):
    """The labels of rows; none if they count the rows from 0 and have no name."""

    names: Sequence[object] = ()
    levels: Sequence[Column] = ()
    counts_rows: bool = True


class Table(msgspec.Struct, kw_only=True):
    """A table of any library."""

    labels: Sequence[object]
    columns: Sequence[Column]
    n_rows: int
    level_names: Sequence[object] = ()
    label_dtypes: Sequence[str] = ()
    """The dtypes of the levels of the columns' Index; none if the labels themselves imply them."""
    index: Index


def _events(columns: Sequence[Column], labels: Sequence[object], what: str, method: Method) -> list[ArrayFingerprint]:
    def event(text: str, column: Column) -> ArrayFingerprint:
        try:
            return array_event(column.measure(method), column.shape, text, method)
        except NoFingerprintError as error:
            raise NoFingerprintError(f"{what} {text!r}: {error}") from None

    pairs = list(zip(distinct(labels), columns, strict=True))
    if len(columns) == 1 or sum(column.shape[0] for column in columns) < PARALLEL_VALUES:
        return [event(*pair) for pair in pairs]
    # Several columns at once use the cores better than one column on two: its statistics take half as long as its hash.
    # Columns of Python objects come last, since others would wait 5 ms for the GIL after every block.
    method = msgspec.structs.replace(method, with_thread=False)
    done = iter(side_by_side([partial(event, *pair) for pair in pairs if not pair[1].holds_gil]))
    return [event(*pair) if pair[1].holds_gil else next(done) for pair in pairs]


def _index_events(index: Index, method: Method) -> list[ArrayFingerprint]:
    return _events(index.levels, ["index" if name is None else name for name in index.names], "index", method)


def _identity(index: Index, events: Sequence[ArrayFingerprint], method: Method) -> tuple[list[Any], list[str]]:
    """Return names and fingerprints of an index, none if it counts the rows."""
    if index.counts_rows:
        return [], []
    return [json_label(name, method) for name in index.names], [hex_of(event.fingerprint) for event in events]


def table_event(
    table: Table, name: str | None, method: Method, *, kind: str = "frame", attributes: dict[str, str] | None = None
) -> FrameFingerprint:
    """Return the event of a table, with one fingerprint per column and per index level.

    `kind` and `attributes` are those of a class derived from a table: its name, and what it keeps besides the columns.
    """
    columns = _events(table.columns, table.labels, "column", method)
    index = _index_events(table.index, method)
    index_names, index_digests = _identity(table.index, index, method)
    sha256 = method.combine(event.sha256 for event in columns)
    level_names = [json_label(level, method) for level in table.level_names]
    names = [[json_label(label, method) for label in table.labels], level_names, index_names]
    parts: dict[str, Any] = {"columns": [hex_of(event.fingerprint) for event in columns], "index": index_digests}
    parts |= attributes or {}
    if table.label_dtypes:
        parts["labels"] = list(table.label_dtypes)
    shape = [table.n_rows, len(columns)]
    return FrameFingerprint(
        name=name,
        fingerprint=method.fingerprint(kind, "", shape, names, sha256, parts),
        sha256=sha256,
        shape=shape,
        index=index,
        columns=dict(zip(distinct(table.labels), columns, strict=True)),
    )


def series_event(
    column: Column,
    label: object,
    index: Index,
    name: str | None,
    method: Method,
    *,
    kind: str = "series",
    attributes: dict[str, str] | None = None,
) -> ArrayFingerprint:
    """Return the event of a column with a name and an index."""
    event = array_event(column.measure(method), column.shape, name, method)
    levels = _index_events(index, method)
    index_names, index_digests = _identity(index, levels, method)
    names = [json_label(label, method), index_names]
    parts = {"values": hex_of(event.fingerprint), "index": index_digests, **(attributes or {})}
    return msgspec.structs.replace(
        event,
        fingerprint=method.fingerprint(kind, event.dtype, event.shape, names, event.sha256, parts),
        index_fingerprints=[level.fingerprint for level in levels] or None,
    )


def index_event(index: Index, name: str | None, method: Method) -> ArrayFingerprint | FrameFingerprint:
    """Return the event of an index: an array, or for several levels a table without columns."""
    levels = _index_events(index, method)
    names = [json_label(label, method) for label in index.names]
    parts = {"index": [hex_of(level.fingerprint) for level in levels]}
    if len(levels) == 1:
        (level,) = levels
        total = method.fingerprint("index", level.dtype, level.shape, names, level.sha256, parts)
        return msgspec.structs.replace(level, name=name, fingerprint=total)
    shape = [levels[0].shape[0], len(levels)] if levels else [0, 0]
    sha256 = method.combine(level.sha256 for level in levels)
    total = method.fingerprint("index", "", shape, names, sha256, parts)
    return FrameFingerprint(name=name, fingerprint=total, sha256=sha256, shape=shape, index=levels, columns={})
