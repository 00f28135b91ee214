"""The computation of an analysis: pure, without the GIL where it counts, and without a word to the record."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ithtel.errors import InputError, did_you_mean
from ithtel.ith import epochs as machine
from ithtel.ith.fitness import Bounds, Fitness, measure_fitness
from ithtel.ith.hurdles import DEFAULT_FLOOR, HurdleSpec, parse_hurdle
from ithtel.ith.thresholds import max_adverse, resolve_hurdle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ithtel.commands.ith.nav import Nav
    from ithtel.events import Json
    from ithtel.ith.check import OnBad, Side
    from ithtel.ith.epochs import EpochTable, ExcessArrays

    Floats = NDArray[np.float64]

SIDES: dict[str, tuple[Side, ...]] = {"bull": ("bull",), "bear": ("bear",), "both": ("bull", "bear")}
WAYS: dict[str, OnBad] = {"raise": "refuse", "reference": "reference"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be computed of each series; made by `request_of`, which checks it."""

    sides: tuple[Side, ...]
    hurdles: tuple[HurdleSpec, ...]
    periods_per_year: float | None
    risk_free: float
    bounds: Bounds | None
    on_bad: Literal["raise", "reference"]
    arrays: bool
    trace: bool

    def config(self, side: Side, hurdle: HurdleSpec) -> Json:
        """Return what decides the result of one side, as it is recorded; what is left at its default is left out."""
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
class Found:
    """What the machine found on one side of one series under one hurdle."""

    levels: float | Floats
    table: EpochTable
    fitness: Fitness
    adverse: float
    excess: ExcessArrays | None
    duration_ms: float

    @property
    def last_hurdle(self) -> float:
        """The hurdle of the last bar, which is that of all bars unless it is causal."""
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
    on_bad: Literal["raise", "reference"] = "raise",
    arrays: bool = False,
    trace: bool = False,
) -> Request:
    """Check all that a caller chooses, before anything is computed or recorded.

    Raises:
        InputError: One of them cannot be used; the message says what can.
    """
    if side not in SIDES:
        raise InputError(f"no side {side!r}{did_you_mean(str(side), SIDES)}")
    if on_bad not in WAYS:
        raise InputError(f"no way {on_bad!r} to treat bad bars{did_you_mean(str(on_bad), WAYS)}")
    given: list[Any] = list(hurdle) if is_several(hurdle) else [hurdle]  # type: ignore[arg-type]
    if not given:
        raise InputError("hurdle is an empty list; possible: one hurdle, or several such as [0.05, 0.1]")
    hurdles = tuple(parse_hurdle(one, floor=floor) for one in given)
    if len(set(map(str, hurdles))) < len(hurdles):
        raise InputError(f"a hurdle is given twice: {', '.join(map(str, hurdles))}")
    return Request(
        sides=SIDES[side],
        hurdles=hurdles,
        periods_per_year=_positive(periods_per_year),
        risk_free=float(risk_free),
        bounds=bounds,
        on_bad=on_bad,
        arrays=arrays,
        trace=trace,
    )


def is_several(hurdle: object) -> bool:
    """Say whether a caller gave several hurdles."""
    return isinstance(hurdle, list | tuple | range) or (isinstance(hurdle, np.ndarray) and hurdle.ndim == 1)


def compute(nav: Nav, request: Request) -> list[dict[Side, Found]]:
    """Return what is found under each hurdle, side by side; both sides are computed in one read of the series."""
    began = time.perf_counter()
    values = nav.values
    adverse = dict(zip(("bull", "bear"), max_adverse(values) if len(values) else (math.nan, math.nan), strict=True))
    levels = [{side: _level(values, side, one, adverse[side]) for side in request.sides} for one in request.hurdles]
    tables = _tables(values, request.sides, levels)
    duration_ms = (time.perf_counter() - began) * 1e3
    return [
        {
            side: Found(
                levels=level[side],
                table=table[side],
                fitness=_fitness(values, table[side], side, request),
                adverse=adverse[side],
                excess=_excess(values, level[side], side, request),
                duration_ms=duration_ms,
            )
            for side in request.sides
        }
        for level, table in zip(levels, tables, strict=True)
    ]


def _level(values: Floats, side: Side, hurdle: HurdleSpec, adverse: float) -> float | Floats:
    if hurdle.method == "mdd" or not len(values):
        return adverse
    return resolve_hurdle(hurdle, values, side=side)


def _tables(
    values: Floats, sides: Sequence[Side], levels: Sequence[dict[Side, float | Floats]]
) -> list[dict[Side, EpochTable]]:
    """Run the machines: of both sides together, or of each side under many fixed hurdles together."""
    is_fixed = all(np.ndim(level) == 0 for each in levels for level in each.values())
    if len(levels) > 1 and is_fixed and len(values):
        found = {
            side: machine.find_epochs_many(values, [float(level[side]) for level in levels], side=side)
            for side in sides
        }
        return [{side: found[side][i] for side in sides} for i in range(len(levels))]
    if len(sides) == 1:
        return [{side: machine.find_epochs(values, level[side], side=side) for side in sides} for level in levels]
    both = [machine.find_epochs_both(values, level["bull"], level["bear"]) for level in levels]
    return [{"bull": bull, "bear": bear} for bull, bear in both]


def _excess(values: Floats, level: float | Floats, side: Side, request: Request) -> ExcessArrays | None:
    if not (request.arrays or request.trace):
        return None
    return machine.excess_arrays(values, level, side=side, with_levels=request.trace)


def _fitness(values: Floats, table: EpochTable, side: Side, request: Request) -> Fitness:
    return measure_fitness(
        values,
        side=side,
        bar_index=table.bar_index,
        epoch_losses=table.excess_loss,
        last_loss=table.final.excess_loss if table.final is not None else math.nan,
        periods_per_year=request.periods_per_year,
        risk_free=request.risk_free,
        bounds=request.bounds,
    )


def _positive(periods_per_year: float | None) -> float | None:
    if periods_per_year is None:
        return None
    try:
        value = float(periods_per_year)
    except (TypeError, ValueError):
        value = math.nan
    if not 0 < value < math.inf:
        raise InputError(f"periods_per_year is {periods_per_year!r}; it must be a positive number, such as 252 or 365")
    return value
