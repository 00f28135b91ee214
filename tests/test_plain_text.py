"""Displayed text is the same on every machine and in every run."""

from __future__ import annotations

import pytest

from factories import Writer, log_of
from ithtel.plain_text import count, number, place, without_addresses, without_locations
from ithtel.reading.timeline.build import timeline


@pytest.mark.parametrize(
    ("given", "hidden", "shown"),
    [
        ("pd.read_csv('/home/ann/secret/nav.csv')", "ann", "…/nav.csv"),
        ("pd.read_csv('~/data/nav.csv')", "~", "…/nav.csv"),
        (r"pd.read_csv('C:\Users\ann\nav.csv')", "ann", "…/nav.csv"),
        ("pd.read_csv('data/nav.csv')", "…", "data/nav.csv"),
        ("get('https://host/a/b')", "…", "https://host/a/b"),
        ("x = a / b", "…", "x = a / b"),
    ],
)
def test_folders_of_absolute_paths_are_left_out(given: str, hidden: str, shown: str) -> None:
    """Relative paths, addresses and division stay as they are."""
    text = timeline(log_of(Writer().start().cell(given))).text()
    assert hidden not in text
    assert shown in text


def test_messages_hold_no_address_and_no_long_number() -> None:
    """What differs from run to run is taken out of warnings; plain information is not shown."""
    writer = Writer().start()
    writer.line({}, msg="bad <T at 0x7f0011223344> 0.123456789 in /tmp/x/y.py", level="WARNING")
    writer.line({}, msg="quiet", level="INFO")
    text = timeline(log_of(writer)).text()
    assert "warning: bad <T at 0x…> 0.123457 in …/y.py" in text
    assert "quiet" not in text
    assert "1 warning" in text


@pytest.mark.parametrize(
    ("value", "expected"), [(None, "–"), (0, "0"), (0.0, "0"), (9_999, "9999"), (12_345, "12,345"), (1 / 3, "0.333333")]
)
def test_a_number_has_six_digits_and_a_missing_one_a_dash(value: float | None, expected: str) -> None:
    """Zero is a number."""
    assert expected == number(value)


def test_a_noun_agrees_with_its_number() -> None:
    """None of a thing is plural."""
    assert ["0 cells", "1 cell", "2 cells"] == [count(n, "cell") for n in range(3)]


def test_a_source_of_data_is_displayed_without_its_folder() -> None:
    """Relative paths are the same on every machine, so they are kept."""
    assert ["nav.csv", "data/nav.csv"] == [place(path) for path in (r"C:\data\nav.csv", "data/nav.csv")]


def test_addresses_are_replaced_and_short_numbers_kept() -> None:
    """A hexadecimal number of fewer than six digits is not an address."""
    assert "<A at 0x…> 0xff" == without_addresses("<A at 0x7f0011223344> 0xff")


def test_a_text_without_locations_is_the_same_in_every_process_and_folder() -> None:
    """All of its lines are kept."""
    one, other = "<A at 0x7f0011223344>\n/tmp/a/x.csv", "<A at 0x7f9911223344>\n/home/b/x.csv"
    assert without_locations(one) == without_locations(other) == "<A at 0x…>\n…/x.csv"
