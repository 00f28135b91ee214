"""ITH analysis of a NAV: check it, find the epochs of either side, measure its fitness, put it on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from ithtel.commands.computing import SIDES, WAYS, is_several, request_of
from ithtel.commands.execution import run_all
from ithtel.commands.outcome import Analysis, SideAnalysis
from ithtel.commands.series import as_navs
from ithtel.commands.several import Analyses
from ithtel.errors import InputError
from ithtel.ith.hurdles import DEFAULT_FLOOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from ithtel.commands.series import Times
    from ithtel.ith.fitness import Bounds

    AnySide = Literal["bull", "bear", "both"]
    OnBad = Literal["raise", "reference"]

__all__ = ["SIDES", "Analyses", "Analysis", "SideAnalysis", "analyze"]


@overload
def analyze(
    nav: pd.Series | Sequence[float],
    side: AnySide = ...,
    hurdle: str | float = ...,
    periods_per_year: float | None = ...,
    *,
    timestamps: Times | None = ...,
    risk_free: float = ...,
    bounds: Bounds | None = ...,
    floor: float = ...,
    arrays: bool = ...,
    trace: bool = ...,
    on_bad: OnBad = ...,
) -> Analysis: ...
@overload
def analyze(
    nav: ArrayLike | pd.Series | pd.DataFrame,
    side: AnySide = ...,
    hurdle: str | float | Sequence[str | float] = ...,
    periods_per_year: float | None = ...,
    *,
    timestamps: Times | None = ...,
    risk_free: float = ...,
    bounds: Bounds | None = ...,
    floor: float = ...,
    arrays: bool = ...,
    trace: bool = ...,
    on_bad: OnBad = ...,
) -> Analysis | Analyses: ...
def analyze(
    nav: ArrayLike | pd.Series | pd.DataFrame,
    side: AnySide = "both",
    hurdle: str | float | Sequence[str | float] = "mdd",
    periods_per_year: float | None = None,
    *,
    timestamps: Times | None = None,
    risk_free: float = 0.0,
    bounds: Bounds | None = None,
    floor: float = DEFAULT_FLOOR,
    arrays: bool = False,
    trace: bool = False,
    on_bad: OnBad = "raise",
) -> Analysis | Analyses:
    """Find the epochs of a NAV, and measure how often and how evenly it gains more than its hurdle.

    Args:
        nav: One value a bar, shape (n,): a Series (its name and times are used), a list, any numeric dtype; or one
            series a column, shape (n, k), computed on all cores.
        side: `bull` (long), `bear` (short), or `both`.
        hurdle: The TMAEG: `mdd` (maximum drawdown; of a bear the maximum runup), `geomean`, a ratio such as 0.05; or
            one that looks only back: `expanding`, `rolling:250`. `mdd` and `geomean` look into the future. A list of
            them analyses one series under each.
        periods_per_year: Bars a year, for the Sharpe ratio: 252 daily equity, 365 daily crypto.
        timestamps: When the bars are, shape (n,), increasing; instead of the index of a Series.
        risk_free: Return of a riskless asset in one bar.
        bounds: What a series must keep within to qualify.
        floor: The least that `expanding` and `rolling` may be.
        arrays: Keep `excess_gains` and `excess_losses` of every bar.
        trace: Record the machine at every bar (`ith_step`), if a session is running: some 800 bytes a bar and side.
        on_bad: `raise` refuses NaN, infinite, zero and negative bars; `reference` treats them as the reference does.

    Returns:
        An `Analysis`; of several columns or hurdles an `Analyses`, a mapping of column or hurdle to `Analysis`.

    Raises:
        InputError: The NAV, the side or the hurdle cannot be used; the message names the first bad bar.

    Source: Investment Time Horizon, as the public project trading-fitness runs it (SPEC-ITH).

    Example:
        >>> import ithtel
        >>> ithtel.analyze([1, 1.06, 1, 1.12], side="bull", hurdle=0.05).bull.epochs["bar_index"].tolist()
        [1, 3]
    """
    request = request_of(
        side,
        hurdle,
        periods_per_year=periods_per_year,
        risk_free=risk_free,
        bounds=bounds,
        floor=floor,
        on_bad=on_bad,
        arrays=arrays,
        trace=trace,
    )
    navs, is_table = as_navs(nav, on_bad=WAYS[on_bad], timestamps=timestamps)
    if is_table and is_several(hurdle):
        raise InputError(f"{len(navs)} columns and {len(request.hurdles)} hurdles: possible are several of one only")
    analyses = [analysis for each in run_all(navs, request) for analysis in each]
    if is_several(hurdle):
        return Analyses(dict(zip(map(str, request.hurdles), analyses, strict=True)), by="hurdle")
    return Analyses({one.nav.name: one for one in analyses}, by="series") if is_table else analyses[0]
