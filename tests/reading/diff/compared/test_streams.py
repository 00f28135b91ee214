"""States of random streams are compared where they matter."""

from __future__ import annotations

from typing import Any

from ithtel.reading.diff.compared.streams import compare_streams
from ithtel.reading.history.values import Execution, StreamState


def cell(source: str, after: str, before: str | None = None, stream: str = "numpy.legacy", **fields: Any) -> Execution:
    states = {} if before is None else {stream: StreamState(sha256=before)}
    return Execution(place=1, source=source, rng_before=states, rng_after={stream: StreamState(sha256=after)}, **fields)


def details(a: Execution, b: Execution, *, is_relevant: bool = True) -> list[str]:
    return [each.detail for each in compare_streams(a, b, is_relevant=is_relevant)]


def test_a_stream_that_appeared_is_no_departure() -> None:
    """The cell only loaded the module that holds it, or was the first to use any generator."""
    assert [] == details(cell("x = f()", "1"), cell("x = f()", "2"))
    a, b = (cell("import noisy", sha, stream="numpy:noisy._rng") for sha in "12")
    assert [] == details(a, b)


def test_a_seed_counts_even_where_the_stream_appeared() -> None:
    """`import numpy as np` and `np.random.seed(1)` in one cell."""
    a, b = (cell(f"np.random.seed({sha})", sha) for sha in "12")
    assert ["the state differs after the cell"] == details(a, b, is_relevant=False)


def test_the_state_before_a_seed_is_irrelevant() -> None:
    """What comes after it is the same in both sessions."""
    a, b = (cell("np.random.seed(1)", "seeded", before) for before in "12")
    assert [] == details(a, b)


def test_a_generator_in_a_variable_is_a_result_of_the_cell() -> None:
    """It need not have been drawn from."""
    a, b = (cell("rng = make()", sha, stream="numpy:rng", writes=["rng"]) for sha in "12")
    assert ["the state differs after the cell"] == details(a, b, is_relevant=False)


def test_a_generator_that_an_object_keeps_to_itself_counts_once_it_is_drawn_from() -> None:
    """Libraries make generators that are never used, such as the distribution of a fitted model of arch."""
    idle, drawn = (
        [cell("fit = model.fit()", sha, stream="numpy:fit._model._rng", writes=["fit"], rng_used=used) for sha in "12"]
        for used in ([], ["numpy:fit._model._rng"])
    )
    assert [] == details(*idle)
    assert ["the state differs after the cell"] == details(*drawn)
