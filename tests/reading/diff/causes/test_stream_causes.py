"""Why random numbers differ is read from the states of the streams and from who asked for random bits."""

from __future__ import annotations

from typing import Any

from ithtel.events import EntropyRequest
from ithtel.reading.diff.causes.stream_causes import (
    is_moved,
    repeats,
    seeds,
    stream_cause,
    system_bits,
    unseeded_owners,
)
from ithtel.reading.history.values import Execution, StreamState

DRAWN = str(2**127 + 1)
"""Entropy that the operating system supplied."""


def cell(source: str = "", **fields: Any) -> Execution:
    return Execution(place=1, source=source, **fields)


def at(where: str, entropy: str | None = None) -> dict[str, StreamState]:
    return {"numpy:rng": StreamState(sha256=where, entropy=entropy)}


def asked(owner: str, *numbers: str, source: Any = "numpy") -> EntropyRequest:
    return EntropyRequest(
        execution_count=1, source=source, owner=owner, n_requests=1, n_bits=128, numbers=[*numbers] or None
    )


def cause_of(a: Execution, b: Execution, stream: str = "numpy:rng", **known: Any) -> str:
    return stream_cause(a, b, stream, **({"was_seeded": False, "edit": None, "has_clock": False} | known))


def test_a_stream_that_merely_appeared_did_not_move() -> None:
    """NumPy's global stream appears in the first cell that uses any generator."""
    assert not is_moved(cell(rng_after=at("1")), "numpy:rng")
    assert not is_moved(cell(rng_before=at("1"), rng_after=at("1")), "numpy:rng")
    assert is_moved(cell(rng_before=at("1"), rng_after=at("2")), "numpy:rng")
    assert is_moved(cell(rng_used=["numpy:rng"], rng_after=at("2")), "numpy:rng")


def test_a_seed_is_seen_in_the_state() -> None:
    """A seed takes the entropy of the system away, also where a module of the user set it."""
    before = {"numpy.legacy": StreamState(sha256="1", entropy=DRAWN)}
    after = {"numpy.legacy": StreamState(sha256="2")}
    assert seeds(cell("helper.seed_all(1)", rng_before=before, rng_after=after), "numpy.legacy")
    assert not seeds(cell("x = np.random.normal()", rng_before=before, rng_after=before), "numpy.legacy")
    assert seeds(cell("random.seed(1)"), "python")
    assert not seeds(cell("random.seed(1)"), "numpy:rng")


def test_a_seeded_generator_is_never_called_unseeded() -> None:
    """The same seed and another state: something outside the recorded cells drew from it."""
    same = (
        cell(rng_before=at("1", "42"), rng_after=at("2", "42")),
        cell(rng_before=at("3", "42"), rng_after=at("4", "42")),
    )
    assert "hidden_state" == cause_of(*same)
    assert "seed_changed" == cause_of(cell(rng_after=at("1", "1")), cell(rng_after=at("2", "2")))
    assert "unseeded_rng" == cause_of(cell(rng_after=at("1", DRAWN)), cell(rng_after=at("2", DRAWN)))


def test_a_seed_made_of_the_time_is_a_clock() -> None:
    """The generator is seeded, but with another number in every run."""
    a, b = cell(rng_after=at("1", "1")), cell(rng_after=at("2", "2"))
    assert "clock_or_hash_order" == cause_of(a, b, has_clock=True)


def test_the_owner_of_a_dropped_generator_is_named() -> None:
    """Unless a variable keeps it, both sessions gave the same seed, or NumPy was merely used for the first time."""
    a, b = (cell(entropy=[asked("f", n), asked("numpy.legacy", n)]) for n in ("1", "2"))
    assert {"f": "f made a generator of NumPy without a seed"} == unseeded_owners(a, b)
    assert {} == unseeded_owners(a, a)
    assert repeats(a, a, "f")
    assert not repeats(a, b, "f")
    kept = cell(entropy=[asked("f", DRAWN)], rng_after=at("1", DRAWN))
    assert {} == unseeded_owners(kept, kept)


def test_bits_of_the_operating_system_are_named() -> None:
    """Their numbers are never kept."""
    a = cell(entropy=[asked("helper.key", source="os")])
    assert {"helper.key": "helper.key took 128 random bits of the operating system"} == system_bits((a, a))
    assert {} == unseeded_owners(a, a)
