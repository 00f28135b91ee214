"""`pca`, `participation_ratio`, `ridge_vif`: how many dimensions the columns of a table fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.events import ParticipationRatio, PcaResult, VifResult
from ithtel.events.structure import ParticipationRatioDetails, PcaDetails, VifDetails
from ithtel.recording.recorded import recorded
from ithtel.stats.hypothesis import COMPONENT, Hypothesis
from ithtel.stats.sample import LARGEST, Table, finite, take_table, unbounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.stats.sample import Floats

REDUNDANT = 0.2
TARGET_CONDITION = 100.0
HIGH_VIF = 10.0
HIGH_SHARE = 0.1
_ROUNDING = 1e-12


@recorded(COMPONENT)
def pca(data: Any, *, alpha: float = 0.05, subject: str | None = None) -> PcaResult:  # noqa: ANN401
    """Return how many principal components of the standardised columns carry 90, 95 and 99 % of the variance.

    `high_redundancy` if the components for 95 % are fewer than a fifth of the columns. Rows with NaN are dropped,
    constant columns are left out and named; fewer rows than columns are not tested.

    Args:
        data: A DataFrame, a mapping of columns, or an array, shape (rows, columns).
        alpha: Recorded only.
        subject: What is examined.

    Raises:
        InputError: `data` is not a table of real numbers, or two columns have one name.

    Source: Jolliffe, Principal Component Analysis (2nd ed. 2002), sections 2.3 and 6.1; equal to scikit-learn's PCA of
    StandardScaler.

    >>> pca({"a": [1, 2, 3, 4], "b": [2, 4, 6, 8]}).details.n_components_99
    1
    """
    hypothesis, table = _begin("pca", data, alpha, subject)
    varying = table.without(table.constant) if len(table.values) else table
    if reason := _fault(table, varying):
        return hypothesis.not_tested(PcaResult, reason)
    eigenvalues = _spectrum(varying)
    n95 = _components(eigenvalues, 0.95)
    details = PcaDetails(
        n_rows=len(varying.values),
        columns=varying.names,
        constant_columns=table.constant,
        eigenvalues=[finite(value) for value in eigenvalues],
        n_components_90=_components(eigenvalues, 0.90),
        n_components_95=n95,
        n_components_99=_components(eigenvalues, 0.99),
        participation_ratio=_participation(eigenvalues),
    )
    share = n95 / len(varying.names)
    return hypothesis.result(PcaResult, decision=_redundancy(share), statistic=n95, effect_size=share, details=details)


@recorded(COMPONENT)
def participation_ratio(data: Any, *, alpha: float = 0.05, subject: str | None = None) -> ParticipationRatio:  # noqa: ANN401
    """Return (Σλ)²/Σλ² of the correlation matrix: 1 if one dimension carries all, p if p carry equal parts.

    Decided like `pca`, by the components for 95 % of the variance. Rows and columns are treated the same way.

    Args:
        data: A DataFrame, a mapping of columns, or an array, shape (rows, columns).
        alpha: Recorded only.
        subject: What is examined.

    Raises:
        InputError: `data` is not a table of real numbers, or two columns have one name.

    Source: Bell and Dean, Atomic vibrations in vitreous silica, Discussions of the Faraday Society 50 (1970) 55-61;
    of a covariance: Gao et al., A theory of multineuronal dimensionality, bioRxiv 214262 (2017).

    >>> round(participation_ratio({"a": [1, 1, -1, -1], "b": [1, -1, 1, -1]}).statistic, 9)
    2.0
    """
    hypothesis, table = _begin("participation_ratio", data, alpha, subject)
    varying = table.without(table.constant) if len(table.values) else table
    if reason := _fault(table, varying):
        return hypothesis.not_tested(ParticipationRatio, reason)
    eigenvalues = _spectrum(varying)
    ratio = _participation(eigenvalues)
    n95 = _components(eigenvalues, 0.95)
    details = ParticipationRatioDetails(
        n_rows=len(varying.values), columns=varying.names, constant_columns=table.constant, n_components_95=n95
    )
    return hypothesis.result(
        ParticipationRatio,
        decision=_redundancy(n95 / len(varying.names)),
        statistic=ratio,
        effect_size=ratio / len(varying.names),
        details=details,
    )


@recorded(COMPONENT)
def ridge_vif(data: Any, *, alpha: float = 0.05, subject: str | None = None) -> VifResult:  # noqa: ANN401
    """Return the variance inflation factor of each column, with a ridge if the correlation matrix needs one.

    R has the eigenvalues λmin … λmax; ridge = max(0, (λmax - 100 max(λmin, 0)) / 99) brings its condition number down
    to 100; VIF is the diagonal of the inverse of (R + ridge I) / (1 + ridge). Above 10 is high;
    `high_multicollinearity` if more than a tenth of the columns are. Rows and columns are treated as in `pca`.

    Args:
        data: A DataFrame, a mapping of columns, or an array, shape (rows, columns).
        alpha: Recorded only.
        subject: What is examined.

    Raises:
        InputError: `data` is not a table of real numbers, or two columns have one name.

    Source: Garcia, Garcia, Lopez Martin and Salmeron, Collinearity: revisiting the variance inflation factor in ridge
    regression, Journal of Applied Statistics 42 (2015) 648-661.

    >>> ridge_vif({"a": [1, 1, -1, -1], "b": [1, -1, 1, -1]}).statistic
    1.0
    """
    hypothesis, table = _begin("ridge_vif", data, alpha, subject)
    varying = table.without(table.constant) if len(table.values) else table
    if reason := _fault(table, varying):
        return hypothesis.not_tested(VifResult, reason)
    values, vectors = np.linalg.eigh(_correlation(varying))
    lowest, highest = float(values[0]), float(values[-1])
    ridge = max(0.0, (highest - TARGET_CONDITION * max(lowest, 0.0)) / (TARGET_CONDITION - 1))
    factors = (vectors**2) @ ((1 + ridge) / (values + ridge))
    high = [name for name, factor in zip(varying.names, factors, strict=True) if factor > HIGH_VIF]
    share = len(high) / len(varying.names)
    details = VifDetails(
        n_rows=len(varying.values),
        vif={name: finite(factor) for name, factor in zip(varying.names, factors, strict=True)},
        high=high,
        constant_columns=table.constant,
        ridge=ridge,
        eigenvalue_min=lowest,
        eigenvalue_max=highest,
    )
    return hypothesis.result(
        VifResult,
        decision="high_multicollinearity" if share > HIGH_SHARE else "acceptable_multicollinearity",
        statistic=factors.max(),
        effect_size=share,
        details=details,
    )


def _begin(test_name: str, data: object, alpha: float, subject: str | None) -> tuple[Hypothesis, Table]:
    table = take_table(data)
    return Hypothesis(test_name=test_name, samples=[table], alpha=alpha, subject=subject), table


def _fault(table: Table, varying: Table) -> str | None:
    n_rows, n_columns = varying.values.shape
    if n_rows == 0:
        return f"no complete row among {len(table.given)}"
    if reason := unbounded(table.values):
        return reason
    if n_columns < 2:  # noqa: PLR2004 - one column is one dimension
        constant = f" ({', '.join(table.constant)} constant)" if table.constant else ""
        return f"{n_columns} columns that vary{constant}; at least 2 are needed"
    if np.ptp(varying.values, axis=0).min() < 1 / LARGEST:
        return "the values of a column differ by less than 1e-100"
    return (
        f"{n_rows} complete rows for {n_columns} columns; at least as many are needed" if n_rows < n_columns else None
    )


def _standardised(table: Table) -> Floats:
    centred = table.values - table.values.mean(axis=0)
    return np.asarray(centred / centred.std(axis=0))


def _correlation(table: Table) -> NDArray[np.float64]:
    z = _standardised(table)
    return np.asarray(z.T @ z / len(z))


def _spectrum(table: Table) -> Floats:
    """Return the eigenvalues of the correlation matrix, descending, from the singular values of the columns."""
    z = _standardised(table)
    return np.asarray(np.linalg.svd(z, compute_uv=False) ** 2 / len(z))


def _components(eigenvalues: Floats, share: float) -> int:
    carried = np.cumsum(eigenvalues) / eigenvalues.sum()
    return int(np.argmax(carried >= share - _ROUNDING)) + 1


def _participation(eigenvalues: Floats) -> float:
    return float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


def _redundancy(share: float) -> str:
    return "high_redundancy" if share < REDUNDANT else "low_redundancy"
