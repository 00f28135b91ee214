"""What an analysis of one series came to, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ithtel.errors import MissingNameError, did_you_mean
from ithtel.events import IthMetrics
from ithtel.plain_text import cell, count
from ithtel.viewer.html import and_more, fragment
from ithtel.viewer.tables import frame_table, shortened, side_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from ithtel.commands.ith.nav import Nav
    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.ith.fitness import Fitness
    from ithtel.viewer.timeline.timeline import Picture


SHOWN_EPOCHS = 10
SEPARATOR = "; "
SHOWN_ROWS = 20


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SideAnalysis:
    """What one side of an analysis came to. Ratios, but for what is in bars; NaN where a number is not defined.

    Attributes:
        side: `bull` or `bear`.
        epochs: One row an epoch, columns named as the fields of the event `epoch_detected`.
        hurdle: The TMAEG (bear: TMAER), a ratio; of a causal method the last bar's.
        hurdle_method: How it was found.
        max_drawdown: Of the whole series; None for a bear.
        max_runup: Of the whole series; None for a bull.
        open_worst_drawdown: After the last epoch, to the last bar; for a bear the runup. None for an empty series.
        fitness: All derived numbers, and whether the series qualifies.
        excess_gains: Shape (n,), on request.
        excess_losses: Shape (n,), on request.
        config: What was asked for, as it is recorded.
        run_id: Identity of this run in the record, None where nothing was recorded.
    """

    side: Side
    epochs: pd.DataFrame
    hurdle: float
    hurdle_method: str
    max_drawdown: float | None
    max_runup: float | None
    open_worst_drawdown: float | None
    fitness: Fitness
    excess_gains: NDArray[np.float64] | None
    excess_losses: NDArray[np.float64] | None
    config: Json
    run_id: str | None

    @property
    def n_epochs(self) -> int:
        """How many epochs there are."""
        return len(self.epochs)

    @property
    def intervals_cv(self) -> float:
        """Coefficient of variation of the bars between epochs; NaN without any."""
        return self.fitness.intervals_cv

    @property
    def sharpe(self) -> float | None:
        """Annualised Sharpe ratio; None where `fitness.sharpe_reason` says why."""
        return None if math.isnan(self.fitness.sharpe) else self.fitness.sharpe

    def metrics(self, nav: Nav) -> IthMetrics:
        """Return the result as it is recorded."""
        n, fitness = len(nav.values), self.fitness
        return IthMetrics(
            n_bars=n,
            first_nav=float(nav.values[0]) if n else None,
            last_nav=float(nav.values[-1]) if n else None,
            first_time=nav.time(0) if n else None,
            last_time=nav.time(-1) if n else None,
            n_epochs=self.n_epochs,
            hurdle=self.hurdle,
            intervals_cv=fitness.intervals_cv,
            aggregate_cv=fitness.aggregate_cv,
            points_to_epoch=fitness.points_to_epoch,
            recent_3_bars=fitness.recent_3_bars,
            sharpe=self.sharpe,
            sharpe_reason=fitness.sharpe_reason,
            is_qualified=fitness.qualification.qualified,
            max_drawdown=self.max_drawdown,
            max_runup=self.max_runup,
            open_worst_drawdown=self.open_worst_drawdown,
        )

    def __repr__(self) -> str:
        return side_text(self)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Analysis:
    """An ITH analysis of one series; `.bull` or `.bear` is None if it was not asked for."""

    nav: Nav
    bull: SideAnalysis | None
    bear: SideAnalysis | None

    @property
    def sides(self) -> list[SideAnalysis]:
        """The sides that were analysed, bull first."""
        return [side for side in (self.bull, self.bear) if side is not None]

    @property
    def epochs(self) -> pd.DataFrame:
        """The epochs of all sides, bull first."""
        tables = [side.epochs for side in self.sides]
        return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """Return one row a side: its epochs, hurdle and fitness."""
        return summary(self)

    def plot(self, theme: str = "auto") -> Picture:
        """Return the series with its epochs as a picture: a notebook shows it, `.save("a.png")` and `.figure()` too."""
        from ithtel.commands.ith.picture import picture_of
        from ithtel.commands.ith.recorded_run import events_of

        nav = self.nav
        events = [
            event
            for side in self.sides
            for event in events_of(nav, side.side, side.config, side.epochs, side.metrics(nav))
        ]
        return picture_of(nav.name, events, theme=theme)

    def __repr__(self) -> str:
        return analysis_text(self)

    def _repr_html_(self) -> str:
        return analysis_html(self)


class Analyses(Mapping[str, "Analysis"]):
    """A mapping of name to `Analysis`, in the order of the columns (or hurdles) that were given.

    >>> import ithtel
    >>> found = ithtel.analyze([[1, 2], [1.1, 2.2], [1.0, 1.8]], side="bull", hurdle=0.05)
    >>> list(found), found["1"].bull.n_epochs
    (['0', '1'], 1)
    """

    def __init__(self, analyses: dict[str, Analysis], *, by: Literal["series", "hurdle"]) -> None:
        self._analyses = analyses
        self.by = by

    def __getitem__(self, name: object) -> Analysis:
        if str(name) not in self._analyses:
            raise MissingNameError(f"no {self.by} {str(name)!r}{did_you_mean(str(name), self._analyses)}")
        return self._analyses[str(name)]

    def __contains__(self, name: object) -> bool:
        return str(name) in self._analyses

    def __iter__(self) -> Iterator[str]:
        return iter(self._analyses)

    def __len__(self) -> int:
        return len(self._analyses)

    @property
    def epochs(self) -> pd.DataFrame:
        """The epochs of all, under several hurdles told apart by `tmaeg_threshold`."""
        return stacked([analysis.epochs for analysis in self.values()])

    def summary(self) -> pd.DataFrame:
        """Return one row a series and side: hurdle, epochs, fitness, and why it does not qualify.

        Several series come in the order of `ithtel.commands.ith.result.ranked`: those that qualify first.
        """
        table = stacked([summary_rows(analysis) for analysis in self.values()])
        return ranked(table) if self.by == "series" else table

    def __repr__(self) -> str:
        return several_text(self)

    def _repr_html_(self) -> str:
        return several_html(self)


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


def side_text(side: SideAnalysis) -> str:
    """Return one side in one line."""
    adverse = f"max drawdown {cell(side.max_drawdown)}" if side.side == "bull" else f"max runup {cell(side.max_runup)}"
    verdict = "qualified" if side.fitness.qualification.qualified else "not qualified"
    return (
        f"{side.side}: {count(side.n_epochs, 'epoch')}, hurdle {cell(side.hurdle)} ({side.hurdle_method}), "
        f"intervals CV {cell(side.intervals_cv)}, {adverse}, Sharpe {cell(side.sharpe)}, {verdict}"
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


def analysis_html(analysis: Analysis) -> str:
    """Return an analysis as HTML: the summary, the first epochs."""
    epochs = epochs_shown(analysis).drop(columns="series")
    head = epochs.head(SHOWN_EPOCHS)
    more = len(epochs) - len(head)
    return fragment(
        title(analysis),
        side_table(summary(analysis)),
        *(f"{side.side} is not qualified: {reasons(side)}" for side in analysis.sides if reasons(side)),
        frame_table(head) if len(head) else "",
        and_more(more, ".epochs"),
    )


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
    why = [f"{_which(analyses, row)}: {row['why']}" for row in summary.to_dict("records") if row["why"]]
    return fragment(
        _several_title(analyses),
        frame_table(table),
        *(line.strip() for line in _more(analyses)),
        *(["Not qualified:", why] if why else []),
    )


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
