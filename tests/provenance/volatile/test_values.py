"""Values that hold the present moment, folder or process have a second form without it."""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from ithtel.provenance.fingerprint import fingerprint
from ithtel.provenance.volatile.surroundings import Look, Surroundings
from ithtel.provenance.volatile.values import measured_names, stable_form, without_volatile

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def look() -> Look:
    """A look at a cell that begins now."""
    return Surroundings().look()


PRESENT: list[Callable[[], object]] = [
    dt.datetime.now, dt.date.today, time.time, time.perf_counter, time.time_ns, Path.cwd, os.getcwd, os.getpid,
    uuid.uuid1, lambda: pd.Timestamp.now(tz="UTC"), lambda: np.datetime64("now"),
    lambda: {"started": dt.datetime.now(), "n": 3}, lambda: [("a", Path.cwd() / "x")],  # noqa: DTZ005
    lambda: f"run at {dt.datetime.now():%Y%m%d_%H%M%S}",  # noqa: DTZ005
]  # fmt: skip


@pytest.mark.parametrize("make", PRESENT)
def test_the_present_is_left_out(make: Callable[[], object], look: Look) -> None:
    """The value itself is not changed."""
    value = make()
    assert without_volatile(value, look) is not None


@pytest.mark.parametrize(
    "value",
    [dt.datetime(2024, 3, 5), dt.date(2024, 3, 5), 42, 3.14, 1e9, "text", "2024-03-05", None,  # noqa: DTZ001
     True, [1, 2], {"a": (1.5, "b")},
     Path("data/x.csv"), uuid.UUID(int=7), float("nan"), float("inf"), -1.0, np.float64(0.1), object(), b"x"],
)  # fmt: skip
def test_data_is_left_alone(value: object, look: Look) -> None:
    """It has no second form."""
    assert without_volatile(value, look) is None


def test_a_measured_duration_is_known_by_the_text_of_its_cell(look: Look) -> None:
    """A difference of two readings of a clock."""
    source = "took = time.time() - began\nms = (perf_counter() - t0) * 1e3\nscore = f(time.time()) - 1\nn = 3 - 2"
    assert {"took", "ms"} == measured_names(source)
    assert without_volatile(0.25, look, is_measured=True) == without_volatile(0.5, look, is_measured=True) is not None


def test_cells_of_a_table_are_examined(look: Look) -> None:
    """Another number beside a path still counts."""

    def form(folder: Path, number: int) -> object:
        frame = pd.DataFrame({"path": [str(folder / "x"), "y"], "n": [number, 2]})
        found = stable_form(frame, fingerprint(frame), look)
        return None if found is None else found[0]

    above = Path.cwd().parent
    assert form(Path.cwd(), 1) == form(above, 1) is not None
    assert form(Path.cwd(), 1) != form(above, 2)


def test_arrays_of_text_are_examined(look: Look) -> None:
    """Their dtype depends on the length of the folder."""
    one, other = (np.array([str(folder), "b"]) for folder in (Path.cwd(), Path.cwd().parent))
    assert stable_form(one, fingerprint(one), look) == stable_form(other, fingerprint(other), look) is not None


def test_a_moment_is_recognised_later(look: Look) -> None:
    """In a text of a later cell."""
    now = dt.datetime.now()  # noqa: DTZ005
    without_volatile(now, look)
    later = look.surroundings.look()
    later.began += 3600
    assert {int(now.timestamp())} <= look.surroundings.moments
    assert later.window.holds(now.timestamp())


def test_a_large_value_is_not_examined(look: Look) -> None:
    """It would take too long."""
    assert without_volatile([os.getcwd()] * 1000, look) is None  # noqa: PTH109
