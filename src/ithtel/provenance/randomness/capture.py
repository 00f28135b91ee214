"""`capture_random_state`, `restore_random_state`, `moved`: the states of all random streams."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError
from ithtel.events import RngState
from ithtel.provenance.randomness.freshness import is_fresh, shown_seed
from ithtel.provenance.randomness.state_json import UnreadableStateError
from ithtel.provenance.randomness.streams import LEGACY, Stream, find_streams, rng_state, same_source
from ithtel.provenance.user_code import modules_behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

_OS_ENTROPY_BITS = 96
SPAWNED = "numpy:spawn["
"""Prefix of the streams that `ithtel.spawn` makes, until a variable holds them."""


class _Taken(msgspec.Struct, frozen=True, kw_only=True):
    stream: Stream
    raw: Any


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """The streams that `restore_random_state` restored, and the reasons why it could not restore others."""

    streams: list[str]
    missing: dict[str, str]


class CapturedRandomState(Mapping[str, Any]):
    """The states of all streams at one moment; as a mapping, JSON values from which they can be restored.

    Keys: `numpy_seed` (the seed of NumPy's legacy generator if its state still shows it, else None),
    `numpy_state_hash` (None if NumPy is not loaded), `streams` (one `rng.state` each).
    """

    def __init__(self, taken: Iterable[_Taken], unread: Mapping[str, str] | None = None) -> None:
        self._taken = {item.stream.name: item for item in taken}
        self.unread = dict(unread or {})
        """The streams whose state could not be read: name → reason."""

    @property
    def names(self) -> list[str]:
        """The names of the streams."""
        return list(self._taken)

    @functools.cached_property
    def events(self) -> list[RngState]:
        """One `rng.state` event per stream, each with its full state."""
        return [rng_state(name, item.raw) for name, item in self._taken.items()]

    def event(self, stream: str, *, with_state: bool = True) -> RngState:
        """Return the `rng.state` event of one stream, without its state if the log already has it.

        Raises:
            InputError: There is no such stream.
        """
        item = self._taken.get(stream)
        if item is None:
            raise InputError(f"no random stream {stream!r} (choose from {', '.join(self._taken)})")
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
        unread = f"; could not read {', '.join(self.unread)}" if self.unread else ""
        return f"<random state of {', '.join(self._taken)}{unread}>"


def capture_random_state(
    namespace: Mapping[str, object] | None = None, *, modules: Mapping[str, ModuleType] | None = None
) -> CapturedRandomState:
    """Take the full state of every random stream, without advancing any.

    The streams are Python's `random`; NumPy's legacy global one and torch, if loaded; and each
    `numpy.random.Generator`, `RandomState`, `BitGenerator`, `SeedSequence` and `random.Random` in a variable of
    `namespace` or behind one: attributes of instances and of the user's own classes and modules (including modules
    that a function or class in `namespace` comes from), items of short collections, what functions, partials and
    bound methods hold, and the members of these, up to a number of objects. The streams of code that numba compiled
    are not reached. `unread` of the result names the streams whose state could not be read, with the reason.

    Args:
        namespace: Variables in which generators are searched.
        modules: The loaded modules; `sys.modules` unless given.

    >>> import random
    >>> before = capture_random_state()
    >>> first = random.random()
    >>> _ = restore_random_state(before)
    >>> random.random() == first
    True
    """
    return captured_from(_reachable(namespace, modules))


def captured_from(streams: Iterable[Stream], read: Callable[[Stream], Any] = Stream.raw) -> CapturedRandomState:
    """Take the states of these streams.

    Args:
        streams: The streams.
        read: Returns the raw state of one.

    >>> import random
    >>> captured_from([Stream(name="python", target=random)]).names
    ['python']
    """
    taken: list[_Taken] = []
    unread: dict[str, str] = {}
    for stream in streams:
        try:
            taken.append(_Taken(stream=stream, raw=read(stream)))
        except UnreadableStateError as error:
            unread[stream.name] = str(error)
        except Exception as error:  # noqa: BLE001 - a class of the user or of a third party may fail in any way
            unread[stream.name] = f"reading its state raised {type(error).__name__}"
    return CapturedRandomState(taken, unread)


def restore_random_state(
    captured: Mapping[str, Any] | Iterable[RngState | Mapping[str, Any]],
    namespace: Mapping[str, object] | None = None,
    *,
    modules: Mapping[str, ModuleType] | None = None,
) -> Restored:
    """Restore streams to their states in `captured`; generators are changed in place.

    Args:
        captured: The result of `capture_random_state`, the same read back from JSON, or `rng.state` events.
        namespace: Variables that hold the generators; if not given, the captured generators themselves are used.
        modules: The loaded modules; `sys.modules` unless given.

    Raises:
        InputError: A state is missing or damaged. Then no stream has changed.
    """
    found = {stream.name: stream for stream in _targets(captured, namespace, modules)}
    wanted = [(event, _checked(event)) for event in _events(captured)]
    kept = {_child_of(state) for event, state in wanted if event.stream in found}
    missing: dict[str, str] = {}
    todo: list[tuple[Stream, dict[str, Any]]] = []
    for event, state in wanted:
        if event.stream.startswith(SPAWNED) and event.stream not in found and _child_of(state) in kept:
            continue  # it exists under the name of the variable that holds it
        stream = found.get(event.stream)
        reason = "there is no such generator now" if stream is None else _unfit(stream, event)
        if stream is None or reason:
            missing[event.stream] = reason or ""
        else:
            todo.append((stream, state))
    _put_all(todo)
    return Restored(streams=[stream.name for stream, _ in todo], missing=missing)


def moved(before: CapturedRandomState, after: CapturedRandomState) -> list[str]:
    """Return the names of the streams that were drawn from, spawned from or seeded between two captures.

    A new generator counts only if it is no longer in the state that its seed gave it.

    >>> import random
    >>> before = capture_random_state()
    >>> _ = random.random()
    >>> moved(before, capture_random_state())
    ['python']
    """
    return [name for name, item in after._taken.items() if _has_moved(item, _earlier(before, item))]  # noqa: SLF001


def appeared(before: CapturedRandomState, after: CapturedRandomState) -> list[str]:
    """Return the streams whose generator was created, or first bound to a name, between two captures."""
    return [name for name, item in after._taken.items() if _earlier(before, item) is None]  # noqa: SLF001


def state_before(before: CapturedRandomState, after: CapturedRandomState, stream: str) -> RngState | None:
    """Return the earlier state of the generator that is now called `stream`, under any name; None if it is new.

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
    """Return whether a generator got its entropy from the operating system: 128 random bits not given in the code.

    Args:
        event: The generator's state.
        source: Code; if the number is a literal in it, it is a seed.
    """
    entropy = event.entropy
    if entropy is None or not entropy.isdecimal():
        return False
    digits = source.replace("_", "").lower()
    is_written = entropy in digits or f"{int(entropy):x}" in digits
    return int(entropy).bit_length() > _OS_ENTROPY_BITS and not is_written


