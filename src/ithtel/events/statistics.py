"""Events of statistics: one per test, with the data needed to count, compare and adjust tests."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ithtel.events.base import Digest, Event, Json, Number, Private
from ithtel.plain_text import short

NOT_TESTED = "not_tested"
"""The decision of a test that could not be made; `reason` gives the reason."""

EffectLabel = Literal["negligible", "small_tradable", "medium_strong", "large_suspicious", "not_tested"]


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of one test beyond the common ones."""


class StatisticalResult(Event, frozen=True, kw_only=True):
    """The fields that every test reports."""

    free_text: ClassVar[tuple[str, ...]] = ("subject", "reason", "details")
    private: ClassVar[Private] = {
        "hypothesis_id": "derived",
        "subject": "renamed",
        "input_hash": "keyed",
        "reason": "replaced",
    }

    hypothesis_id: Annotated[
        str, Meta(description="from test, parameters, subject and sample: the same data gives the same id")
    ]
    test_name: str
    statistic: Number
    p_value: Number
    effect_size: Number
    alpha: float
    decision: str
    subject: Annotated[str, Meta(description="what was tested: a column or a series; `unnamed` if not given")]
    n_samples: Annotated[int | None, Meta(description="values tested (for columns: rows); null if unknown")]
    n_dropped: Annotated[int | None, Meta(description="NaN values dropped (for columns: rows); null if unknown")]
    input_hash: Annotated[Digest | None, Meta(description="of the given values as little-endian float64")]
    details: Annotated[Details | None, Meta(description="null if not tested")]
    reason: Annotated[str | None, Meta(description="why it was not tested")] = None

    @property
    def deciding_p_value(self) -> float | None:
        """The p-value that decided: the one to adjust for other tests."""
        return self.p_value

    @property
    def is_tested(self) -> bool:
        """Whether the test could be made."""
        return self.decision != NOT_TESTED

    def sentence(self) -> str:
        """Name the test, the subject and the decision."""
        p_value = "" if self.deciding_p_value is None else f" (p = {self.deciding_p_value:.3g})"
        reason = f": {short(self.reason, 200)}" if self.reason else p_value
        return f"{self.test_name} of {self.subject}: {self.decision}{reason}"


class HypothesisDetails(Details, frozen=True, kw_only=True):
    """The context that the user gave to a test of their own."""

    private: ClassVar[Private] = {"context": "absent"}

    context: Annotated[Json, Meta(description="any JSON")]


class HypothesisResult(StatisticalResult, tag="hypothesis_result", frozen=True, kw_only=True):
    """A test made by the user."""

    free_text: ClassVar[tuple[str, ...]] = (*StatisticalResult.free_text, "hypothesis_id", "test_name", "decision")

    details: HypothesisDetails | None


class ShapiroWilkDetails(Details, frozen=True, kw_only=True, omit_defaults=True):
    """The number of values, and how far they are from normal."""

    n_used: Annotated[int, Meta(description="values tested: at most 5000, drawn at random")]
    subset_seed: Annotated[
        int | None, Meta(description="the seed by which they were drawn; absent if all were tested")
    ] = None
    classification: Literal[
        "practically_normal", "minor_departures", "moderate_non_normality", "substantial_non_normality"
    ]


class ShapiroWilkResult(StatisticalResult, tag="shapiro_wilk_result", frozen=True, kw_only=True):
    """Shapiro-Wilk: is a sample normal? `normal` if W > .99; the p-value is given as well."""

    decision: Literal["normal", "non_normal", "not_tested"]
    details: ShapiroWilkDetails | None


class BetaFitDetails(Details, frozen=True, kw_only=True, omit_defaults=True):
    """The fitted Beta distribution on [0, 1], and how the p-value was computed."""

    private: ClassVar[Private] = {"a": "absent", "b": "absent"}

    a: Number
    b: Number
    n_used: Annotated[int, Meta(description="values tested: at most 1000, drawn at random")]
    subset_seed: Annotated[
        int | None, Meta(description="the seed by which they were drawn; absent if all were tested")
    ] = None
    n_clipped: Annotated[int, Meta(description="values moved to [1e-10, 1 - 1e-10]")]
    n_bootstrap: Annotated[int, Meta(description="bootstrap samples: 99, or 999 if p < .10")]


class BetaFitResult(StatisticalResult, tag="beta_fit_result", frozen=True, kw_only=True):
    """Anderson-Darling with parametric bootstrap against the fitted Beta distribution."""

    decision: Literal["fits_well", "poor_fit", "not_tested"]
    details: BetaFitDetails | None


