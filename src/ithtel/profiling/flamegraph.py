"""`boxes`: where each frame of a flamegraph is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ithtel.viewer.flamegraph import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.profiling.frames import Frame
    from ithtel.profiling.stacks import Stacks

MIN_PART = 0.0005
"""A narrower frame, less than half a pixel of a thousand, is left out."""


@dataclass(slots=True)
class _Node:
    """A frame, the number of samples that have it at this place of the stack, and the frames that it called."""

    frame: Frame | None = None
    n: int = 0
    calls: dict[Frame, _Node] = field(default_factory=dict)


def boxes(stacks: Stacks) -> list[Box]:
    """Return the frames to draw; siblings are sorted by name, so that the same profile is the same picture.

    >>> from ithtel.profiling.frames import Frame
    >>> from ithtel.profiling.stacks import Stacks
    >>> a, b = Frame("a", "x.py", 1, "own"), Frame("b", "x.py", 2, "own")
    >>> [(box.function, box.left, box.width) for box in boxes(Stacks({(a,): 1, (a, b): 3}))]
    [('a', 0.0, 1.0), ('b', 0.0, 0.75)]
    """
    root = _Node()
    for stack, n in stacks.by_function().counts.items():
        node = root
        node.n += n
        for frame in stack:
            node = node.calls.setdefault(frame, _Node(frame))
            node.n += n
    return list(_layout(root, 0, 0, root.n))


def _layout(node: _Node, depth: int, start: int, total: int) -> Iterator[Box]:
    for frame, called in sorted(node.calls.items(), key=lambda pair: (pair[0].function, pair[0].file)):
        if called.n / total >= MIN_PART:
            yield Box(frame.function, frame.text, frame.kind, called.n, start / total, called.n / total, depth)
            yield from _layout(called, depth + 1, start, total)
        start += called.n
