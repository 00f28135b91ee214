"""`EntropyWatch`: who asks for a seed that nobody gives, overheard in the running process; and numbers given again.

NumPy makes every seed that it is not given with `randbits`, a name in `numpy.random.bit_generator`. Python's
generators call `random.Random.seed` without a number. Tokens, temporary names and `uuid4` come from `os.urandom`. Each
of these is wrapped while a watch is installed; the wrappers pass on to the original and note who asked.

The numbers that seed generators are kept, so that a replay can give them again. What `os.urandom` and `secrets` return
may be a credential: of it only the size and the caller are kept.
"""

from __future__ import annotations

import functools
import os
import random
import sys
import threading
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from ithtel.events import EntropyRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from types import FrameType

Source = Literal["numpy", "python", "os"]
LEGACY = "numpy.legacy"
"""The owner of the seed that NumPy's global generator gets while NumPy is imported."""
PYTHON_BYTES = 32
"""Seed of a `random.Random` that is given none; CPython takes 2500 bytes, of which none can be had again."""
MAX_REQUESTS = 1_000
"""Numbers kept of one cell; further requests are only counted."""
MAX_MADE = 20_000
_LEAST_BYTES, _UUID_BYTES, _MOST_BYTES = 4, 16, 64

_NUMPY = "numpy.random.bit_generator"
_MTRAND = "numpy.random.mtrand"
_BETWEEN = frozenset(
    {"numpy", "random", "secrets", "uuid", "tempfile", "os", "ithtel"}
    | {"importlib", "_frozen_importlib", "_frozen_importlib_external"}
)
"""Packages that ask on behalf of their caller."""
_SILENT = frozenset({"IPython", "ipykernel", "jupyter_client", "tornado", "zmq", "asyncio", "traitlets", "hypothesis"})
"""Packages whose random numbers name connections and requests, never a result of the notebook."""
_CELL = "__main__"


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
        """The name to show: a function with its module, unless that is the notebook."""
        if self.module == _CELL:
            return "the cell" if self.function == "<module>" else self.function
        return self.module if self.is_import else f"{self.module}.{self.function}"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request: what kind of source, who asked, how many bits, and the number if it seeds a generator."""

    source: Source
    owner: str
    n_bits: int
    number: int | None = None
    generator: Any = None
    """What was seeded, if it can be held: a `random.Random`, the bit generator of a `RandomState`."""

    @property
    def was_overruled(self) -> bool:
        """Whether a seed followed: `RandomState(42)` asks the operating system first, and then forgets the answer."""
        return self.source == "numpy" and self.generator is not None and self.generator.seed_seq is None

    @property
    def may_have_been_used(self) -> bool:
        """Whether numbers may have been drawn; False only if the generator still stands where its seed put it."""
        if self.generator is None:
            return True
        if self.source == "python":
            return bool(self.generator.getstate() != random.Random(self.number).getstate())  # noqa: S311 - no secret
        fresh = type(self.generator)(self.generator.seed_seq)
        return bool((self.generator.state["state"]["key"] != fresh.state["state"]["key"]).any())


class EntropyWatch:
    """Overhears requests for entropy from `install` to `remove`; `end` returns those of a cell."""

    def __init__(self) -> None:
        self._requests: list[Request] = []
        self.n_more = 0
        self.made: set[str] = set()
        """The hexadecimal digits of the uuids and tokens that the session drew, and their beginnings. Never written."""
        self._recorded: list[tuple[str, int]] = []
        self._is_listening = False
        self._inner = threading.local()
        self._undo: list[Callable[[], None]] = []
        self._when_imported: Callable[[str, Callable[[], None]], Callable[[], None]] = _not_installed

    def install(self, when_imported: Callable[[str, Callable[[], None]], Callable[[], None]]) -> None:
        """Wrap the sources; NumPy's when NumPy is imported.

        Args:
            when_imported: `ithtel.recording.import_hook.when_imported`, which this layer may not import.
        """
        self._when_imported = when_imported
        self._wrap(random.Random, "seed", self._python_seed(random.Random.seed))
        self._wrap(os, "urandom", self._os_bytes(os.urandom))
        if hasattr(random, "_urandom"):
            self._wrap(random, "_urandom", self._os_bytes(random._urandom))  # noqa: SLF001 - `secrets` asks through it
        self._undo.append(when_imported(_NUMPY, self._attach_numpy))

    def remove(self) -> None:
        """Put back what `install` wrapped, unless somebody else has wrapped it since."""
        self._is_listening = False
        while self._undo:
            self._undo.pop()()

    def begin(self, recorded: Iterable[tuple[str, int]] = ()) -> None:
        """Listen to a cell. `recorded` are numbers to give again: (owner, number) in order, owner "" for anyone."""
        self._requests.clear()
        self.n_more = 0
        self._recorded = [(owner, int(number)) for owner, number in recorded]
        self._is_listening = True

    def end(self) -> list[Request]:
        """Stop listening, give no more recorded numbers, and return the requests of the cell."""
        self._recorded = []
        self._is_listening = False
        found = [request for request in self._requests if not request.was_overruled]
        self._requests.clear()
        return found

    def _wrap(self, target: Any, name: str, wrapper: Any) -> None:  # noqa: ANN401
        original = getattr(target, name)
        setattr(target, name, wrapper)

        def undo() -> None:
            if getattr(target, name, None) is wrapper:
                setattr(target, name, original)

        self._undo.append(undo)

    def _attach_numpy(self) -> None:
        module = sys.modules[_NUMPY]
        ask = getattr(module, "randbits", None)
        if ask is not None:
            self._wrap(module, "randbits", functools.partial(self._numpy_bits, ask))
        self._undo.append(self._when_imported(_MTRAND, self._attach_legacy))

    def _attach_legacy(self) -> None:
        """Hold the bit generators that `RandomState` makes, until the end of the cell.

        It makes them by a name in its module, which is also the second argument of an `isinstance`.
        """
        module: Any = sys.modules[_MTRAND]
        if not hasattr(module, "_MT19937"):
            return
        kind: type[Any] = module._MT19937  # noqa: SLF001

        class Meta(type):
            def __call__(cls, *arguments: Any) -> Any:  # noqa: ANN401
                n_before = len(self._requests)
                made = kind(*arguments)
                self._requests[n_before:] = [
                    msgspec.structs.replace(each, generator=made) for each in self._requests[n_before:]
                ]
                return made

            def __instancecheck__(cls, value: object) -> bool:
                return isinstance(value, kind)

        self._wrap(module, "_MT19937", Meta("MT19937", (), {}))

    def _numpy_bits(self, ask: Callable[[int], int], n: int) -> int:
        """Return `n` random bits: those of the record if it has some for this owner, else new ones."""
        if not self._is_listening:
            return ask(n)
        caller = caller_of(sys._getframe(1))  # noqa: SLF001 - inspect.stack reads source files
        owner = _numpy_owner(caller)
        number = self._again(owner, n)
        if number is None:
            number = self._quietly(ask, n)
        self._note(Request(source="numpy", owner=owner, n_bits=n, number=number), caller)
        return number

    def _python_seed(self, seed: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(seed)
        def watched(generator: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401
            if a is not None or not self._is_listening or type(generator) is not random.Random or _names_files():
                self._quietly(seed, generator, a, version)
                return
            caller = caller_of(sys._getframe(1))  # noqa: SLF001
            number = self._again(caller.owner, 8 * PYTHON_BYTES)
            if number is None:
                number = int.from_bytes(self._quietly(os.urandom, PYTHON_BYTES), "little")
            seed(generator, number, version)
            bits = 8 * PYTHON_BYTES
            request = Request(source="python", owner=caller.owner, n_bits=bits, number=number, generator=generator)
            self._note(request, caller)

        return watched

    def _os_bytes(self, ask: Callable[[int], bytes]) -> Callable[[int], bytes]:
        @functools.wraps(ask)
        def watched(size: int, /) -> bytes:
            given = ask(size)
            if self._is_listening and not getattr(self._inner, "is_asking", False):
                caller = caller_of(sys._getframe(1))  # noqa: SLF001
                self._note(Request(source="os", owner=caller.owner, n_bits=8 * size), caller)
                if caller.module.partition(".")[0] not in _SILENT and len(self.made) < MAX_MADE:
                    self.made.update(_spellings(given))
            return given

        return watched

    def _quietly(self, ask: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
        """Call what asks a source that is watched itself, so that one request counts once."""
        outer = getattr(self._inner, "is_asking", False)
        self._inner.is_asking = True
        try:
            return ask(*arguments)
        finally:
            self._inner.is_asking = outer

    def _note(self, request: Request, caller: Caller) -> None:
        if caller.module.partition(".")[0] in _SILENT:
            return
        if request.owner != LEGACY and (caller.is_import or is_importing()):
            return  # what an import asks for itself (scipy.stats makes its docstrings with random numbers)
        if len(self._requests) < MAX_REQUESTS:
            self._requests.append(request)
        else:
            self.n_more += 1

    def _again(self, owner: str, n_bits: int) -> int | None:
        for place, (of, number) in enumerate(self._recorded):
            if of in ("", owner) and number.bit_length() <= n_bits:
                del self._recorded[place]
                return number
        return None


def _names_files() -> bool:
    """Return whether the generator is that of `tempfile`, which makes names with it and no result."""
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001 - below `watched` and `Random.__init__`
    return frame is not None and frame.f_globals.get("__name__") == "tempfile"


def _spellings(given: bytes) -> set[str]:
    """Return how random bytes are written: as a token, as a `uuid4` if there are 16, and the first 8 digits of each."""
    if not _LEAST_BYTES <= len(given) <= _MOST_BYTES:
        return set()
    found = [given.hex()]
    if len(given) == _UUID_BYTES:
        found.append(UUID(bytes=given, version=4).hex)
    return {part for digits in found for part in (digits, digits[:8])}


def caller_of(frame: FrameType | None) -> Caller:
    """Return the innermost code that does not ask on behalf of somebody else."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _BETWEEN:
            return Caller(module, frame.f_code.co_qualname)
        frame = frame.f_back
    return Caller("", "")


