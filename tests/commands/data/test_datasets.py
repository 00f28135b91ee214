"""Each data set is read from an installed package, without a network."""

from __future__ import annotations

import importlib.util
import sys

import pytest

import ithtel
from ithtel.commands.data import datasets
from ithtel.errors import InputError
from ithtel.events import DataLoad


@pytest.mark.parametrize(("name", "length", "first"), [("google", 1047, 100.34), ("stocks", 356, 10.970438003540039)])
def test_data_sets_of_matplotlib_need_no_network(name: str, length: int, first: float) -> None:
    """Their first value and their length are known, and their times increase."""
    nav = getattr(datasets, name)()
    assert (first, True) == (nav.iloc[0], nav.index.is_monotonic_increasing)
    assert length <= len(nav)


def test_an_unknown_stock_is_an_error() -> None:
    """The message suggests the nearest name."""
    with pytest.raises(InputError, match=r"no series 'AAPLE' \(did you mean 'AAPL'\?\)"):
        datasets.stocks("AAPLE")


@pytest.mark.parametrize("name", ["sp500", "nasdaq", "wti"])
def test_data_sets_of_arch_are_read_without_importing_it(name: str) -> None:
    """With the extra `demo` they are found in its folder; importing arch would take ten seconds."""
    if importlib.util.find_spec("arch") is None:
        pytest.skip("the extra demo is not installed")
    before = "arch" in sys.modules  # another test may have imported it
    assert len(getattr(datasets, name)()) > 4_000
    assert before == ("arch" in sys.modules)


def test_a_data_set_is_recorded() -> None:
    """The event names the package and the file."""
    session = ithtel.start("a", git=False)
    datasets.google()
    assert ["matplotlib:goog.npz"] == [event.source_path for event in ithtel.read(session.path).events(DataLoad)]
