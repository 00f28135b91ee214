"""`ithtel.attribute`: from the log alone, and the parts add up to the whole."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ithtel
from examples import share
from ithtel.errors import InputError
from ithtel.recording.file.sink import MemorySink

NAVS = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=50)


def recorded(nav: Any, **arguments: Any) -> ithtel.Log:
    """Analyse with a record in memory, and return that."""
    sink = MemorySink()
    with ithtel.start("a", sink=sink, git=False, loguru=False):
        ithtel.analyze(nav, **arguments)
    return ithtel.Log.from_lines(sink.lines())


@settings(deadline=None, max_examples=share(80))
@given(nav=NAVS, side=st.sampled_from(["bull", "bear"]), hurdle=st.sampled_from([0.0, 0.05, "mdd", "expanding"]))
def test_the_parts_add_up_to_the_whole(nav: list[float], side: Any, hurdle: Any) -> None:
    """NAV change and log return, to rounding; shares to 1; each part begins where the one before ended."""
    parts = ithtel.attribute(recorded(nav, side=side, hurdle=hurdle))
    scale = max(nav)
    assert math.isclose(nav[-1] - nav[0], math.fsum(parts["nav_change"]), rel_tol=1e-12, abs_tol=1e-13 * scale)
    assert math.isclose(math.log(nav[-1] / nav[0]), math.fsum(parts["log_return"]), rel_tol=1e-12, abs_tol=1e-13)
    assert parts["nav_from"].tolist()[1:] == parts["nav_to"].tolist()[:-1]
    assert parts["bar_from"].tolist()[1:] == parts["bar_to"].tolist()[:-1]
    if abs(math.log(nav[-1] / nav[0])) > 1e-6:
        assert math.isclose(1.0, math.fsum(parts["share"]), rel_tol=1e-6)


def test_google_part_by_part() -> None:
    """The epochs of the README, their gains, the worst drawdown on the way, what came after."""
    nav = ithtel.datasets.google()
    parts = ithtel.attribute(recorded(nav, side="bull"))
    values = nav.to_numpy()
    assert ["epoch"] * 4 + ["open"] == parts["part"].tolist()
    assert [1, 2, 3, 4, pd.NA] == parts["epoch_index"].tolist()
    assert [45, 196, 340, 800, 1046] == parts["bar_to"].tolist()
    assert ("2004-08-19T00:00:00", "2008-10-14T00:00:00") == (parts["time_from"][0], parts["time_to"].iloc[-1])
    expected = [values[b] / values[a] - 1 for a, b in zip(parts["bar_from"], parts["bar_to"], strict=True)]
    assert expected == parts["gain"].tolist()
    for row in parts.to_dict("records"):
        piece = values[row["bar_from"] : row["bar_to"] + 1]
        assert math.isclose(np.max(1 - piece / np.maximum.accumulate(piece)), row["worst_drawdown"], rel_tol=1e-12)


def test_a_bear_gains_as_the_nav_falls() -> None:
    """The gain is the position's, the log return the NAV's."""
    parts = ithtel.attribute(recorded([1.0, 0.8, 0.9], side="bear", hurdle=0.05))
    assert [1.0 / 0.8 - 1, 0.8 / 0.9 - 1] == parts["gain"].tolist()
    assert parts["log_return"][0] < 0


def test_both_sides_and_several_series_are_told_apart() -> None:
    """Row by row, in the order of the runs."""
    frame = pd.DataFrame({"a": [1.0, 1.2, 1.1], "b": [1.0, 0.8, 0.7]})
    parts = ithtel.attribute(recorded(frame, hurdle=0.05))
    found = list(parts[["series", "position_type"]].drop_duplicates().itertuples(index=False, name=None))
    assert [("a", "bull"), ("a", "bear"), ("b", "bull"), ("b", "bear")] == found


def test_epochs_of_the_log_are_those_of_the_run() -> None:
    """`log.epochs()` gives exactly them."""
    nav = ithtel.datasets.google()
    analysis = ithtel.analyze(nav, hurdle=0.1)
    found = recorded(nav, hurdle=0.1).epochs()
    pd.testing.assert_frame_equal(analysis.epochs, found[analysis.epochs.columns], check_dtype=False, check_exact=True)


def test_the_decision_that_was_open_is_named_by_its_place() -> None:
    """Without times among the bars: the last one logged before."""
    session = ithtel.start("live", git=False)
    detector = ithtel.EpochDetector("bull", 0.05)
    detector.update_many([1.0, 1.1])
    ithtel.log_decision("second", {})
    detector.update_many([1.05, 1.3])
    ithtel.log_decision("third", {})
    detector.update(1.2)
    detector.finish()
    assert [None, "second", "third"] == ithtel.attribute(session)["decision_id"].tolist()


def test_the_decision_that_was_open_is_named_by_its_time() -> None:
    """Where decisions lie among the bars: the last one before the epoch's bar, whenever it was logged."""
    days = pd.date_range("2024-01-01", periods=5, freq="D")
    nav = pd.Series([1.0, 1.1, 1.05, 1.3, 1.2], index=days)
    with ithtel.start("a", git=False) as session:
        ithtel.analyze(nav, side="bull", hurdle=0.05)
        for name, day in (("late", days[3]), ("early", days[1])):
            ithtel.log_decision(name, {}, timestamp_ns=day.value)
    assert [None, "early", "late"] == ithtel.attribute(session)["decision_id"].tolist()


