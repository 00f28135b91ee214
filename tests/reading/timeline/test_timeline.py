"""What a timeline says, and that it says the same each time."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import Side, Writer, data_load, ith_run, log_of, quickstart, seed_set, sketch, walk
from ithtel import events as ev
from ithtel.reading.lines.log import Log
from ithtel.reading.timeline.build import timeline

NAV = walk(400)


def test_slots_follow_the_order_of_execution() -> None:
    """Each cell, and each event outside cells, has the next slot; what a cell did has the cell's."""
    writer = Writer().start()
    writer.emit(seed_set())
    writer.cell("a = 1", data_load(), writes=["a"])
    writer.emit(ev.Note(text="between"))
    writer.cell("b = a", reads=["a"], writes=["b"])
    result = timeline(log_of(writer))
    assert [(mark.lane, mark.slot) for mark in result.marks] == [("seed", 0), ("data", 1), ("note", 2)]
    assert [(cell.slot, cell.execution_count) for cell in result.cells] == [(1, 1), (3, 2)]
    assert (result.cells[1].reads, result.cells[1].writes) == (("a",), ("b",))
    assert result.n_slots == 4


def test_the_clock_does_not_matter() -> None:
    """Lines whose times run backwards keep their order."""
    writer = Writer().start()
    for count in range(3):
        writer.clock -= 100
        writer.cell(f"x = {count}")
    assert [cell.source for cell in timeline(log_of(writer)).cells] == ["x = 0", "x = 1", "x = 2"]


def test_cells_say_how_they_ended() -> None:
    """Good, failed with its error, interrupted, never ended, run before recording, not recorded."""
    writer = Writer().start()
    writer.emit(ev.CellPrior(execution_count=0, source="import this"))
    writer.cell("good")
    writer.cell("bad", status="error", error=ev.CellError(ename="ValueError", evalue="no", traceback=[]))
    writer.cell("long", status="interrupted")
    writer.cell(None)
    writer.cell("now", status=None)
    cells = timeline(log_of(writer)).cells
    assert [cell.status for cell in cells] == ["prior", "ok", "error", "interrupted", "ok", "unfinished"]
    assert cells[2].error == "ValueError: no"
    assert cells[4].source == "(not recorded)"


def test_an_error_without_a_message_is_its_name() -> None:
    """No colon with nothing after it: a KeyboardInterrupt, an error of a private session."""
    error = ev.CellError(ename="KeyboardInterrupt", evalue="", traceback=[])
    writer = Writer().cell("long", status="interrupted", error=error)
    assert "KeyboardInterrupt" == timeline(log_of(writer)).cells[0].error
    end = next(log_of(writer).events(ev.CellEnd))
    assert "cell 1 was interrupted: KeyboardInterrupt" == end.sentence()


def test_a_cell_inside_a_cell_ends_by_itself() -> None:
    """Nested runs are balanced by their spans."""
    writer = Writer().start()
    start = {"source_sha256": None, "source": "x"}
    end = {"status": "ok", "duration_ms": 1.0, "cpu_ms": 1.0, "overhead_ms": 0.0, "reads": [], "writes": []}
    end |= {"deletes": [], "mutates": [], "rng_used": [], "skipped": {}}
    for span, event, count in (("a", start, 1), ("b", start, 2), ("b", end | {"writes": ["inner"]}, 2), ("a", end, 1)):
        kind = ev.CellStart if event is start else ev.CellEnd
        writer.span = span
        writer.emit(msgspec.convert({"cell_id": "c", "execution_count": count} | event, kind))
    outer, inner = timeline(log_of(writer)).cells
    assert (outer.status, outer.writes, inner.status, inner.writes) == ("ok", (), "ok", ("inner",))


