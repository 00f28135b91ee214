"""The text of a timeline is complete, readable and always the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from factories import Writer, data_load, log_of, quickstart, walk
from ithtel import events as ev
from ithtel.reading.lines.log import Log
from ithtel.reading.timeline.build import timeline


def test_text_is_good_to_look_at() -> None:
    """The whole text of a small session."""
    text = timeline(log_of(quickstart(walk(60)))).text()
    head, _, chart = text.partition("\n\ngoogle")
    assert head == (
        "notebook · 5 cells (1 failed, 1 interrupted) · 2 runs, 0 epochs\n\n"
        "[1]   rng = %seed 42                                        → rng\n"
        "        seed 42 for python, numpy.legacy, numpy:rng\n"
        "[2]   nav = ithtel.datasets.google()                        → nav\n"
        "        data matplotlib:goog.npz · 60 rows × 1 column\n"
        "[3] ✗ nva.plot()                                            nva →\n"
        "        NameError: name 'nva' is not defined\n"
        '[4]   result = ithtel.analyze(nav, side="both", hurdle="mdd", periods_per_year=25…  nav → result\n'
        "        bull_ith · 0 epochs · hurdle 0.2\n"
        "        bear_ith · 0 epochs · hurdle 0.2\n"
        "[5] ‖ for _ in range(10**9): pass\n"
        "        interrupted"
    )
    assert chart.startswith(" · 60 bars · NAV 100 → ")
    assert len(chart.splitlines()) == 5


def test_text_is_the_same_whoever_ran_it_and_when() -> None:
    """No clock, duration, process or id reaches the text."""
    one = quickstart()
    two = quickstart(session_id="sess_20301231_235959_ffffff", pid=4711, start=1.9e9)
    two.lines = [line.replace(b'"duration_ms":3.2', b'"duration_ms":99.25') for line in two.lines]
    text = timeline(log_of(two)).text()
    assert text == timeline(log_of(one)).text() == str(timeline(log_of(one)))
    assert not re.search(r"sess_|4711|2030|99\.25|run_id", text)


def test_very_many_cells_and_marks_are_cut() -> None:
    """Three hundred cells do not fill the screen, nor two hundred notes in one of them."""
    writer = Writer().start()
    for n in range(300):
        writer.cell(f"x = {n}", *([ev.Note(text=f"n{i}") for i in range(200)] if n == 0 else []))
    lines = timeline(log_of(writer)).text().splitlines()
    assert len(lines) < 80
    assert any("240 more" in line for line in lines)
    assert any("194 more" in line for line in lines)
    assert all(len(line) <= 96 for line in lines)


def test_equal_neighbours_are_counted() -> None:
    """A cell that loads the same file often says so once."""
    text = timeline(log_of(Writer().start().cell("load", *[data_load()] * 5))).text()
    assert "data data/nav.csv · 1047 rows × 2 columns (× 5)" in text


def test_unreadable_lines_are_counted() -> None:
    """The head says that something could not be read."""
    log = Log.from_lines([*quickstart().lines, b"garbage"])
    assert "1 line unreadable" in timeline(log).text()


@given(st.lists(st.sampled_from(list(range(22))), max_size=30))
def test_any_selection_of_lines_gives_a_text(picked: list[int]) -> None:
    """Lines may be missing, doubled or out of order: there is always a timeline."""
    lines = quickstart(walk(40)).lines
    result = timeline(Log.from_lines([lines[n % len(lines)] for n in picked]))
    assert result.text().startswith(result.name)
