"""Jobs side by side: all done, in order, by this thread too, and none left behind."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1 import cores
from ithtel.provenance.fp1.cores import side_by_side


@pytest.fixture(autouse=True)
def _three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 3)  # type: ignore[attr-defined]


@given(st.lists(st.integers(), max_size=20))
def test_results_come_in_the_order_of_the_jobs(numbers: list[int]) -> None:
    """Whoever did them."""
    assert numbers == side_by_side([lambda number=number: number for number in numbers])  # type: ignore[misc]


def test_as_many_at_once_as_there_are_cores() -> None:
    """Three wait for each other, one of them in the caller's thread."""
    together = threading.Barrier(3, timeout=10)

    def job() -> int:
        together.wait()
        return threading.get_ident()

    assert threading.get_ident() in side_by_side([job] * 3)


def test_the_first_error_in_order_is_raised() -> None:
    """Though a later one happened before; and the rest is not begun."""
    begun: list[int] = []
    second_failed = threading.Event()

    def fails(place: int) -> None:
        begun.append(place)
        if place == 1:
            second_failed.set()
            raise ValueError("second")
        if place == 0:
            second_failed.wait(10)
            raise KeyError("first")

    with pytest.raises(KeyError, match="first"):
        side_by_side([lambda place=place: fails(place) for place in range(50)])  # type: ignore[misc]
    assert len(begun) < 50


def test_an_interrupt_leaves_no_thread_behind() -> None:
    """It goes on to the caller once those under way have ended."""
    caller = threading.get_ident()
    interrupted = threading.Event()

    def job() -> None:
        if threading.get_ident() == caller:
            interrupted.set()
            raise KeyboardInterrupt
        interrupted.wait(10)

    with pytest.raises(KeyboardInterrupt):
        side_by_side([job] * 20)
    assert [] == [thread for thread in threading.enumerate() if thread.name == "ithtel-digest"]


def test_without_threads_this_one_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a browser."""

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert [threading.get_ident()] * 5 == side_by_side([threading.get_ident] * 5)
