"""Displayed text is the same on every machine and in every run."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factories import Writer, log_of
from ithtel.plain_text import count, number, numbers_apart, place, texts_apart, without_addresses, without_locations
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


def _nan(payload: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0000 + payload))[0])


@given(st.floats(), st.floats())
@example(0.0, -0.0)
@example(_nan(1), _nan(2))
@example(0.1 + 0.2, 0.3)
@example(2.85503e-67, math.nextafter(2.85503e-67, 1))
def test_two_different_floats_have_different_texts(a: float, b: float) -> None:
    """To the bit; equal floats have equal texts."""
    one, other = numbers_apart(a, b)
    assert (struct.pack("<d", a) != struct.pack("<d", b)) == (one != other)


@given(st.one_of(st.integers(), st.floats(allow_nan=False)), st.integers())
def test_an_integer_differs_from_another_number(a: float, b: int) -> None:
    """Also from a float of the same size."""
    one, other = numbers_apart(a, b)
    assert (one == other) == (a == b and type(a) is type(b))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (57.0, 0.5, ("57", "0.5")),
        (1.0000001, 1.0000002, ("1.0000001", "1.0000002")),
        (0.1 + 0.2, 0.3, ("0.30000000000000004", "0.29999999999999999")),
        (0.0, -0.0, ("0", "-0")),
        (None, 1 / 3, ("–", "0.333333")),
        (12_345, 12_346, ("12,345", "12,346")),
    ],
)
def test_a_pair_of_numbers_has_as_few_digits_as_show_the_difference(
    a: float | None, b: float | None, expected: tuple[str, str]
) -> None:
    """Six at least, seventeen at most."""
    assert expected == numbers_apart(a, b)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("same\n0.12345678 s", "same\n0.12345679 s", ("0.12345678 s", "0.12345679 s")),
        ("0.10", "0.1", ("'0.10'", "'0.1'")),
        ("<A at 0x7f0011223344>\n1", "<A at 0x7f9911223344>\n2", ("1", "2")),
        ("x " * 400 + "1", "x " * 400 + "2", ("'…x x x x x 1'", "'…x x x x x 2'")),
        ("\n", "a", ("(nothing)", "a")),
        ("x", "  x", ("'x'", "'  x'")),
    ],
)
def test_a_pair_of_texts_shows_where_they_differ(a: str, b: str, expected: tuple[str, str]) -> None:
    """The first line that differs, and not in an address; the part that differs, if the line is long."""
    assert expected == texts_apart(a, b, 20)


def test_texts_that_differ_in_their_locations_only_are_not_apart() -> None:
    """Nor do equal texts."""
    assert texts_apart("/data/a/x.csv", "/home/b/x.csv") is texts_apart("a", "a\n") is None


@given(st.text(), st.text())
def test_texts_that_are_apart_are_shown_differently(a: str, b: str) -> None:
    """Neither of them as nothing."""
    found = texts_apart(a, b, 20)
    assert found is None or (found[0] != found[1] and all(each.strip() for each in found))
