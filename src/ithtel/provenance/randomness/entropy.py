"""`EntropyWatch`, `watch`: overhear who asks for a seed that nobody gives, and give recorded seeds back.

NumPy makes every seed that it is not given with `randbits`, a name in `numpy.random.bit_generator`. Python's
generators call `random.Random.seed` without a number. Tokens, temporary names and `uuid4` come from `os.urandom`. Each
of these is wrapped while the watch is installed; the wrappers pass on to the original and note who asked.

The numbers that seed generators, and those of `uuid4`, are kept, so that a replay can give them back. What `os.urandom`
and `secrets` return may be a credential: of it only the size and the caller are kept.
"""

from __future__ import annotations

import functools
import hashlib
import os
import random
import secrets
import sys
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ithtel.provenance.randomness.caller import Caller, caller_of
from ithtel.provenance.randomness.entropy_requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ithtel.provenance.randomness.entropy_requests import Source

    WhenImported = Callable[[str, Callable[[], None]], Callable[[], None]]

LEGACY = "numpy.legacy"
"""The owner of the seed that NumPy's global generator gets while NumPy is imported."""
ANYONE = ""
"""The owner of recorded numbers of which it is not known who asked."""
PYTHON_BYTES = 32
"""Seed of a `random.Random` that is given none; CPython takes 2500 bytes, of which none can be had again."""
MAX_REQUESTS = 1_000
"""Numbers kept of one cell; further requests are only counted."""

MAX_DERIVED = 100_000
MAX_MADE = 20_000
_LEAST_BYTES, _MOST_BYTES = 4, 64

_NUMPY = "numpy.random.bit_generator"
_MTRAND = "numpy.random.mtrand"
_UNPICKLING = "__bit_generator_ctor"
_UUID_BYTES = 16
_frame = sys._getframe  # noqa: SLF001 - inspect.stack reads source files
_LEGACY_IMPORT = Caller(module=_MTRAND, function="<module>", owner=LEGACY, is_import=True, is_silent=False)


class Hearing:
    """What one listener hears between `EntropyWatch.listen` and `end`."""

    def __init__(self, watch: EntropyWatch) -> None:
        self._watch = watch
        self._requests: list[Request] = []
        self.n_more = 0

    @property
    def requests(self) -> list[Request]:
        """The requests so far, without those of generators that got a seed at once."""
        return [request for request in self._requests if not request.was_overruled]

    def end(self) -> list[Request]:
        """Stop listening, and return the requests."""
        self._watch.hush(self)
        return self.requests

    def add(self, request: Request) -> None:
        """Take in a request. Loops over `RandomState(42)` do not use up the room, since only the last is held."""
        requests = self._requests
        if requests and requests[-1].generator is not None and requests[-1].was_overruled:
            requests[-1] = request
        elif len(requests) < MAX_REQUESTS:
            requests.append(request)
        else:
            self.n_more += 1


class _Thread(threading.local):
    """What the watch knows of a thread: its last request, and whether it is within a source that asks another."""

    last: Request | None = None
    is_asking = False


