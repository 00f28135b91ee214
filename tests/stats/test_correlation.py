"""Correlation and selection."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.feature_selection import VarianceThreshold

from ithtel import stats
from ithtel.errors import InputError


def columns(p: int = 4, n: int = 60) -> pd.DataFrame:
    """Return independent columns with ties."""
    return pd.DataFrame(np.random.default_rng(p).normal(size=(n, p)).round(1), columns=list("abcdef")[:p])


def test_spearman_of_the_textbook_example() -> None:
    """Ten persons' IQ and hours of television (Myers and Well 2003, as widely quoted): rho = -29/165."""
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    result = stats.spearman({"iq": iq, "hours": hours})
    assert result.statistic == pytest.approx(-29 / 165)
    assert result.p_value == pytest.approx(0.627188, abs=1e-6)
    assert result.decision == "distinct"


def test_spearman_is_scipys() -> None:
    """The matrix of rho and of raw p-values; no p-value of many pairs at once."""
    data = columns()
    expected = scipy.stats.spearmanr(data)
    result = stats.spearman(data)
    assert np.array(result.details.rho) == pytest.approx(expected.statistic)
    assert np.array(result.details.p_values) == pytest.approx(expected.pvalue)
    off = expected.statistic[np.triu_indices(4, 1)]
    assert result.statistic == pytest.approx(off[np.abs(off).argmax()])
    assert result.p_value is None


def test_redundant_pairs_are_named() -> None:
    """A monotone function of a column, and its negative; infinite values are ranked."""
    data = columns(2).assign(c=lambda d: np.exp(50 * d["a"]), e=lambda d: -d["b"])
    data.loc[0, "c"] = np.inf if data["a"].idxmax() == 0 else data.loc[0, "c"]  # type: ignore[assignment]
    result = stats.spearman(data)
    assert result.decision == "redundant"
    assert [(p.x, p.y, round(p.rho)) for p in result.details.redundant_pairs] == [("a", "c", 1), ("b", "e", -1)]
    assert stats.spearman(columns(), threshold=0.0).decision == "redundant"


def test_constant_columns_are_taken_out_and_named() -> None:
    """They have no ranks."""
    result = stats.spearman(columns(3).assign(k=1.0))
    assert (result.details.columns, result.details.constant_columns) == (["a", "b", "c"], ["k"])


def test_what_is_not_correlated() -> None:
    """Fewer than ten complete rows, or fewer than two varying columns."""
    assert stats.spearman(columns(2, 9)).reason == "9 complete rows; at least 10 are needed"
    assert stats.spearman(columns(1)).reason == "1 columns that vary; at least 2 are needed"
    assert stats.spearman(columns(1).assign(k=1)).reason == "1 columns that vary (k constant); at least 2 are needed"
    assert stats.spearman({}).decision == "not_tested"


def test_selection_by_variance_is_scikit_learns() -> None:
    """Strictly above the threshold, divisor n."""
    data = columns(4) * [0.1, 1, 2, 0]
    model = VarianceThreshold(0.5).fit(data)
    result = stats.select(data, min_variance=0.5, max_correlation=1.0)
    assert result.details.selected == list(model.get_feature_names_out())
    assert [(d.name, d.cause) for d in result.details.dropped] == [("a", "variance"), ("d", "variance")]
    assert (result.statistic, result.effect_size) == (2.0, 0.5)


def test_the_first_of_columns_that_say_the_same_stays() -> None:
    """The record names the column that represents each dropped one."""
    data = columns(3).assign(d=lambda x: -x["b"], e=lambda x: x["a"] ** 3)
    result = stats.select(data)
    assert result.details.selected == ["a", "b", "c"]
    assert [(d.name, d.kept, round(d.value)) for d in result.details.dropped] == [("d", "b", -1), ("e", "a", 1)]


def test_selection_at_the_edges() -> None:
    """All constant, one column, none, too few rows, infinite values."""
    assert stats.select({"k": [1] * 12}).details.selected == []
    assert stats.select(columns(1)).details.selected == ["a"]
    assert stats.select({}).decision == "not_tested"
    assert stats.select(columns(2, 9)).reason == "9 complete rows of 2 columns; at least 10 rows are needed"
    assert stats.select(columns(2).assign(c=np.inf)).reason == "60 infinite values"


def test_impossible_bounds_are_errors() -> None:
    """A correlation is at most 1, a variance not negative."""
    with pytest.raises(InputError, match=r"threshold must be between 0 and 1, got 1\.1"):
        stats.spearman(columns(), threshold=1.1)
    with pytest.raises(InputError, match="max_correlation must be between 0 and 1, got -1"):
        stats.select(columns(), max_correlation=-1)
    for bad in (-1.0, np.nan):
        with pytest.raises(InputError, match="min_variance must be at least 0, got"):
            stats.select(columns(), min_variance=bad)
