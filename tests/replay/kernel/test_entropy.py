"""Who asks the operating system for entropy is overheard, and is given again what the record has."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from numpy.random import bit_generator

from ithtel.provenance.randomness.streams import LEGACY
from ithtel.replay.kernel.entropy import EntropyMonitor


@pytest.fixture
def entropy(monkeypatch: pytest.MonkeyPatch) -> EntropyMonitor:
    """Overhear this process, until the test ends."""
    monkeypatch.setattr(random.Random, "seed", random.Random.seed)
    monkeypatch.setattr(bit_generator, "randbits", bit_generator.randbits)  # type: ignore[attr-defined]
    installed = EntropyMonitor()
    installed.install()
    return installed


def made() -> int:
    """Return the entropy of a generator made without a seed."""
    return int(np.random.default_rng().bit_generator.seed_seq.entropy)  # type: ignore[attr-defined]


def test_recorded_numbers_are_given_again(entropy: EntropyMonitor) -> None:
    """In their order, to their maker, while the cell runs; then new ones."""
    entropy.begin([(LEGACY, "1"), ("some_package", "2"), ("", "5"), ("", "7")])
    assert [5, 7] == [made(), made()]
    assert made() > 2**64
    entropy.begin([("", "5")])
    entropy.end()
    assert made() > 2**64


def test_who_asked_is_known(entropy: EntropyMonitor) -> None:
    """The code that made the generator, with NumPy's number or Python's generator; one that gets a seed is none."""
    entropy.begin()
    number, generator, seeded = made(), random.Random(), random.Random()
    seeded.seed(42)
    random.Random(42)
    np.random.default_rng(42)
    owners = [each.owner.rpartition(".")[2] for each in entropy.requests]
    assert ["made", "test_who_asked_is_known"] == owners
    assert [number, None] == [each.number for each in entropy.requests]
    assert generator is entropy.requests[1].generator


def test_nothing_is_changed_by_being_overheard(entropy: EntropyMonitor) -> None:
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
from ithtel.replay.kernel.entropy import LEGACY, EntropyMonitor
finders = list(sys.meta_path)
entropy = EntropyMonitor()
entropy.install()
assert "numpy" not in sys.modules
entropy.begin([(LEGACY, "1"), ("", "5")])
import numpy as np
made = np.random.default_rng().bit_generator.seed_seq.entropy
assert finders == sys.meta_path
assert "exec_module" not in vars(sys.modules["numpy.random.bit_generator"].__spec__.loader)
print(made, [each.number for each in entropy.requests])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "5 [1, 5]\n" == done.stdout, done.stderr
