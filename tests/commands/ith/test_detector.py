"""`ithtel.EpochDetector` finds the epochs of `analyze`, records them as they happen, and can be pickled."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ithtel
from examples import share
from ithtel.errors import InputError
from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected

NAVS = st.lists(st.floats(0.5, 2.0), min_size=1, max_size=60)
HURDLES = st.sampled_from([0.0, 0.05, "expanding", "rolling:5"])
NUMBERS = ["bar_index", "excess_gain", "excess_loss", "endorsing_crest", "candidate_nadir", "tmaeg_threshold"]


@settings(deadline=None, max_examples=share(60))
@given(nav=NAVS, side=st.sampled_from(["bull", "bear"]), hurdle=HURDLES, cut=st.integers(0, 60))
def test_live_epochs_are_those_of_a_batch(nav: list[float], side: Any, hurdle: str | float, cut: int) -> None:
    """Bar by bar or in parts, the epochs are the same to the bit."""
    expected = ithtel.analyze(nav, side=side, hurdle=hurdle).epochs
    detector = ithtel.EpochDetector(side, hurdle)
    one_by_one = [epoch for value in nav if (epoch := detector.update(value)) is not None]
    assert expected[NUMBERS].to_dict("records") == [{name: getattr(e, name) for name in NUMBERS} for e in one_by_one]
    pieces = ithtel.EpochDetector(side, hurdle)
    found = pd.concat([pieces.update_many(nav[:cut]), pieces.update_many(nav[cut:])], ignore_index=True)
    columns = [name for name in expected.columns if name != "timestamp"]
    pd.testing.assert_frame_equal(expected[columns], found[columns], check_exact=True, check_dtype=False)


def test_an_epoch_is_recorded_as_it_happens() -> None:
    """The log has the init at construction, each epoch at once with its time, and the result at the end."""
    days = pd.date_range("2024-01-02", periods=4, freq="D", tz="UTC")
    with ithtel.start("live", git=False) as session:
        detector = ithtel.EpochDetector("bull", 0.05, series="fund")
        log = ithtel.read(session.path)
        assert 1 == len(list(log.events(AlgorithmInit)))
        detector.update(1.0, days[0])
        epoch = detector.update(1.06, days[1])
        assert [epoch] == list(log.events(EpochDetected))
        detector.update_many(pd.Series([1.0, 1.12], index=days[2:]))
    log = ithtel.read(session.path)
    assert {"bull-1"} == {event.run_id for event in [*log.events(AlgorithmInit), *log.events(EpochDetected)]}  # type: ignore[attr-defined]
    assert ["2024-01-03T00:00:00+00:00", "2024-01-05T00:00:00+00:00"] == log.epochs()["timestamp"].tolist()
    assert [1, 2] == log.epochs()["epoch_index"].tolist()
    config = next(log.events(AlgorithmInit)).config
    assert {"side": "bull", "hurdle": 0.05, "uses_future": False, "is_live": True}.items() <= config.items()
    metrics = next(log.events(AlgorithmResult)).final_metrics
    assert (4, 2, 1.0, 1.12) == tuple(metrics[name] for name in ("n_bars", "n_epochs", "first_nav", "last_nav"))
    assert [] == log.problems


def test_a_with_block_ends_the_run_once() -> None:
    """`finish` writes one result, even if it is called again."""
    with ithtel.start("live", git=False) as session:
        with ithtel.EpochDetector("bear", "expanding") as detector:
            detector.update_many([1.0, 0.9])
        detector.finish()
    assert 1 == len(list(ithtel.read(session.path).events(AlgorithmResult)))


def test_a_session_that_starts_later_takes_it_from_there() -> None:
    """A new run begins with the bar and NAV at which it continues, and the parts of both add up."""
    detector = ithtel.EpochDetector("bull", 0.05)
    with ithtel.start("first", git=False) as first:
        detector.update_many([1.0, 1.06, 1.0])
    with ithtel.start("second", git=False) as second:
        detector.update_many([1.2, 1.1])
    config = next(ithtel.read(second.path).events(AlgorithmInit)).config
    assert (3, 1, 1.06) == (config["first_bar"], config["from_bar"], config["from_nav"])
    parts = pd.concat([ithtel.attribute(first), ithtel.attribute(second)])
    assert ["epoch", "open", "epoch", "open"] == parts["part"].tolist()
    chain = parts[~((parts["part"] == "open") & (parts["bar_to"] == 2))]
    assert math.isclose(math.log(1.1), chain["log_return"].sum(), abs_tol=1e-15)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
@pytest.mark.parametrize("hurdle", [0.03, "rolling:7"])
def test_a_copy_goes_on_where_this_one_stood(clone: Any, hurdle: Any) -> None:
    """A copy that is made while the original records has the same epochs and state."""
    nav = np.exp(np.cumsum(np.random.default_rng(3).standard_normal(400) * 0.02))
    session = ithtel.start("live", git=False)
    detector = ithtel.EpochDetector("bull", hurdle)
    detector.update_many(nav[:200])
    other = clone(detector)
    pd.testing.assert_frame_equal(detector.update_many(nav[200:]), other.update_many(nav[200:]))
    assert (detector.state, detector.n_epochs) == (other.state, other.n_epochs)
    assert ("bull-1", "bull-2") == (detector.run_id, other.run_id)
    session.close()


def test_the_size_does_not_grow_with_the_bars() -> None:
    """Memory is constant, except for the window of a rolling hurdle."""
    detector = ithtel.EpochDetector("bull", "expanding")
    detector.update_many([1.0, 1.1])
    before = len(pickle.dumps(detector))
    detector.update_many(np.exp(np.cumsum(np.random.default_rng(1).standard_normal(100_000) * 0.01)))
    assert len(pickle.dumps(detector)) < before + 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("bull", "mdd"),
            "hurdle 'mdd' is not causal: it looks into the future; use 'expanding', 'rolling:w', or",
        ),
        (("bull", "geomean"), "it looks into the future"),
        (("up", 0.05), "no side 'up'"),
        (("bull", math.nan), "hurdle is nan"),
        (("bull", "abc"), "no hurdle 'abc'"),
    ],
)
def test_what_cannot_be_live_is_an_error_that_says_so(arguments: Any, said: str) -> None:
    """The error is raised at construction, and nothing is recorded."""
    session = ithtel.start("live", git=False)
    with pytest.raises(InputError) as caught:
        ithtel.EpochDetector(*arguments)
    assert said in str(caught.value)
    assert [] == list(ithtel.read(session.path).events(AlgorithmInit))


@pytest.mark.parametrize(
    ("value", "time", "said"),
    [
        (math.nan, "2024-01-04", "NaN at bar 2"),
        (0.0, "2024-01-04", "a zero at bar 2"),
        ("x", "2024-01-04", "NAV holds text"),
        (1.0, "2024-01-03", "bar 2 is at 2024-01-03T00:00:00, the bar before at 2024-01-03T00:00:00: times must"),
        (1.0, "2024-01-02", "times must increase"),
        (1.0, "soon", "cannot parse timestamps"),
        (1.0, "2024-01-04T00:00Z", "some have a time zone and some have none"),
        (1.0, pd.NaT, "no time at bar 2"),
    ],
)
def test_a_bad_bar_leaves_the_detector_as_it_was(value: Any, time: Any, said: str) -> None:
    """The error names the bar, and the next good bar is accepted."""
    detector = ithtel.EpochDetector("bull", 0.05)
    detector.update_many([1.0, 1.06], ["2024-01-02", "2024-01-03"])
    before = pickle.dumps(detector)
    with pytest.raises(InputError) as caught:
        detector.update(value, time)
    assert said in str(caught.value)
    assert before == pickle.dumps(detector)
    assert detector.update(1.2, "2024-01-04") is not None


def test_timestamps_must_match() -> None:
    """There must be one per bar."""
    with pytest.raises(InputError, match="got 1 timestamps for 2 bars; expected one per bar"):
        ithtel.EpochDetector("bull", 0.05).update_many([1.0, 2.0], ["2024-01-02"])


def test_on_bad_reference_lets_everything_through() -> None:
    """Bad bars are treated as by `analyze`."""
    nav = [1.0, math.nan, 2.0, 0.0, math.inf, 3.0]
    expected = ithtel.analyze(nav, side="bull", hurdle=0.05, on_bad="reference").epochs["bar_index"]
    detector = ithtel.EpochDetector("bull", 0.05, on_bad="reference")
    assert expected.tolist() == detector.update_many(nav)["bar_index"].tolist()


def test_it_says_what_it_is() -> None:
    """Its text has the side, the hurdle and the numbers of epochs and bars."""
    detector = ithtel.EpochDetector("bull", "rolling:5")
    detector.update(1.0)
    assert "<EpochDetector bull, hurdle rolling:5: 0 epochs in 1 bars>" == repr(detector)


FORKED = """
import os, ithtel
session = ithtel.start("a", git=False, loguru=False)
detector = ithtel.EpochDetector("bull", 0.05)
detector.update(1.0)
for factor in (1.1, 1.2):
    pid = os.fork()
    if pid == 0:
        detector.update(factor)
        detector.update(factor * 1.3)
        session.close()
        os._exit(0)
    os.waitpid(pid, 0)
detector.update(1.06)
session.close()
"""


@pytest.mark.kernel
def test_a_detector_that_was_forked_goes_on_as_a_run_of_its_own() -> None:
    """Each process has its own run, with the bar at which it continues, its epochs and its result."""
    subprocess.run([sys.executable, "-c", FORKED], check=True)
    log = ithtel.read("logs/ndjson/a.jsonl", "all")
    runs = [(record.envelope.pid, record.event) for record in log if record.event_type == "algorithm.init"]
    assert 3 == len({pid for pid, _ in runs}) == len(runs)
    assert [None, 1, 1] == sorted((event.config.get("first_bar") for _, event in runs), key=lambda bar: bar or 0)
    table = log.epochs()
    assert [1, 2, 2] == sorted(len(of_one) for _, of_one in table.groupby("pid"))
