"""Departures follow the names, streams and files that cells pass to each other."""

from __future__ import annotations

from typing import Any

from ithtel.reading.diff.diff import diff
from research import (
    Session,
    only,
    read,
    research,
    roots,
    simple,
    value,
    wrote,
)


def test_two_planted_changes_are_both_found() -> None:
    """Each is a root of its own; cells that follow from both are listed with both."""
    difference = diff(research().log(), research(code="other", factor=3.0, seed=43, noise=0.25).log())
    assert [("[1]", "module_changed"), ("[3]", "seed_changed")] == [found[:2] for found in roots(difference)]
    assert [["[4]", "[6]"], ["[5]", "[6]"]] == [root.follows for root in difference.verdict.roots]


def test_a_file_written_by_the_session_follows_from_what_it_was_written_from() -> None:
    """A file that the session itself wrote is not a changed input."""

    def session(code: str, held: str) -> Any:
        made = Session().cell(code, wrote("out.csv", held))
        return made.cell("x = read('out.csv')", read("out.csv", held), value("x", held), writes="x").log()

    root = only(diff(session("write(1)", "1"), session("write(2)", "2")))
    assert ("code_changed", ["[2]"]) == (root.cause, root.follows)


def test_what_is_made_anew_is_clean_again() -> None:
    """A later departure of another cause does not follow from an earlier one that was overwritten."""
    a = simple(("a = 1", 1.0), ("a = 5", 5.0), ("b = a", 5.0))
    b = simple(("a = 2", 2.0), ("a = 5", 5.0), ("b = a", 6.0))
    assert [("[1]", "code_changed"), ("[3]", "unknown")] == [found[:2] for found in roots(diff(a, b))]
