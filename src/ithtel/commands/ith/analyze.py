"""ITH analysis of a NAV: check it, find the epochs of either side, measure its fitness, put it on record."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
import pandas as pd

from ithtel.commands.ith.compute import SIDES, WAYS, Found, Request, compute, is_several, request_of
from ithtel.commands.ith.nav import as_navs
from ithtel.commands.ith.recorded_run import Run, say_compilation
from ithtel.commands.ith.result import Analyses, Analysis, SideAnalysis
from ithtel.errors import InputError
from ithtel.ith.compilation import watching
from ithtel.ith.hurdles import DEFAULT_FLOOR
from ithtel.recording.process import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ithtel.commands.ith.nav import Times
    from ithtel.ith.fitness import Bounds

    AnySide = Literal["bull", "bear", "both"]
    OnBad = Literal["raise", "reference"]
    from ithtel.commands.ith.nav import Nav
    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.ith.epochs import EpochTable
    from ithtel.ith.hurdles import HurdleSpec

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
    navs, is_table = as_navs(nav, on_bad=WAYS[on_bad], timestamps=timestamps)
    if is_table and is_several(hurdle):
        raise InputError(f"{len(navs)} columns and {len(request.hurdles)} hurdles: possible are several of one only")
    analyses = [analysis for each in run_all(navs, request) for analysis in each]
    if is_several(hurdle):
        return Analyses(dict(zip(map(str, request.hurdles), analyses, strict=True)), by="hurdle")
    return Analyses({one.nav.name: one for one in analyses}, by="series") if is_table else analyses[0]


def run_all(navs: list[Nav], request: Request) -> list[list[Analysis]]:
    """Return an analysis of each series under each hurdle; the record has them in this order."""
    runs = [_begin(nav, request) for nav in navs]
    with watching() as compilation:
        found = _compute_all(navs, request)
    session = current()
    if session is not None:
        say_compilation(session, compilation.seconds)
    return [
        [_finish(nav, one, request, spec, run) for one, spec, run in zip(each, request.hurdles, by_hurdle, strict=True)]
        for nav, each, by_hurdle in zip(navs, found, runs, strict=True)
    ]


def _begin(nav: Nav, request: Request) -> list[dict[Side, Run]]:
    session = current()
    if session is None:
        return [{} for _ in request.hurdles]
    digest = nav.digest()
    return [
        {side: Run.begin(session, side, request.config(side, one), input_hash=digest) for side in request.sides}
        for one in request.hurdles
    ]


def _compute_all(navs: list[Nav], request: Request) -> list[list[dict[Side, Found]]]:
    """Compute each series: the kernel runs without the GIL, so threads use all cores."""
    if len(navs) == 1:
        return [compute(navs[0], request)]
    with ThreadPoolExecutor(min(len(navs), os.cpu_count() or 1)) as pool:
        return list(pool.map(partial(compute, request=request), navs))


def _finish(
    nav: Nav, found: dict[Side, Found], request: Request, hurdle: HurdleSpec, runs: dict[Side, Run]
) -> Analysis:
    sides: dict[Side, SideAnalysis] = {}
    for side, one in found.items():
        run = runs.get(side)
        sides[side] = _side_analysis(nav, one, request, request.config(side, hurdle), run.run_id if run else None)
        if run is not None:
            if request.trace:
                run.steps(nav, one)
            run.finish(nav, sides[side], duration_ms=one.duration_ms)
    return Analysis(nav=nav, bull=sides.get("bull"), bear=sides.get("bear"))


def _side_analysis(nav: Nav, found: Found, request: Request, config: Json, run_id: str | None) -> SideAnalysis:
    side: Side = config["side"]
    kept = found.excess if request.arrays else None
    final = found.table.final
    return SideAnalysis(
        side=side,
        epochs=epoch_frame(nav, found.table, side),
        hurdle=found.last_hurdle,
        hurdle_method=str(config["hurdle"]),
        max_drawdown=found.adverse if side == "bull" else None,
        max_runup=found.adverse if side == "bear" else None,
        open_worst_drawdown=final.worst_drawdown if final is not None else None,
        fitness=found.fitness,
        config=config,
        excess_gains=kept.gains if kept else None,
        excess_losses=kept.losses if kept else None,
        run_id=run_id,
    )


def epoch_frame(nav: Nav, table: EpochTable, side: Side, *, first_bar: int = 0) -> pd.DataFrame:
    """Return the epochs as a table, columns named as the fields of `epoch_detected`; `nav` begins at `first_bar`."""
    return pd.DataFrame(
        {
            "series": nav.name,
            "epoch_index": np.arange(1, len(table) + 1),
            "bar_index": table.bar_index,
            "timestamp": pd.Series(nav.times_of(table.bar_index - first_bar), dtype=object),
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
