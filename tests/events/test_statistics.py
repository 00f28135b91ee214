"""Results of statistics: their sentence, and whether they were tested."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel.events import HypothesisResult

COMMON: dict[str, Any] = {
    "hypothesis_id": "h", "test_name": "t_test", "statistic": 1.0, "effect_size": None, "alpha": 0.05, "subject": "NAV",
    "n_samples": 3, "n_dropped": 0, "input_hash": None, "details": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "is_tested", "changes"),
    [
        ("t_test of NAV: different (p = 0.0123)", True, {"decision": "different", "p_value": 0.01234}),
        ("t_test of NAV: different", True, {"decision": "different", "p_value": None}),
        (
            "t_test of NAV: not_tested: too short",
            False,
            {"decision": "not_tested", "p_value": None, "reason": "too short"},
        ),
    ],
)
def test_a_result_reports_its_decision(expected: str, is_tested: bool, changes: dict[str, Any]) -> None:
    """With the p-value, or with the reason why there is none."""
    result = HypothesisResult(**COMMON, **changes)
    assert (expected, is_tested) == (result.sentence(), result.is_tested)