def test_a_bull_and_a_bear_share_a_panel() -> None:
    """Over the same series they share one; another series, or the same side again, has its own."""
    writer = Writer().start()
    other = walk(300, seed=1)
    runs = [("bull", "a", NAV), ("bear", "a", NAV), ("bull", "b", other), ("bear", "c", other), ("bull", "a", NAV)]
    for n, (side, name, nav) in enumerate(runs):
        for event in ith_run(nav, 0.1, side, series=name, run_id=f"r{n}").events:  # type: ignore[arg-type]
            writer.emit(event)
    panels = timeline(log_of(writer)).panels
    assert [(panel.name, [run.side for run in panel.runs]) for panel in panels] == [
        ("a", ["bull", "bear"]), ("b", ["bull"]), ("c", ["bear"]), ("a", ["bull"]),
    ]  # fmt: skip


def test_both_sides_under_one_run_id_are_two_runs() -> None:
    """Epochs of both sides with one run id are told apart."""
    writer = Writer().start()
    for side in ("bull", "bear"):
        for event in ith_run(NAV, 0.05, side, run_id="one").events:  # type: ignore[arg-type]
            if isinstance(event, ev.EpochDetected):
                writer.emit(event)
    writer.emit(sketch(NAV, "one", "nav"))
    (panel,) = timeline(log_of(writer)).panels
    assert [run.side for run in panel.runs] == ["bull", "bear"]
    assert panel.n_bars == 400


@pytest.mark.parametrize("side", ["bull", "bear"])
def test_a_run_is_as_recorded(side: Side) -> None:
    """Epochs, hurdle, variation and series come from the events."""
    run = ith_run(NAV, 0.05, side)
    writer = Writer().start().cell("analyze", *run.events)
    (read_back,) = timeline(log_of(writer)).algorithms
    assert (read_back.side, read_back.hurdle, len(read_back.epochs)) == (side, 0.05, run.n_epochs)
    assert read_back.is_finished
    assert read_back.intervals_cv is not None
    (panel,) = timeline(log_of(writer)).panels
    assert (panel.name, panel.n_bars, panel.last[-1]) == ("google", 400, NAV[-1])


def test_epochs_without_a_run_make_a_panel() -> None:
    """Logs that hold epochs only are still shown."""
    writer = Writer()
    writer.emit(ev.EpochDetected(epoch_index=1, bar_index=9, excess_gain=0.1, excess_loss=0.0))
    (panel,) = timeline(log_of(writer)).panels
    assert (panel.n_bars, len(panel.runs[0].epochs), panel.last) == (10, 1, ())


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


@pytest.mark.parametrize(
    ("given", "hidden", "shown"),
    [
        ("pd.read_csv('/home/ann/secret/nav.csv')", "ann", "…/nav.csv"),
        ("pd.read_csv('~/data/nav.csv')", "~", "…/nav.csv"),
        (r"pd.read_csv('C:\Users\ann\nav.csv')", "ann", "…/nav.csv"),
        ("pd.read_csv('data/nav.csv')", "…", "data/nav.csv"),
        ("get('https://host/a/b')", "…", "https://host/a/b"),
        ("x = a / b", "…", "x = a / b"),
    ],
)
def test_folders_of_absolute_paths_are_left_out(given: str, hidden: str, shown: str) -> None:
    """Relative paths, addresses and division stay as they are."""
    text = timeline(log_of(Writer().start().cell(given))).text()
    assert hidden not in text
    assert shown in text


def test_messages_hold_no_address_and_no_long_number() -> None:
    """What differs from run to run is taken out of warnings; plain information is not shown."""
    writer = Writer().start()
    writer.line({}, msg="bad <T at 0x7f0011223344> 0.123456789 in /tmp/x/y.py", level="WARNING")
    writer.line({}, msg="quiet", level="INFO")
    text = timeline(log_of(writer)).text()
    assert "warning: bad <T at 0x…> 0.123457 in …/y.py" in text
    assert "quiet" not in text
    assert "1 warning" in text


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


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1, max_size=100))
def test_any_values_give_a_chart(values: list[float | None]) -> None:
    """Gaps, zeros, negative and enormous values can be drawn."""
    event = ev.SeriesSketch(
        run_id="r", name="s", n_bars=len(values), start_time=None, end_time=None, bars_per_bucket=1,
        first=values, min=values, max=values, last=values,
    )  # fmt: skip
    writer = Writer().start()
    writer.emit(event)
    assert timeline(log_of(writer)).text()
