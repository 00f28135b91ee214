"""The picture of a timeline: what is on it, and that it holds for odd input."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import image

from drawings import NAV, QUICK, of, pixels, words
from examples import share
from factories import Side, data_load, ith_run, seed_set, walk
from ithtel import events as ev
from ithtel.errors import InputError
from ithtel.reading.timeline.timeline import Timeline
from ithtel.viewer.figure import render
from ithtel.viewer.timeline.timeline import Picture, figure


def test_a_picture_says_what_it_shows() -> None:
    """Series, bars, epochs, hurdle, variation, axes with units, cells and lanes are named."""
    run = ith_run(NAV, 0.1)
    said = " | ".join(words(figure(of(seed_set(), data_load(), *run.events), theme="light")))
    assert "google · 400 bars" in said
    assert f"▲ bull · {run.n_epochs} epochs · hurdle (TMAEG) 0.1 · interval CV" in said
    for word in ("NAV", "bar", "seeds", "data", "algorithms", "42", "data/nav.csv", "order of execution →", "next ▲ >"):
        assert word in said


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


@pytest.mark.slow
def test_auto_is_transparent() -> None:
    """The page shows through where nothing is drawn."""
    assert pixels(figure(QUICK))[2, 2, 3] == 0
    assert pixels(figure(QUICK, theme="dark"))[2, 2].tolist() == pytest.approx([17 / 255] * 3 + [1])


def test_in_grey_everything_is_still_there() -> None:
    """Drawn in grey, what stood out from the background in colour still does: ink at 3 to 1 or more."""
    drawn = pixels(figure(QUICK, theme="light"))[..., :3]
    grey = drawn @ np.array([0.2126, 0.7152, 0.0722])
    coloured = np.ptp(drawn, axis=2) > 0.5
    assert coloured.sum() > 500
    linear = np.where(grey <= 0.04045, grey / 12.92, ((grey + 0.055) / 1.055) ** 2.4)
    assert np.median(1.05 / (linear[coloured] + 0.05)) >= 3


@pytest.mark.parametrize(
    ("given", "said"), [({"theme": "drak"}, "did you mean 'dark'"), ({"width": 10}, "320 to 6000")]
)
def test_what_cannot_be_drawn_is_named(given: dict[str, str], said: str) -> None:
    """The errors for a wrong theme and a wrong width name what was expected."""
    with pytest.raises(InputError, match=said):
        figure(QUICK, **given)


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
