"""`LineageView`: a lineage as text, and as a graph in SVG that is the same for the same run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ithtel.errors import InputError
from ithtel.plain_text import short
from ithtel.viewer.html import element, joined
from ithtel.viewer.svg import px
from ithtel.viewer.theme import theme_of

if TYPE_CHECKING:
    import os

    from markupsafe import Markup

    from ithtel.reading.lineage.lineage import Lineage, Step
    from ithtel.viewer.theme import Theme

WIDTH, TOP, ROW, FOOT = 760, 34, 46, 30
_GUTTER, _BOX, _REACH, _MAX_REACH = 110, 32, 16, 84
_N_SOURCE, _N_DETAIL = 62, 92
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
_SANS = "system-ui,sans-serif"


class LineageView:
    """A lineage as a notebook shows it: its text, and with `graph` a drawing too."""

    def __init__(self, lineage: Lineage, *, graph: bool = False, theme: str = "auto") -> None:
        self.lineage = lineage
        self.graph = graph
        self.theme = theme_of(theme)

    def __repr__(self) -> str:
        return self.lineage.text()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        data = {"text/plain": repr(self)}
        return {**data, "image/svg+xml": self.svg()} if self.graph else data

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the graph to a `.svg` file.

        Raises:
            InputError: The file has another suffix.
        """
        file = Path(path)
        if file.suffix.lower() != ".svg":
            raise InputError(f"cannot draw a lineage in {str(path)!r}: expected a .svg file")
        file.write_text(self.svg() + "\n", encoding="utf-8")
        return file

    def svg(self) -> str:
        """Return the graph: one row per step in order of execution, arcs from what is made to what uses it."""
        steps, theme = self.lineage.steps, self.theme
        height = TOP + ROW * len(steps) + FOOT
        rows = {step.place: TOP + ROW * row + _BOX / 2 for row, step in enumerate(steps)}
        parts = [_text(8, 20, f"{self.lineage.name} {self.lineage.kind}".strip(), theme.ink, size=14, bold=True)]
        parts += [_arc(rows[use.place], rows[step.place], use.name, theme) for step in steps for use in step.uses
                  if use.place in rows]  # fmt: skip
        parts += [part for step in steps for part in _box(step, rows[step.place], theme, is_last=step is steps[-1])]
        parts.append(_text(8, height - 10, self.lineage.fingerprints(), theme.muted, size=11))
        size = {"width": WIDTH, "height": height, "viewBox": f"0 0 {WIDTH} {height}"}
        label = f"lineage of {self.lineage.name}"
        return str(
            element("svg", joined(parts), xmlns="http://www.w3.org/2000/svg", **size, role="img", aria_label=label)
        )


def _box(step: Step, middle: float, theme: Theme, *, is_last: bool) -> list[Markup]:
    colour = theme.bull if is_last else theme.muted
    top = middle - _BOX / 2
    source = f"{step.label} {short(step.source, _N_SOURCE)}"
    detail = " · ".join(filter(None, [f"→ {', '.join(step.makes)}", step.detail]))
    size = {"x": _GUTTER, "y": px(top), "width": WIDTH - _GUTTER - 8, "height": _BOX}
    return [
        element("rect", **size, rx=4, fill=colour, fill_opacity=theme.fill_alpha, stroke=colour),
        _text(_GUTTER + 8, top + 13, source, theme.ink, size=11, mono=True),
        _text(_GUTTER + 8, top + 26, short(detail, _N_DETAIL), theme.muted, size=10),
    ]


def _arc(start: float, end: float, name: str, theme: Theme) -> Markup:
    """Draw from the row that makes a name to the row that uses it: the longer the arc, the wider it is."""
    reach = min(_MAX_REACH, _REACH + 12 * (end - start) / ROW)
    x = _GUTTER - 2
    path = f"M{x} {px(start + 5)}C{px(x - reach)} {px(start + 5)} {px(x - reach)} {px(end - 5)} {x} {px(end - 5)}"
    tip = f"M{x - 5} {px(end - 8)}L{x} {px(end - 5)}L{x - 5} {px(end - 2)}"
    label = _text(x - reach * 0.75 - 4, (start + end) / 2 + 3, short(name, 12), theme.muted, size=9, anchor="end")
    arc = element("path", element("title", name), d=path + tip, fill="none", stroke=theme.price)
    return joined([arc, label])


def _text(
    x: float,
    y: float,
    content: str,
    colour: str,
    *,
    size: int,
    mono: bool = False,
    bold: bool = False,
    anchor: str = "start",
) -> Markup:
    look = {"font_family": _MONO if mono else _SANS, "font_size": size, "fill": colour}
    look |= {"font_weight": 600 if bold else None, "text_anchor": anchor, "xml:space": "preserve"}
    return element("text", content, x=px(x), y=px(y), **look)
