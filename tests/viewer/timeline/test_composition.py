"""Panels and lanes on one figure."""

from __future__ import annotations

from drawings import NAV, of, words
from factories import Writer, ith_run, log_of, walk
from ithtel.reading.timeline.build import timeline
from ithtel.viewer.timeline.timeline import figure


def test_earlier_runs_are_omitted_and_counted() -> None:
    """Six panels are drawn, the latest; a line names the number of the others."""
    eight = of(*[e for n in range(8) for e in ith_run(walk(50, n), 0.1, series=f"s{n}", run_id=f"{n}").events])
    assert "2 earlier series runs not drawn" in words(figure(eight))


def test_a_repeated_analysis_is_drawn_once() -> None:
    """Running the same cell again gives the same panel, not a second one."""
    writer = Writer().start()
    for n in range(3):
        writer.cell("analyze(nav)", *ith_run(NAV, 0.1, run_id=f"r{n}").events)
    assert len(figure(timeline(log_of(writer))).axes) == 2
