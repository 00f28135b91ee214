"""`compare_step_logs` finds every difference between two step logs, to the bit."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ithtel import ITHStepLogger, compare_step_logs
from ithtel.ith.epochs import excess_arrays
from navs import checked

NAV = [1.0, 1.06, 1.0, 1.12]


def step_log(implementation: str = "one", **changes: Any) -> ITHStepLogger:
    """Return the log of a run of the kernel, with `changes` in the last bar."""
    log = ITHStepLogger("bull_ith", implementation, "sha256:abc")
    log.log_init(len(NAV), 0.05, NAV[0], NAV[-1])
    found = excess_arrays(checked(NAV), 0.05, side="bull", with_levels=True)
    for i in range(1, len(NAV)):
        bar = {
            "equity": NAV[i - 1],
            "next_equity": NAV[i],
            "excess_gain": found.gains[i],
            "excess_loss": found.losses[i],
            "endorsing_crest": found.endorsing_crest[i],
            "candidate_crest": found.candidate_crest[i],
            "candidate_nadir": found.candidate_nadir[i],
            "reset_condition": found.resets[i],
            "epoch": found.epochs[i],
        }
        log.log_iteration(i, **(bar | (changes if i == len(NAV) - 1 else {})))
    log.log_epoch_event(1, 1, 0.06, 0.0, 1.0, 1.0, 0.05, nav_at_epoch=1.06)
    log.log_result(2, 0.25, max_drawdown=0.05660377358490565)
    return log


def kinds(comparison: dict[str, Any]) -> list[str]:
    """Return the types of the discrepancies."""
    return [each["type"] for each in comparison["discrepancies"]]


def test_a_run_is_aligned_with_itself() -> None:
    """Both in memory and from the file that it was written to."""
    step_log().write_to_file("steps/one.ndjson")
    for other in (step_log("two"), "steps/one.ndjson", Path("steps/one.ndjson")):
        found = compare_step_logs(step_log(), other, rtol=0.0, atol=0.0)
        assert (True, 3, 0, []) == tuple(found.values())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"excess_gain": math.nextafter(0.12, 1)}, "excess_gain"),
        ({"candidate_nadir": math.nan}, "candidate_nadir"),
        ({"endorsing_crest": math.inf}, "endorsing_crest"),
        ({"epoch": False}, "epoch"),
        ({"extra": 1.0}, "extra"),
    ],
)
def test_the_last_bit_is_a_difference(changes: dict[str, Any], field: str) -> None:
    """Nothing is rounded; NaN, infinity, flags and missing fields count too."""
    found = compare_step_logs(step_log(), step_log(**changes), rtol=0.0, atol=0.0)
    assert ["iteration_mismatch"] == kinds(found)
    assert [field] == [each["field"] for each in found["discrepancies"][0]["fields"]]
    assert 3 == found["discrepancies"][0]["i"]


def test_small_differences_are_tolerated_if_asked() -> None:
    """The default tolerances are those of the older system."""
    changed = step_log(excess_gain=(1.12 / 1.06 - 1) * (1 + 1e-12))
    assert compare_step_logs(step_log(), changed)["aligned"]


def test_nan_is_equal_to_nan_only() -> None:
    """This also holds in a file, although JSON has no NaN."""
    odd = step_log(excess_gain=math.nan)
    odd.write_to_file("odd.ndjson")
    assert compare_step_logs(odd, "odd.ndjson")["aligned"]
    assert not compare_step_logs(odd, step_log(excess_gain=0.0))["aligned"]


def test_a_missing_result_is_a_difference() -> None:
    """It does not matter which log lacks it."""
    without = step_log()
    without.steps = [step for step in without.steps if step["step"] != "result"]
    assert ["result_missing"] == kinds(compare_step_logs(step_log(), without))
    assert ["result_missing"] == kinds(compare_step_logs(without, step_log()))


def test_results_are_compared_field_by_field() -> None:
    """Each field has the type of the older system."""
    other = step_log()
    other.steps[-1] |= {"num_epochs": 3, "intervals_cv": math.nan, "max_drawdown": 0.5}
    found = kinds(compare_step_logs(step_log(), other))
    assert ["epoch_count_mismatch", "cv_mismatch", "result_mismatch"] == found


def test_lengths_inputs_and_epochs_are_compared() -> None:
    """A missing bar, another input and another epoch are all found."""
    other = step_log()
    del other.steps[1]
    other.steps[0]["nav_hash"] = "sha256:other"
    found = compare_step_logs(step_log(), other)
    assert {"input_mismatch", "length_mismatch", "iteration_mismatch"} == set(kinds(found))
    assert "epoch_mismatch" in kinds(compare_step_logs(step_log(), changed_epoch()))


def changed_epoch() -> ITHStepLogger:
    """Return the log of the same run with another hurdle at its epoch."""
    log = step_log()
    next(step for step in log.steps if step["step"] == "epoch_detected")["tmaeg_threshold"] = 0.06
    return log


def test_lines_are_of_the_older_form() -> None:
    """A line has time, component, trace id and step; values are not rounded and have Python's types."""
    lines = [json.loads(line) for line in step_log().to_ndjson().splitlines()]
    assert ["init", "iter", "iter", "iter", "epoch_detected", "result"] == [line["step"] for line in lines]
    assert {"bull_ith"} == {line["component"] for line in lines}
    assert 32 == len(lines[0]["trace_id"])
    assert lines[0]["ts"].endswith("Z")
    assert excess_arrays(checked(NAV), 0.05, side="bull").gains[3] == lines[3]["excess_gain"]
    assert lines[3]["epoch"] is True
    assert "bull" == lines[4]["position_type"]


def test_numpy_values_are_kept_as_they_are() -> None:
    """A NumPy bool is a bool, and an integer stays an integer."""
    log = ITHStepLogger("bear_ith", "one", "x")
    log.log_result(np.int64(3), np.float64(0.25))
    assert (int, float) == (type(log.steps[0]["num_epochs"]), type(log.steps[0]["intervals_cv"]))
