"""`Analysis`, `Analyses`, `SideAnalysis`: the results of `analyze`, with their tables and their plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ithtel.errors import MissingNameError, did_you_mean
from ithtel.events import IthMetrics
from ithtel.plain_text import cell, count
from ithtel.viewer.tables import analyses_html, analysis_html, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.ith.fitness import Fitness
    from ithtel.ith.nav import Nav
    from ithtel.viewer.timeline.timeline import Picture

SEPARATOR = "; "
MAX_ROWS = 20


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SideAnalysis:
    """Result for one side. Numbers are ratios or numbers of bars, and NaN if they are not defined.

    Attributes:
        side: `bull` or `bear`.
        epochs: One row per epoch; the columns are named as the fields of the event `epoch_detected`.
        hurdle: The TMAEG (bear: TMAER), a ratio; of a causal method, the hurdle of the last bar.
        hurdle_method: The method that gave the hurdle.
        max_drawdown: The maximum drawdown of the whole series; None for a bear.
        max_runup: The maximum runup of the whole series; None for a bull.
        open_worst_drawdown: The maximum drawdown (bear: runup) after the last epoch; None for an empty series.
        fitness: All derived numbers, and whether the series qualifies.
        excess_gains: The gain of each bar, shape (n,); None unless requested.
        excess_losses: The loss of each bar, shape (n,); None unless requested.
        config: The arguments that decide the result, as they are recorded.
        run_id: The id of this run in the log; None if nothing was recorded.
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
        """The number of epochs."""
        return len(self.epochs)

    @property
    def intervals_cv(self) -> float:
        """The coefficient of variation of the bars between epochs; NaN without epochs."""
        return self.fitness.intervals_cv

    @property
    def sharpe(self) -> float | None:
        """The annualised Sharpe ratio; None if it is not defined, for the reason in `fitness.sharpe_reason`."""
        return None if math.isnan(self.fitness.sharpe) else self.fitness.sharpe

    def metrics(self, nav: Nav) -> IthMetrics:
        """Return the result as it is recorded."""
        n, fitness = len(nav), self.fitness
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
    """An ITH analysis of one series; `.bull` or `.bear` is None if that side was not analysed.

    `notices` are sentences about numbers that are hard to believe.
    """

    nav: Nav
    bull: SideAnalysis | None
    bear: SideAnalysis | None
    notices: tuple[str, ...] = ()

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
        """Return one row per side: its epochs, hurdle and fitness."""
        return summary(self)

    def plot(self, theme: str = "auto") -> Picture:
        """Return a picture of the series with its epochs. A notebook shows it; `.save("a.png")` writes it to a file."""
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
        notes = [f"{side.side} is not qualified: {reasons(side)}" for side in self.sides if reasons(side)]
        notes += self.notices
        epochs = shortened(self.epochs).drop(columns="series")
        return analysis_html(title(self), summary(self), notes, epochs)


class Analyses(Mapping[str, "Analysis"]):
    """A mapping of name to `Analysis`, in the order in which the columns (or hurdles) were given.

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
    def notices(self) -> tuple[str, ...]:
        """The notices of all analyses, without repeats."""
        return tuple(dict.fromkeys(text for analysis in self.values() for text in analysis.notices))

    @property
    def epochs(self) -> pd.DataFrame:
        """The epochs of all analyses; if they differ in the hurdle, `tmaeg_threshold` tells them apart."""
        return stacked([analysis.epochs for analysis in self.values()])

    def summary(self) -> pd.DataFrame:
        """Return one row per series and side: hurdle, epochs, fitness, and why it does not qualify.

        Several series are ranked: those that qualify come first.
        """
        table = stacked([summary_rows(analysis) for analysis in self.values()])
        return ranked(table) if self.by == "series" else table

    def __repr__(self) -> str:
        return analyses_text(self)

    def _repr_html_(self) -> str:
        ranks = self.summary()
        why = [f"{_row_name(self, row)}: {row['why']}" for row in ranks.head(MAX_ROWS).to_dict("records") if row["why"]]
        why += self.notices
        return analyses_html(_title_of_all(self), ranks.drop(columns="why"), why, max_rows=MAX_ROWS)


def summary(analysis: Analysis) -> pd.DataFrame:
    """Return one row per side."""
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
    """Return the summary with the name of the series as the first column and the reasons as the last."""
    frame = summary(analysis).reset_index()
    frame.insert(0, "series", analysis.nav.name)
    frame["why"] = [reasons(side) for side in analysis.sides]
    return frame


def ranked(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of several series, the fittest first.

    Series that qualify come first, then those that pass more criteria, then those with a lower aggregate CV. Ties are
    broken by name and side.
    """
    n_failed = summary["why"].map(lambda why: why.count(SEPARATOR) + 1 if why else 0)
    keys = summary.assign(is_out=~summary["qualified"].astype(bool), n_failed=n_failed)
    keys = keys.sort_values(["is_out", "n_failed", "aggregate_cv", "series", "side"], na_position="last", kind="stable")
    return summary.loc[keys.index].reset_index(drop=True)


def stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other; if all are empty, the first of them."""
    present = [table for table in tables if len(table)]
    return pd.concat(present, ignore_index=True) if present else (tables[0] if tables else pd.DataFrame())


def side_text(side: SideAnalysis) -> str:
    """Return the result for one side as one line."""
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
    """Return the heading of an analysis: the name of the series, its number of bars, its first and last day."""
    nav = analysis.nav
    n = len(nav)
    span = "" if nav.times is None or not n else f", {nav.times[0].date()} to {nav.times[-1].date()}"
    return f"ITH analysis of {nav.name}: {count(n, 'bar')}{span}"


def analysis_text(analysis: Analysis) -> str:
    """Return an analysis as plain text."""
    lines = [title(analysis)]
    for side in analysis.sides:
        lines.append("  " + side_text(side))
        if why := reasons(side):
            lines.append(f"        {why}")
    lines += [f"  notice: {text}" for text in analysis.notices]
    return "\n".join(lines)


def analyses_text(analyses: Analyses) -> str:
    """Return several analyses as plain text: one line per series and side, the fittest first."""
    ranks = analyses.summary()
    lines = [_title_of_all(analyses)]
    for row in ranks.head(MAX_ROWS).to_dict("records"):
        verdict = "qualified" if row["qualified"] else f"not qualified: {row['why']}"
        lines.append(f"  {_row_name(analyses, row)}: {count(row['n_epochs'], 'epoch')}, {verdict}")
    if len(ranks) > MAX_ROWS:
        lines.append(f"  and {len(ranks) - MAX_ROWS} more in .summary()")
    lines += [f"  notice: {text}" for text in analyses.notices]
    return "\n".join(lines)


def _row_name(analyses: Analyses, row: Mapping[Any, Any]) -> str:
    """Return the name of a row of the summary: its series, its hurdle if there are several, its side."""
    under = "" if analyses.by == "series" else f", hurdle {row['hurdle_method']}"
    return f"{row['series']}{under}, {row['side']}"


def _title_of_all(analyses: Analyses) -> str:
    if analyses.by == "hurdle":
        nav = next(iter(analyses.values())).nav
        return f"ITH analysis of {nav.name} under {len(analyses)} hurdles: {count(len(nav), 'bar')}"
    n_bars = max(len(analysis.nav) for analysis in analyses.values())
    return f"ITH analysis of {len(analyses)} series: {count(n_bars, 'bar')}"
