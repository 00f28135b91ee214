"""The picture of an analysis shows what its log shows."""

from __future__ import annotations

import math

import pytest

import ithtel
from ithtel.commands.ith.picture import picture_of
from ithtel.commands.ith.recorded_run import events_of
from ithtel.errors import InputError
from ithtel.reading.timeline.build import timeline


@pytest.mark.parametrize("hurdle", ["mdd", "expanding", 0.5])
def test_a_picture_has_the_panels_of_the_log(hurdle: str | float) -> None:
    """Series, epochs, hurdles and metrics are the same; only the ids of the runs differ."""
    with ithtel.start("a", git=False) as session:
        analysis = ithtel.analyze(ithtel.datasets.google(), hurdle=hurdle)
    (recorded,) = timeline(ithtel.read(session.path)).panels
    (drawn,) = analysis.plot().timeline.panels
    for name in ("name", "n_bars", "start_time", "end_time", "first", "min", "max", "last"):
        assert getattr(recorded, name) == getattr(drawn, name)
    for one, other in zip(recorded.runs, drawn.runs, strict=True):
        assert (one.side, one.name, one.config, one.epochs) == (other.side, other.name, other.config, other.epochs)
        assert (one.hurdle, one.is_finished) == (other.hurdle, other.is_finished)
        assert one.metrics["n_epochs"] == other.metrics["n_epochs"]


def test_a_picture_needs_no_epochs() -> None:
    """The series is drawn alone, and its metrics that are not defined are left out."""
    analysis = ithtel.analyze([1.0, 0.9], side="bull", hurdle=0.5)
    assert math.isnan(analysis.bull.intervals_cv)
    picture = analysis.plot(theme="light")
    assert "nav · 2 bars" in repr(picture)
    assert "nan" not in repr(picture)
    assert 1 == len(picture.figure().axes)


def test_an_unknown_theme_is_an_error() -> None:
    """It is reported when the picture is asked for, not when it is drawn."""
    nav = ithtel.analyze([1.0, 1.1], side="bull", hurdle=0.05)
    events = events_of(nav.nav, "bull", nav.bull.config, nav.bull.epochs, nav.bull.metrics(nav.nav))
    with pytest.raises(InputError, match="no theme 'pink'"):
        picture_of("nav", events, theme="pink")
