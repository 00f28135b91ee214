"""The base and the target of each episode."""

from __future__ import annotations

import numpy as np
import pytest

from drawings import of
from factories import ith_run, walk
from ithtel.viewer.timeline.levels import levels_of


@pytest.mark.parametrize("side", ["bull", "bear"])
def test_every_epoch_lies_beyond_its_target(side: str) -> None:
    """The NAV passes the dashed line at each epoch, and at no other bar before it."""
    nav = walk(2000, seed=3)
    (panel,) = of(*ith_run(nav, 0.07, side).events).panels
    (run,) = panel.runs
    levels = levels_of(panel, run)
    sign = 1 if side == "bull" else -1
    assert len(run.epochs) > 3
    for bar in range(1, 2000):
        step = int(np.searchsorted(levels.bars, bar, side="left")) - 1
        is_beyond = sign * nav[bar] > sign * levels.target[step] * (1 + sign * 1e-12)
        assert is_beyond == any(epoch.bar_index == bar for epoch in run.epochs)


def test_levels_of_a_long_series_keep_to_their_buckets() -> None:
    """With several bars a bucket the steps stay in order and within the series."""
    (panel,) = of(*ith_run(walk(30_000), 0.05).events).panels
    levels = levels_of(panel, panel.runs[0])
    assert panel.bars_per_bucket == 15
    assert np.all(np.diff(levels.bars) >= 0)
    assert levels.bars[-1] == 29_999
    assert len(levels.bars) == len(levels.base) == len(levels.target)
