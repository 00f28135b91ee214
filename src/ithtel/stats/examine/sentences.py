"""`sentences`: the findings of an examination as text, each with its decision, its counts and its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events import (
    AcfResult,
    AdfResult,
    BetaFitResult,
    CorrelationResult,
    HurstResult,
    MannWhitneyResult,
    ParticipationRatio,
    PcaResult,
    RegimeResult,
    SelectionResult,
    ShapiroWilkResult,
    VifResult,
)
from ithtel.plain_text import count, number
from ithtel.stats.examine.findings import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.events import StatisticalResult
    from ithtel.stats.examine.findings import Findings


def sentences(found: Findings) -> list[str]:
    """Return the main findings, part by part."""
    parts = (_multiplicity, _distribution, _walk, _regimes, _dimensions, _time, _redundancy, _selection)
    return [line for part in parts for line in part(found)]


def _multiplicity(found: Findings) -> list[str]:
    known = [p for result in found.results if (p := result.deciding_p_value) is not None]
    below = sum(p < found.alpha for p in known)
    left = sum(1 for value in found.adjusted.benjamini_hochberg if value is not None and value < found.alpha)
    n_untested = sum(not result.is_tested for result in found.results)
    untested = f"; {n_untested} could not be run" if n_untested else ""
    level, n_known = number(found.alpha), count(len(known), "p-value")
    made = f"{count(len(found.results), 'test')}{untested}"
    return [f"{made}. {n_known}, {below} below {level}, {left} after Benjamini-Hochberg."]


def _distribution(found: Findings) -> list[str]:
    shapiro, beta = found.of(ShapiroWilkResult), found.of(BetaFitResult)
    lines = [f"{_share(shapiro, 'normal')} columns are practically normal (Shapiro-Wilk W > .99)."] if shapiro else []
    return lines + ([f"{_share(beta, 'fits_well')} are fitted well by a Beta distribution."] if beta else [])


def _walk(found: Findings) -> list[str]:
    lines = []
    for one in found.of(HurstResult):
        if one.details is None:
            lines.append(f"Hurst exponent of the NAV: not tested ({one.reason}).")
            continue
        band = f"{number(one.details.band_low, 3)} to {number(one.details.band_high, 3)}"
        lines.append(
            f"The NAV is {_words(one.decision)}: Hurst exponent {number(one.statistic, 3)} of its increments; a "
            f"regime needs one beyond .45 or .55 and outside the {band} of random walks."
        )
    return lines


def _regimes(found: Findings) -> list[str]:
    lines = []
    for one in found.of(RegimeResult):
        if one.details is None:
            lines.append(f"Regimes: not tested ({one.reason}).")
            continue
        details = one.details
        known = details.n_trending + details.n_mean_reverting + details.n_random
        lines.append(
            f"Of {count(known, 'bar')} with a regime {details.n_trending} are trending, {details.n_mean_reverting} "
            f"mean-reverting, {details.n_random} random."
        )
    tests = [test for test in found.of(MannWhitneyResult) if test.is_tested]
    if not tests:
        return lines
    dependent = _share(tests, "regime_dependent")
    return [*lines, f"{dependent} columns depend on the regime, by their effective sample sizes."]


def _dimensions(found: Findings) -> list[str]:
    lines = []
    for one in found.of(PcaResult):
        if one.details is None:
            lines.append(f"Dimensionality: not tested ({one.reason}).")
            continue
        n, ratio = len(one.details.columns), found.of(ParticipationRatio)
        fill = f"; participation ratio {number(ratio[0].statistic, 3)}" if ratio else ""
        lines.append(f"{one.details.n_components_95} of {n} components carry 95 % of the variance{fill}.")
    return lines + [
        f"{len(vif.details.high)} of {len(vif.details.vif)} columns have a variance inflation above 10 "
        f"(largest {number(vif.statistic, 3)}, ridge {number(vif.details.ridge, 3)})."
        for vif in found.of(VifResult)
        if vif.details is not None
    ]


def _time(found: Findings) -> list[str]:
    names = {found.subject(column.name) for column in found.columns}
    adf = [test for test in found.of(AdfResult) if test.subject in names]
    acf = [test for test in found.of(AcfResult) if test.subject in names]
    lives = [test.details.half_life for test in acf if test.details is not None and test.details.half_life is not None]
    lasting = f", half-lives {number(min(lives), 3)} to {number(max(lives), 3)} bars" if lives else ""
    stationary, correlated = _share(adf, "stationary"), _share(acf, "autocorrelated")
    return [f"{stationary} columns are stationary (ADF); {correlated} are autocorrelated{lasting}."]


def _redundancy(found: Findings) -> list[str]:
    whole = found.about(CorrelationResult, ALL)
    if whole is None or whole.details is None:
        return []
    n, bound = len(whole.details.redundant_pairs), number(whole.details.threshold)
    return [f"{count(n, 'pair')} of columns {'is' if n == 1 else 'are'} redundant (|rho| above {bound})."]


def _selection(found: Findings) -> list[str]:
    return [
        f"Selected: {len(one.details.selected)} of {len(found.columns)} columns."
        if one.details is not None
        else f"Selection: not tested ({one.reason})."
        for one in found.of(SelectionResult)
    ]


def _share(results: Sequence[StatisticalResult], decision: str) -> str:
    tested = [result for result in results if result.is_tested]
    return f"{sum(result.decision == decision for result in tested)} of {len(tested)}"


def _words(decision: str) -> str:
    return {"random": "like a random walk", "mean_reverting": "mean-reverting"}.get(decision, decision)
