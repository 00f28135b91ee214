"""Requests for entropy are overheard: who asked, how much, and the numbers that seed generators."""

from __future__ import annotations

import os
import random
import secrets
import uuid
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.random import bit_generator, mtrand

from ithtel.provenance.randomness.entropy import MAX_REQUESTS, EntropyWatch, Request, is_dropped, summarized
from ithtel.recording.import_hook import when_imported

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def watch() -> Iterator[EntropyWatch]:
    """Listen to this process until the test ends."""
    installed = EntropyWatch()
    installed.install(when_imported)
    installed.begin()
    yield installed
    installed.remove()


def owners(requests: list[Request]) -> list[tuple[str, str]]:
    return [(each.source, each.owner.rpartition(".")[2]) for each in requests]


def made() -> int:
    """Return the entropy of a generator made without a seed."""
    return int(np.random.default_rng().bit_generator.seed_seq.entropy)  # type: ignore[attr-defined]


def test_a_generator_made_and_dropped_in_a_function_is_heard(watch: EntropyWatch) -> None:
    """The function is named, and the number is the generator's own."""
    number = made()
    (request,) = watch.end()
    assert ("numpy", "made", number) == (request.source, request.owner.rpartition(".")[2], request.number)


def test_every_source_is_heard_once(watch: EntropyWatch) -> None:
    """Also where one source asks another: `secrets` asks the operating system, NumPy asks `secrets`."""
    np.random.default_rng()
    random.Random()
    np.random.RandomState()
    secrets.token_bytes(4)
    uuid.uuid4()
    os.urandom(8)
    sources = [each.source for each in watch.end()]
    assert ["numpy", "python", "numpy", "os", "os", "os"] == sources


def test_a_seed_that_is_given_is_no_request(watch: EntropyWatch) -> None:
    """RandomState(42) asks the operating system first, too, and forgets the answer."""
    np.random.default_rng(42)
    np.random.RandomState(42)
    np.random.default_rng([1, 2])
    random.Random(42)
    random.Random().seed(42)
    kinds = [each.source for each in watch.end()]
    assert ["python"] == kinds  # `random.Random()` asks before it is seeded


def test_seeds_that_are_given_are_used(watch: EntropyWatch) -> None:
    """Nothing is changed by listening."""
    drawn = [np.random.RandomState(42).rand(), np.random.default_rng(42).random(), random.Random(42).random()]
    watch.remove()
    assert drawn == [np.random.RandomState(42).rand(), np.random.default_rng(42).random(), random.Random(42).random()]


def test_recorded_numbers_are_given_again() -> None:
    """To their owner, in order; after that, and to others, new ones."""
    watch = EntropyWatch()
    watch.install(when_imported)
    try:
        watch.begin([("nobody", 1), ("", 5), ("", 7)])
        assert [5, 7] == [made(), made()]
        assert made() > 2**64
        watch.begin([("", 3)])
        first = random.Random().random()
        assert first == random.Random(3).random()
        watch.begin([("", 5)])
        watch.end()
        assert made() > 2**64
    finally:
        watch.remove()


def test_a_recorded_number_makes_the_generator_again(watch: EntropyWatch) -> None:
    """What `random.Random()` was seeded with seeds the same generator."""
    drawn = random.Random().random()
    (request,) = watch.end()
    assert drawn == random.Random(request.number).random()


def test_nothing_of_credentials_is_kept(watch: EntropyWatch) -> None:
    """Of `secrets` and `os.urandom` only the size and the caller."""
    secrets.token_hex(16)
    (event,) = summarized(watch.end(), 3)
    assert ("os", 1, 128, None) == (event.source, event.n_requests, event.n_bits, event.numbers)


def test_requests_of_one_owner_are_one_event(watch: EntropyWatch) -> None:
    """With the numbers in order."""
    numbers = [made(), made()]
    (event,) = summarized(watch.end(), 3)
    assert (2, 256, [str(number) for number in numbers]) == (event.n_requests, event.n_bits, event.numbers)


def test_a_generator_that_was_not_used_was_not_dropped(watch: EntropyWatch) -> None:
    """Where the generator tells: Python's do, and those behind a RandomState."""
    random.Random()
    random.Random().random()
    np.random.RandomState()
    np.random.RandomState().rand()
    assert [False, True, False, True] == [is_dropped(each, set()) for each in watch.end()]


def test_a_generator_that_a_variable_keeps_is_not_dropped(watch: EntropyWatch) -> None:
    """Its state is recorded as that of a stream."""
    number = made()
    (request,) = watch.end()
    assert not is_dropped(request, {str(number)})
    assert is_dropped(request, set())


def test_only_so_many_numbers_are_kept(watch: EntropyWatch) -> None:
    """A loop that makes a million generators does not fill the memory."""
    for _ in range(MAX_REQUESTS + 5):
        random.Random()
    assert 5 == watch.n_more
    assert MAX_REQUESTS == len(watch.end())


def test_what_is_removed_is_as_it_was() -> None:
    """Each wrapped name is the original again; one that somebody else has wrapped since stays."""
    before = (random.Random.seed, os.urandom, bit_generator.randbits, mtrand._MT19937)  # type: ignore[attr-defined]
    watch = EntropyWatch()
    watch.install(when_imported)
    assert before[1] is not os.urandom
    watch.remove()
    assert before == (random.Random.seed, os.urandom, bit_generator.randbits, mtrand._MT19937)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("watch")
def test_a_random_state_is_what_it_was() -> None:
    """Types, pickles and NumPy's own checks do not notice the wrapper."""
    assert type(np.random.RandomState(np.random.MT19937(3))._bit_generator) is np.random.MT19937
    np.random.seed(3)  # noqa: NPY002 - it asks `isinstance(…, MT19937)`
    assert np.random.RandomState(3).rand() == np.random.rand()  # noqa: NPY002
