"""`frame_table`, `as_json`, `shortened`: data frames as HTML tables, as JSON, and with fewer columns for displays.

`analysis_html` and `analyses_html` show the results of `analyze`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from ithtel.viewer.html import and_more, fragment, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

MIDNIGHT = "T00:00:00"
MAX_EPOCHS = 10

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


def as_json(frame: pd.DataFrame) -> str:
    """Return a table as a JSON array of objects: numbers in full precision, null for missing values."""
    plain = {name: column.astype(object).where(column.notna(), None) for name, column in frame.items()}
    rows = msgspec.json.encode(pd.DataFrame(plain, index=frame.index).to_dict("records"), enc_hook=str)
    return msgspec.json.format(rows, indent=2).decode()


def shortened(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a table of epochs that displays show; dates have no time if all are at midnight.

    The process is shown if there are several, because the epochs of forked workers are interleaved.
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


def frame_table(frame: pd.DataFrame, *, has_labels: bool = False, digits: int = 6) -> Markup:
    """Return a data frame as an HTML table, with its index as row headings if `has_labels`."""
    numeric = [frame.iloc[:, i].dtype.kind in "iuf" for i in range(frame.shape[1])]
    plain = frame.astype(object).where(frame.notna(), None)
    columns, numeric = (["", *frame.columns], [False, *numeric]) if has_labels else ([*frame.columns], numeric)
    rows = plain.itertuples(index=has_labels, name=None)
    return table(columns, rows, numeric=numeric, has_labels=has_labels, digits=digits)


def side_table(summary: pd.DataFrame) -> Markup:
    """Return the summary of an analysis as an HTML table with one column per side, so that sides can be compared."""
    return frame_table(summary.T, has_labels=True)


def analysis_html(title: str, summary: pd.DataFrame, notes: Sequence[str], epochs: pd.DataFrame) -> str:
    """Return an analysis as HTML: the summary, the notes, the first epochs."""
    return fragment(
        title,
        side_table(summary),
        *notes,
        frame_table(epochs.head(MAX_EPOCHS)) if len(epochs) else "",
        and_more(len(epochs) - MAX_EPOCHS, ".epochs"),
    )


def analyses_html(title: str, summary: pd.DataFrame, reasons: Sequence[str], *, max_rows: int) -> str:
    """Return several analyses as HTML: the first rows of the summary, then why series do not qualify.

    Columns without any value are left out.
    """
    return fragment(
        title,
        frame_table(summary.head(max_rows).dropna(axis="columns", how="all")),
        and_more(len(summary) - max_rows, ".summary()"),
        *(["Not qualified:", list(reasons)] if reasons else []),
    )
