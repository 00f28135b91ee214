"""Small drawings as SVG text: the same for the same numbers, coloured by the page around them."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """From numbers to pixels, straight or by logarithm; what lies outside is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        """Return where `value` lies.

        >>> Scale(low=0, high=2, start=0, end=100)(1)
        50.0
        """
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.is_log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        share = (at - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)


def drawing(width: float, height: float, parts: Iterable[str], *, label: str) -> str:
    """Return a drawing that takes the width of the page, at most its own."""
    size = f'viewBox="0 0 {px(width)} {px(height)}" style="max-width:{px(width)}px"'
    return f'<svg {size} role="img" aria-label="{html.escape(label)}">{"".join(parts)}</svg>'


def px(value: float) -> str:
    """Return a coordinate, to a hundredth of a pixel.

    >>> px(1.0), px(0.126), px(-0.0)
    ('1', '0.13', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def text(x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> str:
    """Return a text; `kind` names a class of the page's style."""
    look = f' class="{kind}"' if kind else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{px(x)}" y="{px(y)}"{look}{where}>{html.escape(said)}</text>'


def line(x0: float, y0: float, x1: float, y1: float, kind: str = "axis") -> str:
    """Return a straight line."""
    return f'<line x1="{px(x0)}" y1="{px(y0)}" x2="{px(x1)}" y2="{px(y1)}" class="{kind}"/>'


def rect(  # noqa: PLR0917 - SVG has four numbers first
    x: float, y: float, width: float, height: float, kind: str, title: str = "", opacity: float = 1
) -> str:
    """Return a filled rectangle; `title` is what shows when the pointer rests on it."""
    faint = "" if opacity >= 1 else f' fill-opacity="{px(opacity)}"'
    box = f'<rect x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}" class="{kind}"{faint}'
    return f"{box}><title>{html.escape(title)}</title></rect>" if title else f"{box}/>"


def dot(x: float, y: float, radius: float, kind: str, title: str = "") -> str:
    """Return a filled circle."""
    circle = f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(radius)}" class="{kind}"'
    return f"{circle}><title>{html.escape(title)}</title></circle>" if title else f"{circle}/>"


def curve(xs: Sequence[float], ys: Sequence[float], kind: str) -> str:
    """Return a line through points; it breaks where one is not finite."""
    words, pen = [], "M"
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(x) and math.isfinite(y):
            words.append(f"{pen}{px(x)} {px(y)}")
            pen = "L"
        else:
            pen = "M"
    return f'<path d="{"".join(words)}" class="{kind}"/>'


def ticks(low: float, high: float, n: int = 4) -> list[float]:
    """Return about `n` round numbers from `low` to `high`.

    >>> ticks(0, 1)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    rough = span / n
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(np.round(i * step, 12)) for i in range(first, last + 1)]
