"""`fit`, `legible`, `write`: text that the font can show and that fits its place."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"
SIZE, SMALL = 8.5, 7.5
_EM = {SANS: 0.585, MONO: 0.603}


def fit(text: str, inches: float, size: float = SMALL, family: str = SANS) -> str:
    """Return `text`, cut with `…` to fit into `inches` at `size` points; empty if fewer than three letters fit.

    >>> fit("result = analyze(nav)", 1.0)
    'result = analyz…'
    """
    text = legible(text)
    n = int(inches * 72 / (size * _EM[family]))
    if len(text) <= n:
        return text
    return text[: n - 1].rstrip() + "…" if n > 3 else ""  # noqa: PLR2004


def legible(text: str) -> str:
    """Return `text` with `□` for characters that the font lacks, so that drawing does not warn."""
    return "".join(c if ord(c) in _glyphs() else "□" for c in text)


def write(axes: Axes, x: float, y: float, text: str, **style: Any) -> Text:  # noqa: ANN401 - matplotlib's own
    """Put `text` into `axes` unchanged: a `$` in it does not start a formula."""
    given: dict[str, Any] = {"fontsize": SMALL, "family": SANS, "va": "center"} | style
    return axes.text(x, y, text, parse_math=False, **given)


@functools.cache
def _glyphs() -> frozenset[int]:
    return frozenset(FT2Font(font_manager.findfont(SANS)).get_charmap())
