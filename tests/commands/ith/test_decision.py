"""`ithtel.log_decision` takes features from an analysis, or as a mapping in the older form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

import ithtel
from ithtel.errors import InputError
from ithtel.events import DecisionSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_older_form_is_kept() -> None:
    """Features and thresholds may be mappings; missing keys are null, and unknown keys are an error."""
    made = ithtel.log_decision("d1", {"bull_ith_epochs": 1}, {"tmaeg_value": 0.05}, {"size": 1}, 5)
    assert (1, None, 0.05, 5) == (
        made.features_at_decision.bull_ith_epochs,
        made.features_at_decision.bear_cv,
        made.thresholds.tmaeg_value,
        made.timestamp_ns,
    )
    with pytest.raises(InputError, match="unknown epochs"):
        ithtel.log_decision("d1", {"epochs": 1}, {})


def test_an_analysis_fills_the_features() -> None:
    """Counts, CVs, drawdown, runup, hurdle and the last NAV are taken from the analysis."""
    session = ithtel.start("a", git=False)
    analysis = ithtel.analyze(ithtel.datasets.google(), hurdle="rolling:250")
    ithtel.log_decision("enter", analysis, thresholds={"threshold_dbps": 250}, action={"size": 0.5})
    made = next(ithtel.read(session.path).events(DecisionSnapshot))
    known = made.features_at_decision
    assert (analysis.bull.n_epochs, analysis.bear.n_epochs) == (known.bull_ith_epochs, known.bear_ith_epochs)
    assert (analysis.bull.intervals_cv, analysis.bull.max_drawdown) == (known.bull_cv, known.max_drawdown)
    assert (analysis.bear.max_runup, analysis.bull.hurdle, 362.71) == (
        known.max_runup,
        known.tmaeg,
        known.nav_at_decision,
    )
    given = made.thresholds
    assert ("rolling:250", analysis.bull.hurdle, 250, 250) == (
        given.tmaeg_method,
        given.tmaeg_value,
        given.lookback,
        given.threshold_dbps,
    )
    assert {"size": 0.5} == made.action


def test_what_an_analysis_does_not_know_is_null() -> None:
    """A side that was not analysed and a CV without epochs are null."""
    made = ithtel.log_decision("d", ithtel.analyze([1.0, 0.9], side="bear", hurdle=0.5))
    known = made.features_at_decision
    assert (None, 0, None, None) == (known.bull_ith_epochs, known.bear_ith_epochs, known.bear_cv, known.max_drawdown)
    assert ("fixed", 0.5) == (made.thresholds.tmaeg_method, known.tmaeg)
    assert not math.isnan(known.max_runup)


@pytest.mark.parametrize("given", [ithtel.datasets.google, lambda: [1, 2], lambda: None])
def test_what_knows_no_features_is_refused(given: Callable[[], Any]) -> None:
    """The error has the type that was given and the type that is required."""
    with pytest.raises(InputError, match=r"features must be an Analysis or a mapping, got (Series|list|NoneType)"):
        ithtel.log_decision("d", given())
    with pytest.raises(InputError, match="thresholds must be a mapping, got int"):
        ithtel.log_decision("d", {}, 5)
    with pytest.raises(InputError, match="action must be a mapping, got str"):
        ithtel.log_decision("d", {}, {}, "buy")
