"""The records of a session become its history."""

from __future__ import annotations

from factories import Writer, ith_run, log_of, quickstart, seed_set, walk
from ithtel import events as ev
from ithtel.reading.history.build import REPLAY_MARK, history


def test_executions_are_in_order_with_their_results() -> None:
    """Each has its source, status, names, seeds and algorithms."""
    cells = history(log_of(quickstart())).executions
    assert ["ok", "ok", "error", "ok", "interrupted"] == [cell.status for cell in cells]
    assert [42] == cells[0].seeds
    assert ("NameError", "name 'nva' is not defined") == cells[2].error
    assert ["bull_ith", "bear_ith"] == [each.name for each in cells[3].algorithms]


def test_cells_that_replay_adds_are_left_out() -> None:
    """The places of the others do not count them."""
    writer = Writer().start().cell(f"{REPLAY_MARK}\nsetup()").cell("a = 1")
    assert [(1, "a = 1")] == [(cell.place, cell.source) for cell in history(log_of(writer)).executions]


def test_events_outside_cells_are_those_of_a_script() -> None:
    """A session without cells is compared by its script."""
    writer = Writer().start()
    for event in (seed_set(), *ith_run(walk(100), 0.05).events):
        writer.emit(event)
    found = history(log_of(writer))
    assert found.script is not None
    assert ([42], 1) == (found.script.seeds, len(found.script.algorithms))
    assert [found.script] == found.steps


def test_packages_are_those_of_the_session_and_its_cells() -> None:
    """The latest version of each counts, and ithtel itself does not."""
    writer = Writer().start()
    writer.emit(ev.EnvironmentChanged(packages={"numpy": "1", "ithtel": "0"}, threads={}))
    writer.cell("import pandas", ev.EnvironmentChanged(packages={"pandas": "2"}, threads={"blas": 4}))
    environment = history(log_of(writer)).environment
    assert {"numpy": "1", "pandas": "2"} == environment.packages
    assert {"blas": 4} == environment.threads


def test_a_session_with_keyed_digests_is_private() -> None:
    """A cell that is switched off has neither source nor digest, and does not count."""
    off = history(log_of(Writer().start().cell(None)))
    keyed = history(log_of(Writer().start().cell(None, source_sha256="ab" * 32)))
    assert (False, True) == (off.is_private, keyed.is_private)
