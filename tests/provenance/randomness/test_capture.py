"""A captured random state restores every stream, in this process and in another."""

# ruff: noqa: NPY002 - the generators that these rules warn of are what is tested here

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.errors import InputError
from ithtel.provenance.randomness.capture import (
    appeared,
    capture_random_state,
    generator_state,
    looks_unseeded,
    moved,
    restore_random_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BIT_GENERATORS = [
    np.random.PCG64,
    np.random.PCG64DXSM,
    np.random.MT19937,
    np.random.Philox,
    np.random.SFC64,
]
seeds = st.integers(0, 2**130)
DRAWS: dict[str, Callable[[Any], object]] = {
    "normal": lambda g: g.normal(),
    "float32": lambda g: g.random(dtype=np.float32),
    "bytes": lambda g: g.bytes(3),
    "integers": lambda g: g.integers(0, 10, dtype=np.uint16),
}


@pytest.fixture(autouse=True)
def _streams_stay() -> Iterator[None]:
    before = capture_random_state()
    yield
    restore_random_state(before)


def through_json(captured: Any) -> Any:
    """Write and read, as a log does."""
    return json.loads(json.dumps(dict(captured)))


def draw(generator: Any) -> list[object]:
    """Draw what leaves half-used words and cached Gaussians behind."""
    return [make(generator) for make in DRAWS.values()] + [generator.random()]


@given(seed=seeds, kind=st.sampled_from(BIT_GENERATORS), before=st.lists(st.sampled_from(sorted(DRAWS)), max_size=5))
def test_generator(seed: int, kind: Any, before: list[str]) -> None:
    """A generator of any kind, used in any way, draws the same again, after JSON too."""
    rng = np.random.Generator(kind(seed))
    for name in before:
        DRAWS[name](rng)
    captured = capture_random_state({"rng": rng})
    first = draw(rng)
    restore_random_state(captured, {"rng": rng})
    assert first == draw(rng)
    restore_random_state(through_json(captured), {"rng": rng})
    assert first == draw(rng)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 700), n_gauss=st.integers(0, 3))
def test_random_state(seed: int, n: int, n_gauss: int) -> None:
    """A RandomState draws the same again, its cached Gaussian too."""
    rng = np.random.RandomState(seed)
    rng.bytes(4 * n)
    rng.normal(size=n_gauss)
    captured = through_json(capture_random_state({"rng": rng}))
    first = rng.normal(), rng.random()
    restore_random_state(captured, {"rng": rng})
    assert first == (rng.normal(), rng.random())


@given(seed=st.integers(), n_gauss=st.integers(0, 3))
def test_python(seed: int, n_gauss: int) -> None:
    """Python's generator draws the same again, its cached Gaussian too."""
    random.seed(seed)
    for _ in range(n_gauss):
        random.gauss()
    captured = through_json(capture_random_state())
    first = random.gauss(), random.random()
    restore_random_state(captured)
    assert first == (random.gauss(), random.random())


@given(seed=st.integers(0, 2**32 - 1), n_gauss=st.integers(0, 3))
def test_legacy(seed: int, n_gauss: int) -> None:
    """NumPy's global generator draws the same again, its cached Gaussian too."""
    np.random.seed(seed)
    np.random.normal(size=n_gauss)
    captured = through_json(capture_random_state())
    first = np.random.normal(), np.random.random()
    restore_random_state(captured)
    assert first == (np.random.normal(), np.random.random())


def test_capture_moves_nothing() -> None:
    """Two captures with nothing between them are equal."""
    namespace = {"rng": np.random.default_rng(3), "old": np.random.RandomState(3)}
    assert capture_random_state(namespace) == capture_random_state(namespace)


def test_spawned_children() -> None:
    """A restored generator spawns the same children again."""
    rng = np.random.default_rng(3)
    captured = through_json(capture_random_state({"rng": rng}))
    first = rng.spawn(1)[0].random()
    restore_random_state(captured, {"rng": rng})
    assert first == rng.spawn(1)[0].random()


