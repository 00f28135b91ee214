"""ITH analysis of a NAV: check it, find the epochs of either side, measure its fitness, put it on record."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from ithtel.commands import record, shown
from ithtel.commands.series import Nav, as_nav
from ithtel.errors import InputError, did_you_mean
from ithtel.ith import epochs as machine
from ithtel.ith.fitness import Fitness, measure_fitness
from ithtel.ith.hurdles import HurdleSpec, parse_hurdle
from ithtel.ith.thresholds import max_adverse, resolve_hurdle
from ithtel.recording.process import current

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.ith.epochs import EpochTable

SIDES: dict[str, tuple[Side, ...]] = {"bull": ("bull",), "bear": ("bear",), "both": ("bull", "bear")}


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

    def plot(self, theme: str = "auto") -> Figure:
        """Draw the series with its epochs."""
        from ithtel.commands.drawing import draw

        return draw(self, theme=theme)

    def __repr__(self) -> str:
        return shown.analysis_text(self)

    def _repr_html_(self) -> str:
        return shown.analysis_html(self)


def analyze(
    nav: ArrayLike | pd.Series | pd.DataFrame,
    side: Literal["bull", "bear", "both"] = "both",
    hurdle: str | float = "mdd",
    periods_per_year: float | None = None,
    *,
    arrays: bool = False,
    on_bad: Literal["raise", "reference"] = "raise",
) -> Analysis:
    """Find the epochs of a NAV, and measure how often and how evenly it gains more than its hurdle.

    Args:
        nav: One value a bar, shape (n,): a Series (its name and times are used), a list, any numeric dtype.
        side: `bull` (long), `bear` (short), or `both`.
        hurdle: The TMAEG: `mdd` (maximum drawdown; of a bear the maximum runup), `geomean`, a ratio such as 0.05; or
            one that looks only back: `expanding`, `rolling:250`. `mdd` and `geomean` look into the future.
        periods_per_year: Bars a year, for the Sharpe ratio: 252 daily equity, 365 daily crypto.
        arrays: Keep `excess_gains` and `excess_losses` of every bar.
        on_bad: `raise` refuses NaN, infinite, zero and negative bars; `reference` treats them as the reference does.

    Raises:
        InputError: The NAV, the side or the hurdle cannot be used; the message names the first bad bar.

    Source: Investment Time Horizon, as the public project trading-fitness runs it (SPEC-ITH).

    Example:
        >>> import ithtel
        >>> ithtel.analyze([1, 1.06, 1, 1.12], side="bull", hurdle=0.05).bull.epochs["bar_index"].tolist()
        [1, 3]
    """
    if side not in SIDES:
        raise InputError(f"no side {side!r}{did_you_mean(str(side), SIDES)}")
    if on_bad not in ("raise", "reference"):
        raise InputError(f"no way {on_bad!r} to treat bad bars{did_you_mean(str(on_bad), ['raise', 'reference'])}")
    checked = as_nav(nav, on_bad="refuse" if on_bad == "raise" else "reference")
    spec = parse_hurdle(hurdle)
    given: Json = {"hurdle": hurdle, "periods_per_year": periods_per_year, "on_bad": on_bad}
    given |= {"uses_future": spec.uses_future} | ({"floor": spec.floor} if spec.is_causal else {})
    found = {one: _analyze_side(checked, {"side": one, **given}, spec, arrays=arrays) for one in SIDES[side]}
    return Analysis(nav=checked, bull=found.get("bull"), bear=found.get("bear"))


def _analyze_side(nav: Nav, config: Json, spec: HurdleSpec, *, arrays: bool) -> SideAnalysis:
    side: Side = config["side"]
    session = current()
    run = None if session is None else record.Run.begin(session, nav, side, config)
    began = time.perf_counter()
    levels = resolve_hurdle(spec, nav.values, side=side) if len(nav.values) else math.nan
    table = machine.find_epochs(nav.values, levels, side=side)
    kept = machine.excess_arrays(nav.values, levels, side=side) if arrays else None
    drawdown, runup = max_adverse(nav.values) if len(nav.values) else (math.nan, math.nan)
    analysis = SideAnalysis(
        side=side,
        epochs=epoch_frame(nav, table, side),
        hurdle=float(levels) if np.ndim(levels) == 0 else float(np.asarray(levels)[-1]),
        hurdle_method=str(spec),
        max_drawdown=drawdown if side == "bull" else None,
        max_runup=runup if side == "bear" else None,
        fitness=_fitness(nav, table, side, config["periods_per_year"]),
        config=config,
        excess_gains=kept.gains if kept else None,
        excess_losses=kept.losses if kept else None,
        run_id=run.run_id if run else None,
    )
    if run is not None:
        run.finish(analysis, duration_ms=(time.perf_counter() - began) * 1e3)
    return analysis


def _fitness(nav: Nav, table: EpochTable, side: Side, periods_per_year: float | None) -> Fitness:
    return measure_fitness(
        nav.values,
        side=side,
        bar_index=table.bar_index,
        epoch_losses=table.excess_loss,
        last_loss=table.final.excess_loss if table.final is not None else math.nan,
        periods_per_year=periods_per_year,
    )


def epoch_frame(nav: Nav, table: EpochTable, side: Side) -> pd.DataFrame:
    """Return the epochs as a table, columns named as the fields of `epoch_detected`."""
    return pd.DataFrame(
        {
            "series": nav.name,
            "epoch_index": np.arange(1, len(table) + 1),
            "bar_index": table.bar_index,
            "timestamp": pd.Series(nav.times_of(table.bar_index), dtype=object),
            "position_type": side,
            "excess_gain": table.excess_gain,
            "excess_loss": table.excess_loss,
            "endorsing_crest": table.endorsing_crest,
            "candidate_nadir": table.candidate_nadir,
            "tmaeg_threshold": table.hurdle,
            "nav_at_epoch": table.nav,
            "worst_drawdown": table.worst_drawdown,
        }
    )
