"""The lanes of what ran."""

from __future__ import annotations

import re

from drawings import NAV, QUICK, words
from factories import DIGEST, Writer, ith_run, log_of
from ithtel import events as ev
from ithtel.reading.timeline.build import timeline
from ithtel.viewer.timeline.timeline import figure


def test_cells_are_shown_with_what_became_of_them() -> None:
    """Number, source, names read and written; failures with their error."""
    said = words(figure(QUICK, width=1600))
    assert {"1", "✗ 3", "‖ 5", "→ rng", "nav → result", "interrupted", "rng = %seed 42"} <= set(said)
    assert any("NameError" in text for text in said)


def test_a_number_is_never_cut() -> None:
    """If the number of epochs does not fit, only the sign of the side is shown; of many runs, their number."""
    writer = Writer().start()
    for n in range(20):
        hurdles = [0.001, 0.002, 0.003, 0.004] if n == 3 else [0.001]
        runs = [ith_run(NAV, hurdle, run_id=f"{n} {hurdle}", series=f"s{n}") for hurdle in hurdles]
        writer.cell("analyze(nav)", *(event for run in runs for event in run.events))
    said = words(figure(timeline(log_of(writer))))
    assert "×4" in said
    assert [] == [text for text in said if re.search(r"^[▲▼◆].*\d*…$", text)]


def test_what_looks_for_no_epochs_shows_none() -> None:
    """An examination has no number of epochs."""
    init = ev.AlgorithmInit(
        run_id="r", algorithm_name="statistical_examination", version="1", random_seed=42, config={},
        config_hash=DIGEST, input_hash=DIGEST,
    )  # fmt: skip
    writer = Writer().start().cell("examine(nav)", init)
    assert "◆ statistical_examination" in words(figure(timeline(log_of(writer))))


def test_three_hundred_cells_fit() -> None:
    """As bars, some of them numbered."""
    writer = Writer().start()
    for n in range(300):
        writer.cell(f"x = {n}", status="error" if n % 50 == 3 else "ok")
    said = words(figure(timeline(log_of(writer))))
    assert {"[1]", "[100]", "[300]"} <= set(said)
    assert len(said) < 20
