"""`square` and `labelled_square`: the cells of a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.viewer.svg import rect, text

if TYPE_CHECKING:
    from markupsafe import Markup


def labelled_square(x: float, y: float, width: float, height: float, value: float) -> list[Markup]:
    """Return a cell with its value as text, two decimals without the leading zero."""
    label = f"{value:.2f}".replace("0.", ".").replace("-", "−").replace("−.00", ".00")
    centre = text(x + width / 2, y + height / 2 + 3.5, label, "small", "middle")
    return [square(x, y, width, height, value), centre]


def square(  # noqa: PLR0917 - as rect
    x: float, y: float, width: float, height: float, value: float, title: str = ""
) -> Markup:
    """Return a cell whose colour shows the sign of a value from -1 to 1 and whose opacity shows its size."""
    kind = "bull-fill" if value >= 0 else "bear-fill"
    return rect(x, y, width - 1, height - 1, kind, title, round(min(abs(value), 1.0) * 0.72 + 0.02, 2))