def test_fresh_process() -> None:
    """A state read from JSON in a new process draws the same numbers there."""
    rng = np.random.default_rng(3)
    np.random.normal(), random.gauss(), rng.normal()
    text = json.dumps(dict(capture_random_state({"rng": rng})))
    here = [np.random.normal(), random.gauss(), rng.normal()]
    code = (
        "import json, random, sys, numpy as np\n"
        "from ithtel.provenance.randomness.capture import restore_random_state\n"
        "rng = np.random.default_rng()\n"
        "restore_random_state(json.load(sys.stdin), {'rng': rng})\n"
        "print(json.dumps([np.random.normal(), random.gauss(), rng.normal()]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True)
    assert here == json.loads(done.stdout)


def test_without_namespace() -> None:
    """Without a namespace the captured generators themselves are restored."""
    rng = np.random.default_rng(3)
    captured = capture_random_state({"rng": rng})
    first = rng.random()
    assert "numpy:rng" in restore_random_state(captured).streams
    assert first == rng.random()


def test_from_events() -> None:
    """A list of events restores what they say."""
    rng = np.random.default_rng(3)
    event = generator_state("rng", rng)
    first = rng.random()
    assert restore_random_state([event], {"rng": rng}).streams == ["numpy:rng"]
    assert first == rng.random()


def test_only_what_is_given() -> None:
    """Streams that are not in what is restored stay where they are."""
    rng = np.random.default_rng(3)
    before = capture_random_state()
    restore_random_state([generator_state("rng", rng)], {"rng": rng})
    assert before == capture_random_state()


MODULE_RNG = np.random.default_rng(1)


def own_function() -> float:
    """Draw from the module's own generator."""
    return float(MODULE_RNG.random())


class Slotted:
    """Keeps its generator in a slot, and one that is never filled."""

    __slots__ = ("empty", "rng")

    def __init__(self) -> None:
        self.rng = np.random.default_rng(1)


class Inheriting(Slotted):
    """Has a slot by inheritance, and a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.other = np.random.default_rng(2)


class Kept:
    """Shares a generator among its instances."""

    rng = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("namespace", "names"),
    [
        ({"rng": np.random.default_rng(1)}, ["numpy:rng"]),
        ({"rng": np.random.RandomState(1)}, ["numpy:rng"]),
        ({"r": random.Random(1)}, ["python:r"]),
        ({"model": SimpleNamespace(rng=np.random.default_rng(1))}, ["numpy:model.rng"]),
        ({"rngs": [1, np.random.default_rng(1)]}, ["numpy:rngs[1]"]),
        ({"by_name": {"a": np.random.default_rng(1)}}, ["numpy:by_name['a']"]),
        ({"_": np.random.default_rng(1), "_12": np.random.default_rng(1), "Out": {1: np.random.default_rng(1)}}, []),
        ({"np": np, "cls": np.random.Generator, "system": random.SystemRandom()}, []),
        ({"legacy": np.random.mtrand._rand}, []),
        (
            {"pool": SimpleNamespace(rngs=[np.random.default_rng(1), np.random.default_rng(2)], other=[[]])},
            ["numpy:pool.rngs[0]", "numpy:pool.rngs[1]"],
        ),
        ({"model": Slotted()}, ["numpy:model.rng"]),
        ({"model": Inheriting()}, ["numpy:model.other", "numpy:model.rng"]),
        ({"Kept": Kept}, ["numpy:Kept.rng", f"numpy:{__name__}.MODULE_RNG"]),
        ({"kept": Kept()}, ["numpy:kept.rng"]),
        ({"own": sys.modules[__name__]}, ["numpy:own.MODULE_RNG"]),
        ({"function": own_function}, [f"numpy:{__name__}.MODULE_RNG"]),
        ({"function": own_function, "own": sys.modules[__name__]}, ["numpy:own.MODULE_RNG"]),
        ({"function": own_function, __name__: 3}, []),
    ],
)
def test_found(namespace: dict[str, object], names: list[str]) -> None:
    """Generators are found in variables and one level down, under names that show the place."""
    found = capture_random_state(namespace).names
    assert [*names] == [name for name in found if name not in {"python", "numpy.legacy"}]


def test_one_stream_with_two_names() -> None:
    """A generator that two names hold is one stream, called after the variable."""
    rng = np.random.default_rng(1)
    found = capture_random_state({"model": SimpleNamespace(rng=rng), "rng": rng, "alias": rng}).names
    assert [name for name in found if ":" in name] == ["numpy:rng"]


def test_runs_no_user_code() -> None:
    """Looking for generators runs no code of the user's classes."""

    class Trap:
        def __getattribute__(self, name: str) -> object:
            raise AssertionError(name)

    assert "python" in capture_random_state({"trap": Trap()}).names


def test_moved() -> None:
    """Exactly the streams that were drawn from have moved."""
    namespace = {"a": np.random.default_rng(1), "b": np.random.default_rng(2)}
    before = capture_random_state(namespace)
    namespace["b"].random()
    random.random()
    assert moved(before, capture_random_state(namespace)) == ["python", "numpy:b"]


def test_spawning_is_use() -> None:
    """Spawning counts as use: the next children differ."""
    rng = np.random.default_rng(1)
    before = capture_random_state({"rng": rng})
    rng.spawn(1)
    assert moved(before, capture_random_state({"rng": rng})) == ["numpy:rng"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.random.default_rng(5),
        np.random.default_rng,
        lambda: np.random.Generator(np.random.MT19937(5)),
        lambda: np.random.Generator(np.random.Philox([1, 2])),
        lambda: np.random.default_rng(5).spawn(2)[1],
        lambda: np.random.RandomState(5),
        np.random.RandomState,
        lambda: np.random.RandomState([1, 2]),
        lambda: random.Random(5),
        random.Random,
    ],
)
def test_new_generator(make: Callable[[], Any]) -> None:
    """A new generator has appeared, and has moved only once it was used."""
    rng = make()
    before = capture_random_state({})
    after = capture_random_state({"rng": rng})
    assert moved(before, after) == []
    assert len(appeared(before, after)) == 1
    rng.random()
    assert len(moved(before, capture_random_state({"rng": rng}))) == 1


