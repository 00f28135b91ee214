"""Tables for a person: numbers, cells, shortened columns."""

from __future__ import annotations

import math

import msgspec
import pandas as pd

MIDNIGHT = "T00:00:00"

EPOCH_COLUMNS = (
    "series",
    "position_type",
    "epoch_index",
    "bar_index",
    "timestamp",
    "excess_gain",
    "excess_loss",
    "nav_at_epoch",
    "worst_drawdown",
)


def number(value: float | None) -> str:
    """Return a number as displays show it: six significant digits, `-` for one that does not exist.

    >>> number(0.123456789), number(None), number(float("nan"))
    ('0.123457', '-', '-')
    """
    return "-" if value is None or math.isnan(value) else f"{value:.6g}"


def cell(value: object) -> str:
    """Return a cell of a table as displays show it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return number(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def as_json(frame: pd.DataFrame) -> str:
    """Return a table as a JSON array of objects, numbers in full precision, null where there is none."""
    plain = {name: column.astype(object).where(column.notna(), None) for name, column in frame.items()}
    rows = msgspec.json.encode(pd.DataFrame(plain, index=frame.index).to_dict("records"), enc_hook=str)
    return msgspec.json.format(rows, indent=2).decode()


def shortened(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a table of epochs that displays show, dates without a time where none has one.

    The process is shown where there are several: the epochs of forked workers lie among each other.
    """
    has_several = "pid" in epochs.columns and len(set(epochs["pid"])) > 1
    columns = ("pid", *EPOCH_COLUMNS) if has_several else EPOCH_COLUMNS
    table = epochs[[name for name in columns if name in epochs.columns]]
    if table["timestamp"].isna().all():
        return table.drop(columns="timestamp")
    texts = table["timestamp"].astype(str)
    if texts.str.endswith(MIDNIGHT).all():
        table = table.assign(timestamp=texts.str.removesuffix(MIDNIGHT))
    return table


def shortened_parts(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of an attribution that displays show."""
    hidden = {"run_id", "session_id", "nav_change", "bar_from", "time_from"}
    hidden |= {name for name in ("time_to", "decision_id") if parts[name].isna().all()}
    table = parts[[name for name in parts.columns if name not in hidden]]
    if "time_to" in table.columns:
        table = table.assign(time_to=table["time_to"].astype(str).str.removesuffix(MIDNIGHT))
    return table.assign(epoch_index=table["epoch_index"].astype(object).where(table["epoch_index"].notna(), None))


def _fitness_table(frame: pd.DataFrame) -> str:
    """Return the summary with a column a side: numbers to compare stand beside each other."""
    sides = frame.T.map(cell).rename_axis(columns=None)
    return str(sides.to_html(border=0, justify="right"))


def _table(frame: pd.DataFrame) -> str:
    return frame.to_html(index=False, float_format=number, na_rep="-", border=0, justify="right")
