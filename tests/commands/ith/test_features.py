"""`features` returns a data frame with the index of its series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.errors import InputError
from ithtel.ith.features import rolling_features
from navs import checked

NAV = pd.Series(
    np.exp(np.cumsum(np.random.default_rng(2).standard_normal(60) * 0.02)), index=pd.date_range("2024", periods=60)
)


def test_columns_are_those_of_the_numerics() -> None:
    """To the bit, with the index of the series."""
    found = ithtel.features(NAV, lookbacks=[20])
    expected = rolling_features(checked(NAV), lookbacks=[20])
    assert list(expected) == list(found)
    assert all(expected[name].tobytes() == found[name].to_numpy().tobytes() for name in expected)
    assert NAV.index.equals(found.index)


def test_one_lookback_may_be_a_number() -> None:
    """It is the same as a list of one."""
    pd.testing.assert_frame_equal(ithtel.features(NAV, [20]), ithtel.features(NAV, 20))


def test_a_table_of_one_column_is_a_series() -> None:
    """It keeps its index; more columns are an error."""
    pd.testing.assert_frame_equal(ithtel.features(NAV, 20), ithtel.features(NAV.to_frame(), 20))
    with pytest.raises(InputError, match="table of 2 columns; pass one series at a time"):
        ithtel.features(pd.concat([NAV, NAV], axis=1), 20)
