"""`analyze`: check a NAV, find the epochs of each side, measure its fitness, and record all of it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
import pandas as pd

from ithtel.commands.ith.compute import SIDES, Request, SideResult, compute, is_several, request_of
from ithtel.commands.ith.doubts import report_doubts
from ithtel.commands.ith.nav import as_navs
from ithtel.commands.ith.recorded_run import Run, log_compilation
from ithtel.commands.ith.result import Analyses, Analysis, SideAnalysis
from ithtel.errors import InputError
from ithtel.ith.compilation import watching
from ithtel.ith.hurdles import DEFAULT_FLOOR
from ithtel.ith.nav import times_at
from ithtel.ith.plausibility import doubts_about_nav, doubts_about_rates
from ithtel.recording.process import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ithtel.commands.ith.nav import Times
    from ithtel.events import Json
    from ithtel.ith.check import OnBad, Side
    from ithtel.ith.epochs import EpochTable
    from ithtel.ith.fitness import Bounds
    from ithtel.ith.hurdles import HurdleSpec
    from ithtel.ith.nav import Nav

    AnySide = Literal["bull", "bear", "both"]

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

    If a session is running, the analysis is recorded.

    Args:
        nav: One value per bar, shape (n,): a Series (its name and times are used), a list, any numeric dtype; or one
            series per column, shape (n, k), computed on all cores.
        side: `bull` (long), `bear` (short), or `both`.
        hurdle: The TMAEG: `mdd` (the maximum drawdown, for a bear the maximum runup), `geomean`, or a ratio such as
            0.05 or `"5%"`; or a hurdle that looks only back: `expanding`, `rolling:250`. `mdd` and `geomean` look into
            the future. With a list of hurdles, one series is analysed under each.
        periods_per_year: Bars per year, for the Sharpe ratio: 252 for daily equity, 365 for daily crypto.
        timestamps: The time of each bar, shape (n,), increasing; used instead of the index of a Series.
        risk_free: The return of a riskless asset in one bar, such as 0.03 / 252: not the rate of a year.
        bounds: The limits within which a series qualifies.
        floor: The lowest value of an `expanding` or `rolling` hurdle.
        arrays: Keep `excess_gains` and `excess_losses` of every bar.
        trace: Record the machine at every bar (`ith_step`), about 800 bytes per bar and side.
        on_bad: `raise` refuses NaN, infinite, zero and negative bars; `reference` treats them as the reference does.

    Numbers that are hard to believe are analysed with a `PlausibilityWarning`, see `Analysis.notices`: a hurdle of
    1 or more, a `risk_free` that is the rate of a year, an unadjusted split, a changed unit, percent returns.

    Returns:
        An `Analysis`; for several columns or hurdles an `Analyses`, which maps each column or hurdle to its
        `Analysis`.

    Raises:
        InputError: The NAV, the side, the hurdle or another argument cannot be used; the message names the first bad
            bar.

    Source: Investment Time Horizon, as the public project trading-fitness runs it (docs/ith-specification.md).

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
    navs, is_table = as_navs(nav, on_bad=request.on_bad, timestamps=timestamps)
    if is_table and is_several(hurdle):
        raise InputError(f"got {len(navs)} columns and {len(request.hurdles)} hurdles: pass several of one kind only")
    analyses = [analysis for each in run_all(navs, request) for analysis in each]
    if is_several(hurdle):
        return Analyses(dict(zip(map(str, request.hurdles), analyses, strict=True)), by="hurdle")
    return Analyses({one.nav.name: one for one in analyses}, by="series") if is_table else analyses[0]


def run_all(navs: list[Nav], request: Request) -> list[list[Analysis]]:
    """Return an analysis of each series under each hurdle; they are recorded in this order."""
    runs = [_begin(nav, request) for nav in navs]
    notices = [report_doubts(_doubts(nav, request)) for nav in navs]
    with watching() as compilation:
        computed = _compute_all(navs, request)
    session = current()
    if session is not None:
        log_compilation(session, compilation.seconds)
    return [
        [
            _finish(nav, one, request, spec, run, notices=told)
            for one, spec, run in zip(each, request.hurdles, by_hurdle, strict=True)
        ]
        for nav, each, by_hurdle, told in zip(navs, computed, runs, notices, strict=True)
    ]


def _doubts(nav: Nav, request: Request) -> list[str]:
    rates = doubts_about_rates(request.hurdles, request.risk_free, request.periods_per_year, nav)
    return [*rates, *doubts_about_nav(nav)]


def _begin(nav: Nav, request: Request) -> list[dict[Side, Run]]:
    session = current()
    if session is None:
        return [{} for _ in request.hurdles]
    digest = nav.digest()
    return [
        {side: Run.begin(session, side, request.config(side, one), input_hash=digest) for side in request.sides}
        for one in request.hurdles
    ]


def _compute_all(navs: list[Nav], request: Request) -> list[list[dict[Side, SideResult]]]:
    """Compute each series. The kernel runs without the GIL, so threads use all cores."""
    if len(navs) == 1:
        return [compute(navs[0], request)]
    with ThreadPoolExecutor(min(len(navs), os.cpu_count() or 1)) as pool:
        return list(pool.map(partial(compute, request=request), navs))


def _finish(
    nav: Nav,
    results: dict[Side, SideResult],
    request: Request,
    hurdle: HurdleSpec,
    runs: dict[Side, Run],
    *,
    notices: tuple[str, ...],
) -> Analysis:
    sides: dict[Side, SideAnalysis] = {}
    for side, one in results.items():
        run = runs.get(side)
        sides[side] = _side_analysis(nav, one, request, request.config(side, hurdle), run.run_id if run else None)
        if run is not None:
            if request.trace:
                run.steps(nav, one)
            run.finish(nav, sides[side].epochs, sides[side].metrics(nav), duration_ms=one.duration_ms)
    return Analysis(nav=nav, bull=sides.get("bull"), bear=sides.get("bear"), notices=notices)


def _side_analysis(nav: Nav, result: SideResult, request: Request, config: Json, run_id: str | None) -> SideAnalysis:
    side: Side = config["side"]
    kept = result.excess if request.arrays else None
    final = result.table.final
    return SideAnalysis(
        side=side,
        epochs=epoch_frame(result.table, side, series=nav.name, times=nav.times),
        hurdle=result.last_hurdle,
        hurdle_method=str(config["hurdle"]),
        max_drawdown=result.adverse if side == "bull" else None,
        max_runup=result.adverse if side == "bear" else None,
        open_worst_drawdown=final.worst_drawdown if final is not None else None,
        fitness=result.fitness,
        config=config,
        excess_gains=kept.gains if kept else None,
        excess_losses=kept.losses if kept else None,
        run_id=run_id,
    )


def epoch_frame(
    table: EpochTable, side: Side, *, series: str, times: pd.DatetimeIndex | None, first_bar: int = 0
) -> pd.DataFrame:
    """Return the epochs as a data frame whose columns are named as the fields of `epoch_detected`.

    `times` are those of the bars from `first_bar` on; None if not given.
    """
    return pd.DataFrame(
        {
            "series": series,
            "epoch_index": np.arange(1, len(table) + 1),
            "bar_index": table.bar_index,
            "timestamp": pd.Series(times_at(times, table.bar_index - first_bar), dtype=object),
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
