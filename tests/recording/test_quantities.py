"""Amounts as people write them."""

from __future__ import annotations

import pytest

from ithtel.errors import SettingError
from ithtel.recording.quantities import bytes_of, needed_bytes, seconds_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.5 kB", 1500), ("2 MiB", 2 << 20), (" 7 ", 7), ("1 day", None), ("-1 B", None), ("", None)],
)
def test_bytes_have_decimal_and_binary_units(text: str, expected: int | None) -> None:
    """A text that is not an amount gives None."""
    assert expected == bytes_of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90 s", 90.0), ("1.5 hours", 5400.0), ("2 weeks", 1_209_600.0), ("5", None), ("10 MB", None)],
)
def test_durations_need_a_unit(text: str, expected: float | None) -> None:
    """In the singular, the plural or abbreviated."""
    assert expected == seconds_of(text)


def test_an_empty_setting_has_no_amount() -> None:
    """Zero is one."""
    assert (None, 0) == (needed_bytes("max_log_bytes", " "), needed_bytes("max_log_bytes", "0"))


def test_a_setting_that_is_no_amount_is_refused() -> None:
    """The error names the setting, the value and an example."""
    with pytest.raises(
        SettingError, match="setting 'backlog' does not take 'much': expected an amount such as '100 MB'"
    ):
        needed_bytes("backlog", "much")
