"""Pictures: what is on them, that they hold for odd input, and that their bytes are the same each time."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import image
from matplotlib.text import Text

from examples import share
from factories import DIGEST, Side, Writer, data_load, ith_run, log_of, quickstart, seed_set, walk
from ithtel import events as ev
from ithtel.errors import InputError
from ithtel.reading.timeline.build import timeline
from ithtel.reading.timeline.timeline import Timeline
from ithtel.viewer.figure import render, save
from ithtel.viewer.theme import THEMES, contrast
from ithtel.viewer.timeline.levels import levels_of
from ithtel.viewer.timeline.timeline import Picture, figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAV = walk(400)
QUICK = timeline(log_of(quickstart(NAV)))


def of(*events: ev.Event) -> Timeline:
    """Return the timeline of a session that emits `events` outside any cell."""
    writer = Writer().start()
    for event in events:
        writer.emit(event)
    return timeline(log_of(writer))


def words(drawn: Figure) -> list[str]:
    """Return all text on a figure."""
    return [text.get_text() for text in drawn.findobj(Text) if text.get_text()]


def pixels(drawn: Figure) -> np.ndarray:
    """Return a figure as an array of red, green, blue, alpha."""
    return image.imread(io.BytesIO(render(drawn, "png", scale=1)))


def test_a_picture_says_what_it_shows() -> None:
    """Series, bars, epochs, hurdle, variation, axes with units, cells and lanes are named."""
    run = ith_run(NAV, 0.1)
    said = " | ".join(words(figure(of(seed_set(), data_load(), *run.events), theme="light")))
    assert "google · 400 bars" in said
    assert f"▲ bull · {run.n_epochs} epochs · hurdle (TMAEG) 0.1 · interval CV" in said
    for word in ("NAV", "bar", "seeds", "data", "algorithms", "42", "data/nav.csv", "order of execution →", "next ▲ >"):
        assert word in said


def test_dates_of_the_ends_are_shown() -> None:
    """The first and the last bar carry their dates, with the time where it is not midnight."""
    times = [f"2024-01-01T{n // 60:02d}:{n % 60:02d}:00Z" for n in range(400)]
    assert {"2024-01-01", "2024-01-01 06:39"} <= set(words(figure(of(*ith_run(NAV, 0.1, times=times).events))))


def test_cells_are_shown_with_what_became_of_them() -> None:
    """Number, source, names read and written; failures with their error."""
    said = words(figure(QUICK, width=1600))
    assert {"1", "✗ 3", "‖ 5", "→ rng", "nav → result", "interrupted", "rng = %seed 42"} <= set(said)
    assert any("NameError" in text for text in said)


@pytest.mark.parametrize("side", ["bull", "bear"])
def test_every_epoch_lies_beyond_its_target(side: str) -> None:
    """The dashed line is what the NAV has to pass: it does at each epoch, and at no other new extreme before it."""
    nav = walk(2000, seed=3)
    (panel,) = of(*ith_run(nav, 0.07, side).events).panels  # type: ignore[arg-type]
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


ODD = {
    "nothing": Timeline(name="x"),
    "one bar": of(*ith_run([100.0], 0.1).events),
    "two bars": of(*ith_run([100.0, 120.0], 0.1).events),
    "flat": of(*ith_run([5.0] * 50, 0.1).events),
    "no epochs": of(*ith_run(NAV, 9.0).events),
    "falling to zero": of(*ith_run([100.0, 50.0, 0.0], 0.1, "bear").events),
    "negative": of(*ith_run([1.0, -1.0, 2.0], 0.1).events),
    "nulls": of(
        ev.SeriesSketch(run_id="r", name="s", n_bars=3, start_time=None, end_time=None, bars_per_bucket=1,
                        first=[None] * 3, min=[None] * 3, max=[None] * 3, last=[None] * 3)
    ),
    "epochs without a sketch": of(*[e for e in ith_run(NAV, 0.1).events if not isinstance(e, ev.SeriesSketch)]),
    "not finished": of(*ith_run(NAV, 0.1).events[:-1]),
    "enormous": of(*ith_run([10.0 ** (n / 2) for n in range(600)], 0.1).events),
    "beyond all": of(*ith_run([1.0, 1.7e308, -1.7e308, 0.0], 0.1).events),
    "beyond all, to zero": of(*ith_run([1.7e308, 5e-324, 1.0], 0.1, "bear").events),
    "tiny": of(*ith_run([1e-300 * (1 + n / 100) for n in range(60)], 0.1).events),
    "long names": of(*ith_run(NAV, 0.1, series="a name " * 40).events, data_load("x" * 300)),
    "a dollar": of(*ith_run(NAV, 0.1, series="$x_{$ <b> 漢字 \ud83d".encode("utf-8", "replace").decode()).events),
    "eight series": of(*[e for n in range(8) for e in ith_run(walk(50, n), 0.1, series=f"s{n}", run_id=f"{n}").events]),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_input_is_drawn(name: str) -> None:
    """Each is drawn without a warning, in every theme's way of doing it."""
    assert render(figure(ODD[name], theme="auto"), "png", scale=0.5).startswith(b"\x89PNG")


VALUES = st.floats(allow_nan=False, allow_infinity=False) | st.floats(1, 200)


@settings(max_examples=share(25), deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=12), st.sampled_from(["bull", "bear"]))
def test_any_values_are_drawn(nav: list[float], side: Side) -> None:
    """Zeros, negative and enormous values in any order: a picture, no warning."""
    drawn = figure(of(*ith_run(nav, 0.1, side).events))
    drawn.draw_without_rendering()