def test_a_run_without_a_result_has_no_open_part() -> None:
    """A killed process: what was recorded is attributed, from the level that the first epoch was measured from."""
    session = ithtel.start("live", git=False)
    detector = ithtel.EpochDetector("bull", 0.05)
    detector.update_many([1.0, 1.1, 1.0, 1.2, 1.1])
    parts = ithtel.attribute(session)
    assert (["epoch", "epoch"], 1.0) == (parts["part"].tolist(), parts["nav_from"][0])
    assert math.isclose(1.0, parts["share"].sum())
    detector.finish()
    assert "open" == ithtel.attribute(session)["part"].iloc[-1]


def test_a_log_of_an_older_quick_start_is_attributed() -> None:
    """What it does not say is NaN."""
    ithtel.log_algorithm_init("bull_ith", "1.0", {"hurdle": 0.05})
    ithtel.log_epoch_detected(1, 7, 0.06, 0.01, endorsing_crest=1.0, nav_at_epoch=1.06, position_type="bull")
    ithtel.log_epoch_detected(2, 9, 0.06, 0.01)
    parts = ithtel.attribute(ithtel.current())
    assert (7, 1.0, 1.06) == tuple(parts.loc[0, ["bar_to", "nav_from", "nav_to"]])


def test_several_sessions_are_told_apart() -> None:
    """By `session_id`, which is there only then."""
    for _ in range(2):
        with ithtel.start("a", git=False) as session:
            ithtel.analyze([1.0, 1.1], side="bull", hurdle=0.05)
    assert "session_id" not in ithtel.attribute("logs")
    assert 2 == ithtel.attribute(ithtel.read(session.path, session="all"))["session_id"].nunique()


def test_odd_bars_give_nan_and_no_error() -> None:
    """Zero, negative and infinite NAVs have no log return."""
    log = recorded([1.0, 0.0, -1.0, math.inf, 2.0], hurdle=0.05, on_bad="reference")
    assert ithtel.attribute(log)["log_return"].isna().any()


def test_a_log_without_a_run_has_no_parts() -> None:
    """An empty table with its columns; no picture."""
    with ithtel.start("a", git=False) as session:
        ithtel.log_algorithm_init("pca", "1", {})
        ithtel.log_algorithm_result("pca", {"n": 1})
    assert 0 == len(ithtel.attribute(session))
    assert "share" in ithtel.attribute(session)
    with pytest.raises(InputError, match="no ITH run in this log"):
        ithtel.waterfall(session)


def test_one_run_can_be_chosen() -> None:
    """By its id; one that is not there is named."""
    session = ithtel.start("a", git=False)
    bull = ithtel.analyze([1.0, 1.2, 1.1], hurdle=0.05).bull
    assert {"bull"} == set(ithtel.attribute(session, run_id=bull.run_id)["position_type"])
    assert 1 == len(ithtel.waterfall(session, run_id=bull.run_id).runs)
    for of in (ithtel.attribute, ithtel.waterfall):
        with pytest.raises(InputError, match=r"no ITH run 'bul-1' \(did you mean 'bull-1'\?\)"):
            of(session, run_id="bul-1")
