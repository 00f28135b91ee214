"""`Findings`: the features of an examination, every result, and tables made of them."""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from ithtel.events import (
    AcfResult,
    AdfResult,
    BetaFitResult,
    CliffsDeltaResult,
    MannWhitneyResult,
    SelectionResult,
    ShapiroWilkResult,
    StatisticalResult,
    VifResult,
)
from ithtel.stats.adjust import adjust_p_values

if TYPE_CHECKING:
    from ithtel.stats.adjust import AdjustedPValues
    from ithtel.stats.sample import Floats

R = TypeVar("R", bound=StatisticalResult)

ALL = "all columns"
"""The subject of a test of the whole table."""

_COLUMN = re.compile(r"ith_(?:rb\d+_)?lb(?P<lookback>\d+)_(?P<feature>\w+)")
_RAW = ("bull_epochs", "bear_epochs", "bull_raw_cv", "bear_raw_cv")


@dataclass(frozen=True, kw_only=True)
class Column:
    """An examined column; the name of a rolling feature tells its lookback and its feature."""

    name: str
    lookback: int | None
    feature: str

    @classmethod
    def of(cls, name: str) -> Column:
        """Return the column of this name.

        >>> Column.of("ith_lb20_max_dd")
        Column(name='ith_lb20_max_dd', lookback=20, feature='max_dd')
        """
        found = _COLUMN.fullmatch(name)
        if found is None:
            return cls(name=name, lookback=None, feature=name)
        return cls(name=name, lookback=int(found["lookback"]), feature=found["feature"])

    @property
    def is_raw(self) -> bool:
        """Whether a squashed column beside it carries the same information."""
        return self.lookback is not None and self.feature in _RAW


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Findings:
    """The results of an examination, in the order in which they were made.

    Attributes:
        name: What was examined.
        features: All columns, shape (n, k), one row per bar.
        columns: The examined ones.
        nav: The series that the features come from, shape (n,); None if not given.
        alpha: The level of every test.
        seed: The seed of the bootstraps.
        regime_lookback: The number of bars by which the regime of a bar is classified.
        results: The result of every test.
    """

    name: str
    features: pd.DataFrame
    columns: tuple[Column, ...]
    nav: Floats | None
    alpha: float
    seed: int
    regime_lookback: int
    results: tuple[StatisticalResult, ...]

    def of(self, kind: type[R]) -> list[R]:
        """Return the results of one kind, in order."""
        return [result for result in self.results if isinstance(result, kind)]

    def about(self, kind: type[R], what: str) -> R | None:
        """Return the result of one kind on one subject of this examination, None if there is none."""
        return self._index.get((kind, self.subject(what)))  # type: ignore[return-value] # the key says its type

    def subject(self, what: str) -> str:
        """Return the subject that a test of `what` has in the record."""
        return f"{self.name} {what}"

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how often each test made each decision."""
        found: dict[str, Counter[str]] = {}
        for result in self.results:
            found.setdefault(result.test_name, Counter())[result.decision] += 1
        return {name: dict(sorted(counter.items())) for name, counter in found.items()}

    @functools.cached_property
    def adjusted(self) -> AdjustedPValues:
        """The p-values that decided, in the order of the results.

        Calculated once: each time, statsmodels collects all garbage.
        """
        return adjust_p_values([result.deciding_p_value for result in self.results])

    def tests(self) -> pd.DataFrame:
        """Return one row per test, the p-value that decided it raw and adjusted for all others of this examination."""
        rows = {name: [getattr(result, name) for result in self.results] for name in _TEST_COLUMNS}
        rows["p_value"] = [result.deciding_p_value for result in self.results]
        frame = pd.DataFrame(rows)
        for name in ("statistic", "p_value", "effect_size"):
            frame[name] = frame[name].astype("float64")
        for place, name in enumerate(("bonferroni", "holm", "benjamini_hochberg"), _TEST_COLUMNS.index("effect_size")):
            frame.insert(place, name, pd.Series(getattr(self.adjusted, name), dtype="float64"))
        return frame

    def summary(self) -> pd.DataFrame:
        """Return one row per examined column: the numbers that decide about it; NaN if not tested."""
        selection = self.of(SelectionResult)
        kept = None if not selection or selection[0].details is None else set(selection[0].details.selected)
        vif = self.of(VifResult)
        factors = {} if not vif or vif[0].details is None else vif[0].details.vif
        frame = pd.DataFrame([self._row(column.name) for column in self.columns])
        names = [column.name for column in self.columns]
        frame["vif"] = np.array([np.nan if factors.get(name) is None else factors[name] for name in names], dtype=float)
        frame["selected"] = [None if kept is None else name in kept for name in names]
        return frame.set_index(pd.Index(names, name="column"))

    def _row(self, column: str) -> dict[str, float]:
        shapiro, beta = self.about(ShapiroWilkResult, column), self.about(BetaFitResult, column)
        acf, adf = self.about(AcfResult, column), self.about(AdfResult, column)
        delta, test = self.about(CliffsDeltaResult, column), self.about(MannWhitneyResult, column)
        effective = None if test is None or test.details is None else test.details.p_value_effective
        half_life = None if acf is None or acf.details is None else acf.details.half_life
        values = {
            "shapiro_w": None if shapiro is None else shapiro.statistic,
            "beta_p": None if beta is None else beta.p_value,
            "adf_p": None if adf is None else adf.p_value,
            "half_life": half_life,
            "regime_p": effective,
            "cliffs_delta": None if delta is None else delta.effect_size,
        }
        return {name: np.nan if value is None else float(value) for name, value in values.items()}

    @functools.cached_property
    def _index(self) -> dict[tuple[type, str], StatisticalResult]:
        return {(type(result), result.subject): result for result in self.results}


_TEST_COLUMNS = (
    "test_name", "subject", "decision", "statistic", "p_value", "effect_size", "alpha", "n_samples", "n_dropped",
    "reason", "hypothesis_id",
)  # fmt: skip