def is_importing() -> bool:
    """Return whether the request comes from within an `import` of the cell's."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001
    while frame is not None and frame.f_globals.get("__name__") != _CELL:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def _not_installed(_package: str, _action: Callable[[], None]) -> Callable[[], None]:
    raise RuntimeError("install the watch first")


def _numpy_owner(caller: Caller) -> str:
    """Return whose seed it is: that of NumPy's global generator while `numpy.random.mtrand` is being imported."""
    mtrand = sys.modules.get(_MTRAND)
    is_importing = mtrand is not None and not hasattr(mtrand, "_rand")
    return LEGACY if is_importing else caller.owner


def summarized(requests: Iterable[Request], execution_count: int | None) -> list[EntropyRequest]:
    """Return one event per source and caller, in the order in which each asked first."""
    groups: dict[tuple[Source, str], list[Request]] = {}
    for request in requests:
        groups.setdefault((request.source, request.owner), []).append(request)
    return [
        EntropyRequest(
            execution_count=execution_count,
            source=source,
            owner=owner,
            n_requests=len(group),
            n_bits=sum(each.n_bits for each in group),
            numbers=None if source == "os" else [str(each.number) for each in group],
        )
        for (source, owner), group in groups.items()
    ]


def is_dropped(request: Request, kept: Container[str | None]) -> bool:
    """Return whether a request seeded a generator that no variable keeps, and that may have been drawn from.

    Args:
        request: The request.
        kept: The entropies of the generators that variables hold.
    """
    if request.source == "os" or request.owner == LEGACY:
        return False
    return str(request.number) not in kept and request.may_have_been_used
