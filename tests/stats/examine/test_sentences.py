"""The findings of an examination as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel import stats
from ithtel.stats.examine.findings import Column, Findings
from ithtel.stats.examine.sentences import sentences

if TYPE_CHECKING:
    from ithtel.events import StatisticalResult

X = np.random.default_rng(3).normal(size=60)


def found(*results: StatisticalResult) -> Findings:
    """Return findings about one column."""
    return Findings(
        name="fund", features=pd.DataFrame({"a": X}), columns=(Column.of("a"),), nav=None, alpha=0.05, seed=1,
        regime_lookback=250, results=results,
    )  # fmt: skip


def test_tests_are_counted_first() -> None:
    """Also those that could not be run."""
    lines = sentences(found(stats.adf(X, subject="fund a"), stats.adf(X[:5], subject="fund b")))
    assert "2 tests; 1 could not be run. 1 p-value, 1 below 0.05, 1 after Benjamini-Hochberg." == lines[0]


def test_only_columns_are_counted_as_stationary() -> None:
    """Not the series that they come from."""
    lines = sentences(found(stats.adf(X, subject="fund a"), stats.adf(X, subject="fund log NAV")))
    assert "1 of 1 columns are stationary (ADF); 0 of 0 are autocorrelated." == lines[-1]


def test_what_was_not_tested_has_its_reason() -> None:
    """Instead of a number."""
    lines = sentences(found(stats.hurst(X[:50], subject="fund NAV")))
    assert "Hurst exponent of the NAV: not tested (49 increments: below 250 the estimate is noise)." in lines
