"""The run of an analysis: what begins is put on record, then all is computed, then what came of it is put on record."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel.commands.computing import Found, Request, compute
from ithtel.commands.outcome import Analysis, SideAnalysis
from ithtel.commands.record import Run, say_compilation
from ithtel.ith.compilation import watching
from ithtel.recording.process import current

if TYPE_CHECKING:
    from ithtel.commands.series import Nav
    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.ith.epochs import EpochTable
    from ithtel.ith.hurdles import HurdleSpec


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
