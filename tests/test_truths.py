"""Notebooks with a stated truth: every verb says it, and docs/replay.md shows it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from truths import CASES, Case, table, verdicts

PAGE = Path(__file__).parents[1] / "docs/replay.md"
QUICK = frozenset(
    {
        "edited_module",
        "input_above",
        "model",
        "written",
        "dropped",
        "library",
        "swapped",
        "summary",
        "folder",
        "program",
    }
)


def _right(case: Case, tmp_path: Path) -> None:
    if case.needs is not None and importlib.util.find_spec(case.needs) is None:
        pytest.skip(f"{case.needs} is not installed")
    assert case.expected == verdicts(case, tmp_path / "run")


@pytest.mark.kernel
@pytest.mark.parametrize("case", [case for case in CASES if case.name in QUICK], ids=lambda case: case.name)
def test_the_truth_is_told(case: Case, tmp_path: Path) -> None:
    """By diff, replay, check and doctor."""
    _right(case, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("case", [case for case in CASES if case.name not in QUICK], ids=lambda case: case.name)
def test_every_truth_is_told(case: Case, tmp_path: Path) -> None:
    """The other notebooks, in the soak."""
    _right(case, tmp_path)


def test_there_are_enough_notebooks() -> None:
    """At least 30, each with a name of its own; ten of them run in every test."""
    assert len({case.name for case in CASES}) == len(CASES) >= 30
    assert {case.name for case in CASES} >= QUICK
    assert len(QUICK) == 10


def test_the_page_shows_the_truths() -> None:
    """Write it anew with `python .ci/truths.py`."""
    assert table(CASES) in PAGE.read_text(encoding="utf-8")
