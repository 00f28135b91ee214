"""Two sessions are compared: nothing is found if nothing differs, else the right cell, name and cause."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import Writer, log_of, quickstart
from ithtel.errors import LogError
from ithtel.reading.diff.diff import diff
from research import (
    NAV,
    Session,
    only,
    read,
    research,
    sha,
    simple,
    value,
    with_package,
)


def test_a_session_does_not_differ_from_itself() -> None:
    """diff(a, a) is empty."""
    difference = diff(research().log(), research().log())
    assert difference.is_empty
    assert "identical: 7 cells" == difference.text()


def test_nothing_that_differs_between_any_two_runs_counts() -> None:
    """Session, process, times and ids."""
    one, other = quickstart(), quickstart(session_id="sess_20270101_000000_000000", pid=7, start=2e9)
    assert diff(log_of(one), log_of(other)).is_empty


def test_a_value_of_the_input_is_found() -> None:
    """It is found at the cell that read it, with the cells that follow from it and no others."""
    changed = np.array([100.0, 101.5, 99.5, 103.0])
    root = only(diff(research().log(), research(csv="2", nav=changed).log()))
    assert ("[2]", "input_changed", ["nav.csv"]) == (root.label, root.cause, root.names)
    assert ["[4]", "[6]"] == root.follows


def test_a_line_of_a_module_is_found() -> None:
    """At the cell that imported it."""
    root = only(diff(research().log(), research(code="def f(x): return 3 * x", factor=3.0).log()))
    assert ("[1]", "module_changed", ["local_model"]) == (root.label, root.cause, root.names)
    assert ["[4]", "[6]"] == root.follows


def test_another_version_that_changes_nothing_is_a_note() -> None:
    """Identical, and not empty."""
    difference = diff(with_package("1.0", 2.0), with_package("1.1", 2.0))
    assert difference.is_identical
    assert not difference.is_empty
    assert "note: package smallpkg 1.0 → 1.1: no cell differs because of it" in difference.text()


def test_what_changed_around_the_cells_stands_below_a_departure_too() -> None:
    """In the text and in the notes, which JSON and HTML hold."""
    a, b = (
        Session(timezone=zone, hash_seed=zone).cell(f"a = {n}", value("a", n), writes="a").log()
        for n, zone in enumerate(("UTC", "Asia/Tokyo"))
    )
    difference = diff(a, b)
    assert "code_changed" == only(difference).cause
    for change in ("timezone UTC → Asia/Tokyo", "PYTHONHASHSEED UTC → Asia/Tokyo"):
        assert f"differs around the cells: {change}" in difference.verdict.notes
        assert f"note: differs around the cells: {change}" in difference.text()


def test_an_unfinished_record_is_compared_as_far_as_it_goes() -> None:
    """A killed kernel's last cell by its source only."""
    writer = Writer().start().cell("a = 1", writes=["a"]).cell("b = 2", status=None)
    other = Writer().start().cell("a = 1", writes=["a"]).cell("b = 2", value("b", 2), writes=["b"]).end()
    difference = diff(log_of(writer), log_of(other))
    assert difference.is_identical
    assert "ends inside a cell" in difference.text()


def test_a_session_so_far_lacks_nothing() -> None:
    """`%ithtel changed`: cells that have not run yet are not departures."""
    a = simple(("a = 1", 1.0), ("b = 2", 2.0), ("c = 3", 3.0))
    assert diff(a, simple(("a = 1", 1.0), ("b = 2", 2.0)), is_partial=True).is_identical


def test_paths_count_from_the_working_directory() -> None:
    """The same project in another folder does not differ."""
    a, b = (
        Session(cwd=cwd).cell("x = f()", read(f"{cwd}/data/nav.csv", "1"), writes="x").log()
        for cwd in ("/home/ann/p", "/tmp/copy")  # noqa: S108 - a name only
    )
    assert diff(a, b).is_empty


sources = st.sampled_from(["a = 1", "b = a", "a = b + 1", "c = a", "%timeline", "x = 3"])
sessions = st.lists(st.tuples(sources, st.sampled_from([1.0, 2.0])), max_size=7)


@given(sessions, sessions)
def test_emptiness_is_symmetric(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> None:
    """And a session never differs from itself."""
    a, b = simple(*one), simple(*other)
    assert diff(a, b).is_empty == diff(b, a).is_empty
    assert diff(a, b).is_identical == diff(b, a).is_identical
    assert diff(a, a).is_empty


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8, unique=True), st.data())
def test_a_planted_change_is_found_at_its_cell(names: list[str], data: st.DataObject) -> None:
    """One value of one cell."""
    place = data.draw(st.integers(0, len(names) - 1))
    cells = [(f"{name} = {n}", float(n)) for n, name in enumerate(names)]
    changed = [*cells]
    changed[place] = (cells[place][0], 99.0)
    root = only(diff(simple(*cells), simple(*changed)))
    assert (f"[{place + 1}]", [names[place]]) == (root.label, root.names)


def keyed(session_id: str, *, since_start: bool = True) -> Any:
    """A private session: no text, and every digest under a key of its own."""
    writer = Writer(session_id=session_id).start(config={"private": since_start})
    for name in ("nav", "both"):
        event = msgspec.structs.replace(value(name, NAV), fingerprint=f"fp1:sha256:{sha(session_id + name)}")
        writer.cell(None, event, writes=[name], source_sha256=sha(session_id))
    return log_of(writer.end())


def test_values_of_private_sessions_are_not_compared() -> None:
    """Keys differ from session to session, so that nothing that differs would say anything."""
    said = "private: values cannot be compared, because each private session keys its digests anew"
    public = log_of(Writer(session_id="sess_3").start().cell("nav = 1").end())
    for a, b, which in (
        (keyed("sess_1"), keyed("sess_2"), "both sessions are"),
        (public, keyed("sess_2"), "the second session is"),
        (keyed("sess_1", since_start=False), public, "the first session is"),
    ):
        with pytest.raises(LogError, match=f"^{which} {said}$"):
            diff(a, b)


def test_a_private_session_is_identical_with_itself() -> None:
    """Its digests have the same key."""
    assert diff(keyed("sess_1"), keyed("sess_1")).is_identical


def test_a_cell_that_asked_not_to_be_recorded_makes_no_session_private() -> None:
    """It has no digest, keyed or not."""
    a, b = (log_of(Writer(session_id=name).start().cell(None).cell("x = 1").end()) for name in ("sess_1", "sess_2"))
    assert diff(a, b).is_identical
