"""`request_of`, `compute`: check the arguments of an analysis, then compute it.

The computation records nothing, and the kernels run without the GIL.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.errors import InputError, did_you_mean
from ithtel.ith import epochs as machine
from ithtel.ith.check import check_on_bad
from ithtel.ith.fitness import Bounds, Fitness, check_periods_per_year, measure_fitness
from ithtel.ith.hurdles import DEFAULT_FLOOR, HurdleSpec, parse_hurdle
from ithtel.ith.thresholds import max_adverse, resolve_hurdle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ithtel.events import Json
    from ithtel.ith.check import OnBad, Side
    from ithtel.ith.epochs import EpochTable, ExcessArrays
    from ithtel.ith.nav import Nav

    Floats = NDArray[np.float64]

SIDES: dict[str, tuple[Side, ...]] = {"bull": ("bull",), "bear": ("bear",), "both": ("bull", "bear")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """The arguments of an analysis, checked by `request_of`."""

    sides: tuple[Side, ...]
    hurdles: tuple[HurdleSpec, ...]
    periods_per_year: float | None
    risk_free: float
    bounds: Bounds | None
    on_bad: OnBad
    arrays: bool
    trace: bool

    def config(self, side: Side, hurdle: HurdleSpec) -> Json:
        """Return the arguments that decide the result for one side, as they are recorded, without most defaults."""
        config: Json = {
            "side": side,
            "hurdle": hurdle.value if hurdle.method == "fixed" else str(hurdle),
            "periods_per_year": self.periods_per_year,
            "on_bad": self.on_bad,
            "uses_future": hurdle.uses_future,
        }
        if hurdle.is_causal:
            config["floor"] = hurdle.floor
        if self.risk_free:
            config["risk_free"] = self.risk_free
        if self.bounds is not None:
            config["bounds"] = {name: getattr(self.bounds, name) for name in Bounds.__dataclass_fields__}
        return config


@dataclass(frozen=True, kw_only=True, slots=True)
class SideResult:
    """The numbers of one side of one series under one hurdle."""

    levels: float | Floats
    table: EpochTable
    fitness: Fitness
    adverse: float
    excess: ExcessArrays | None
    duration_ms: float

    @property
    def last_hurdle(self) -> float:
        """The hurdle of the last bar; unless it is causal, all bars have the same."""
        levels = np.atleast_1d(self.levels)
        return float(levels[-1]) if len(levels) else math.nan


def request_of(
    side: str,
    hurdle: str | float | Sequence[str | float],
    *,
    periods_per_year: float | None,
    risk_free: float = 0.0,
    bounds: Bounds | None = None,
    floor: float = DEFAULT_FLOOR,
    on_bad: OnBad = "raise",
    arrays: bool = False,
    trace: bool = False,
) -> Request:
    """Check the arguments of an analysis, before anything is computed or recorded.

    Raises:
        InputError: An argument cannot be used; the message names what is allowed.
    """
    if side not in SIDES:
        raise InputError(f"no side {side!r}{did_you_mean(str(side), SIDES)}")
    check_on_bad(on_bad)
    given: list[Any] = list(hurdle) if is_several(hurdle) else [hurdle]  # type: ignore[arg-type]
    if not given:
        raise InputError("hurdle is an empty list; pass one hurdle, or several such as [0.05, 0.1]")
    hurdles = tuple(parse_hurdle(one, floor=floor) for one in given)
    if len(set(map(str, hurdles))) < len(hurdles):
        raise InputError(f"a hurdle is given twice: {', '.join(map(str, hurdles))}")
    return Request(
        sides=SIDES[side],
        hurdles=hurdles,
        periods_per_year=None if periods_per_year is None else check_periods_per_year(periods_per_year),
        risk_free=_check_risk_free(risk_free),
        bounds=bounds,
        on_bad=on_bad,
        arrays=arrays,
        trace=trace,
    )


def _check_risk_free(given: float) -> float:
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"risk_free is {given!r}; it must be the return in one bar as a number, such as 0.03 / 252")
    return value


def is_several(hurdle: object) -> bool:
    """Return whether these are several hurdles."""
    return isinstance(hurdle, list | tuple | range) or (isinstance(hurdle, np.ndarray) and hurdle.ndim == 1)


def compute(nav: Nav, request: Request) -> list[dict[Side, SideResult]]:
    """Return the result for each side under each hurdle; both sides are computed in one read of the series."""
    began = time.perf_counter()
    adverse = dict(zip(("bull", "bear"), max_adverse(nav) if len(nav) else (math.nan, math.nan), strict=True))
    levels = [{side: _level(nav, side, one, adverse[side]) for side in request.sides} for one in request.hurdles]
    tables = _tables(nav, request.sides, levels)
    duration_ms = (time.perf_counter() - began) * 1e3
    return [
        {
            side: SideResult(
                levels=level[side],
                table=table[side],
                fitness=_fitness(nav, table[side], side, request),
                adverse=adverse[side],
                excess=_excess(nav, level[side], side, request),
                duration_ms=duration_ms,
            )
            for side in request.sides
        }
        for level, table in zip(levels, tables, strict=True)
    ]


def _level(nav: Nav, side: Side, hurdle: HurdleSpec, adverse: float) -> float | Floats:
    if hurdle.method == "mdd" or not len(nav):
        return adverse
    return resolve_hurdle(hurdle, nav, side=side)


def _tables(
    nav: Nav, sides: Sequence[Side], levels: Sequence[dict[Side, float | Floats]]
) -> list[dict[Side, EpochTable]]:
    """Run the machines: both sides together, or each side under many fixed hurdles together."""
    is_fixed = all(np.ndim(level) == 0 for each in levels for level in each.values())
    if len(levels) > 1 and is_fixed and len(nav):
        found = {
            side: machine.find_epochs_many(nav, [float(level[side]) for level in levels], side=side) for side in sides
        }
        return [{side: found[side][i] for side in sides} for i in range(len(levels))]
    if len(sides) == 1:
        return [{side: machine.find_epochs(nav, level[side], side=side) for side in sides} for level in levels]
    both = [machine.find_epochs_both(nav, level["bull"], level["bear"]) for level in levels]
    return [{"bull": bull, "bear": bear} for bull, bear in both]


def _excess(nav: Nav, level: float | Floats, side: Side, request: Request) -> ExcessArrays | None:
    if not (request.arrays or request.trace):
        return None
    return machine.excess_arrays(nav, level, side=side, with_levels=request.trace)


def _fitness(nav: Nav, table: EpochTable, side: Side, request: Request) -> Fitness:
    return measure_fitness(
        nav,
        side=side,
        bar_index=table.bar_index,
        epoch_losses=table.excess_loss,
        last_loss=table.final.excess_loss if table.final is not None else math.nan,
        periods_per_year=request.periods_per_year,
        risk_free=request.risk_free,
        bounds=request.bounds,
    )
