"""The events of a `scipy.stats` call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

import ithtel

if TYPE_CHECKING:
    from collections.abc import Iterator


RNG = np.random.default_rng(2)


A, B = RNG.normal(size=40), RNG.normal(0.4, size=40)


@pytest.fixture
def session() -> Iterator[ithtel.Session]:
    """A session that runs."""
    with ithtel.start("study", git=False) as session:
        yield session


def events(session: ithtel.Session) -> list[Any]:
    """Return the recorded tests."""
    return list(ithtel.read(session.path).events("hypothesis_result"))


def test_every_p_value_is_a_test(session: ithtel.Session) -> None:
    """A column each; of a symmetric table each pair once."""
    with ithtel.capture_scipy():
        scipy_stats.ttest_1samp(RNG.normal(size=(20, 4)), 0.0)
        scipy_stats.tukey_hsd(A, B, A + 1)
    names = [event.test_name.removeprefix("scipy.stats.") for event in events(session)]
    assert ["ttest_1samp"] * 4 + ["tukey_hsd"] * 3 == names
    assert [0, 1, 2, 3] == [event.details.context["element"] for event in events(session)[:4]]
    assert 7 == len({event.hypothesis_id for event in events(session)})


def test_a_p_value_that_is_none_is_not_tested(session: ithtel.Session) -> None:
    """NaN, with the reason."""
    with ithtel.capture_scipy(), np.errstate(all="ignore"):
        scipy_stats.pearsonr(A, [*B[:-1], np.nan])
        scipy_stats.ttest_1samp([*A, np.nan], 0.0, nan_policy="omit")
    one, other = events(session)
    assert ("not_tested", "SciPy's p-value is nan", None) == (one.decision, one.reason, one.details)
    assert (40, 1) == (other.n_samples, other.n_dropped)


def test_a_series_is_called_what_it_is_called(session: ithtel.Session) -> None:
    """An expression has no name."""
    series = pd.Series(A, name="spread")
    with ithtel.capture_scipy():
        scipy_stats.shapiro(series)
        scipy_stats.shapiro(A[:20])
    assert ["spread", "unnamed"] == [event.subject for event in events(session)]
