"""A timeline as a matplotlib figure, on a screen or in a file: the same bytes for the same timeline."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ithtel.errors import InputError
from ithtel.viewer.composition import DPI, compose, plain_style
from ithtel.viewer.theme import theme_of

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

    from ithtel.reading.timeline.timeline import Timeline

# what differs from run to run or from version to version is left out of the file
_METADATA: dict[str, dict[str, None]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
MIN_WIDTH, MAX_WIDTH = 320, 6000


def figure(timeline: Timeline, *, theme: str = "auto", width: float = 800) -> Figure:
    """Draw `timeline`: each series with its epochs, then what ran, in order of execution.

    Args:
        timeline: What to draw.
        theme: `light`, `dark`, or `auto`: transparent, legible on both.
        width: In pixels at 100 dots per inch; the height follows from the content.

    Raises:
        InputError: No such theme, or a width that nothing can be drawn in.

    >>> from ithtel.reading.timeline.timeline import Timeline
    >>> figure(Timeline(name="demo")).get_size_inches()[0]
    np.float64(8.0)
    """
    colours = theme_of(theme)
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        raise InputError(f"a width of {width} pixels: {MIN_WIDTH} to {MAX_WIDTH} are possible")
    with plain_style():
        return compose(timeline, colours, width / DPI)


def save(figure: Figure, path: str | os.PathLike[str], *, scale: float = 2) -> Path:
    """Write a figure to a `.png` (at `scale` times 100 dots per inch) or `.svg` file and return its path.

    Raises:
        InputError: Another suffix.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _METADATA:
        raise InputError(f"{path.name!r}: a picture is a .png or a .svg file")
    path.write_bytes(render(figure, kind, scale=scale))
    return path


def render(figure: Figure, kind: str, *, scale: float = 2) -> bytes:
    """Return the bytes of a figure as `png` or `svg`."""
    buffer = io.BytesIO()
    with plain_style():
        figure.savefig(
            buffer, format=kind, dpi=figure.dpi * (scale if kind == "png" else 1), metadata=_METADATA[kind],
            facecolor=figure.get_facecolor(), edgecolor="none",
        )  # fmt: skip
    return buffer.getvalue()


class Drawn(ABC):
    """Something as a notebook shows it: a picture where it can, its text where it cannot."""

    @abstractmethod
    def figure(self) -> Figure:
        """Return the matplotlib figure, drawn anew."""

    @abstractmethod
    def __repr__(self) -> str: ...

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a `.png` or `.svg` file."""
        return save(self.figure(), path)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        drawn = self.figure()
        width, height = (round(inches * drawn.dpi) for inches in drawn.get_size_inches())
        data = {"text/plain": repr(self), "image/png": render(drawn, "png")}
        return data, {"image/png": {"width": width, "height": height}}


class Picture(Drawn):
    """A timeline as a notebook shows it.

    >>> from ithtel.reading.timeline.timeline import Timeline
    >>> Picture(Timeline(name="demo"))
    demo · no cells
    """

    def __init__(self, timeline: Timeline, *, theme: str = "auto", width: float = 800) -> None:
        self.timeline = timeline
        self.theme = theme
        self.width = width

    def figure(self) -> Figure:
        """Return the matplotlib figure, drawn anew."""
        return figure(self.timeline, theme=self.theme, width=self.width)

    def __repr__(self) -> str:
        return self.timeline.text()
