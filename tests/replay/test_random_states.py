"""What a log holds of random streams: the state before each cell, and the entropy of generators that it made."""

from __future__ import annotations

from ithtel.events import EntropyRequest
from ithtel.provenance.randomness.streams import LEGACY
from ithtel.reading.history.values import Execution, StreamState
from ithtel.replay.random_states import entropies_in

DRAWN = [str(2**127 + n) for n in range(4)]


def test_entropies_of_a_record_come_as_the_text_names_them() -> None:
    """Each once, not what a cell's text gives as a seed, items of a list by their number."""
    streams = ["numpy:a", "numpy:b", "numpy:many[10]", "numpy:many[2]"]
    states = {stream: StreamState(sha256=stream, entropy=number) for stream, number in zip(streams, DRAWN, strict=True)}
    states |= {"numpy:k.rng": StreamState(sha256="k", entropy=str(2**126)), LEGACY: StreamState(sha256="l")}
    states |= {"numpy:given": StreamState(sha256="g", entropy="42")}
    source = (
        "import numpy as np, keeper as k\nb = np.random.default_rng()\na = make()\nmany = [make() for _ in range(11)]"
    )
    cells = [Execution(place=n, source=source, rng_after=states) for n in (1, 2)]
    first, second = entropies_in(cells)
    expected = [("keeper", str(2**126)), ("", DRAWN[1]), ("", DRAWN[0]), ("", DRAWN[3]), ("", DRAWN[2])]
    assert [("numpy", owner, number) for owner, number in expected] == first
    assert [] == second


def test_entropies_come_from_the_requests_that_were_heard() -> None:
    """With their owners; of `os` there is no number."""
    asked = [
        EntropyRequest(
            execution_count=1, source=source, owner="draw", n_requests=len(numbers or []), n_bits=128, numbers=numbers
        )
        for source, numbers in (("numpy", ["1", "2"]), ("uuid", ["3"]), ("os", None))
    ]
    cells = [Execution(place=1, entropy=asked), Execution(place=2)]
    assert [[("numpy", "draw", "1"), ("numpy", "draw", "2"), ("uuid", "draw", "3")], []] == entropies_in(cells)
