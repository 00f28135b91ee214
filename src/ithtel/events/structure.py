"""Events of statistics about structure over time and across columns."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ithtel.events.base import Number, Private
from ithtel.events.statistics import Details, StatisticalResult

Numbers = list[Number]
Columns = Annotated[list[str], Meta(description="names of columns")]
Given = Annotated[Literal["nav", "levels", "increments"], Meta(description="what the values are")]
Gaps = Annotated[int, Meta(description="NaN dropped between values, so that their neighbours are adjacent")]


class HurstDetails(Details, frozen=True, kw_only=True):
    """The rescaled ranges behind a Hurst exponent, and the band of a random walk."""

    estimator: Annotated[str, Meta(description="`rs_anis_lloyd`")]
    given: Given
    n_increments: int
    scales: Annotated[list[int], Meta(description="block lengths in bars")]
    rescaled_range: Annotated[Numbers, Meta(description="mean R/S at each scale")]
    rescaled_range_expected: Annotated[Numbers, Meta(description="of independent increments (Anis and Lloyd)")]
    band_low: Annotated[float | None, Meta(description="2.5 % quantile of random walks of this length")]
    band_high: Annotated[float | None, Meta(description="97.5 % quantile of random walks of this length")]
    band_source: str
    n_gaps: Gaps


class HurstResult(StatisticalResult, tag="hurst_result", frozen=True, kw_only=True):
    """Hurst exponent of the increments (`statistic`); `effect_size` is H - .5."""

    decision: Literal["trending", "mean_reverting", "random", "not_tested"]
    details: HurstDetails | None


class RegimeSegment(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive bars with one label."""

    first_bar: Annotated[int, Meta(description="from 0, in the given series")]
    n_bars: int
    label: Literal["warmup", "trending", "mean_reverting", "random", "undefined"]


class RegimeDetails(Details, frozen=True, kw_only=True):
    """The label of every bar, and the band that decides it."""

    estimator: Annotated[str, Meta(description="`rs_anis_lloyd`")]
    given: Given
    lookback: int
    n_warmup: int
    n_trending: int
    n_mean_reverting: int
    n_random: int
    n_undefined: Annotated[int, Meta(description="bars that are NaN, or whose window is constant")]
    hurst_min: Number
    hurst_median: Number
    hurst_max: Number
    band_low: Number
    band_high: Number
    band_source: str
    n_gaps: Gaps
    segments: list[RegimeSegment]

    def labels(self) -> list[str]:
        """Return the label of every bar of the given series."""
        return [segment.label for segment in self.segments for _ in range(segment.n_bars)]


class RegimeResult(StatisticalResult, tag="regime_result", frozen=True, kw_only=True):
    """The regime of every bar. The decision is the most frequent label; `statistic` is the median exponent."""

    decision: Literal["trending", "mean_reverting", "random", "not_tested"]
    details: RegimeDetails | None


class PcaDetails(Details, frozen=True, kw_only=True):
    """The spectrum of the correlation matrix."""

    private: ClassVar[Private] = {"columns": "renamed", "constant_columns": "renamed"}

    n_rows: int
    columns: Columns
    constant_columns: Columns
    eigenvalues: Annotated[Numbers, Meta(description="of the correlation matrix, descending")]
    n_components_90: int
    n_components_95: int
    n_components_99: int
    participation_ratio: Number


class PcaResult(StatisticalResult, tag="pca_result", frozen=True, kw_only=True):
    """PCA of standardised columns. `statistic` is n95, `effect_size` n95 / columns."""

    decision: Literal["high_redundancy", "low_redundancy", "not_tested"]
    details: PcaDetails | None


class ParticipationRatioDetails(Details, frozen=True, kw_only=True):
    """The data behind a participation ratio."""

    private: ClassVar[Private] = {"columns": "renamed", "constant_columns": "renamed"}

    n_rows: int
    columns: Columns
    constant_columns: Columns
    n_components_95: int


class ParticipationRatio(StatisticalResult, tag="participation_ratio", frozen=True, kw_only=True):
    """(Σλ)²/Σλ²: how many dimensions the columns fill. `effect_size` is its share of the columns."""

    decision: Literal["high_redundancy", "low_redundancy", "not_tested"]
    details: ParticipationRatioDetails | None


