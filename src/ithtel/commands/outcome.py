"""What an analysis of one series came to, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.commands import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ithtel.commands.series import Nav
    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.ith.fitness import Fitness
    from ithtel.viewer.figure import Picture


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

    def __repr__(self) -> str:
        return shown.side_text(self)


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
        return shown.summary(self)

    def plot(self, theme: str = "auto") -> Picture:
        """Return the series with its epochs as a picture: a notebook shows it, `.save("a.png")` and `.figure()` too."""
        from ithtel.commands.drawing import picture_of

        return picture_of(self, theme=theme)

    def __repr__(self) -> str:
        return shown.analysis_text(self)

    def _repr_html_(self) -> str:
        return shown.analysis_html(self)
