"""The results of an examination as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ithtel import stats
from ithtel.events import AcfResult, AdfResult
from ithtel.stats.examine.findings import Column, Findings

X = np.random.default_rng(3).normal(size=60)


@pytest.fixture
def found() -> Findings:
    """Two results on one column."""
    results = (stats.adf(X, subject="fund a"), stats.acf(X, subject="fund a"))
    return Findings(
        name="fund", features=pd.DataFrame({"a": X}), columns=(Column.of("a"),), nav=None, alpha=0.05, seed=1,
        regime_lookback=250, results=results,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "lookback", "feature", "is_raw"),
    [
        ("ith_lb20_bull_ed", 20, "bull_ed", False), ("ith_rb250_lb50_bull_epochs", 50, "bull_epochs", True),
        ("ith_other", None, "ith_other", False), ("bull_epochs", None, "bull_epochs", False),
    ],
)  # fmt: skip
def test_a_name_tells_lookback_and_feature(name: str, lookback: int | None, feature: str, is_raw: bool) -> None:
    """Other names are only names."""
    column = Column.of(name)
    assert (name, lookback, feature, is_raw) == (column.name, column.lookback, column.feature, column.is_raw)


def test_results_are_found_by_kind_and_subject(found: Findings) -> None:
    """None if there is none."""
    assert found.results[0] == found.about(AdfResult, "a") == found.of(AdfResult)[0]
    assert found.about(AcfResult, "b") is None


def test_tests_have_a_row_per_result(found: Findings) -> None:
    """With p-values adjusted for each other."""
    frame = found.tests()
    assert ["adf", "acf"] == frame["test_name"].tolist()
    assert found.adjusted.holm == frame["holm"].tolist()


def test_the_summary_has_a_row_per_column(found: Findings) -> None:
    """NaN if a test was not made."""
    row = found.summary().loc["a"]
    assert found.results[0].p_value == row["adf_p"]
    assert np.isnan(row["beta_p"])


def test_decisions_are_counted(found: Findings) -> None:
    """Per test."""
    assert {"adf": {"stationary": 1}, "acf": {found.results[1].decision: 1}} == found.counts()