class EntropyWatch:
    """Overhears requests for entropy while anybody listens, and answers with the numbers that `give` was given.

    The recorder and a replay share one watch, so each request is heard once and has one answer.
    """

    def __init__(self) -> None:
        self._hearings: list[Hearing] = []
        self._given: dict[tuple[Source, str], deque[int]] = {}
        self._thread = _Thread()
        self._base: int | None = None
        self._n_derived: Counter[tuple[Source, str]] = Counter()
        self.derived: set[int] = set()
        self.made: set[str] = set()
        """The hexadecimal digits of the uuids and tokens that the session drew, and their beginnings. Never written."""
        self._undo: list[Callable[[], None]] = []
        self._wrapped: list[tuple[Any, str, Any, Any]] = []
        self._n_installed = 0
        self._when_imported: WhenImported = _not_installed
        self._urandom = os.urandom
        self._is_numpy_ready = False
        self._is_known_to_fork = False

    def install(self, when_imported: WhenImported) -> None:
        """Wrap the sources, NumPy's when NumPy is imported. The watch stays until each `install` has its `remove`.

        Args:
            when_imported: `ithtel.recording.import_hook.when_imported`, which this layer may not import.
        """
        self._n_installed += 1
        if self._n_installed > 1:
            return
        self._when_imported = when_imported
        if not self._is_known_to_fork:
            self._is_known_to_fork = True
            os.register_at_fork(after_in_child=self._forget)  # workers must not all get the same seeds
        self._urandom = os.urandom
        self._wrap(random.Random, "seed", self._python_seed(random.Random.seed))
        self._wrap(random, "seed", _global_seed(random.seed))
        self._wrap(os, "urandom", self._os_bytes(os.urandom))
        if hasattr(random, "_urandom"):
            self._wrap(random, "_urandom", self._os_bytes(random._urandom))  # noqa: SLF001 - `secrets` asks through it
        self._undo.append(when_imported(_NUMPY, self._attach_numpy))

    def remove(self) -> None:
        """Put back what `install` wrapped, unless somebody else has wrapped it since."""
        self._n_installed = max(0, self._n_installed - 1)
        if self._n_installed:
            return
        self._hearings = []
        self._forget()
        self._wrapped = []
        while self._undo:
            self._undo.pop()()

    def listen(self) -> Hearing:
        """Begin to listen; `end` of the result ends it."""
        for target, name, original, wrapper in self._wrapped:
            if getattr(target, name, None) is original:  # somebody who had wrapped it too has put the original back
                setattr(target, name, wrapper)
        hearing = Hearing(self)
        self._hearings = [*self._hearings, hearing]
        return hearing

    def hush(self, hearing: Hearing) -> None:
        """Add no more requests to a hearing."""
        self._hearings = [each for each in self._hearings if each is not hearing]

    def give(self, recorded: Iterable[tuple[Source, str, int]]) -> None:
        """Answer coming requests with recorded numbers, instead of those of an earlier call.

        Args:
            recorded: (source, owner, number): each owner gets its numbers in order, and new ones after that. The owner
                `ANYONE` stands for those who have none of their own.
        """
        self._given.clear()
        for source, owner, number in recorded:
            self._given.setdefault((source, owner), deque()).append(number)

    def derive(self, base: int, when_imported: WhenImported) -> None:
        """Make the seed of each generator that gets none from `base`, its maker, and how many that has made.

        Such a generator is seeded: no listener hears of it. `derived` holds the numbers.
        """
        if self._base is None:
            self.install(when_imported)
        self._base = base
        self._n_derived.clear()

    def _forget(self) -> None:
        """Give nothing, and derive nothing."""
        self._given.clear()
        self._base = None

    def _derived(self, source: Source, caller: Caller, n_bits: int) -> int:
        self._n_derived[source, caller.owner] += 1
        text = f"{self._base}/{source}/{caller.owner}/{self._n_derived[source, caller.owner]}/"
        digests = (hashlib.sha256(f"{text}{part}".encode()).digest() for part in range(1 + n_bits // 256))
        number = int.from_bytes(b"".join(digests), "big") & ((1 << n_bits) - 1)
        if len(self.derived) < MAX_DERIVED:
            self.derived.add(number)
        return number

    def _wrap(self, target: Any, name: str, wrapper: Any) -> None:  # noqa: ANN401
        original = getattr(target, name)
        setattr(target, name, wrapper)
        self._wrapped.append((target, name, original, wrapper))

        def undo() -> None:
            if getattr(target, name, None) is wrapper:
                setattr(target, name, original)

        self._undo.append(undo)

    def _attach_numpy(self) -> None:
        module = sys.modules[_NUMPY]
        ask = getattr(module, "randbits", None)
        if ask is not None:
            self._wrap(module, "randbits", self._numpy_bits(ask))
        self._undo.append(self._when_imported(_MTRAND, self._attach_legacy))

    def _attach_legacy(self) -> None:
        """Hold the bit generators that `RandomState` makes, until the end of the cell.

        It makes them by a name in its module, which is also the second argument of an `isinstance`.
        """
        module: Any = sys.modules[_MTRAND]
        if not hasattr(module, "_MT19937"):
            return
        kind: type[Any] = module._MT19937  # noqa: SLF001
        thread = self._thread

        class Meta(type):
            def __call__(cls, *arguments: Any) -> Any:  # noqa: ANN401
                before = thread.last
                made = kind(*arguments)
                request = thread.last
                if request is not None and request is not before:
                    request.generator = made
                return made

            def __instancecheck__(cls, value: object) -> bool:
                return isinstance(value, kind)

        self._wrap(module, "_MT19937", Meta("MT19937", (), {}))

    def _numpy_bits(self, ask: Callable[[int], int]) -> Callable[[int], int]:
        """Return a `randbits` that gives recorded numbers back where there are some for its caller."""
        draw = _random_bits(self._urandom) if ask is secrets.randbits else functools.partial(self._quietly, ask)

        @functools.wraps(ask)
        def watched(k: int) -> int:
            if not self._hearings and self._base is None:
                return ask(k)
            frame = _frame(1)
            if frame.f_code.co_name == _UNPICKLING:
                return draw(k)  # the state of a copy or a pickle follows
            caller = caller_of(frame) if self._is_numpy_ready or not self._is_legacy_import() else _LEGACY_IMPORT
            if self._base is not None:
                return self._derived("numpy", caller, k)
            given = self._take("numpy", caller, k) if self._given else None
            number = draw(k) if given is None else given
            self._note("numpy", caller, k, number, None, given is not None)
            return number

        return watched

    def _python_seed(self, seed: Callable[..., None]) -> Callable[..., None]:
        draw = _random_bits(self._urandom)

        @functools.wraps(seed)
        def watched(generator: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401
            if a is not None or (not self._hearings and self._base is None) or _names_files():
                seed(generator, a, version)
                return
            caller, n_bits = caller_of(_frame(1)), 8 * PYTHON_BYTES
            if self._base is not None:
                seed(generator, self._derived("python", caller, n_bits), version)
                return
            given = self._take("python", caller, n_bits) if self._given else None
            number = draw(n_bits) if given is None else given
            seed(generator, number, version)
            self._note("python", caller, n_bits, number, generator, given is not None)

        return watched

    def _os_bytes(self, ask: Callable[[int], bytes]) -> Callable[[int], bytes]:
        @functools.wraps(ask)
        def watched(size: int, /) -> bytes:
            if not self._hearings or self._thread.is_asking:
                return ask(size)
            frame = _frame(1)
            caller = caller_of(frame)
            if size != _UUID_BYTES or frame.f_code.co_name != "uuid4" or frame.f_globals.get("__name__") != "uuid":
                self._note("os", caller, 8 * size, None)
                return self._remember(ask(size), caller)
            given = self._take("uuid", caller, 8 * size) if self._given else None
            answer = ask(size) if given is None else given.to_bytes(size, "little")
            self._note("uuid", caller, 8 * size, int.from_bytes(answer, "little"), None, given is not None)
            return self._remember(answer, caller)

        return watched

    def _remember(self, answer: bytes, caller: Caller) -> bytes:
        """Remember how random bytes are written, so that uuids and tokens in a text are known as such."""
        if not caller.is_silent and len(self.made) < MAX_MADE:
            self.made.update(_spellings(answer))
        return answer

    def _is_legacy_import(self) -> bool:
        """Return whether NumPy's global generator is being made, while `numpy.random.mtrand` is imported."""
        mtrand = sys.modules.get(_MTRAND)
        self._is_numpy_ready = hasattr(mtrand, "_rand")
        return mtrand is not None and not self._is_numpy_ready

    def _quietly(self, ask: Callable[[int], int], k: int) -> int:
        """Call what asks a source that is watched itself, so that one request counts once."""
        outer = self._thread.is_asking
        self._thread.is_asking = True
        try:
            return ask(k)
        finally:
            self._thread.is_asking = outer

    def _note(  # noqa: PLR0917 - keywords take a tenth of the time of a request
        self, source: Source, caller: Caller, n_bits: int, number: int | None, generator: Any = None,  # noqa: ANN401
        is_given: bool = False,
    ) -> None:  # fmt: skip
        if caller.is_silent:
            return
        request = Request(source, caller.owner, n_bits, number, generator, caller.is_import, is_given)
        self._thread.last = request
        for hearing in self._hearings:
            hearing.add(request)

    def _take(self, source: Source, caller: Caller, n_bits: int) -> int | None:
        """Return the recorded number that this request gets, None if there is none."""
        last = self._thread.last
        if last is not None and last.is_given and last.was_overruled and last.number is not None:
            self._given.setdefault((last.source, last.owner), deque()).appendleft(last.number)  # it was not needed
            self._thread.last = None
        package = caller.module.partition(".")[0]
        for owner in (caller.owner, package if caller.is_import else ANYONE):
            numbers = self._given.get((source, owner))
            if numbers and numbers[0].bit_length() <= n_bits:
                return numbers.popleft()
        return None


def _names_files() -> bool:
    """Return whether the generator is that of `tempfile`, which makes names with it and no result."""
    return _frame(3).f_globals.get("__name__") == "tempfile"  # below `watched` and `Random.__init__`


def _spellings(given: bytes) -> set[str]:
    """Return how random bytes are written: as a token, as a `uuid4` if there are 16, and the first 8 digits of each.

    Pandas names a styled table by `T_` and the first five digits.
    """
    if not _LEAST_BYTES <= len(given) <= _MOST_BYTES:
        return set()
    found = [given.hex()]
    if len(given) == _UUID_BYTES:
        found.append(UUID(bytes=given, version=4).hex)
    return {part for digits in found for part in (digits, digits[:8], f"T_{digits[:5]}")}


def _random_bits(ask: Callable[[int], bytes]) -> Callable[[int], int]:
    """Return `secrets.randbits`, without the way through the sources that are watched themselves."""
    return lambda k: int.from_bytes(ask((k + 7) // 8), "big") >> (-k % 8)


def _global_seed(seed: Callable[..., None]) -> Callable[..., None]:
    """Return a `random.seed` that is heard: the original is bound to the method from before the watch."""

    @functools.wraps(seed)
    def watched(a: Any = None, version: int = 2) -> None:  # noqa: ANN401
        generator = getattr(seed, "__self__", None)
        if a is None and isinstance(generator, random.Random):
            generator.seed()
        else:
            seed(a, version)

    return watched


def _not_installed(_package: str, _action: Callable[[], None]) -> Callable[[], None]:
    raise RuntimeError("install the watch first")


watch = EntropyWatch()
"""The watch of this process: the recorder and a replay use the same, so that each request has one answer."""
