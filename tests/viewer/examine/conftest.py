"""A small examination to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from ithtel.commands.ith.features import features
from ithtel.stats.examine.examination import Examiner
from ithtel.stats.numerics import bootstrap

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings

RNG = np.random.default_rng(5)
NAV = pd.Series(100 * np.exp(RNG.normal(0, 0.01, 420).cumsum()), name="FUND")
TABLE = pd.DataFrame({"<i>&": RNG.normal(size=80), "b": RNG.beta(2, 3, 80), "flat": 1.0, "empty": np.nan})


def examined(table: pd.DataFrame, nav: pd.Series | None, name: str) -> Findings:
    """Return the findings, with bootstraps of 19 samples instead of 999: no test here depends on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SECOND", 19)
        values = None if nav is None else nav.to_numpy()
        return Examiner(name=name, features=table, nav=values, alpha=0.05, seed=1, regime_lookback=250).run()


@pytest.fixture(scope="session")
def found() -> Findings:
    """Findings of the features of a NAV at two lookbacks."""
    return examined(features(NAV, [20, 50]), NAV, "FUND")


@pytest.fixture(scope="session")
def plain() -> Findings:
    """Findings of a table without a NAV, with a hostile name, a constant and an empty column."""
    return examined(TABLE, None, "table")
