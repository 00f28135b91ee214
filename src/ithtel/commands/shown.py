"""An analysis as text and HTML: deterministic, at most six significant digits."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd

from ithtel.reading.plain import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ithtel.commands.outcome import Analysis, SideAnalysis
    from ithtel.commands.several import Analyses

SHOWN_EPOCHS = 10
MIDNIGHT = "T00:00:00"
SEPARATOR = "; "
SHOWN_ROWS = 20
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


def ranked(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of several series, the fittest first.

    First what qualifies; then what passes more criteria; then the more even, by aggregate CV; then by name and side.
    """
    n_failed = summary["why"].map(lambda why: why.count(SEPARATOR) + 1 if why else 0)
    keys = summary.assign(is_out=~summary["qualified"].astype(bool), n_failed=n_failed)
    keys = keys.sort_values(["is_out", "n_failed", "aggregate_cv", "series", "side"], na_position="last", kind="stable")
    return summary.loc[keys.index].reset_index(drop=True)


def stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other; empty ones add nothing but their columns."""
    present = [table for table in tables if len(table)]
    return pd.concat(present, ignore_index=True) if present else (tables[0] if tables else pd.DataFrame())


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


def side_text(side: SideAnalysis) -> str:
    """Return one side in one line."""
    adverse = (
        f"max drawdown {number(side.max_drawdown)}" if side.side == "bull" else f"max runup {number(side.max_runup)}"
    )
    verdict = "qualified" if side.fitness.qualification.qualified else "not qualified"
    return (
        f"{side.side}: {count(side.n_epochs, 'epoch')}, hurdle {number(side.hurdle)} ({side.hurdle_method}), "
        f"intervals CV {number(side.intervals_cv)}, {adverse}, Sharpe {number(side.sharpe)}, {verdict}"
    )


def reasons(side: SideAnalysis) -> str:
    """Return why a side does not qualify, empty if it does."""
    return SEPARATOR.join(criterion.reason for criterion in side.fitness.qualification.criteria if not criterion.passed)


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


def several_text(analyses: Analyses) -> str:
    """Return several analyses as plain text: a line each, the fittest first."""
    lines = [_several_title(analyses)]
    for row in analyses.summary().head(SHOWN_ROWS).to_dict("records"):
        verdict = "qualified" if row["qualified"] else f"not qualified: {row['why']}"
        lines.append(f"  {_which(analyses, row)}: {count(row['n_epochs'], 'epoch')}, {verdict}")
    return "\n".join([*lines, *_more(analyses)])


def several_html(analyses: Analyses) -> str:
    """Return several analyses as HTML: the summary, the fittest first; below it why which does not qualify.

    Columns that say nothing of any of them are left out.
    """
    summary = analyses.summary().head(SHOWN_ROWS)
    table = summary.drop(columns="why").dropna(axis="columns", how="all")
    table = table.assign(qualified=["yes" if one else "no" for one in table["qualified"]])
    why = [f"{_which(analyses, row)}: {row['why']}" for row in summary.to_dict("records") if row["why"]]
    items = "\n".join(f"<li>{html.escape(line)}</li>" for line in why)
    parts = [
        f"<p><b>{html.escape(_several_title(analyses))}</b></p>",
        _table(table),
        *(f"<p>{line.strip()}</p>" for line in _more(analyses)),
        f"<p>Not qualified:</p>\n<ul>\n{items}\n</ul>" if why else "",
    ]
    return "\n".join(part for part in parts if part)


def _which(analyses: Analyses, row: Mapping[Any, Any]) -> str:
    """Return which of several analyses a row of their summary is, with its side."""
    under = "" if analyses.by == "series" else f", hurdle {row['hurdle_method']}"
    return f"{row['series']}{under}, {row['side']}"


def _several_title(analyses: Analyses) -> str:
    if analyses.by == "hurdle":
        nav = next(iter(analyses.values())).nav
        return f"ITH analysis of {nav.name} under {len(analyses)} hurdles: {len(nav.values)} bars"
    n_bars = max(len(analysis.nav.values) for analysis in analyses.values())
    return f"ITH analysis of {len(analyses)} series: {n_bars} bars"


def _more(analyses: Analyses) -> list[str]:
    n_more = len(analyses.summary()) - SHOWN_ROWS
    return [f"  and {n_more} more in .summary()"] if n_more > 0 else []


def _table(frame: pd.DataFrame) -> str:
    return frame.to_html(index=False, float_format=number, na_rep="-", border=0, justify="right")
