"""What generators ask of the operating system where nobody gives them a seed: who asks, and recorded numbers again.

NumPy makes every seed that it is not given with `randbits`, a name in its module `numpy.random.bit_generator`; Python's
generators call `random.Random.seed` without a number. In the kernel of a replay both are overheard.
"""

from __future__ import annotations

import functools
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ithtel.recording.import_hook import when_imported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType

LEGACY = "numpy.legacy"
_NUMPY = "numpy.random.bit_generator"
_MTRAND = "numpy.random.mtrand"
_INNER = frozenset(
    {"numpy", "random", "secrets", "importlib", "_frozen_importlib", "_frozen_importlib_external", "ithtel"}
)
"""Packages that ask for somebody else."""
_CELL = "__main__"
_MAX_HELD = 64


class Asked(NamedTuple):
    """One request for entropy: what asked, with NumPy's number or Python's generator (one of both)."""

    owner: str
    number: int | None = None
    generator: random.Random | None = None


class Caller(NamedTuple):
    """The code on whose behalf entropy is asked for."""

    module: str
    function: str

    @property
    def is_import(self) -> bool:
        """Whether a module asks while it is imported."""
        return self.module != _CELL and self.function == "<module>"

    @property
    def owner(self) -> str:
        """What to call it: a function with its module, unless that is the notebook."""
        if self.module == _CELL:
            return "the cell" if self.function == "<module>" else self.function
        return self.module if self.is_import else f"{self.module}.{self.function}"


@dataclass
class Entropy:
    """Overhears, from `install` on, who asks for entropy while a cell runs; `asked` holds it until the next cell."""

    asked: list[Asked] = field(default_factory=list)
    _recorded: list[tuple[str, int]] = field(default_factory=list)
    _is_listening: bool = False
    _n_held: Counter[str] = field(default_factory=Counter)

    def install(self) -> None:
        """Overhear NumPy's entropy, now or when it is imported, and that of Python's generators."""
        when_imported(_NUMPY, self._attach)
        seed = random.Random.seed

        @functools.wraps(seed)
        def overheard(generator: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401
            self.asked[:] = [each for each in self.asked if each.generator is not generator]
            if a is None and type(generator) is random.Random:
                self._note_python(generator)
            seed(generator, a, version)

        random.Random.seed = overheard  # type: ignore[assignment]

    def begin(self, recorded: Iterable[Sequence[str]] = ()) -> None:
        """Listen to a cell; `recorded` are the numbers that it was given before: (maker, number), in order."""
        self.asked.clear()
        self._n_held.clear()
        self._recorded = [(maker, int(number)) for maker, number in recorded]
        self._is_listening = True

    def end(self) -> None:
        """Listen no longer, and give no more recorded numbers."""
        self._recorded = []
        self._is_listening = False

    def _attach(self) -> None:
        module = sys.modules[_NUMPY]
        ask: Callable[[int], int] | None = getattr(module, "randbits", None)
        if ask is not None:
            module.randbits = functools.partial(self._numpy_bits, ask)  # type: ignore[attr-defined]

    def _numpy_bits(self, ask: Callable[[int], int], n: int) -> int:
        """Return `n` random bits: those of the record where it has some for this maker, else new ones."""
        if not self._is_listening:
            return ask(n)
        caller = caller_of(sys._getframe(1))  # noqa: SLF001 - inspect.stack reads source files
        number = self._again(_maker(caller), n)
        number = ask(n) if number is None else number
        self.asked.append(Asked(caller.owner, number=number))
        return number

    def _again(self, maker: str, n: int) -> int | None:
        for place, (of, number) in enumerate(self._recorded):
            if of == maker and number.bit_length() <= n:
                del self._recorded[place]
                return number
        return None

    def _note_python(self, generator: random.Random) -> None:
        if not self._is_listening:
            return
        owner = caller_of(sys._getframe(2)).owner  # noqa: SLF001
        self._n_held[owner] += 1
        if self._n_held[owner] <= _MAX_HELD:
            self.asked.append(Asked(owner, generator=generator))


def caller_of(frame: FrameType | None) -> Caller:
    """Return the innermost code that is none of those that ask for somebody else."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _INNER:
            return Caller(module, frame.f_code.co_qualname)
        frame = frame.f_back
    return Caller("", "")


def _maker(caller: Caller) -> str:
    """Return by what recorded numbers are told apart: NumPy's global, the package that is imported, or nothing."""
    mtrand = sys.modules.get(_MTRAND)
    if mtrand is not None and not hasattr(mtrand, "_rand"):
        return LEGACY
    return caller.module.partition(".")[0] if caller.is_import else ""