class VifDetails(Details, frozen=True, kw_only=True):
    """The variance inflation of each column, and the ridge that makes it finite."""

    private: ClassVar[Private] = {"vif": "renamed", "high": "renamed", "constant_columns": "renamed"}

    n_rows: int
    vif: Annotated[dict[str, Number], Meta(description="column → factor")]
    high: Annotated[list[str], Meta(description="columns above 10")]
    constant_columns: Columns
    ridge: Number
    eigenvalue_min: Number
    eigenvalue_max: Number


class VifResult(StatisticalResult, tag="vif_result", frozen=True, kw_only=True):
    """Ridge VIF. `statistic` is the largest factor, `effect_size` the share of columns above 10."""

    decision: Literal["high_multicollinearity", "acceptable_multicollinearity", "not_tested"]
    details: VifDetails | None


class AdfDetails(Details, frozen=True, kw_only=True):
    """The parameters of the augmented Dickey-Fuller test."""

    private: ClassVar[Private] = {"aic": "absent"}

    used_lag: int
    max_lag: int
    n_observations: Annotated[int, Meta(description="in the regression")]
    critical_values: Annotated[dict[str, Number], Meta(description="`1%`, `5%`, `10%`")]
    aic: Number
    n_gaps: Gaps


class AdfResult(StatisticalResult, tag="adf_result", frozen=True, kw_only=True):
    """Augmented Dickey-Fuller: does the series have a unit root?"""

    decision: Literal["stationary", "non_stationary", "not_tested"]
    details: AdfDetails | None


class AcfDetails(Details, frozen=True, kw_only=True):
    """The autocorrelation function at some lags."""

    lags: list[int]
    acf: Numbers
    lower: Annotated[Numbers, Meta(description="confidence bound (Bartlett) at 1 - alpha")]
    upper: Annotated[Numbers, Meta(description="confidence bound (Bartlett) at 1 - alpha")]
    half_life: Annotated[
        float | None, Meta(description="lag at which the ACF first falls to .5; null if it never does")
    ]
    ljung_box_lags: int
    n_gaps: Gaps


class AcfResult(StatisticalResult, tag="acf_result", frozen=True, kw_only=True):
    """Autocorrelation. `statistic` and `p_value` are Ljung-Box's, `effect_size` the ACF at lag 1."""

    decision: Literal["autocorrelated", "not_autocorrelated", "not_tested"]
    details: AcfDetails | None


class RedundantPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two columns with nearly the same information."""

    private: ClassVar[Private] = {"x": "renamed", "y": "renamed"}

    x: str
    y: str
    rho: Number


class CorrelationDetails(Details, frozen=True, kw_only=True):
    """Spearman's rho of every pair."""

    private: ClassVar[Private] = {"columns": "renamed", "constant_columns": "renamed"}

    n_rows: int
    columns: Columns
    constant_columns: Columns
    threshold: float
    rho: Annotated[list[Numbers], Meta(description="columns by columns")]
    p_values: Annotated[list[Numbers], Meta(description="columns by columns, raw")]
    redundant_pairs: list[RedundantPair]


class CorrelationResult(StatisticalResult, tag="correlation_result", frozen=True, kw_only=True):
    """Spearman correlation. `statistic` is the rho farthest from 0; `p_value` is given only for a single pair."""

    decision: Literal["redundant", "distinct", "not_tested"]
    details: CorrelationDetails | None


class DroppedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column that was not selected."""

    private: ClassVar[Private] = {"name": "renamed", "value": "absent", "kept": "renamed"}

    name: str
    cause: Literal["variance", "correlation"]
    value: Annotated[float | None, Meta(description="its variance, or its rho with `kept`")]
    kept: Annotated[str | None, Meta(description="the column kept in its place")]


class SelectionDetails(Details, frozen=True, kw_only=True):
    """The columns that are kept, and why the others are dropped."""

    private: ClassVar[Private] = {"selected": "renamed"}

    n_rows: int
    min_variance: float
    max_correlation: float
    selected: Columns
    dropped: list[DroppedColumn]


class SelectionResult(StatisticalResult, tag="selection_result", frozen=True, kw_only=True):
    """Selection of columns. `statistic` is the number kept, `effect_size` their share."""

    decision: Literal["selected", "not_tested"]
    details: SelectionDetails | None
