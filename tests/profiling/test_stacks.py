"""Stacks: counted, folded, written and read again, and the hottest functions among them."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ithtel.profiling.frames import Frame, Places, RawFrame
from ithtel.profiling.stacks import Stacks, parse


def own(function: str, line: int = 1) -> Frame:
    """Return a frame of the user's own."""
    return Frame(function, "hot.py", line, "own")


def test_the_hottest_function_is_the_one_whose_lines_and_libraries_take_the_time() -> None:
    """Not its caller; its hottest line is named."""
    library = Frame("sort", "numpy/x.py", 9, "library")
    stacks = Stacks({(own("main"), own("burn", 6), library): 5, (own("main"), own("burn", 7)): 3, (own("main"),): 2})
    burn, main = stacks.hottest()
    assert ("burn", "hot.py:6", 0.8, 0.8) == (burn.function, burn.where, burn.own, burn.total)
    assert ("main", "hot.py:1", 0.2, 1.0) == (main.function, main.where, main.own, main.total)


def test_recursion_counts_once() -> None:
    """The total of a function is at most everything."""
    assert [1.0] == [hot.total for hot in Stacks({(own("f"), own("f"), own("f")): 4}).hottest()]


def test_without_own_code_libraries_are_ranked() -> None:
    """As of `python -m package`."""
    sort = Frame("sort", "numpy/x.py", 9, "library")
    assert ["sort"] == [hot.function for hot in Stacks({(sort,): 3}).hottest()]


names = st.text("abcdefgh_<>.", min_size=1, max_size=8)
frames = st.builds(RawFrame, names, names.map(lambda name: f"/x/{name}.py"), st.integers(1, 999))
raw_stacks = st.dictionaries(st.lists(frames, min_size=1, max_size=6).map(tuple), st.integers(1, 99), max_size=8)


@given(raw_stacks)
def test_what_is_written_is_read_again(raw: dict[tuple[RawFrame, ...], int]) -> None:
    """Folded stacks, in the form of py-spy."""
    text = "".join(f"{';'.join(f'{f.function} ({f.file}:{f.line})' for f in stack)} {n}\n" for stack, n in raw.items())
    assert Counter(raw) == parse(f"# a remark 7\n{text}\n")


@given(raw_stacks)
def test_folding_loses_and_invents_nothing(raw: dict[tuple[RawFrame, ...], int]) -> None:
    """All frames are the user's own here: samples stay, by function as by line."""
    stacks = Stacks.fold(Counter(raw), Places())
    assert sum(raw.values()) == stacks.n_samples == stacks.by_function().n_samples
    assert sum(raw.values()) == parse(stacks.folded()).total()
