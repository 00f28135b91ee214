"""The layout of a flamegraph."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.profiling.flamegraph import boxes
from ithtel.profiling.frames import Frame
from ithtel.profiling.stacks import Stacks

if TYPE_CHECKING:
    from ithtel.viewer.flamegraph import Box


def own(function: str, line: int = 1) -> Frame:
    """Return a frame of the user's own code."""
    return Frame(function, "hot.py", line, "own")


def test_lines_of_one_function_are_one_frame() -> None:
    """Their samples are added."""
    placed = boxes(Stacks({(own("main"), own("burn", 6)): 70, (own("main"), own("burn", 7)): 30}))
    assert [("main", 0, 1.0), ("burn", 1, 1.0)] == [(box.function, box.depth, box.width) for box in placed]


@given(st.dictionaries(st.lists(st.sampled_from("abcd").map(own), min_size=1, max_size=5).map(tuple),
                       st.integers(1, 50), min_size=1, max_size=9))  # fmt: skip
def test_no_frame_is_wider_than_its_caller(counts: dict[tuple[Frame, ...], int]) -> None:
    """Frames of one row do not overlap, each lies within one of the row below, and the lowest row is complete."""
    rows: dict[int, list[Box]] = {}
    for box in boxes(Stacks(counts)):
        rows.setdefault(box.depth, []).append(box)
    assert 1.0 == pytest.approx(sum(box.width for box in rows[0]))
    for depth, row in rows.items():
        row.sort(key=lambda box: box.left)
        for left, right in itertools.pairwise(row):
            assert left.left + left.width <= right.left + 1e-9
        for box in row if depth else []:
            assert any(o.left - 1e-9 <= box.left and box.left + box.width <= o.left + o.width + 1e-9
                       for o in rows[depth - 1])  # fmt: skip