def test_many_runs_are_cut_and_said() -> None:
    """Six panels are drawn, the latest; the text names what is not."""
    assert "2 earlier series runs not drawn" in words(figure(ODD["eight series"]))


def test_a_repeated_analysis_is_drawn_once() -> None:
    """Running the same cell again gives the same panel, not a second one."""
    writer = Writer().start()
    for n in range(3):
        writer.cell("analyze(nav)", *ith_run(NAV, 0.1, run_id=f"r{n}").events)
    assert len(figure(timeline(log_of(writer))).axes) == 2


def test_a_number_is_never_cut() -> None:
    """Where the number of epochs does not fit there is the sign of the side alone, of many runs how many."""
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


@pytest.mark.slow
def test_ten_thousand_epochs_are_thinned_and_said() -> None:
    """Markers that would cover each other are left out; the title says how many are drawn."""
    nav = [100 * 1.001 ** (n + n % 2) for n in range(20_000)]
    run = ith_run(nav, 0.0015)
    assert run.n_epochs > 9_000
    drawn = figure(of(*run.events))
    summary = next(text for text in words(drawn) if "epochs" in text)
    markers = next(line for line in drawn.axes[0].lines if line.get_marker() == "^")
    assert f"{run.n_epochs:,} epochs ({len(markers.get_xdata())} drawn)" in summary  # type: ignore[arg-type]
    assert len(markers.get_xdata()) < 120  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_strokes_can_be_read(theme: str) -> None:
    """Text and lines have a contrast of at least 3 to 1 on their background; `auto` on white and near black both."""
    colours = THEMES[theme]
    backgrounds = [colours.background] if colours.background else ["#ffffff", "#111111"]
    assert min(contrast(stroke, ground) for stroke in colours.strokes() for ground in backgrounds) >= 3


@pytest.mark.slow
def test_auto_is_transparent() -> None:
    """Where nothing is drawn, the page shows through."""
    assert pixels(figure(QUICK))[2, 2, 3] == 0
    assert pixels(figure(QUICK, theme="dark"))[2, 2].tolist() == pytest.approx([17 / 255] * 3 + [1])


def test_sides_differ_without_colour() -> None:
    """Bull and bear have other markers and other lines."""
    both = of(*ith_run(NAV, 0.05, "bull").events, *ith_run(NAV, 0.05, "bear").events)
    lines = figure(both, theme="light").axes[0].lines
    assert {"^", "v"} <= {line.get_marker() for line in lines}
    steps = [line for line in lines if line.get_drawstyle() == "steps-post"]
    assert len({str(line._unscaled_dash_pattern) for line in steps}) == 4  # type: ignore[attr-defined]


def test_in_grey_everything_is_still_there() -> None:
    """Drawn in grey, what stood out from the background in colour still does: ink at 3 to 1 or more."""
    drawn = pixels(figure(QUICK, theme="light"))[..., :3]
    grey = drawn @ np.array([0.2126, 0.7152, 0.0722])
    coloured = np.ptp(drawn, axis=2) > 0.5
    assert coloured.sum() > 500
    linear = np.where(grey <= 0.04045, grey / 12.92, ((grey + 0.055) / 1.055) ** 2.4)
    assert np.median(1.05 / (linear[coloured] + 0.05)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_timeline_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    """Twice the same file, whatever the user's style, and no date or version in it."""
    first = save(figure(QUICK), tmp_path / f"a.{kind}").read_bytes()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9, "svg.hashsalt": None}):
        second = save(figure(QUICK), tmp_path / f"b.{kind.upper()}").read_bytes()
    assert first == second
    assert b"Matplotlib v" not in first
    assert b"dc:date" not in first


def test_nobodys_settings_are_touched() -> None:
    """RcParams are as before, and pyplot knows of no figure."""
    before = dict(mpl.rcParams)
    render(figure(QUICK), "svg")
    assert dict(mpl.rcParams) == before


def test_another_suffix_is_refused() -> None:
    """Only PNG and SVG are written."""
    with pytest.raises(InputError, match=r"cannot write a picture to 'a\.pdf': expected a \.png or \.svg file"):
        save(figure(QUICK), "a.pdf")
    assert not Path("a.pdf").exists()


@pytest.mark.parametrize(
    ("given", "said"), [({"theme": "drak"}, "did you mean 'dark'"), ({"width": 10}, "320 to 6000")]
)
def test_what_cannot_be_drawn_is_named(given: dict[str, str], said: str) -> None:
    """A wrong theme and a wrong width say what is possible."""
    with pytest.raises(InputError, match=said):
        figure(QUICK, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [320, 800, 1600])
def test_words_stay_on_the_picture(width: int) -> None:
    """No text reaches over the edges."""
    drawn = figure(QUICK, theme="light", width=width)
    array = pixels(drawn)
    assert array.shape[1] == width
    for edge in (array[:, :2], array[:, -2:], array[:2], array[-2:]):
        assert np.all(edge == 1)


def test_a_notebook_shows_a_picture_and_its_text() -> None:
    """PNG at twice the density, with its size on the page, and the text; the repr is the text."""
    picture = Picture(QUICK)
    data, metadata = picture._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"] == repr(picture) == QUICK.text()
    assert image.imread(io.BytesIO(data["image/png"])).shape[1] == 2 * metadata["image/png"]["width"] == 1600
    assert picture._repr_mimebundle_() == (data, metadata)
    assert picture.save("a.png").read_bytes() == data["image/png"]


def test_glyphs_the_font_lacks_become_boxes() -> None:
    """No warning where a name is in a script that the font has not."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = figure(ODD["a dollar"])
        render(drawn, "svg")
    assert any("□□" in text for text in words(drawn))
