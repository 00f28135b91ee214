"""`EntropyMonitor`: observe who asks the operating system for a random seed, and answer with recorded numbers.

NumPy gets every seed that it is not given from `randbits`, a name in its module `numpy.random.bit_generator`; Python's
generators call `random.Random.seed` without a number. The kernel of a replay observes both.
"""

from __future__ import annotations

import functools
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ithtel.provenance.randomness.entropy import Caller, caller_of
from ithtel.provenance.randomness.streams import LEGACY
from ithtel.recording.import_hook import when_imported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_NUMPY = "numpy.random.bit_generator"
_MTRAND = "numpy.random.mtrand"
_MAX_HELD = 64


class EntropyRequest(NamedTuple):
    """One request for entropy: who asked, and either NumPy's number or Python's generator."""

    owner: str
    number: int | None = None
    generator: random.Random | None = None


@dataclass
class EntropyMonitor:
    """Notes, once installed, every request for entropy of the cell that runs; `requests` keeps them until the next."""

    requests: list[EntropyRequest] = field(default_factory=list)
    _recorded: list[tuple[str, int]] = field(default_factory=list)
    _is_listening: bool = False
    _n_held: Counter[str] = field(default_factory=Counter)

    def install(self) -> None:
        """Observe Python's generators, and NumPy as soon as it is imported."""
        when_imported(_NUMPY, self._attach)
        seed = random.Random.seed

        @functools.wraps(seed)
        def observed(generator: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401
            self.requests[:] = [each for each in self.requests if each.generator is not generator]
            if a is None and type(generator) is random.Random:
                self._note_python(generator)
            seed(generator, a, version)

        random.Random.seed = observed  # type: ignore[assignment]

    def begin(self, recorded: Iterable[Sequence[str]] = ()) -> None:
        """Start to observe a cell; `recorded` are the numbers that it got originally: (maker, number), in order."""
        self.requests.clear()
        self._n_held.clear()
        self._recorded = [(maker, int(number)) for maker, number in recorded]
        self._is_listening = True

    def end(self) -> None:
        """Stop observing, and return no more recorded numbers."""
        self._recorded = []
        self._is_listening = False

    def _attach(self) -> None:
        module = sys.modules[_NUMPY]
        randbits: Callable[[int], int] | None = getattr(module, "randbits", None)
        if randbits is not None:
            module.randbits = functools.partial(self._numpy_bits, randbits)  # type: ignore[attr-defined]

    def _numpy_bits(self, randbits: Callable[[int], int], n: int) -> int:
        """Return `n` random bits: recorded ones if this maker has some left, else new ones."""
        if not self._is_listening:
            return randbits(n)
        caller = caller_of(sys._getframe(1))  # noqa: SLF001 - inspect.stack reads source files
        number = self._take_recorded(_maker(caller), n)
        number = randbits(n) if number is None else number
        self.requests.append(EntropyRequest(caller.owner, number=number))
        return number

    def _take_recorded(self, maker: str, n: int) -> int | None:
        for place, (recorded_maker, number) in enumerate(self._recorded):
            if recorded_maker == maker and number.bit_length() <= n:
                del self._recorded[place]
                return number
        return None

    def _note_python(self, generator: random.Random) -> None:
        if not self._is_listening:
            return
        owner = caller_of(sys._getframe(2)).owner  # noqa: SLF001
        self._n_held[owner] += 1
        if self._n_held[owner] <= _MAX_HELD:
            self.requests.append(EntropyRequest(owner, generator=generator))


def _maker(caller: Caller) -> str:
    """Return the key of recorded numbers: NumPy's global stream, the package being imported, or an empty string."""
    mtrand = sys.modules.get(_MTRAND)
    if mtrand is not None and not hasattr(mtrand, "_rand"):
        return LEGACY
    return caller.module.partition(".")[0] if caller.is_import else ""
