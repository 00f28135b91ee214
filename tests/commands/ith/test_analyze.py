"""`ithtel.analyze` checks its input, returns the epochs of the kernel, and records one run per side."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ithtel
import oracles
from examples import share
from ithtel.errors import InputError
from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected, IthStep, SeriesSketch

NAVS = st.lists(st.floats(0.5, 2.0), min_size=1, max_size=60)


def google() -> pd.Series:
    """Return real daily closes."""
    return ithtel.datasets.google()


@settings(deadline=None, max_examples=share(60))
@given(nav=NAVS, hurdle=st.floats(0.0, 0.3), side=st.sampled_from(["bull", "bear"]))
def test_epochs_are_the_oracles(nav: list[float], hurdle: float, side: str) -> None:
    """Epochs, gains and losses equal those of the plain machine to the bit."""
    expected = oracles.run(nav, hurdle, side)
    analysis = ithtel.analyze(nav, side=side, hurdle=hurdle, arrays=True)
    found = analysis.bull or analysis.bear
    assert [i for i, is_epoch in enumerate(expected.epochs) if is_epoch] == found.epochs["bar_index"].tolist()
    assert expected.gains == found.excess_gains.tolist()
    assert expected.losses == found.excess_losses.tolist()


def test_both_sides_are_those_of_each() -> None:
    """`both` gives what `bull` and `bear` give."""
    nav = google()
    both = ithtel.analyze(nav, side="both", periods_per_year=252)
    for side in ("bull", "bear"):
        alone = ithtel.analyze(nav, side=side, periods_per_year=252)
        pd.testing.assert_frame_equal(getattr(alone, side).epochs, getattr(both, side).epochs)
        assert getattr(alone, "bear" if side == "bull" else "bull") is None


def test_google_has_the_epochs_of_the_readme() -> None:
    """The epochs are at known bars, and the hurdle is the maximum drawdown of NumPy to the bit."""
    nav = google()
    found = ithtel.analyze(nav, side="bull", hurdle="mdd", periods_per_year=252).bull
    values = nav.to_numpy()
    assert [45, 196, 340, 800] == found.epochs["bar_index"].tolist()
    assert float(np.max(1 - values / np.maximum.accumulate(values))) == found.hurdle == found.max_drawdown
    assert "2004-10-22T00:00:00" == found.epochs["timestamp"][0]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x,
        lambda x: x.tolist(),
        lambda x: x.to_numpy(),
        lambda x: x.to_frame(),
        lambda x: np.repeat(x.to_numpy(), 2)[::2],
        lambda x: x.astype("Float64"),
        lambda x: x.astype("float64[pyarrow]"),
        lambda x: x.set_axis(x.index.to_period("D")),
    ],
)
def test_any_form_of_a_series_gives_the_same(make: Any) -> None:
    """Series, list, array, one column, strided, nullable, Arrow and periods are accepted."""
    nav = google()
    expected = ithtel.analyze(nav, hurdle=0.2).epochs
    found = ithtel.analyze(make(nav), hurdle=0.2).epochs
    assert expected["bar_index"].tolist() == found["bar_index"].tolist()
    assert expected["excess_gain"].tolist() == found["excess_gain"].tolist()


@pytest.mark.parametrize(
    ("nav", "said"),
    [
        ([], "NAV is empty"),
        ([1.0, math.nan, 2.0], "NaN at bar 1 (1 of 3 bars"),
        ([1.0, math.inf], "inf at bar 1"),
        ([1.0, 0.0, 0.0], "a zero at bar 1 (2 of 3"),
        ([1.0, -1.0], "a negative value, -1.0, at bar 1"),
        (["a", "b"], "NAV holds text"),
        ([True, False], "NAV holds booleans"),
        (np.ones((2, 2, 2)), "shape (2, 2, 2)"),
        (pd.DataFrame({"a": [1.0], "b": [0.0]}), "column 'b': NAV has a zero at bar 0"),
        (pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]), "two columns with the name 'a'"),
        (pd.DataFrame(index=range(3)), "without columns"),
        ([[1.0, 2.0], [1.0]], "NAV is not a table of numbers"),
        (
            pd.Series([1.0, 2.0], index=pd.to_datetime(["2024-01-02", "2024-01-01"])),
            "an earlier time than the bar before at bar 1",
        ),
        (
            pd.Series([1.0, 2.0], index=pd.to_datetime(["2024-01-02", "2024-01-02"])),
            "the same time as the bar before at bar 1",
        ),
        (pd.Series([1.0, None], dtype="Float64"), "NaN at bar 1"),
        (5.0, "shape ()"),
        (None, "NAV is None"),
        ("nav.csv", "NAV is the string 'nav.csv'; ithtel.load_nav reads files"),
        (Path("nav.csv"), "NAV is the path 'nav.csv'; ithtel.load_nav reads files"),
    ],
)
def test_a_bad_series_is_one_clear_error(nav: Any, said: str) -> None:
    """The message says what is wrong, where, how often, and what to do."""
    with pytest.raises(InputError) as caught:
        ithtel.analyze(nav)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"side": "bul"}, "no side 'bul' (did you mean 'bull'?)"),
        ({"hurdle": "mmd"}, "no hurdle 'mmd' (did you mean 'mdd'?)"),
        ({"hurdle": -0.1}, "hurdle is -0.1"),
        ({"hurdle": math.nan}, "hurdle is nan"),
        ({"hurdle": "abc"}, "no hurdle 'abc'"),
        ({"hurdle": None}, "hurdle is None"),
        ({"hurdle": "rolling"}, "hurdle 'rolling' has no window"),
        ({"floor": -0.1, "hurdle": "expanding"}, "floor is -0.1"),
        ({"on_bad": "ignore"}, "on_bad must be 'raise' or 'reference', got 'ignore'"),
        ({"periods_per_year": 0}, "periods_per_year is 0; it must be a positive number"),
        ({"periods_per_year": "daily"}, "periods_per_year is 'daily'"),
        ({"timestamps": ["2024-01-01"]}, "got 1 timestamps for 2 bars; expected one per bar"),
        ({"timestamps": ["2024-01-02", "2024-01-01"]}, "an earlier time than the bar before at bar 1"),
        ({"timestamps": ["2024-01-02", "soon"]}, "cannot parse timestamps; expected one per bar"),
        ({"timestamps": ["2024-01-02", None]}, "no time at bar 1"),
    ],
)
def test_a_bad_argument_is_one_clear_error(arguments: dict[str, Any], said: str) -> None:
    """The message names what is allowed, and nothing is recorded."""
    session = ithtel.start("a", git=False)
    with pytest.raises(InputError) as caught:
        ithtel.analyze([1.0, 2.0], **arguments)
    assert said in str(caught.value)
    assert [] == list(ithtel.read(session.path).events(AlgorithmInit))


def test_one_bar_has_no_epochs() -> None:
    """There is no Sharpe ratio either, and a reason is given."""
    found = ithtel.analyze([1.0], side="bull", periods_per_year=252).bull
    assert (0, None) == (found.n_epochs, found.sharpe)
    assert found.fitness.sharpe_reason


def test_on_bad_reference_lets_everything_through() -> None:
    """Bad bars are treated as the reference does, and the lines of the log are valid."""
    session = ithtel.start("a", git=False)
    ithtel.analyze([1.0, math.nan, 2.0, 0.0, math.inf, 3.0], hurdle=0.05, on_bad="reference")
    ithtel.analyze([], hurdle=0.05, on_bad="reference")
    session.close()
    log = ithtel.read(session.path)
    assert [] == log.problems
    assert 4 == len(list(log.events(AlgorithmResult)))


def test_the_record_holds_the_whole_analysis() -> None:
    """The log has the init, the sketch, every epoch of the table and the result, with one run id per side."""
    session = ithtel.start("a", git=False)
    analysis = ithtel.analyze(google(), periods_per_year=252)
    log = ithtel.read(session.path)
    assert ["bull-1", "bear-1"] == [event.run_id for event in log.events(AlgorithmInit)]
    assert ["mdd", True] == [next(log.events(AlgorithmInit)).config[key] for key in ("hurdle", "uses_future")]
    recorded = log.epochs()
    pd.testing.assert_frame_equal(
        analysis.epochs, recorded[analysis.epochs.columns].reset_index(drop=True), check_dtype=False, check_exact=True
    )
    metrics = next(log.events(AlgorithmResult)).final_metrics
    assert (1047, 4, analysis.bull.hurdle, analysis.bull.sharpe) == tuple(
        metrics[key] for key in ("n_bars", "n_epochs", "hurdle", "sharpe")
    )


@given(n=st.integers(1, 5_000))
@settings(deadline=None, max_examples=share(20))
def test_a_sketch_covers_the_series(n: int) -> None:
    """There are at most 1 000 buckets; their first, last, smallest and largest values are those of the series."""
    nav = np.random.default_rng(n).uniform(1, 2, n)
    sketch = next(event for event in recorded_events(nav) if isinstance(event, SeriesSketch))
    assert len(sketch.last) <= 1_000
    assert n == sketch.n_bars
    assert math.ceil(n / sketch.bars_per_bucket) == len(sketch.last)
    assert (nav[0], nav[-1], nav.min(), nav.max()) == (
        sketch.first[0],
        sketch.last[-1],
        min(sketch.min),
        max(sketch.max),
    )


def recorded_events(nav: Any) -> list[object]:
    """Return the events of an analysis that is recorded in memory."""
    from ithtel.recording.file.sink import MemorySink

    sink = MemorySink()
    with ithtel.start("a", sink=sink, git=False, loguru=False):
        ithtel.analyze(nav, side="bull", hurdle=0.05)
    return list(ithtel.Log.from_lines(sink.lines()).events())


def test_without_a_session_nothing_is_recorded() -> None:
    """The analysis has no run id, and no folder is created."""
    assert ithtel.analyze([1, 1.06, 1, 1.12], side="bull", hurdle=0.05).bull.run_id is None
    assert not Path("logs").exists()


def test_displays_are_deterministic() -> None:
    """Text and HTML are the same twice, and numbers have at most six digits."""
    first, second = (ithtel.analyze(google(), periods_per_year=252) for _ in range(2))
    assert (repr(first), first._repr_html_()) == (repr(second), second._repr_html_())
    assert "0.556505" in repr(first)
    assert "0.55650" + "52" not in first._repr_html_()


def test_a_causal_hurdle_is_one_a_bar() -> None:
    """The table has the hurdle at each epoch, and the config says that it does not use the future."""
    session = ithtel.start("a", git=False)
    found = ithtel.analyze(google(), side="bull", hurdle="expanding").bull
    assert 1 < found.epochs["tmaeg_threshold"].nunique()
    config = next(ithtel.read(session.path).events(AlgorithmInit)).config
    assert (False, 0.01) == (config["uses_future"], config["floor"])


def test_plot_needs_no_session() -> None:
    """The picture has one panel, and any notebook can show it."""
    picture = ithtel.analyze(google()).plot(theme="light")
    assert 1 == len(picture.figure().axes)
    assert "image/png" in picture._repr_mimebundle_()[0]
    assert "GOOG" in repr(picture)
    assert not Path("logs").exists()


def test_summary_has_a_row_a_side() -> None:
    """Its numbers are those of the sides."""
    analysis = ithtel.analyze(google())
    assert ["bull", "bear"] == list(analysis.summary().index)
    assert analysis.bull.n_epochs == analysis.summary().loc["bull", "n_epochs"]


def test_the_global_random_state_is_left_alone() -> None:
    """An analysis draws no random numbers."""
    before = random.getstate(), json.dumps(np.random.get_state()[1].tolist())  # noqa: NPY002
    ithtel.analyze(google())
    assert before == (random.getstate(), json.dumps(np.random.get_state()[1].tolist()))  # noqa: NPY002


def test_epochs_have_the_fields_of_the_event() -> None:
    """The columns are named as the fields of the event."""
    columns = set(ithtel.analyze([1, 1.06], hurdle=0.05).epochs.columns)
    assert columns == set(EpochDetected.__struct_fields__) - {"run_id"}


def test_timestamps_may_come_apart() -> None:
    """They are used instead of the index of a Series."""
    found = ithtel.analyze(np.array([1.0, 1.1]), hurdle=0.05, timestamps=["2024-01-01", "2024-01-02"])
    assert ["2024-01-02T00:00:00"] == found.bull.epochs["timestamp"].tolist()


@pytest.mark.parametrize("hurdle", [0.05, "expanding"])
def test_a_trace_records_every_bar(hurdle: str | float) -> None:
    """Each step has the state before any reset, bar 0 included, to the bit."""
    nav = google().to_numpy()[:60]
    session = ithtel.start("a", git=False)
    analysis = ithtel.analyze(nav, side="bear", hurdle=hurdle, trace=True, arrays=True)
    steps = list(ithtel.read(session.path).events(IthStep))
    assert list(range(60)) == [step.bar_index for step in steps]
    assert nav.tolist() == [step.nav for step in steps]
    assert analysis.bear.excess_gains.tolist() == [step.excess_gain for step in steps]
    assert analysis.bear.epochs["bar_index"].tolist() == [step.bar_index for step in steps if step.is_epoch]
    assert {analysis.bear.run_id} == {step.run_id for step in steps}
    at_epochs = [step for step in steps if step.is_epoch]
    assert analysis.bear.epochs["endorsing_crest"].tolist() == [step.endorsing_crest for step in at_epochs]
    assert analysis.bear.epochs["tmaeg_threshold"].tolist() == [step.hurdle for step in at_epochs]


def test_both_sides_begin_before_anything_is_computed() -> None:
    """Then follow the complete events of each side."""
    session = ithtel.start("a", git=False)
    ithtel.analyze([1.0, 1.1, 0.9], hurdle=0.05)
    kinds = [record.event_type for record in ithtel.read(session.path)][1:]
    one = ["series.sketch", "epoch_detected", "algorithm.result"]
    assert ["algorithm.init", "algorithm.init", *one, *one] == [kind for kind in kinds if kind]


def test_the_output_hash_is_that_of_the_epochs() -> None:
    """It depends on the epochs and not on the name of the series."""
    session = ithtel.start("a", git=False)
    for name in ("a", "b"):
        ithtel.analyze(google().rename(name), side="bull")
    ithtel.analyze(google(), side="bull", hurdle=0.2)
    first, second, third = (event.output_hash for event in ithtel.read(session.path).events(AlgorithmResult))
    assert first == second != third


@pytest.mark.kernel
def test_the_first_compilation_is_said_in_the_log_only(tmp_path: Path) -> None:
    """Nothing is printed. The second process finds the kernel in the cache and logs nothing."""
    code = "import ithtel; ithtel.start('c', git=False); ithtel.analyze([1.0, 1.1, 1.0], hurdle=0.05)"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    said = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert (b"", b"") == (done.stdout, done.stderr)
        log = ithtel.read("logs/ndjson/c.jsonl")
        said.append([record.envelope.level for record in log if record.envelope.msg.startswith("compiled the ITH")])
    assert [["DEBUG"], []] == said
