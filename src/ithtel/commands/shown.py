"""An analysis as text and HTML: deterministic, at most six significant digits."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import msgspec
import pandas as pd

if TYPE_CHECKING:
    from ithtel.commands.analysis import Analysis, SideAnalysis

SHOWN_EPOCHS = 10
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


def summary(analysis: Analysis) -> pd.DataFrame:
    """Return one row a side."""
    rows = [
        {
            "side": side.side,
            "n_epochs": side.n_epochs,
            "hurdle": side.hurdle,
            "hurdle_method": side.hurdle_method,
            "intervals_cv": side.intervals_cv,
            "max_drawdown": side.max_drawdown if side.max_drawdown is not None else math.nan,
            "max_runup": side.max_runup if side.max_runup is not None else math.nan,
            "sharpe": side.fitness.sharpe,
            "aggregate_cv": side.fitness.aggregate_cv,
            "points_to_epoch": side.fitness.points_to_epoch,
            "recent_3_bars": side.fitness.recent_3_bars,
            "qualified": side.fitness.qualification.qualified,
        }
        for side in analysis.sides
    ]
    return pd.DataFrame(rows).set_index("side")


def summary_rows(analysis: Analysis) -> pd.DataFrame:
    """Return the summary with the series' name before it and the reasons behind it."""
    frame = summary(analysis).reset_index()
    frame.insert(0, "series", analysis.nav.name)
    frame["why"] = [reasons(side) for side in analysis.sides]
    return frame


def cell(value: object) -> str:
    """Return a cell of a table as displays show it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return number(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def as_json(frame: pd.DataFrame) -> str:
    """Return a table as a JSON array of objects, numbers in full precision, null where there is none."""
    rows = msgspec.json.encode(frame.to_dict("records"), enc_hook=str)
    return msgspec.json.format(rows, indent=2).decode()


def side_text(side: SideAnalysis) -> str:
    """Return one side in one line."""
    adverse = (
        f"max drawdown {number(side.max_drawdown)}" if side.side == "bull" else f"max runup {number(side.max_runup)}"
    )
    verdict = "qualified" if side.fitness.qualification.qualified else "not qualified"
    return (
        f"{side.side}: {side.n_epochs} epochs, hurdle {number(side.hurdle)} ({side.hurdle_method}), "
        f"intervals CV {number(side.intervals_cv)}, {adverse}, Sharpe {number(side.sharpe)}, {verdict}"
    )


def reasons(side: SideAnalysis) -> str:
    """Return why a side does not qualify, empty if it does."""
    return "; ".join(criterion.reason for criterion in side.fitness.qualification.criteria if not criterion.passed)


def title(analysis: Analysis) -> str:
    """Return what was analysed: name, number of bars, span of time."""
    nav = analysis.nav
    n = len(nav.values)
    span = "" if nav.times is None or not n else f", {nav.times[0].date()} to {nav.times[-1].date()}"
    return f"ITH analysis of {nav.name}: {n} {'bar' if n == 1 else 'bars'}{span}"


def analysis_text(analysis: Analysis) -> str:
    """Return an analysis as plain text."""
    lines = [title(analysis)]
    for side in analysis.sides:
        lines.append("  " + side_text(side))
        if why := reasons(side):
            lines.append(f"        {why}")
    return "\n".join(lines)


def epochs_shown(analysis: Analysis) -> pd.DataFrame:
    """Return the epochs as displays show them."""
    return shortened(analysis.epochs)


def shortened(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a table of epochs that displays show, dates without a time where none has one."""
    table = epochs[[name for name in EPOCH_COLUMNS if name in epochs.columns]]
    if table["timestamp"].isna().all():
        return table.drop(columns="timestamp")
    texts = table["timestamp"].astype(str)
    if texts.str.endswith(MIDNIGHT).all():
        table = table.assign(timestamp=texts.str.removesuffix(MIDNIGHT))
    return table


def analysis_html(analysis: Analysis) -> str:
    """Return an analysis as HTML: the summary, the first epochs."""
    epochs = epochs_shown(analysis).drop(columns="series")
    head = epochs.head(SHOWN_EPOCHS)
    more = len(epochs) - len(head)
    parts = [
        f"<p><b>{html.escape(title(analysis))}</b></p>",
        _fitness_table(summary(analysis)),
        *(
            f"<p>{side.side} is not qualified: {html.escape(reasons(side))}</p>"
            for side in analysis.sides
            if reasons(side)
        ),
        _table(head) if len(head) else "",
        f"<p>and {more} more in <code>.epochs</code></p>" if more else "",
    ]
    return "\n".join(part for part in parts if part)


def _fitness_table(frame: pd.DataFrame) -> str:
    """Return the summary with a column a side: numbers to compare stand beside each other."""
    sides = frame.T.map(cell).rename_axis(columns=None)
    return str(sides.to_html(border=0, justify="right"))


def _table(frame: pd.DataFrame) -> str:
    return frame.to_html(index=False, float_format=number, na_rep="-", border=0, justify="right")
