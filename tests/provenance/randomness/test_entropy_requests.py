"""Requests as events, and which of them seeded a generator that nothing keeps."""

from __future__ import annotations

import random
import secrets
import uuid
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ithtel.provenance.randomness.entropy import EntropyWatch, Hearing
from ithtel.provenance.randomness.entropy_requests import Request, is_dropped, summarized
from ithtel.recording.import_hook import when_imported

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hearing() -> Iterator[Hearing]:
    """Listen to this process until the test ends."""
    installed = EntropyWatch()
    installed.install(when_imported)
    yield installed.listen()
    installed.remove()


def made() -> int:
    """Return the entropy of a generator made without a seed."""
    return int(np.random.default_rng().bit_generator.seed_seq.entropy)  # type: ignore[attr-defined]


def test_nothing_of_credentials_is_kept(hearing: Hearing) -> None:
    """Of `secrets` and `os.urandom` only the size and the caller."""
    secrets.token_hex(16)
    (event,) = summarized(hearing.end(), 3)
    assert ("os", 1, 128, None) == (event.source, event.n_requests, event.n_bits, event.numbers)


def test_requests_of_one_owner_are_one_event(hearing: Hearing) -> None:
    """With the numbers in order."""
    numbers = [made(), made()]
    (event,) = summarized(hearing.end(), 3)
    assert (2, 256, [str(number) for number in numbers]) == (event.n_requests, event.n_bits, event.numbers)


def test_a_generator_that_was_not_used_was_not_dropped(hearing: Hearing) -> None:
    """Where the generator tells: Python's do, and those behind a RandomState."""
    random.Random()
    random.Random().random()
    np.random.RandomState()
    np.random.RandomState().rand()
    assert [False, True, False, True] == [is_dropped(each, set()) for each in hearing.end()]


def test_a_generator_that_a_variable_keeps_is_not_dropped(hearing: Hearing) -> None:
    """Its state is recorded as that of a stream."""
    number = made()
    (request,) = hearing.end()
    assert not is_dropped(request, {str(number)})
    assert is_dropped(request, set())


def test_the_number_of_a_uuid_is_kept(hearing: Hearing) -> None:
    """It is no secret, and a replay needs it."""
    value = uuid.uuid4()
    (event,) = summarized(hearing.end(), 3)
    assert event.numbers is not None
    assert value == uuid.UUID(bytes=int(event.numbers[0]).to_bytes(16, "little"), version=4)


def test_what_an_import_asks_for_is_an_event_of_its_own() -> None:
    """Of the seeds only, and it is never called dropped."""
    asked = [
        Request("numpy", "library", 128, 5, is_import=True, is_given=True),
        Request("numpy", "library", 128, 6),
        Request("os", "library", 128, is_import=True),
    ]
    assert [(True, 1, ["5"]), (False, 0, ["6"])] == [
        (event.is_import, event.n_given, event.numbers) for event in summarized(asked, 3)
    ]
    assert [False, True, False] == [is_dropped(each, set()) for each in asked]
