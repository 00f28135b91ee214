"""A run of a timeline knows its hurdle."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel.reading.timeline.values import AlgorithmRun


@pytest.mark.parametrize(
    ("config", "metrics", "expected"),
    [
        ({"hurdle": 0.05}, {}, 0.05),
        ({"hurdle": "mdd"}, {"hurdle": 0.1}, 0.1),
        ({"hurdle": "expanding"}, {"hurdle": 0.1}, None),
        ({}, {}, None),
    ],
)
def test_a_hurdle_that_changes_is_not_one_number(
    config: dict[str, Any], metrics: dict[str, Any], expected: float | None
) -> None:
    """The metrics of an expanding hurdle hold only that of the last bar."""
    run = AlgorithmRun(slot=0, run_id="", name="bull_ith", side="bull", config=config, metrics=metrics)
    assert expected == run.hurdle


def test_the_variation_of_intervals_is_a_number_or_unknown() -> None:
    """Runs with too few epochs have none."""
    given = ({"intervals_cv": 0.5}, {"intervals_cv": None}, {})  # type: ignore[var-annotated]
    runs = [AlgorithmRun(slot=0, run_id="", name="a", side=None, config={}, metrics=metrics) for metrics in given]
    assert [0.5, None, None] == [run.intervals_cv for run in runs]
