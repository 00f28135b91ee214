"""Requests for entropy are overheard: who asked, how much, and the numbers that seed generators."""

from __future__ import annotations

import copy
import os
import random
import secrets
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.random import bit_generator, mtrand

from ithtel.provenance.randomness.entropy import ANYONE, LEGACY, MAX_REQUESTS, EntropyWatch, Hearing
from ithtel.recording.import_hook import when_imported

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def watch() -> Iterator[EntropyWatch]:
    """Watch this process until the test ends."""
    installed = EntropyWatch()
    installed.install(when_imported)
    yield installed
    installed.remove()


@pytest.fixture
def hearing(watch: EntropyWatch) -> Hearing:
    """Listen to this process until the test ends."""
    return watch.listen()


def made() -> int:
    """Return the entropy of a generator made without a seed."""
    return int(np.random.default_rng().bit_generator.seed_seq.entropy)  # type: ignore[attr-defined]


def test_a_generator_made_and_dropped_in_a_function_is_heard(hearing: Hearing) -> None:
    """The function is named, and the number is the generator's own."""
    number = made()
    (request,) = hearing.end()
    assert ("numpy", "made", number) == (request.source, request.owner.rpartition(".")[2], request.number)


def test_every_source_is_heard_once(hearing: Hearing) -> None:
    """Also where one source asks another: `secrets` asks the operating system, NumPy asks `secrets`."""
    np.random.default_rng()
    random.Random()
    np.random.RandomState()
    secrets.token_bytes(4)
    uuid.uuid4()
    os.urandom(8)
    sources = [each.source for each in hearing.end()]
    assert ["numpy", "python", "numpy", "os", "uuid", "os"] == sources


def test_a_seed_that_is_given_is_no_request(hearing: Hearing) -> None:
    """RandomState(42) asks the operating system first, too, and forgets the answer."""
    np.random.default_rng(42)
    np.random.RandomState(42)
    np.random.default_rng([1, 2])
    random.Random(42)
    random.Random().seed(42)
    kinds = [each.source for each in hearing.end()]
    assert ["python"] == kinds  # `random.Random()` asks before it is seeded


def test_seeds_that_are_given_are_used(watch: EntropyWatch) -> None:
    """Nothing is changed by listening."""
    drawn = [np.random.RandomState(42).rand(), np.random.default_rng(42).random(), random.Random(42).random()]
    watch.remove()
    assert drawn == [np.random.RandomState(42).rand(), np.random.default_rng(42).random(), random.Random(42).random()]


def own_name(function: str) -> str:
    """Return the owner that a function of this module is."""
    return f"{__name__}.{function}"


@pytest.mark.usefixtures("hearing")
def test_recorded_numbers_are_given_back(watch: EntropyWatch) -> None:
    """To their owner, in order; after that, and to others, new ones."""
    me = own_name("test_recorded_numbers_are_given_back")
    watch.give([("numpy", "nobody", 1), ("numpy", own_name("made"), 5), ("python", me, 3), ("uuid", me, 9)])
    assert 5 == made()
    assert made() > 2**64
    assert random.Random(3).random() == random.Random().random()
    assert uuid.UUID(bytes=(9).to_bytes(16, "little"), version=4) == uuid.uuid4()
    assert random.Random(3).random() != random.Random().random()


@pytest.mark.usefixtures("hearing")
def test_numbers_of_an_unknown_owner_are_for_anyone(watch: EntropyWatch) -> None:
    """So it is with older logs."""
    watch.give([("numpy", ANYONE, 5), ("numpy", ANYONE, 7)])
    assert [5, 7] == [made(), made()]
    watch.give([("numpy", ANYONE, 5)])
    watch.give([])
    assert made() > 2**64


@pytest.mark.usefixtures("hearing")
def test_a_number_that_a_seed_overrules_is_for_the_next(watch: EntropyWatch) -> None:
    """`RandomState(42)` asks, and forgets the answer."""
    watch.give([("numpy", own_name("test_a_number_that_a_seed_overrules_is_for_the_next"), 5)])
    np.random.RandomState(42)
    np.random.RandomState(43)
    drawn = np.random.RandomState().rand()
    assert np.random.RandomState(np.random.MT19937(5)).rand() == drawn


def test_numbers_are_given_only_while_somebody_listens(watch: EntropyWatch) -> None:
    """What runs between cells gets none."""
    watch.give([("numpy", ANYONE, 5)])
    assert made() > 2**64


def test_each_listener_hears_everything(watch: EntropyWatch) -> None:
    """Whether an answer was given back is part of what it hears."""
    one, other = watch.listen(), watch.listen()
    watch.give([("numpy", ANYONE, 5)])
    made()
    assert [True] == [each.is_given for each in one.end()]
    made()
    assert [True, False] == [each.is_given for each in other.end()]


def test_a_copy_is_no_request(hearing: Hearing) -> None:
    """NumPy makes an empty generator, and then sets its state."""
    copy.deepcopy([np.random.default_rng(3), np.random.RandomState(3)])
    assert [] == hearing.end()


def test_a_global_stream_that_is_seeded_anew_is_heard(hearing: Hearing) -> None:
    """`random.seed()` without a number; with one it is no request."""
    state = random.getstate()
    try:
        random.seed()
        (request,) = hearing.requests
        drawn = random.random()
        random.seed(request.number)
        assert random.random() == drawn
        assert 1 == len(hearing.end())
    finally:
        random.setstate(state)


def test_a_watch_that_two_install_stays_for_both() -> None:
    """The recorder may end while a replay goes on."""
    original = os.urandom
    watch = EntropyWatch()
    watch.install(when_imported)
    watch.install(when_imported)
    watch.remove()
    assert original is not os.urandom
    watch.remove()
    assert original is os.urandom


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.usefixtures("hearing")
def test_forked_workers_get_no_recorded_numbers(watch: EntropyWatch) -> None:
    """Else all of them would draw the same."""
    watch.give([("numpy", ANYONE, 5)])
    pid = os.fork()
    if pid == 0:
        os._exit(int(made() == 5))
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert 5 == made()


@pytest.mark.kernel
def test_numpy_imported_later_is_heard_from_its_first_request() -> None:
    """Its global generator is seeded while it is imported; of the waiting nothing stays."""
    code = """
import sys
from ithtel.provenance.randomness.entropy import LEGACY, watch
from ithtel.recording.import_hook import when_imported
finders = list(sys.meta_path)
watch.install(when_imported)
assert "numpy" not in sys.modules
watch.give([("numpy", LEGACY, 1), ("numpy", "the cell", 5)])
hearing = watch.listen()
import numpy as np
made = np.random.default_rng().bit_generator.seed_seq.entropy
assert finders == sys.meta_path
assert "exec_module" not in vars(sys.modules["numpy.random.bit_generator"].__spec__.loader)
print(made, [(each.owner, each.number, each.is_import) for each in hearing.end()])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"5 {[(LEGACY, 1, True), ('the cell', 5, False)]}\n" == done.stdout, done.stderr


def test_a_recorded_number_makes_the_generator_again(hearing: Hearing) -> None:
    """What `random.Random()` was seeded with seeds the same generator."""
    drawn = random.Random().random()
    (request,) = hearing.end()
    assert drawn == random.Random(request.number).random()


def test_only_so_many_numbers_are_kept(hearing: Hearing) -> None:
    """A loop that makes a million generators does not fill the memory."""
    for _ in range(MAX_REQUESTS + 5):
        random.Random()
    assert 5 == hearing.n_more
    assert MAX_REQUESTS == len(hearing.end())


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