class AdTestDetails(Details, frozen=True, kw_only=True, omit_defaults=True):
    """The distribution tested against, and how the p-value was computed."""

    private: ClassVar[Private] = {"parameters": "absent"}

    distribution: Annotated[str, Meta(description="its name in scipy.stats")]
    parameters: Annotated[dict[str, Number], Meta(description="given and fitted, by SciPy's names")]
    known: Annotated[list[str], Meta(description="parameters that were given instead of fitted")]
    n_used: Annotated[int, Meta(description="values tested: at most 1000, drawn at random")]
    subset_seed: Annotated[
        int | None, Meta(description="the seed by which they were drawn; absent if all were tested")
    ] = None
    n_bootstrap: Annotated[int, Meta(description="bootstrap samples: 99, or 999 if p < .10")]


class AdTestResult(StatisticalResult, tag="ad_test_result", frozen=True, kw_only=True):
    """Anderson-Darling with parametric bootstrap against a named distribution."""

    decision: Literal["fits_well", "poor_fit", "not_tested"]
    details: AdTestDetails | None


class MannWhitneyDetails(Details, frozen=True, kw_only=True):
    """The two samples, and the effect of autocorrelation on the p-value."""

    private: ClassVar[Private] = {"median_x": "absent", "median_y": "absent"}

    n_x: int
    n_y: int
    median_x: Number
    median_y: Number
    n_effective_x: Annotated[float | None, Meta(description="independent values that x is worth: the lower limit")]
    n_effective_y: Annotated[float | None, Meta(description="independent values that y is worth: the lower limit")]
    p_value_effective: Annotated[float | None, Meta(description="the p-value for the effective numbers")]
    is_p_value_optimistic: bool


class MannWhitneyResult(StatisticalResult, tag="mann_whitney_result", frozen=True, kw_only=True):
    """Mann-Whitney U, two-sided: does one sample tend to exceed the other? `effect_size` is Cliff's delta.

    `regime_dependent` is decided by `p_value_effective`, `different` by `p_value`.
    """

    decision: Literal["regime_dependent", "regime_invariant", "different", "not_different", "not_tested"]
    details: MannWhitneyDetails | None

    @property
    def deciding_p_value(self) -> float | None:
        """The p-value that decided: between regimes the effective one."""
        is_of_regimes = self.decision in ("regime_dependent", "regime_invariant")
        return self.details.p_value_effective if is_of_regimes and self.details is not None else self.p_value


class CohensDDetails(Details, frozen=True, kw_only=True):
    """The parts of Cohen's d."""

    private: ClassVar[Private] = {"mean_x": "absent", "mean_y": "absent", "sd_pooled": "absent"}

    n_x: int
    n_y: int
    mean_x: Number
    mean_y: Number
    sd_pooled: Number
    label_bounds: Annotated[list[float], Meta(description="of |d|; ithtel's own, not Cohen's .2, .5, .8")]


class CohensDResult(StatisticalResult, tag="cohens_d_result", frozen=True, kw_only=True):
    """Cohen's d: the difference of two means in pooled standard deviations."""

    decision: EffectLabel
    details: CohensDDetails | None


class CliffsDeltaDetails(Details, frozen=True, kw_only=True):
    """The pairs that Cliff's delta counts."""

    n_x: int
    n_y: int
    n_greater: Annotated[int, Meta(description="pairs with x > y")]
    n_less: Annotated[int, Meta(description="pairs with x < y")]
    n_ties: int
    label_bounds: Annotated[list[float], Meta(description="of |delta|")]


class CliffsDeltaResult(StatisticalResult, tag="cliffs_delta_result", frozen=True, kw_only=True):
    """Cliff's delta: +1 when every x exceeds every y. `statistic` is U of x."""

    decision: EffectLabel
    details: CliffsDeltaDetails | None


class DescribeDetails(Details, frozen=True, kw_only=True):
    """Moments, quantiles and outliers."""

    private: ClassVar[Private] = {
        "mean": "absent",
        "sd": "absent",
        "min": "absent",
        "max": "absent",
        "quantiles": "absent",
    }

    count: Annotated[int, Meta(description="values that are not NaN")]
    n_nulls: int
    n_infinite: int
    mean: Number
    sd: Annotated[float | None, Meta(description="with n - 1; null for fewer than two values")]
    min: Number
    max: Number
    skew: Annotated[float | None, Meta(description="m3/m2^1.5 of population moments; null if constant")]
    excess_kurtosis: Annotated[float | None, Meta(description="m4/m2² - 3 of population moments; null if constant")]
    quantiles: Annotated[dict[str, Number], Meta(description="`0.01` … `0.99`, linearly interpolated")]
    n_outliers: Annotated[int | None, Meta(description="beyond 1.5 interquartile ranges from the quartiles")]


class DescribeResult(StatisticalResult, tag="describe_result", frozen=True, kw_only=True):
    """A description of a sample; nothing is tested."""

    decision: Literal["described", "not_tested"]
    details: DescribeDetails | None
