"""Who asks the operating system for entropy is overheard, and is given again what the record has."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from numpy.random import bit_generator

from ithtel.reading.history.values import Execution, StreamState
from ithtel.replay.entropy import LEGACY, Entropy
from ithtel.replay.states import entropies_in

DRAWN = [str(2**127 + n) for n in range(4)]


@pytest.fixture
def entropy(monkeypatch: pytest.MonkeyPatch) -> Entropy:
    """Overhear this process, until the test ends."""
    monkeypatch.setattr(random.Random, "seed", random.Random.seed)
    monkeypatch.setattr(bit_generator, "randbits", bit_generator.randbits)
    installed = Entropy()
    installed.install()
    return installed


def made() -> int:
    """Return the entropy of a generator made without a seed."""
    return int(np.random.default_rng().bit_generator.seed_seq.entropy)  # type: ignore[attr-defined]


def test_recorded_numbers_are_given_again(entropy: Entropy) -> None:
    """In their order, to their maker, while the cell runs; then new ones."""
    entropy.begin([(LEGACY, "1"), ("some_package", "2"), ("", "5"), ("", "7")])
    assert [5, 7] == [made(), made()]
    assert made() > 2**64
    entropy.begin([("", "5")])
    entropy.end()
    assert made() > 2**64


def test_who_asked_is_known(entropy: Entropy) -> None:
    """The code that made the generator, with NumPy's number or Python's generator; one that gets a seed is none."""
    entropy.begin()
    number, generator, seeded = made(), random.Random(), random.Random()
    seeded.seed(42)
    random.Random(42)
    np.random.default_rng(42)
    owners = [each.owner.rpartition(".")[2] for each in entropy.asked]
    assert ["made", "test_who_asked_is_known"] == owners
    assert [number, None] == [each.number for each in entropy.asked]
    assert generator is entropy.asked[1].generator


def test_nothing_is_changed_by_being_overheard(entropy: Entropy) -> None:
    """Seeds given are the seeds used."""
    entropy.begin()
    assert np.random.default_rng(42).normal() == np.random.default_rng(42).normal()
    expected = random.Random()
    expected.setstate(random.Random(7).getstate())
    assert expected.random() == random.Random(7).random()


@pytest.mark.kernel
def test_numpy_imported_later_is_overheard_from_its_first_request() -> None:
    """Its global generator is seeded while it is imported; of the waiting nothing stays."""
    code = """
import sys
from ithtel.replay.entropy import LEGACY, Entropy
finders = list(sys.meta_path)
entropy = Entropy()
entropy.install()
assert "numpy" not in sys.modules
entropy.begin([(LEGACY, "1"), ("", "5")])
import numpy as np
made = np.random.default_rng().bit_generator.seed_seq.entropy
assert finders == sys.meta_path
assert "exec_module" not in vars(sys.modules["numpy.random.bit_generator"].__spec__.loader)
print(made, [each.number for each in entropy.asked])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "5 [1, 5]\n" == done.stdout, done.stderr


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
    assert [("keeper", str(2**126)), ("", DRAWN[1]), ("", DRAWN[0]), ("", DRAWN[3]), ("", DRAWN[2])] == first
    assert [] == second
