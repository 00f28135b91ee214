"""From increments and Hurst exponents to the labels of bars."""

from __future__ import annotations

import numpy as np
import pytest

from ithtel.errors import InputError
from ithtel.stats.numerics.band import Band
from ithtel.stats.numerics.regime_labels import check_lookback, classify, increments_of, label_bars
from ithtel.stats.sample import take_sample

WIDE = Band(low=0.40, high=0.60, source="made up")
NARROW = Band(low=0.49, high=0.51, source="made up")


@pytest.mark.parametrize(("band", "label"), [(WIDE, "random"), (NARROW, "trending")])
def test_a_regime_lies_beyond_the_bound_and_outside_the_band(band: Band, label: str) -> None:
    """Either alone is not enough."""
    assert [label] == classify(np.array([0.58]), band).tolist()
    assert ["random", "mean_reverting"] == classify(np.array([0.53, 0.3]), band).tolist()


def test_labels_stand_at_the_bars_as_given() -> None:
    """NaN bars do not shift them."""
    sample = take_sample([1.0, np.nan, 2.0, 3.0, 4.0])
    exponents = np.array([np.nan, np.nan, np.nan, 0.9, np.nan])
    labels = label_bars(sample, exponents, 2, NARROW)
    assert ["warmup"] * 3 + ["trending", "undefined"] == labels.tolist()


def test_increments_depend_on_what_is_given() -> None:
    """Differences of levels, or of the logarithms of a NAV, or the values themselves."""
    sample = take_sample([1.0, 2.0, 8.0])
    assert [1.0, 6.0] == increments_of(sample, "levels").tolist()
    assert np.log([2.0, 4.0]).tolist() == pytest.approx(increments_of(sample, "nav"))
    assert [1.0, 2.0, 8.0] == increments_of(sample, "increments").tolist()


def test_equal_increments_are_a_reason() -> None:
    """They have no range."""
    assert "all 3 increments are equal" == increments_of(take_sample([1.0, 2.0, 3.0, 4.0]), "levels")


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "9"])
def test_a_lookback_is_a_positive_integer(bad: object) -> None:
    """The error shows what was given."""
    with pytest.raises(InputError, match="lookback must be a positive number of bars, got"):
        check_lookback(bad)
