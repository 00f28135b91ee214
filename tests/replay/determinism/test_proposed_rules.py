"""Rules for nbval's sanitizer: they make the texts of two runs equal, today and tomorrow."""

from __future__ import annotations

import pytest

from ithtel.replay.determinism.proposed_rules import MAX_RULES, proposed_rules
from ithtel.replay.determinism.sanitizing import sanitize

CASES = [
    ("done at 13:37:34", "done at 13:37:36", "done at 04:01:00"),
    ("run 2026-11-28 13:37:34.12", "run 2026-11-28 13:37:36.92", "run 2027-01-02 00:00:00.00"),
    ("Date:  Sat, 28 Nov 2026  Time: 13:37:34", "Date:  Sat, 28 Nov 2026  Time: 13:37:35",
     "Date:  Mon, 04 Jan 2027  Time: 01:00:00"),
    ("took 0.5 s", "took 750 ms", "took 12 µs"),
    ("<a at 0x7f00aabbcc>", "<a at 0x7f00aabbdd>", "<a at 0x55aa11223344>"),
    ("file /tmp/tmpabc/x.csv", "file /tmp/tmpdef/x.csv", "file /tmp/tmp123_/x.csv"),
    ("id 123e4567-e89b-12d3-a456-426614174000", "id 123e4567-e89b-12d3-a456-426614174001",
     "id 00000000-1111-2222-3333-444444444444"),
    ("pid 17", "pid 170", "pid 4"),
    ("seconds since: 1764337034.5", "seconds since: 1764337036.5", "seconds since: 1799999999.1"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "tomorrow"), CASES)
def test_a_rule_of_a_known_shape_holds_tomorrow(one: str, other: str, tomorrow: str) -> None:
    """Though both runs happened in one minute of one day, no rule holds that minute or day."""
    rules = proposed_rules(one, other)
    assert rules
    assert sanitize(one, rules) == sanitize(other, rules) == sanitize(tomorrow, rules)


def test_what_is_equal_and_no_time_stays_in_the_rule() -> None:
    """A rule hides no more than it must: the number of rows still counts."""
    rules = proposed_rules("read 100 rows in 0.5 s", "read 100 rows in 0.7 s")
    assert sanitize("read 101 rows in 0.5 s", rules) == "read 101 rows in 0.5 s"


@pytest.mark.parametrize(("one", "other"), [("12.5", "13.5"), ("a", "b"), ("", "x 1"), ("a 1\n", "a 1\nb 2\n")])
def test_a_rule_that_would_match_nearly_anything_is_not_proposed(one: str, other: str) -> None:
    """A bare number is a result."""
    assert [] == proposed_rules(one, other)


def test_there_are_not_too_many_rules() -> None:
    """With more volatile lines, ignoring the output is the better fix."""
    one, other = ("\n".join(f"{name} took {n}.{k} s" for n, name in enumerate("abcdefgh")) for k in (1, 2))
    assert 8 > MAX_RULES
    assert [] == proposed_rules(one, other)
