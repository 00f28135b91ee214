"""When a file is rotated, according to the settings."""

from __future__ import annotations

import pytest

import ithtel
from ithtel.errors import SettingError
from ithtel.recording.upkeep import Schedule, parse_rotation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("10 MB", Schedule(max_bytes=10_000_000)),
        ("500", Schedule(max_bytes=500)),
        ("1 MiB", Schedule(max_bytes=1 << 20)),
        ("2 days", Schedule(max_age_s=172_800.0)),
        ("daily", Schedule(max_age_s=86_400.0)),
        ("23:30", Schedule(at=(23, 30))),
    ],
)
def test_a_rotation_is_a_size_an_age_or_a_time(text: str, expected: Schedule | None) -> None:
    """The setting accepts each of these forms."""
    assert expected == parse_rotation(text)


@pytest.mark.parametrize(
    "changes", [{"rotation": "sometimes"}, {"retention": "long"}, {"compression": "rar"}, {"file_mode": "9"}]
)
def test_what_says_nothing_is_refused(changes: dict[str, object]) -> None:
    """The error comes before anything is written."""
    with pytest.raises(SettingError, match=f"setting '{next(iter(changes))}' does not take"):
        ithtel.start("a", **changes)


def test_a_time_of_day_is_the_next_one() -> None:
    """Times of day are in UTC."""
    midnight = 1_769_299_200.0
    assert midnight + 86_400 == Schedule(at=(0, 0)).due_at(midnight)
    assert midnight + 3_600 == Schedule(at=(1, 0)).due_at(midnight + 10)
