"""A flamegraph as one SVG file: readable as it is, searched and zoomed where its script may run."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.profiling.frames import Frame, Kind
    from ithtel.profiling.stacks import Stacks

ROW = 19
TITLE, HEAD, FOOT = 20, 32, 8
TALLEST = 620
MIN_PART = 0.0005
"""A frame narrower than that, half a pixel of a thousand, is left out."""
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


@dataclass(slots=True)
class Node:
    """A frame, how many samples it was on the stack of in this place, and what it called."""

    frame: Frame | None = None
    n: int = 0
    calls: dict[Frame, Node] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """Where a frame is drawn: its left edge and width as parts of the whole, its depth from the bottom."""

    frame: Frame
    n: int
    left: float
    width: float
    depth: int


def boxes(stacks: Stacks) -> list[Box]:
    """Return the frames to draw; siblings by name, so that the same profile is the same picture.

    >>> from ithtel.profiling.frames import Frame
    >>> from ithtel.profiling.stacks import Stacks
    >>> a, b = Frame("a", "x.py", 1, "own"), Frame("b", "x.py", 2, "own")
    >>> [(box.frame.function, box.left, box.width) for box in boxes(Stacks({(a,): 1, (a, b): 3}))]
    [('a', 0.0, 1.0), ('b', 0.0, 0.75)]
    """
    root = Node()
    for stack, n in stacks.by_function().counts.items():
        node = root
        node.n += n
        for frame in stack:
            node = node.calls.setdefault(frame, Node(frame))
            node.n += n
    return list(_laid_out(root, 0, 0, root.n))


def render(stacks: Stacks, *, title: str, facts: str = "{}", is_titled: bool = True) -> str:
    """Return the flamegraph: the outermost frame at the bottom, the hottest at the top, widths are samples.

    Args:
        stacks: What to draw.
        title: What it shows.
        facts: JSON that the file carries along.
        is_titled: Whether the title stands in the drawing, too.
    """
    placed = boxes(stacks)
    top = TITLE * is_titled
    height = top + HEAD + (max((box.depth for box in placed), default=0) + 1) * ROW + FOOT
    total = max(stacks.n_samples, 1)
    frames = "\n".join(_drawn(box, height, total) for box in placed)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}" data-n="{total}" role="img" '
        f'aria-label="{html.escape(title)}">\n'
        f"<metadata>{html.escape(facts, quote=False)}</metadata>\n"
        f'<style>{_STYLE}</style>\n<rect class="paper" width="100%" height="100%"/>\n{_heading(title, is_titled)}\n'
        f'<g id="frames">\n{frames}\n</g>\n'
        f"<script><![CDATA[\n{_SCRIPT.read_text(encoding='utf-8')}]]></script>\n</svg>\n"
    )


def height_of(drawing: str) -> int:
    """Return how high a flamegraph is, in pixels."""
    match = re.search(r'height="(\d+)"', drawing)
    return int(match[1]) if match else TALLEST


def _laid_out(node: Node, depth: int, start: int, total: int) -> Iterator[Box]:
    for frame, called in sorted(node.calls.items(), key=lambda pair: (pair[0].function, pair[0].file)):
        if called.n / total >= MIN_PART:
            yield Box(frame=frame, n=called.n, left=start / total, width=called.n / total, depth=depth)
            yield from _laid_out(called, depth + 1, start, total)
        start += called.n


def _drawn(box: Box, height: int, total: int) -> str:
    """Return one frame: an SVG of its own, so that its text is clipped at its edge, however wide the page."""
    y = height - FOOT - (box.depth + 1) * ROW
    name, tip = html.escape(box.frame.function), html.escape(f"{box.frame.text}: {box.n} samples, {box.n / total:.1%}")
    return (
        f'<svg class="frame {box.frame.kind}" x="{box.left:.4%}" y="{y}" width="{box.width:.4%}" height="{ROW - 1}">'
        f'<title>{tip}</title><rect width="100%" height="100%" rx="2"/><text x="4" y="13">{name}</text></svg>'
    )


def _heading(title: str, is_titled: bool) -> str:
    """Return the title and, below it, what the colours mean; `flamegraph.js` puts its field beside that."""
    y = TITLE * is_titled + 8
    parts = [f'<text class="ink title" x="8" y="18">{html.escape(title)}</text>'] * is_titled
    x = 8
    for kind, name in _NAMES.items():
        parts.append(
            f'<g class="{kind}"><rect x="{x}" y="{y}" width="12" height="12" rx="2"/></g>'
            f'<text class="muted" x="{x + 17}" y="{y + 10}">{name}</text>'
        )
        x += 38 + 7 * len(name)
    return "".join(parts)
