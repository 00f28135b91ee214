"""The panel of a series."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawings import NAV, of, words
from factories import ith_run
from ithtel.viewer.timeline.panels import spread
from ithtel.viewer.timeline.timeline import figure


@pytest.mark.slow
def test_ten_thousand_epochs_are_thinned_and_said() -> None:
    """Markers that would cover each other are left out; the title has the number of those drawn."""
    nav = [100 * 1.001 ** (n + n % 2) for n in range(20_000)]
    run = ith_run(nav, 0.0015)
    assert run.n_epochs > 9_000
    drawn = figure(of(*run.events))
    summary = next(text for text in words(drawn) if "epochs" in text)
    markers = next(line for line in drawn.axes[0].lines if line.get_marker() == "^")
    assert f"{run.n_epochs:,} epochs ({len(markers.get_xdata())} drawn)" in summary
    assert len(markers.get_xdata()) < 120


def test_sides_differ_without_colour() -> None:
    """Bull and bear have other markers and other lines."""
    both = of(*ith_run(NAV, 0.05, "bull").events, *ith_run(NAV, 0.05, "bear").events)
    lines = figure(both, theme="light").axes[0].lines
    assert {"^", "v"} <= {line.get_marker() for line in lines}
    steps = [line for line in lines if line.get_drawstyle() == "steps-post"]
    assert len({str(line._unscaled_dash_pattern) for line in steps}) == 4  # type: ignore[attr-defined]


@given(st.lists(st.floats(0, 1), max_size=6).map(sorted), st.floats(0, 0.15))
def test_labels_are_moved_apart(ys: list[float], least: float) -> None:
    """In the same order, none above 1."""
    placed = spread(ys, least)
    assert all(below + least <= above + 1e-9 for below, above in itertools.pairwise(placed))
    assert all(y <= 1 for y in placed)
