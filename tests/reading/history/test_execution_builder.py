"""The events of a cell are collected into its execution."""

from __future__ import annotations

import pytest

from factories import SHA
from ithtel import events as ev
from ithtel.reading.history.execution_builder import SCRIPT, ExecutionBuilder, relative_path


def state(number: int) -> ev.RngState:
    """Return a state of a stream."""
    return ev.RngState(stream="python", bit_generator="MT19937", state_sha256=f"{number:064d}")


def test_a_stream_has_the_states_before_and_after() -> None:
    """A single state is the one after, as of a stream that the cell made."""
    builder = ExecutionBuilder(None)
    builder.add(state(1))
    assert ({}, ["python"]) == (builder.execution(1, (), "").rng_before, [*builder.execution(1, (), "").rng_after])
    builder.add(state(2))
    found = builder.execution(1, (), "")
    assert (f"{1:064d}", f"{2:064d}") == (found.rng_before["python"].sha256, found.rng_after["python"].sha256)


def test_paths_are_relative_to_the_working_directory() -> None:
    """So that sessions in different folders can be compared."""
    builder = ExecutionBuilder(None)
    builder.add(ev.FileRead(path="/home/u/data/nav.csv", sha256=SHA, size_bytes=1, mtime_ns=1))
    assert {"data/nav.csv": SHA} == builder.execution(1, (), "/home/u").files


def test_what_ran_outside_cells_is_called_so() -> None:
    """A script has no source of its own."""
    assert SCRIPT == ExecutionBuilder(None).execution(1, (), "").source


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/w/a.csv", "a.csv"), ("./a.csv", "a.csv"), ("/other/a.csv", "/other/a.csv"), (r"b\a.csv", "b/a.csv")],
)
def test_a_path_outside_the_working_directory_is_kept(path: str, expected: str) -> None:
    """Only separators are unified."""
    assert expected == relative_path(path, "/w")