def _earlier(before: CapturedRandomState, item: _Taken) -> _Taken | None:
    """Return the earlier capture of the same generator, under any name."""
    taken = before._taken  # noqa: SLF001
    same_name = taken.get(item.stream.name)
    if same_name is not None and (
        same_name.stream.target is item.stream.target or same_source(same_name.stream.target, item.stream.target)
    ):
        return same_name
    return next((other for other in taken.values() if same_source(other.stream.target, item.stream.target)), None)


def _has_moved(item: _Taken, earlier: _Taken | None) -> bool:
    if earlier is not None:
        return earlier.raw is not item.raw and bool(earlier.raw != item.raw)
    return not is_fresh(item.stream.target, item.raw)


def _targets(
    captured: object, namespace: Mapping[str, object] | None, modules: Mapping[str, ModuleType] | None
) -> list[Stream]:
    streams = _reachable(namespace, modules)
    if namespace is None and isinstance(captured, CapturedRandomState):
        streams += [item.stream for name, item in captured._taken.items() if ":" in name]  # noqa: SLF001
    return streams


def _reachable(namespace: Mapping[str, object] | None, modules: Mapping[str, ModuleType] | None) -> list[Stream]:
    """Return the streams of `namespace`, and of the user's own modules that its functions and classes come from.

    A variable takes precedence over a module of the same name.
    """
    loaded = sys.modules if modules is None else modules
    variables = namespace or {}
    behind = modules_behind(variables, loaded)
    return find_streams({**variables, **{name: behind[name] for name in sorted(behind.keys() - variables)}}, loaded)


def _child_of(state: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the entropy and the key of the SeedSequence from which a generator can be made again."""
    sequence = state.get("seed_sequence") or {}
    return str(sequence.get("entropy")), tuple(sequence.get("spawn_key", ()))


def _put_all(todo: list[tuple[Stream, dict[str, Any]]]) -> None:
    """Restore every stream, or none."""
    before = [(stream, rng_state(stream.name, stream.raw()).state or {}) for stream, _ in todo]
    for stream, state in todo:
        try:
            stream.put(state)
        except Exception as error:
            for earlier, earlier_state in before:
                earlier.put(earlier_state)
            raise InputError(f"cannot restore random stream {stream.name!r}: {error}") from error


def _events(captured: Mapping[str, Any] | Iterable[RngState | Mapping[str, Any]]) -> list[RngState]:
    if isinstance(captured, CapturedRandomState):
        return captured.events
    if isinstance(captured, Mapping):
        if "streams" not in captured:
            raise InputError("not a captured random state: it has no 'streams'")
        captured = captured["streams"]
    try:
        return [item if isinstance(item, RngState) else msgspec.convert(item, RngState) for item in captured]
    except (msgspec.ValidationError, TypeError) as error:
        raise InputError(f"not a captured random state: {error}") from error


def _checked(event: RngState) -> dict[str, Any]:
    if event.state is None:
        raise InputError(
            f"the state of random stream {event.stream!r} is omitted here; it occurs earlier in the log, "
            f"with state_sha256 {event.state_sha256[:16]}…"
        )
    digest = hashlib.sha256(msgspec.json.encode(event.state, order="sorted")).hexdigest()
    if digest != event.state_sha256:
        raise InputError(f"the state of random stream {event.stream!r} is damaged: its digest is {digest[:16]}…")
    return event.state


def _unfit(stream: Stream, event: RngState) -> str | None:
    """Return why a state does not fit the generator that now has the name, None if it fits."""
    try:
        now = rng_state(stream.name, stream.raw())
    except Exception as error:  # noqa: BLE001 - a class of the user may fail in any way
        return f"its state cannot be read: {error}"
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
