"""`flamegraph` and `profile_html`: a profile as one SVG file, and as a notebook shows it.

The file can be read as it is; where its script may run, it can also be searched and zoomed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from markupsafe import Markup

from ithtel.viewer.html import element, fragment, joined, table

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["own", "library", "native"]
ROW = 19
TITLE, HEAD, FOOT = 20, 32, 8
TALLEST = 620
_SCRIPT = Path(__file__).with_name("flamegraph.js")
_NAMES: dict[Kind, str] = {"own": "your code", "library": "libraries", "native": "native"}
_STYLE = """
:root { color-scheme: light dark; }
svg { font: 12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
.paper { fill: #ffffff; } .ink { fill: #1f2328; } .muted { fill: #656d76; }
.own rect { fill: #f2a367; } .library rect { fill: #c8d8ec; } .native rect { fill: #d5dae0; }
.own text, .library text, .native text { fill: #1f2328; }
.frame { cursor: pointer; } .frame:hover rect, .frame:focus rect { stroke: #1f2328; stroke-width: 2; }
.frame:focus { outline: none; } .found rect { fill: #7b2fbf; } .found text { fill: #ffffff; }
.faded { opacity: .45; } .gone { display: none; } .title { font-weight: 600; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: 1px 6px; border: 1px solid #8b949e;
  border-radius: 4px; background: #ffffff; color: #1f2328; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #111111; } .ink { fill: #e6e8eb; } .muted { fill: #9aa2ab; }
  .own rect { fill: #d9803c; } .library rect { fill: #2d4663; } .native rect { fill: #3a3f45; }
  .own text { fill: #111111; } .library text, .native text { fill: #e6e8eb; }
  .frame:hover rect, .frame:focus rect { stroke: #e6e8eb; }
  .found rect { fill: #b98cff; } .found text { fill: #111111; }
  input { background: #111111; color: #e6e8eb; }
}
"""


class Box(NamedTuple):
    """Where a frame is drawn: its left edge and width as parts of the whole, its depth from the bottom."""

    function: str
    text: str
    kind: Kind
    n: int
    left: float
    width: float
    depth: int


def flamegraph(boxes: Sequence[Box], n_samples: int, *, title: str, facts: str = "{}", is_titled: bool = True) -> str:
    """Return the flamegraph: the outermost frame at the bottom, the hottest at the top, widths are samples.

    Args:
        boxes: The frames.
        n_samples: The number of samples of the whole profile.
        title: What it shows.
        facts: JSON that is stored in the file.
        is_titled: Whether to write the title into the drawing.
    """
    top = TITLE * is_titled
    height = top + HEAD + (max((box.depth for box in boxes), default=0) + 1) * ROW + FOOT
    total = max(n_samples, 1)
    script = Markup(_SCRIPT.read_text(encoding="utf-8"))  # noqa: S704 - a file of ours
    lines = [
        "",
        element("metadata", facts),
        element("style", Markup(_STYLE)),  # noqa: S704 - a constant
        element("rect", class_="paper", width="100%", height="100%"),
        joined(_heading(title, is_titled=is_titled)),
        element("g", "\n", joined((_frame(box, height, total) for box in boxes), "\n"), "\n", id="frames"),
        element("script", Markup("<![CDATA[\n"), script, Markup("]]>")),
        "",
    ]
    size = {"width": "100%", "height": height, "data_n": total}
    drawn = element(
        "svg", joined(lines, "\n"), xmlns="http://www.w3.org/2000/svg", **size, role="img", aria_label=title
    )
    return f"{drawn}\n"


def profile_html(title: str, remarks: Sequence[str], rows: Sequence[Sequence[str]], drawing: str | None) -> str:
    """Return a profile as a notebook shows it: the flamegraph where scripts may run, above a table for everywhere.

    Args:
        title: What was profiled.
        remarks: What to know before believing it.
        rows: Own and total time, function and hottest line of the hottest functions.
        drawing: The flamegraph; None to leave it out.
    """
    cells = [(*row[:-1], element("code", row[-1])) for row in rows]
    hottest = table(("own", "total", "function", "hottest line"), cells) if cells else ""
    paragraphs = [element("p", remark) for remark in remarks]
    return fragment(title, *paragraphs, "" if drawing is None else _isolated(drawing), hottest)


def _isolated(drawing: str) -> Markup:
    """Return the drawing in a document of its own, so that its script and ids cannot meet others on the page."""
    match = re.search(r'height="(\d+)"', drawing)
    height = min(int(match[1]) if match else TALLEST, TALLEST) + 4
    document = f'<!doctype html><meta charset="utf-8"><style>body{{margin:0}}</style>{drawing}'
    return element("iframe", title="flamegraph", srcdoc=document, style=f"width:100%;height:{height}px;border:0")


def _frame(box: Box, height: int, total: int) -> Markup:
    """Return one frame: an SVG of its own, so that its text is cut off at its edge on a page of any width."""
    return element(
        "svg",
        element("title", f"{box.text}: {box.n} samples, {box.n / total:.1%}"),
        element("rect", width="100%", height="100%", rx=2),
        element("text", box.function, x=4, y=13),
        class_=f"frame {box.kind}",
        x=f"{box.left:.4%}",
        y=height - FOOT - (box.depth + 1) * ROW,
        width=f"{box.width:.4%}",
        height=ROW - 1,
    )


def _heading(title: str, *, is_titled: bool) -> list[Markup]:
    """Return the title and, below it, what the colours mean; `flamegraph.js` puts its field beside that."""
    y = TITLE * is_titled + 8
    parts = [element("text", title, class_="ink title", x=8, y=18)] * is_titled
    x = 8
    for kind, name in _NAMES.items():
        parts.append(element("g", element("rect", x=x, y=y, width=12, height=12, rx=2), class_=kind))
        parts.append(element("text", name, class_="muted", x=x + 17, y=y + 10))
        x += 38 + 7 * len(name)
    return parts
