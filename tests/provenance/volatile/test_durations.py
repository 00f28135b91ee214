"""Durations are recognised where a program reports one; other numbers with units are results."""

from __future__ import annotations

import pytest

from ithtel.provenance.volatile.durations import uses_timer, without_durations
from ithtel.provenance.volatile.marks import Marks

REPORTS = [
    "CPU times: user {} ms, sys: 0 ns, total: {} ms\nWall time: {} ms",
    "{} µs ± 3 ns per loop (mean ± std. dev. of 7 runs, 1,000 loops each)",
    "100%|██████████| 10/10 [00:00<00:00, {}it/s]", "{}%|##   | 1/2", "5it [00:01, {}it/s]",
    "[Parallel(n_jobs=1)]: Done  10 out of  10 | elapsed:    {}s finished", "[CV] END ....C=1; total time=   {}s",
    "1/1 [====] - {}s 12ms/step - loss: 0.1",
]  # fmt: skip


def cleaned(text: str, *, is_timed: bool = False) -> str:
    """Return the text without durations of up to ten seconds."""
    return without_durations(text, 10.0, Marks(), is_timed=is_timed)


@pytest.mark.parametrize("report", [each for each in REPORTS if "##" not in each])
def test_reports_of_tools_are_recognised(report: str) -> None:
    """`%%time`, `%%timeit`, tqdm, joblib, scikit-learn, Keras."""
    assert cleaned(report.replace("{}", "1.2")) == cleaned(report.replace("{}", "7"))


def test_what_a_progress_bar_appends_is_data() -> None:
    """A loss differs although it stands in the same brackets."""
    bar = "100%|███| 10/10 [00:00<00:00, 9.1it/s, loss={}]"
    assert cleaned(bar.format(0.1)) != cleaned(bar.format(0.2))


@pytest.mark.parametrize(
    "text", ["half-life: {} s", "score {}", "elapsed {}", "window of {} minutes", "in {} s", "[{}, 3]"]
)
def test_other_numbers_are_results(text: str) -> None:
    """Unless the cell measures time."""
    assert cleaned(text.format(1.5)) != cleaned(text.format(2.5))


@pytest.mark.parametrize(
    "text", ["fit took {} s", "elapsed: {}", "({} sec)", "0:00:0{}", "done in {}s", "Time: {} seconds"]
)
def test_a_cell_that_measures_time_shows_durations(text: str) -> None:
    """With a unit or a name, and no longer than the cell ran."""
    assert cleaned(text.format(1.5), is_timed=True) == cleaned(text.format(2.25), is_timed=True)
    if ":0" not in text:
        assert cleaned(text.format(150), is_timed=True) != cleaned(text.format(225), is_timed=True)


@pytest.mark.parametrize("text", ["score {}", "accuracy: {}", "{}"])
def test_a_score_counts_in_a_cell_that_measures_time(text: str) -> None:
    """It has no unit of time."""
    assert cleaned(text.format(0.15), is_timed=True) != cleaned(text.format(0.25), is_timed=True)


def test_timers_are_known() -> None:
    """Magics too."""
    assert uses_timer("%%time\nfit()")
    assert uses_timer("t = default_timer()")
    assert not uses_timer("time_horizon = 3")
