"""Dimensionality: equal to scikit-learn and statsmodels, and to values known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from statsmodels.stats.outliers_influence import variance_inflation_factor

from examples import share
from ithtel import stats

HADAMARD = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])


def correlated(n: int = 200, p: int = 6, seed: int = 0) -> np.ndarray:
    """Return columns that share a factor."""
    rng = np.random.default_rng(seed)
    return 3 + rng.normal(size=(n, p)) * np.arange(1, p + 1) + 2 * rng.normal(size=(n, 1))


def test_pca_is_scikit_learns() -> None:
    """Of standardised columns; its variances are with n - 1."""
    data = correlated()
    model = PCA().fit(StandardScaler().fit_transform(data))
    carried = np.cumsum(model.explained_variance_ratio_)
    details = stats.pca(data).details
    assert details.eigenvalues == pytest.approx(model.explained_variance_ * (200 - 1) / 200)
    expected = [int(np.searchsorted(carried, share)) + 1 for share in (0.90, 0.95, 0.99)]
    assert [details.n_components_90, details.n_components_95, details.n_components_99] == expected


def test_redundancy_is_fewer_than_a_fifth_of_the_columns() -> None:
    """One factor in six columns is; in five it is just not."""
    factor = np.random.default_rng(1).normal(size=(100, 1))
    six, five = (stats.pca(factor * np.arange(1.0, p + 1)) for p in (6, 5))
    assert (six.decision, six.statistic, six.effect_size) == ("high_redundancy", 1.0, 1 / 6)
    assert (five.decision, five.effect_size) == ("low_redundancy", 0.2)
    assert stats.participation_ratio(factor * np.arange(1.0, 7)).decision == "high_redundancy"


def test_participation_ratio_of_known_spectra() -> None:
    """Equal eigenvalues: p. One: 1. Two columns correlated by r: 4 / (2 + 2 r²)."""
    assert stats.participation_ratio(HADAMARD).statistic == pytest.approx(3)
    assert stats.participation_ratio(np.outer(np.arange(9), [1.0, 2.0, -1.0])).statistic == pytest.approx(1)
    data = correlated(p=2)
    r = np.corrcoef(data.T)[0, 1]
    result = stats.participation_ratio(data)
    assert result.statistic == pytest.approx(2 / (1 + r**2))
    assert result.effect_size == pytest.approx(1 / (1 + r**2))
    assert stats.pca(data).details.participation_ratio == pytest.approx(result.statistic)


def test_vif_without_ridge_is_statsmodels() -> None:
    """If the condition number is below 100, nothing is added."""
    data = correlated()
    with_constant = np.column_stack([np.ones(len(data)), data])
    expected = [variance_inflation_factor(with_constant, i) for i in range(1, 7)]
    result = stats.ridge_vif(data)
    assert result.details.ridge == 0
    assert list(result.details.vif.values()) == pytest.approx(expected)
    assert (result.decision, result.statistic) == ("acceptable_multicollinearity", pytest.approx(max(expected)))  # type: ignore[comparison-overlap]


def test_vif_of_two_columns_is_known() -> None:
    """1 / (1 - r²)."""
    data = correlated(p=2)
    r = np.corrcoef(data.T)[0, 1]
    assert stats.ridge_vif(data).statistic == pytest.approx(1 / (1 - r**2))


def test_vif_of_a_duplicated_column() -> None:
    """Eigenvalues 2 and 0: ridge 2/99, condition number 100, VIF by hand."""
    x = np.random.default_rng(1).normal(size=50)
    result = stats.ridge_vif({"a": x, "b": x})
    ridge = 2 / 99
    expected = (1 + ridge) / 2 * (1 / (2 + ridge) + 1 / ridge)
    assert result.details.ridge == pytest.approx(ridge)
    assert list(result.details.vif.values()) == pytest.approx([expected, expected])
    assert (result.decision, result.details.high) == ("high_multicollinearity", ["a", "b"])


@settings(deadline=None, max_examples=share(40))
@given(st.floats(0, 1), st.integers(0, 1000))
def test_vif_is_the_inverse_with_the_ridge(closeness: float, seed: int) -> None:
    """The formula, by matrix inversion; the condition number is at most 100."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(40, 3))
    data[:, 2] = data[:, 0] * closeness + data[:, 2] * (1 - closeness)
    r = np.corrcoef(data.T)
    low, high = np.linalg.eigvalsh(r)[[0, -1]]
    ridge = max(0, (high - 100 * max(low, 0)) / 99)
    ridged = (r + ridge * np.eye(3)) / (1 + ridge)
    result = stats.ridge_vif(data)
    assert np.linalg.cond(ridged) <= 100 * (1 + 1e-9)
    assert list(result.details.vif.values()) == pytest.approx(np.diag(np.linalg.inv(ridged)), rel=1e-6)


def test_multicollinearity_is_more_than_a_tenth_of_the_columns() -> None:
    """One of ten high columns is impossible alone: two of twenty are a tenth, and acceptable; two of ten are not."""
    rng = np.random.default_rng(2)
    for p, decision in ((20, "acceptable_multicollinearity"), (10, "high_multicollinearity")):
        data = rng.normal(size=(500, p))
        data[:, 1] = data[:, 0] + 0.1 * data[:, 1]
        result = stats.ridge_vif(data)
        assert (len(result.details.high), result.decision) == (2, decision)


def test_constant_columns_are_taken_out_and_named() -> None:
    """And the rest is as without them."""
    data = pd.DataFrame(correlated(p=3), columns=["a", "b", "c"])
    with_constant = data.assign(k=0.1 + 0.2)
    for test in (stats.pca, stats.participation_ratio, stats.ridge_vif):
        result = test(with_constant)
        assert result.details.constant_columns == ["k"]
        assert result.statistic == test(data).statistic


def test_rows_with_nan_are_dropped_and_counted() -> None:
    """Complete rows are examined."""
    data = correlated()
    with_nan = np.vstack([data, [[np.nan] * 6, [1, 2, np.nan, 4, 5, 6]]])
    result = stats.pca(with_nan)
    assert (result.n_samples, result.n_dropped, result.statistic) == (200, 2, stats.pca(data).statistic)


@pytest.mark.parametrize("test", [stats.pca, stats.participation_ratio, stats.ridge_vif])
def test_what_has_no_dimensions(test: object) -> None:
    """Fewer rows than columns, fewer than two varying columns, no complete row, infinite values."""
    rng = np.random.default_rng(1)
    assert test(rng.normal(size=(3, 4))).reason == "3 complete rows for 4 columns; at least as many are needed"
    assert test({"a": [1, 2], "k": [3, 3]}).reason == "1 columns that vary (k constant); at least 2 are needed"
    assert test({"a": [1, 2, 3]}).reason == "1 columns that vary; at least 2 are needed"
    assert test(np.full((5, 2), np.nan)).reason == "no complete row among 5"
    assert test(np.empty((0, 0))).reason == "no complete row among 0"
    assert test([[1, 2], [3, np.inf]]).reason == "1 infinite values"
    assert test([[1, 2], [3, 5], [4, 4]]).is_tested
