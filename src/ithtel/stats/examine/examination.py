"""`Examiner`: runs every test of every column in a fixed order, with random streams that follow from one seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ithtel.errors import InputError
from ithtel.events import RegimeResult
from ithtel.stats import correlation, dimensionality, distribution, effect, regime, temporal
from ithtel.stats.examine.findings import ALL, Column, Findings
from ithtel.stats.hypothesis import check_alpha
from ithtel.stats.sample import take_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from ithtel.events import StatisticalResult
    from ithtel.stats.sample import Floats

    Step = Callable[[], StatisticalResult | None]

MAX_SEED = 2**63 - 1


class Progress(Protocol):
    """A callback before each step: steps done, steps in total, and the part that comes next."""

    def __call__(self, n_made: int, n_steps: int, part: str, /) -> None: ...  # noqa: D102


@dataclass(kw_only=True)
class Examiner:
    """One examination: its input, and the results so far."""

    name: str
    features: pd.DataFrame
    nav: Floats | None
    alpha: float
    seed: int
    regime_lookback: int
    results: list[StatisticalResult] = field(default_factory=list, init=False)
    _can_compare: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int | np.integer) or not 0 <= self.seed <= MAX_SEED:
            raise InputError(f"seed must be an integer from 0 to 2**63 - 1, got {self.seed!r}")
        if self.nav is not None and len(self.nav) != len(self.features):
            raise InputError(f"the features have {len(self.features)} rows, but the NAV has {len(self.nav)} bars")
        self.features = self.features.set_axis([str(name) for name in self.features.columns], axis=1)
        columns = [Column.of(name) for name in self.features.columns]
        self.columns = tuple(column for column in columns if not column.is_raw)
        if not self.columns:
            raise InputError("there is no column to examine")
        self._examined = self.features[list(dict.fromkeys(column.name for column in self.columns))]
        self._numbers = take_table(self._examined, "features").given
        # a column without any value would leave no complete row
        self._known = self._examined[
            [name for name, column in zip(self._examined, self._numbers.T, strict=True) if not np.isnan(column).all()]
        ]

    def run(self, progress: Progress | None = None) -> Findings:
        """Run every test, and return the findings."""
        parts = list(self._parts())
        n_steps, n_made = sum(len(steps) for _, steps in parts), 0
        for part, steps in parts:
            for step in steps:
                if progress is not None:
                    progress(n_made, n_steps, part)
                n_made += 1
                result = step()
                self.results += [] if result is None else [result]
        if progress is not None:
            progress(n_steps, n_steps, "done")
        return Findings(
            name=self.name,
            features=self.features,
            columns=self.columns,
            nav=self.nav,
            alpha=float(self.alpha),
            seed=int(self.seed),
            regime_lookback=int(self.regime_lookback),
            results=tuple(self.results),
        )

    def _parts(self) -> Iterator[tuple[str, list[Step]]]:
        yield "distribution", [step for i in range(len(self.columns)) for step in self._distribution(i)]
        yield "regimes", self._regimes()
        yield "dimensionality", self._dimensionality()
        yield "temporal structure", self._temporal()
        yield "correlation across scales", self._correlation()
        yield "selection", [lambda: correlation.select(self._known, **self._as(ALL))]

    def _distribution(self, i: int) -> list[Step]:
        """Return the tests of one column: against the Beta distribution if it lies in [0, 1], else the normal."""
        values, given = self._values(i), self._as(self.columns[i].name)
        known = values[~np.isnan(values)]
        # one generator per column: the draws for one column do not move those of the next
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(i,)))
        is_share = len(known) > 0 and known.min() >= 0 and known.max() <= 1
        return [
            lambda: distribution.describe(values, **given),
            lambda: distribution.shapiro_wilk(values, **given),
            (lambda: distribution.beta_fit(values, rng=rng, **given))
            if is_share
            else (lambda: distribution.anderson_darling(values, "norm", rng=rng, **given)),
        ]

    def _regimes(self) -> list[Step]:
        """Return the tests of the regime of the NAV, and of each column between trending and mean-reverting bars."""
        nav = self.nav
        if nav is None:
            return []
        lookback, given = self.regime_lookback, self._as("NAV")
        steps: list[Step] = [
            lambda: regime.hurst(nav, given="nav", **given),
            lambda: regime.regimes(nav, lookback=lookback, given="nav", **given),
        ]
        for i, column in enumerate(self.columns):
            steps += self._between_regimes(self._values(i), self._as(column.name))
        return steps

    def _between_regimes(self, values: Floats, given: dict[str, Any]) -> list[Step]:
        """Return the test of one column, and the effect sizes if there are enough bars to test it."""

        def sized(measure: Callable[..., StatisticalResult]) -> StatisticalResult | None:
            return measure(*self._split(values), **given) if self._can_compare else None

        def test() -> StatisticalResult:
            result = regime.mann_whitney(*self._split(values), of_regimes=True, **given)
            self._can_compare = result.is_tested
            return result

        return [test, lambda: sized(effect.cliffs_delta), lambda: sized(effect.cohens_d)]

    def _split(self, values: Floats) -> tuple[Floats, Floats]:
        """Return a column's values at trending and at mean-reverting bars."""
        found = next(result for result in self.results if isinstance(result, RegimeResult))
        labels = np.array(found.details.labels() if found.details is not None else [""] * len(values))
        return values[labels == "trending"], values[labels == "mean_reverting"]

    def _dimensionality(self) -> list[Step]:
        given = self._as(ALL)
        return [
            lambda: dimensionality.pca(self._known, **given),
            lambda: dimensionality.participation_ratio(self._known, **given),
            lambda: dimensionality.ridge_vif(self._known, **given),
        ]

    def _temporal(self) -> list[Step]:
        """Return the unit root and autocorrelation tests of log NAV, returns, absolute returns, and each column."""
        series: list[tuple[str, Floats]] = []
        if self.nav is not None:
            with np.errstate(all="ignore"):
                log_nav = np.log(self.nav)
                returns = np.diff(log_nav)
            series += [("log NAV", log_nav), ("returns", returns), ("absolute returns", np.abs(returns))]
        series += [(column.name, self._values(i)) for i, column in enumerate(self.columns)]
        return [step for name, values in series for step in _over_time(values, self._as(name))]

    def _correlation(self) -> list[Step]:
        """Return the rank correlations of each feature between its lookbacks, and of all columns."""
        groups: dict[str, list[str]] = {}
        for column in self.columns:
            if column.lookback is not None:
                groups.setdefault(column.feature, []).append(column.name)
        across = [(f"{feature} across lookbacks", names) for feature, names in groups.items() if len(names) > 1]
        tables = [*across, (ALL, list(self._known.columns))]
        return [_correlate(self._examined[names], self._as(what)) for what, names in tables]

    def _values(self, i: int) -> Floats:
        return np.asarray(self._numbers[:, i])

    def _as(self, what: str) -> dict[str, Any]:
        return {"alpha": self.alpha, "subject": f"{self.name} {what}"}


def _over_time(values: Floats, given: dict[str, Any]) -> list[Step]:
    return [lambda: temporal.adf(values, **given), lambda: temporal.acf(values, **given)]


def _correlate(table: pd.DataFrame, given: dict[str, Any]) -> Step:
    return lambda: correlation.spearman(table, **given)
