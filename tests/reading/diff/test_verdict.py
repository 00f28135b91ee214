"""The verdict as text."""

from __future__ import annotations

import json

import numpy as np

from ithtel.reading.diff.diff import diff
from research import (
    research,
)


def test_the_text_is_the_same_again() -> None:
    """And holds the evidence."""
    changed = np.array([100.0, 101.5, 99.5, 103.0])
    texts = {diff(research().log(), research(csv="2", nav=changed).log()).text() for _ in range(2)}
    assert 1 == len(texts)
    expected = """\
departs at cell [2]: input_changed (4 of 7 cells the same)
  [2] nav = pd.read_csv("nav.csv")["NAV"]
      input_changed: nav.csv
      - file nav.csv: the content differs
      differs: value nav: float64[4] differs within the first 4 elements, mean 100.875 → 101, sd
        1.51554 → 1.36931
      what follows from it: [4], [6]
note: values not kept: nav, scaled, both"""
    assert expected == texts.pop()


def test_the_first_line_counts_what_was_given_back() -> None:
    """Of an identical replay and of one that departs."""
    same = diff(research().log(), research().log()).with_recorded_randomness(3)
    expected = "identical, with the recorded randomness of 3 generators that nobody seeded: 7 cells"
    assert expected == same.text().splitlines()[0]
    assert 3 == json.loads(same.json())["verdict"]["n_given"]
    other = diff(research().log(), research(seed=43).log()).with_recorded_randomness(1)
    assert "the same, with the recorded randomness of 1 generator that nobody seeded)" in other.text(200)
