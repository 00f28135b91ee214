"""Hypotheses: their ids, and tests of the user's own."""

from __future__ import annotations

import re
import subprocess
import sys

import msgspec
import numpy as np
import pandas as pd
import pytest

from ithtel import stats
from ithtel.errors import InputError
from ithtel.events import HypothesisResult, decode_event

WALK = [float(i * i % 17) for i in range(60)]


def test_an_id_is_the_test_and_sixteen_digits() -> None:
    """A person sees what was tested."""
    assert re.fullmatch(r"describe:[0-9a-f]{16}", stats.describe(WALK).hypothesis_id)


@pytest.mark.kernel
def test_an_id_is_the_same_in_another_process() -> None:
    """Neither hash seed nor process goes into it."""
    code = "from ithtel import stats; print(stats.describe([1.0, 2.0], subject='x').hypothesis_id)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert stats.describe([1.0, 2.0], subject="x").hypothesis_id == other


def test_an_id_depends_on_test_parameters_subject_and_sample() -> None:
    """Each makes another hypothesis."""
    rng = np.random.default_rng(0)
    ids = [
        stats.describe(WALK).hypothesis_id,
        stats.describe(WALK, subject="nav").hypothesis_id,
        stats.describe(WALK[:-1]).hypothesis_id,
        stats.describe(WALK[::-1]).hypothesis_id,
        stats.adf(WALK).hypothesis_id,
        stats.hurst(WALK).hypothesis_id,
        stats.hurst(WALK, given="increments").hypothesis_id,
        stats.regimes(WALK, lookback=300).hypothesis_id,
        stats.regimes(WALK, lookback=301).hypothesis_id,
        stats.anderson_darling(WALK, "norm", rng=rng).hypothesis_id,
        stats.anderson_darling(WALK, "laplace", rng=rng).hypothesis_id,
        stats.cohens_d(WALK, WALK[:30]).hypothesis_id,
        stats.cohens_d(WALK[:30], WALK).hypothesis_id,
    ]
    assert len(set(ids)) == len(ids)


def test_where_samples_are_cut_matters() -> None:
    """The same numbers in two samples of other lengths are another hypothesis."""
    assert stats.cliffs_delta([1, 2], [3]).hypothesis_id != stats.cliffs_delta([1], [2, 3]).hypothesis_id


def test_names_of_columns_matter() -> None:
    """VIFs of the same numbers under other names are a different hypothesis."""
    a = stats.ridge_vif({"a": WALK, "b": WALK[::-1]})
    b = stats.ridge_vif({"a": WALK, "c": WALK[::-1]})
    assert a.hypothesis_id != b.hypothesis_id
    assert a.input_hash == b.input_hash


def test_another_level_or_seed_is_no_other_hypothesis() -> None:
    """Testing again until it passes is visible, because the id stays the same."""
    ids = {
        stats.beta_fit(np.linspace(0.1, 0.9, 20), rng=np.random.default_rng(seed), alpha=alpha).hypothesis_id
        for seed, alpha in ((1, 0.05), (2, 0.05), (1, 0.01))
    }
    assert len(ids) == 1


def test_the_subject_is_the_name_of_the_series_unless_given() -> None:
    """And `unnamed` if there is neither."""
    assert stats.describe(pd.Series(WALK, name="nav")).subject == "nav"
    assert stats.describe(pd.Series(WALK, name="nav"), subject="x").subject == "x"
    assert stats.describe(WALK).subject == "unnamed"
    assert stats.cliffs_delta(pd.Series([1], name="a"), pd.Series([1], name="b")).subject == "a | b"


@pytest.mark.parametrize("alpha", [0, 1, -0.1, 1.5, float("nan"), "0.05", None])
def test_a_level_lies_between_0_and_1(alpha: object) -> None:
    """Anything else is an error."""
    with pytest.raises(InputError, match="alpha must be above 0 and below 1"):
        stats.describe(WALK, alpha=alpha)


def test_a_subject_is_a_text() -> None:
    """A number is an error."""
    with pytest.raises(InputError, match="subject must be a string, got int"):
        stats.describe(WALK, subject=3)


def test_the_older_quick_start_runs() -> None:
    """Its arguments, in its order."""
    result = stats.log_hypothesis_result("H1", "t_test", 2.5, 0.01, "reject", 0.4, 0.05, {"n": 10})
    assert (result.hypothesis_id, result.test_name, result.statistic, result.p_value) == ("H1", "t_test", 2.5, 0.01)
    assert (result.decision, result.effect_size, result.alpha) == ("reject", 0.4, 0.05)
    assert result.details.context == {"n": 10}
    assert (result.n_samples, result.n_dropped, result.input_hash) == (None, None, None)


def test_a_test_of_the_users_own_with_a_sample_is_fingerprinted() -> None:
    """Like our own."""
    result = stats.log_hypothesis_result(test_name="mine", decision="yes", sample=[1.0, np.nan], subject="s")
    assert (result.n_samples, result.n_dropped) == (1, 1)
    assert result.input_hash == stats.describe([1.0, np.nan]).input_hash
    assert result.hypothesis_id.startswith("mine:")
    table = stats.log_hypothesis_result(test_name="mine", decision="yes", sample=np.zeros((3, 2)))
    assert table.n_samples == 3


def test_without_a_sample_the_numbers_tell_hypotheses_apart() -> None:
    """Two results of one test are not one hypothesis."""
    a = stats.log_hypothesis_result(test_name="mine", statistic=1.0, decision="yes")
    b = stats.log_hypothesis_result(test_name="mine", statistic=2.0, decision="yes")
    assert a.hypothesis_id != b.hypothesis_id


def test_context_may_hold_anything() -> None:
    """NaN and objects take their tagged form, and the event survives its line."""
    result = stats.log_hypothesis_result(
        test_name="mine", decision="yes", statistic=np.nan, context={"x": np.nan, "when": pd.Timestamp(0), 3: {1}}
    )
    line = msgspec.json.encode(result)
    assert decode_event(msgspec.Raw(line)) == result
    assert b"NaN" not in line
    assert result.statistic is None


@pytest.mark.parametrize(
    "wrong",
    [{"test_name": ""}, {"decision": ""}, {"p_value": 1.5}, {"p_value": -0.1}, {"alpha": 2}, {"test_name": 3}],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    """A test has a name, a decision, and probabilities that are."""
    with pytest.raises(InputError):
        stats.log_hypothesis_result(**{"test_name": "t", "decision": "d", **wrong})


def test_it_is_its_event() -> None:
    """`hypothesis_result`, with a sentence."""
    result = stats.log_hypothesis_result(test_name="t", decision="d", p_value=0.25, subject="s")
    assert isinstance(result, HypothesisResult)
    assert result.sentence() == "t of s: d (p = 0.25)"
