"""The waterfall: what it draws, and that it is legible and the same twice."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.errors import InputError
from ithtel.viewer.figure import render
from ithtel.viewer.theme import THEMES, theme_of
from ithtel.viewer.waterfall import Waterfall, percent


def parts(n_epochs: int = 3, *, side: str = "bull", name: str = "fund") -> pd.DataFrame:
    """Return the attribution of a made-up run."""
    grow = 1.1 if side == "bull" else 1 / 1.1
    nav = [grow ** (i // 2 + 0.02 * (i % 2)) for i in range(2 * n_epochs + 1)]
    days = pd.date_range("2024-01-01", periods=len(nav), freq="D")
    session = ithtel.start("a", git=False)
    ithtel.analyze(
        pd.Series([*nav, nav[-1] * 0.97], index=days.append(days[-1:] + pd.Timedelta("1D")), name=name), side, 0.05
    )
    frame = ithtel.attribute(session)
    session.close()
    return frame


def texts(drawn: Waterfall) -> list[str]:
    """Return all that is written on a figure."""
    return [text.get_text() for axes in drawn.figure().axes for text in axes.texts]


@pytest.mark.parametrize("side", ["bull", "bear"])
def test_each_part_has_a_bar_and_the_whole_one(side: str) -> None:
    """From NAV to NAV, the open part hatched."""
    frame = parts(side=side)
    (axes,) = Waterfall(frame, theme="light").figure().axes
    bars = axes.patches
    assert len(frame) + 1 == len(bars)
    found = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in bars[:-1]]  # type: ignore[attr-defined]
    expected = [tuple(sorted(each)) for each in zip(frame["nav_from"], frame["nav_to"], strict=True)]
    np.testing.assert_allclose(expected, found)
    assert [bool(bar.get_hatch()) for bar in bars] == [*(frame["part"] == "open"), False]


def test_the_numbers_stand_below() -> None:
    """Epoch, date, share, worst drawdown, gain."""
    said = texts(Waterfall(parts()))
    for expected in (
        "fund · ▲ bull · 3 epochs",
        "1",
        "open",
        "whole",
        "2024-01-03",
        "+10 %",
        "100 %",
        "until",
        "share",
    ):
        assert expected in said


def test_many_runs_are_cut_and_said() -> None:
    """As in a timeline: the latest are drawn, clear of the line that names the others."""
    many = pd.concat([parts().assign(run_id=f"bull-{n}") for n in range(8)])
    drawn = Waterfall(many).figure()
    (said,) = drawn.texts
    assert "2 earlier series runs not drawn" == said.get_text()
    assert 6 == len(drawn.axes)
    assert drawn.axes[0].get_position().y1 < said.get_position()[1]
    assert [] == Waterfall(parts()).figure().texts


def test_a_decision_is_named_where_it_begins() -> None:
    """Parts under the same one repeat it by a mark, so that names do not run into each other; the text has them all."""
    frame = parts().assign(decision_id=[None, "first", "first", "second"])  # type: ignore[list-item]
    drawn = Waterfall(frame)
    assert ["first", "″", "second"] == [text for text in texts(drawn) if text in {"first", "″", "second"}]
    assert 2 == repr(drawn).count("decision first")


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_words_have_the_colours_of_the_theme(theme: str) -> None:
    """Which are legible: nothing is drawn in another."""
    drawn = Waterfall(parts(), theme=theme)
    (axes,) = drawn.figure().axes
    assert {text.get_color() for text in axes.texts} <= set(theme_of(theme).strokes())


@pytest.mark.parametrize("n_epochs", [0, 1, 12, pytest.param(400, marks=pytest.mark.slow)])
def test_any_number_of_parts_can_be_drawn(n_epochs: int) -> None:
    """No warning, and no words on top of each other if there is no room."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = Waterfall(parts(n_epochs)).figure()
        assert render(figure, "png", scale=1).startswith(b"\x89PNG")
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts if text.get_text()]
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_parts_give_the_same_bytes(kind: str) -> None:
    """Drawn twice."""
    frame = parts()
    assert render(Waterfall(frame).figure(), kind) == render(Waterfall(frame).figure(), kind)


def test_a_notebook_gets_a_picture_and_text() -> None:
    """The text is deterministic, and has every number."""
    data, _ = Waterfall(parts())._repr_mimebundle_()
    assert {"text/plain", "image/png"} == data.keys()
    assert "1 · until 2024-01-03 · NAV 1 → 1.1 · +10 % · share" in data["text/plain"]
    assert repr(Waterfall(parts())) == data["text/plain"]


def test_odd_values_are_drawn_as_nothing() -> None:
    """NaN NAVs leave a gap; markup in a name is just text."""
    frame = parts(name="$x_$<b>")
    frame.loc[0, ["nav_from", "nav_to", "gain", "share"]] = math.nan
    assert any("$x_$<b>" in text for text in texts(Waterfall(frame)))


def test_an_unknown_theme_is_an_error() -> None:
    """The error names what was expected."""
    with pytest.raises(InputError, match="no theme 'pink'"):
        ithtel.waterfall("logs", theme="pink")


def test_percent_is_short() -> None:
    """Three digits, a real minus, nothing for NaN."""
    assert ("−12.3 %", "+5 %", "", "2,500 %") == (
        percent(-0.1234),
        percent(0.05, sign=True),
        percent(math.inf),
        percent(25.0),
    )