def test_rebound() -> None:
    """A name bound to a new generator has appeared; the old state has not moved."""
    before = capture_random_state({"rng": np.random.default_rng(1)})
    after = capture_random_state({"rng": np.random.default_rng(1)})
    assert (moved(before, after), appeared(before, after)) == ([], ["numpy:rng"])


def test_renamed() -> None:
    """A generator that got another name has neither appeared nor moved."""
    rng = np.random.default_rng(1)
    before, after = capture_random_state({"a": rng}), capture_random_state({"b": rng})
    assert (moved(before, after), appeared(before, after)) == ([], [])


def test_equal_states_have_equal_digests() -> None:
    """The digest depends on the state alone."""
    one, two = np.random.default_rng(9), np.random.default_rng(9)
    assert generator_state("a", one).state_sha256 == generator_state("b", two).state_sha256
    one.random()
    assert generator_state("a", one).state_sha256 != generator_state("b", two).state_sha256


def test_integers_are_text() -> None:
    """A state holds no integer that a JSON reader could round."""

    def integers(value: object) -> list[object]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in integers(item)]
        return [value] if isinstance(value, int) else []

    namespace = {kind.__name__: np.random.Generator(kind(2**100)) for kind in BIT_GENERATORS}
    assert [found for event in capture_random_state(namespace).events for found in integers(event.state)] == []


def test_entropy() -> None:
    """The event carries the entropy of the SeedSequence, as text."""
    assert generator_state("rng", np.random.default_rng(5)).entropy == "5"
    assert generator_state("rng", np.random.default_rng([1, 2])).entropy == "[1, 2]"


def test_unseeded() -> None:
    """Entropy of the system is distinguished from a seed, unless it is written in the code."""
    event = generator_state("rng", np.random.default_rng())
    assert looks_unseeded(event)
    assert not looks_unseeded(event, f"rng = default_rng({event.entropy})")
    assert not looks_unseeded(generator_state("rng", np.random.default_rng(5)))


def test_older_keys() -> None:
    """The older keys are there: the seed where the state still shows it, and the hash."""
    np.random.seed(1234)
    fresh = capture_random_state()
    np.random.random()
    used = capture_random_state()
    assert (fresh["numpy_seed"], used["numpy_seed"]) == (1234, None)
    assert fresh["numpy_state_hash"] != used["numpy_state_hash"]


