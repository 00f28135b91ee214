"""The axes of a panel."""

from __future__ import annotations

import pytest

from drawings import NAV, of, words
from factories import ith_run
from ithtel.viewer.timeline.scales import compact, round_values
from ithtel.viewer.timeline.timeline import figure


def test_dates_of_the_ends_are_shown() -> None:
    """The first and the last bar have their dates, with the time unless it is midnight."""
    times = [f"2024-01-01T{n // 60:02d}:{n % 60:02d}:00Z" for n in range(400)]
    assert {"2024-01-01", "2024-01-01 06:39"} <= set(words(figure(of(*ith_run(NAV, 0.1, times=times).events))))


@pytest.mark.parametrize(("low", "high", "is_log"), [(0.9, 1.1, False), (1, 1000, True), (1e-3, 1e12, True)])
def test_marks_are_round_and_inside(low: float, high: float, is_log: bool) -> None:
    """Two to nine of them."""
    found = round_values(low, high, is_log=is_log)
    assert 2 <= len(found) <= 9
    assert all(low <= value <= high for value in found)


@pytest.mark.parametrize(("value", "text"), [(1022.62, "1022.6"), (8.4891e7, "8.49e7"), (1.5e-9, "1.5e-9")])
def test_a_level_has_few_characters(value: float, text: str) -> None:
    """Five digits, or three and an exponent."""
    assert text == compact(value)
