"""The state of every random stream: taken, compared, put back."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError
from ithtel.events import RngState
from ithtel.provenance.own import modules_behind
from ithtel.provenance.randomness.freshness import is_fresh, shown_seed
from ithtel.provenance.randomness.streams import LEGACY, Stream, find_streams, rng_state, same_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_OS_ENTROPY_BITS = 96
SPAWNED = "numpy:spawn["
"""How the streams that `ithtel.spawn` makes are called before somebody keeps them."""


class _Taken(msgspec.Struct, frozen=True, kw_only=True):
    stream: Stream
    raw: Any


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What `restore_random_state` did: the streams it put back, and why it could not put back others."""

    streams: list[str]
    missing: dict[str, str]


class CapturedRandomState(Mapping[str, Any]):
    """The states of all streams at one moment; as a mapping, what restores them in JSON's own types.

    Keys: `numpy_seed` (the seed of NumPy's legacy generator where its state still shows it, else None),
    `numpy_state_hash` (None where NumPy is not loaded), `streams` (one `rng.state` each).
    """

    def __init__(self, taken: Iterable[_Taken]) -> None:
        self._taken = {item.stream.name: item for item in taken}

    @property
    def names(self) -> list[str]:
        """The names of the streams."""
        return list(self._taken)

    @functools.cached_property
    def events(self) -> list[RngState]:
        """One `rng.state` event a stream, each with its full state."""
        return [rng_state(name, item.raw) for name, item in self._taken.items()]

    def event(self, stream: str, *, with_state: bool = True) -> RngState:
        """Return the `rng.state` event of one stream; without its state where the log has that already.

        Raises:
            InputError: There is no such stream.
        """
        item = self._taken.get(stream)
        if item is None:
            raise InputError(f"no random stream {stream!r}; there are {', '.join(self._taken)}")
        event = rng_state(stream, item.raw)
        return event if with_state else msgspec.structs.replace(event, state=None)

    @functools.cached_property
    def _mapping(self) -> dict[str, Any]:
        legacy = self._taken.get(LEGACY)
        return {
            "numpy_seed": shown_seed(legacy.raw) if legacy else None,
            "numpy_state_hash": f"sha256:{self.event(LEGACY).state_sha256}" if legacy else None,
            "streams": [msgspec.to_builtins(event) for event in self.events],
        }

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - JSON
        return self._mapping[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    def __repr__(self) -> str:
        return f"<random state of {', '.join(self._taken)}>"


def capture_random_state(
    namespace: Mapping[str, object] | None = None, *, modules: Mapping[str, ModuleType] | None = None
) -> CapturedRandomState:
    """Take the full state of every random stream, without moving any.

    Python's `random`; NumPy's legacy global and torch where they are loaded; each `numpy.random.Generator`,
    `RandomState` and `random.Random` that `namespace` holds, in a variable or one level down: attributes of instances,
    of the user's own classes and modules (those, too, that a function or class in `namespace` comes from), items of
    short lists and dicts. NumPy streams that numba compiled code draws from are not reached.

    Args:
        namespace: Variables to look for generators in.
        modules: The loaded modules; `sys.modules` unless given.

    >>> import random
    >>> before = capture_random_state()
    >>> first = random.random()
    >>> _ = restore_random_state(before)
    >>> random.random() == first
    True
    """
    taken = []
    for stream in _reachable(namespace, modules):
        try:
            taken.append(_Taken(stream=stream, raw=stream.raw()))
        except Exception:  # noqa: BLE001, S112 - SystemRandom has no state, and a foreign bit generator may fail anyhow
            continue
    return CapturedRandomState(taken)


def restore_random_state(
    captured: Mapping[str, Any] | Iterable[RngState | Mapping[str, Any]],
    namespace: Mapping[str, object] | None = None,
    *,
    modules: Mapping[str, ModuleType] | None = None,
) -> Restored:
    """Put streams where they were when `captured` was taken; generators are changed in place.

    Args:
        captured: What `capture_random_state` returned, that read back from JSON, or `rng.state` events.
        namespace: Where to find generators by name; without it, those are used that were captured themselves.
        modules: The loaded modules; `sys.modules` unless given.

    Raises:
        InputError: A state is left out or damaged. Then no stream has been touched.
    """
    found = {stream.name: stream for stream in _targets(captured, namespace, modules)}
    wanted = [(event, _checked(event)) for event in _events(captured)]
    kept = {_child_of(state) for event, state in wanted if event.stream in found}
    missing: dict[str, str] = {}
    todo: list[tuple[Stream, dict[str, Any]]] = []
    for event, state in wanted:
        if event.stream.startswith(SPAWNED) and event.stream not in found and _child_of(state) in kept:
            continue  # it is there under the name of who keeps it
        stream = found.get(event.stream)
        reason = "there is no such generator now" if stream is None else _unfit(stream, event)
        if stream is None or reason:
            missing[event.stream] = reason or ""
        else:
            todo.append((stream, state))
    _put_all(todo)
    return Restored(streams=[stream.name for stream, _ in todo], missing=missing)


def moved(before: CapturedRandomState, after: CapturedRandomState) -> list[str]:
    """Return the streams that were drawn from (or spawned from, or seeded) between two captures, by name.

    A generator that is new counts only if it is no longer where its seed put it.

    >>> import random
    >>> before = capture_random_state()
    >>> _ = random.random()
    >>> moved(before, capture_random_state())
    ['python']
    """
    return [name for name, item in after._taken.items() if _has_moved(item, _earlier(before, item))]  # noqa: SLF001


def appeared(before: CapturedRandomState, after: CapturedRandomState) -> list[str]:
    """Return the streams whose generator was not there before: made in between, or bound to a name in between."""
    return [name for name, item in after._taken.items() if _earlier(before, item) is None]  # noqa: SLF001


def state_before(before: CapturedRandomState, after: CapturedRandomState, stream: str) -> RngState | None:
    """Return where the generator that is now called `stream` was before, whatever its name then; None where it is new.

    >>> import random
    >>> before = capture_random_state()
    >>> _ = random.random()
    >>> state_before(before, capture_random_state(), "python") == before.event("python")
    True
    """
    item = after._taken.get(stream)  # noqa: SLF001
    earlier = None if item is None else _earlier(before, item)
    return None if earlier is None else rng_state(stream, earlier.raw)


def generator_state(name: str, generator: object) -> RngState:
    """Return the `rng.state` of one NumPy generator, as the stream `numpy:<name>`."""
    stream = Stream(name=f"numpy:{name}", target=generator)
    return rng_state(stream.name, stream.raw())


def looks_unseeded(event: RngState, source: str = "") -> bool:
    """Say whether a generator got its entropy from the operating system: 128 random bits that no one wrote down.

    Args:
        event: The generator's state.
        source: Code in which such a number may stand as a literal; then it is a seed.
    """
    entropy = event.entropy
    if entropy is None or not entropy.isdecimal():
        return False
    digits = source.replace("_", "").lower()
    is_written = entropy in digits or f"{int(entropy):x}" in digits
    return int(entropy).bit_length() > _OS_ENTROPY_BITS and not is_written


def _earlier(before: CapturedRandomState, item: _Taken) -> _Taken | None:
    """Return what was taken from the same generator, whatever its name then."""
    taken = before._taken  # noqa: SLF001
    same_name = taken.get(item.stream.name)
    if same_name is not None and same_source(same_name.stream.target, item.stream.target):
        return same_name
    return next((other for other in taken.values() if same_source(other.stream.target, item.stream.target)), None)


def _has_moved(item: _Taken, earlier: _Taken | None) -> bool:
    if earlier is not None:
        return bool(earlier.raw != item.raw)
    return not is_fresh(item.stream.target, item.raw)


def _targets(
    captured: object, namespace: Mapping[str, object] | None, modules: Mapping[str, ModuleType] | None
) -> list[Stream]:
    streams = _reachable(namespace, modules)
    if namespace is None and isinstance(captured, CapturedRandomState):
        streams += [item.stream for name, item in captured._taken.items() if ":" in name]  # noqa: SLF001
    return streams


def _reachable(namespace: Mapping[str, object] | None, modules: Mapping[str, ModuleType] | None) -> list[Stream]:
    """Return the streams of `namespace`, and of the user's own modules that it has something of, by their full names.

    Where a variable has the name of such a module, the variable it is.
    """
    loaded = sys.modules if modules is None else modules
    variables = namespace or {}
    behind = modules_behind(variables, loaded)
    return find_streams({**variables, **{name: behind[name] for name in sorted(behind.keys() - variables)}}, loaded)


def _child_of(state: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return what makes a generator again: the entropy and the key of its SeedSequence."""
    sequence = state.get("seed_sequence") or {}
    return str(sequence.get("entropy")), tuple(sequence.get("spawn_key", ()))


def _put_all(todo: list[tuple[Stream, dict[str, Any]]]) -> None:
    """Put every stream where its state says, or none."""
    before = [(stream, rng_state(stream.name, stream.raw()).state or {}) for stream, _ in todo]
    for stream, state in todo:
        try:
            stream.put(state)
        except Exception as error:
            for earlier, earlier_state in before:
                earlier.put(earlier_state)
            raise InputError(f"the state of random stream {stream.name!r} cannot be used: {error}") from error


def _events(captured: Mapping[str, Any] | Iterable[RngState | Mapping[str, Any]]) -> list[RngState]:
    if isinstance(captured, CapturedRandomState):
        return captured.events
    if isinstance(captured, Mapping):
        if "streams" not in captured:
            raise InputError("this is no captured random state: it has no 'streams'")
        captured = captured["streams"]
    try:
        return [item if isinstance(item, RngState) else msgspec.convert(item, RngState) for item in captured]
    except (msgspec.ValidationError, TypeError) as error:
        raise InputError(f"this is no captured random state: {error}") from error


def _checked(event: RngState) -> dict[str, Any]:
    if event.state is None:
        raise InputError(
            f"the state of random stream {event.stream!r} is left out here; it stands earlier in the log, "
            f"with the state_sha256 {event.state_sha256[:16]}…"
        )
    digest = hashlib.sha256(msgspec.json.encode(event.state, order="sorted")).hexdigest()
    if digest != event.state_sha256:
        raise InputError(f"the state of random stream {event.stream!r} is damaged: its digest is {digest[:16]}…")
    return event.state


def _unfit(stream: Stream, event: RngState) -> str | None:
    """Return why a state cannot be put into the generator that now has the name."""
    now = rng_state(stream.name, stream.raw())
    kind = (event.state or {}).get("generator")
    if now.bit_generator != event.bit_generator:
        return f"it is a {now.bit_generator} now, and was a {event.bit_generator}"
    if kind != (now.state or {}).get("generator"):
        return f"it is a {(now.state or {}).get('generator')} now, and was a {kind}"
    return None


__all__ = [
    "CapturedRandomState",
    "Restored",
    "appeared",
    "capture_random_state",
    "generator_state",
    "looks_unseeded",
    "moved",
    "restore_random_state",
    "state_before",
]