def test_without_numpy() -> None:
    """Where NumPy is not loaded, only Python's stream is there, and the older keys are null."""
    captured = capture_random_state(modules={})
    assert (captured.names, captured["numpy_seed"], captured["numpy_state_hash"]) == (["python"], None, None)


def test_missing_generator() -> None:
    """A stream whose generator is gone is reported, and the others are restored."""
    captured = capture_random_state({"rng": np.random.default_rng(1)})
    first = random.random()
    restored = restore_random_state(captured, {})
    assert restored.missing == {"numpy:rng": "there is no such generator now"}
    assert first == random.random()


def test_other_kind() -> None:
    """A state does not fit a generator of another kind, and the reason names both."""
    captured = capture_random_state({"rng": np.random.default_rng(1)})
    namespace = {"rng": np.random.Generator(np.random.SFC64(1))}
    missing = restore_random_state(captured, namespace).missing
    assert missing == {"numpy:rng": "it is a SFC64 now, and was a PCG64"}


def test_left_out() -> None:
    """A state that was left out is asked for by its digest."""
    event = capture_random_state().event("python", with_state=False)
    with pytest.raises(InputError, match="is omitted here"):
        restore_random_state([event])


def test_damaged() -> None:
    """A damaged state is refused, and no stream is touched."""
    captured = through_json(capture_random_state())
    captured["streams"][1]["state"]["state"]["pos"] = "625"
    random.random()
    before = capture_random_state()
    with pytest.raises(InputError, match=r"numpy.legacy.*damaged"):
        restore_random_state(captured)
    assert before == capture_random_state()


@pytest.mark.parametrize("bad", [{}, {"numpy_seed": 3}, [{"stream": "python"}], 3, "text"])
def test_not_a_state(bad: Any) -> None:
    """What is not a captured state is refused."""
    with pytest.raises(InputError, match=r"^not a captured random state"):
        restore_random_state(bad)


def test_unknown_stream() -> None:
    """Asking for a stream that is not there names those that are."""
    with pytest.raises(InputError, match="choose from python"):
        capture_random_state().event("torch")


class Torch:
    """A stand-in with torch's names: a state of bytes on the CPU and on one GPU."""

    uint8 = np.uint8
    tensor = staticmethod(np.array)

    def __init__(self) -> None:
        """Start with known states."""
        self.cpu = np.arange(16, dtype=np.uint8)
        self.gpu = np.arange(8, dtype=np.uint8)
        self.cuda = SimpleNamespace(
            is_initialized=lambda: True,
            get_rng_state_all=lambda: [self.gpu.copy()],
            set_rng_state_all=lambda states: setattr(self, "gpu", states[0]),
        )

    def get_rng_state(self) -> Any:
        """Return the CPU's state."""
        return self.cpu.copy()

    def set_rng_state(self, state: Any) -> None:
        """Take the CPU's state."""
        self.cpu = state


def test_torch() -> None:
    """Torch is restored on the CPU and on GPUs."""
    torch: Any = Torch()
    captured = through_json(capture_random_state(modules={"torch": torch}))
    torch.cpu[:], torch.gpu[:] = 0, 0
    restore_random_state(captured, modules={"torch": torch})
    assert (list(range(16)), list(range(8))) == (torch.cpu.tolist(), torch.gpu.tolist())


def test_event_is_valid() -> None:
    """An event is written and read unchanged."""
    for event in capture_random_state({"rng": np.random.default_rng(2**120)}).events:
        assert event == msgspec.json.decode(msgspec.json.encode(event), type=type(event))


def test_unusable() -> None:
    """A state that its generator refuses is an error, and every stream is put back."""
    event = capture_random_state().event("numpy.legacy")
    state = {**(event.state or {}), "state": {"key": {"uint32": ""}, "pos": "0"}}
    digest = hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()
    bad = msgspec.structs.replace(event, state=state, state_sha256=digest)
    random.random()
    python = capture_random_state().event("python")
    random.random()
    before = capture_random_state()
    with pytest.raises(InputError, match=r"^cannot restore random stream 'numpy.legacy': "):
        restore_random_state([python, bad])
    assert before == capture_random_state()
