"""The profit of each run is attributed to its epochs, from records alone."""

from __future__ import annotations

import math

from factories import Writer, ith_run, log_of, walk
from ithtel.reading.attribution import attribution_frame

NAV = walk(200)
RUN = ith_run(NAV, 0.05)


def test_each_epoch_is_a_part_and_the_rest_is_open() -> None:
    """The parts add up to the whole."""
    writer = Writer().start()
    for event in RUN.events:
        writer.emit(event)
    parts = attribution_frame(log_of(writer))
    assert [*["epoch"] * RUN.n_epochs, "open"] == parts["part"].tolist()
    assert math.isclose(math.log(NAV[-1] / NAV[0]), math.fsum(parts["log_return"]), rel_tol=1e-12)


def test_an_unfinished_run_has_no_open_part() -> None:
    """Its end is not known."""
    writer = Writer().start()
    for event in (RUN.events[0], *RUN.events[2:-1]):
        writer.emit(event)
    assert ["epoch"] * RUN.n_epochs == attribution_frame(log_of(writer))["part"].tolist()


def test_a_log_without_runs_gives_an_empty_table() -> None:
    """It has the same columns."""
    assert 0 == len(attribution_frame(log_of(Writer().start())))
