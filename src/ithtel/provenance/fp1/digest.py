"""`Method`, `Stream`, `digest_blocks`: digests of canonical bytes and of the header of a fingerprint."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from ithtel.errors import IthtelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PREFIX_BYTES = 64 * 1024 * 1024
THREADED_BYTES = 2 * 1024 * 1024
"""From this size on a second thread hashes: starting it takes 0.1 ms, hashing 2 MiB takes 1.2 ms."""
QUEUED_BLOCKS = 2

_encode_header = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


class NoFingerprintError(IthtelError, TypeError):
    """An object has no canonical form; the message is the reason."""


class Hasher(Protocol):
    """What `hashlib` and `hmac` objects have in common."""

    def update(self, data: Any, /) -> None:  # noqa: ANN401 - any buffer
        """Add bytes."""
        ...

    def copy(self) -> Hasher:
        """Return an independent hasher with the same state."""
        ...

    def digest(self) -> bytes:
        """Return the digest so far."""
        ...

    def hexdigest(self) -> str:
        """Return the digest so far in hexadecimal digits."""
        ...


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """How to take a fingerprint: the hash, and how to treat a value inside of a value."""

    nested: Callable[[object], str | None]
    """Returns the fingerprint of an array or table within an object, None for other values."""
    new_hasher: Callable[[], Hasher] = hashlib.sha256
    """A keyed one (`functools.partial(hmac.new, key, digestmod="sha256")`) makes digests that cannot be guessed."""
    with_values: bool = True
    """Whether to include ranges and sketches, which are values of the data."""
    with_thread: bool = True
    """Whether one column may use two cores; off if several columns are hashed at once."""

    def hexdigest(self, data: bytes) -> str:
        """Return the digest of `data` in hexadecimal digits."""
        hasher = self.new_hasher()
        hasher.update(data)
        return hasher.hexdigest()

    def combine(self, digests: Iterable[str]) -> str:
        """Return the digest of the concatenated bytes of other digests."""
        return self.hexdigest(b"".join(bytes.fromhex(digest) for digest in digests))

    def fingerprint(  # noqa: PLR0917 - the header, in its order
        self,
        kind: str,
        dtype: str,
        shape: Sequence[int],
        names: list[Any],
        sha256: str,
        parts: dict[str, Any],
    ) -> str:
        """Return `fp1:sha256:…` of the header made of these values, as ASCII JSON without white space."""
        header = _encode_header([kind, dtype, list(shape), names, sha256, parts])
        return "fp1:sha256:" + self.hexdigest(header.encode("ascii"))


def hex_of(fingerprint: str) -> str:
    """Return the hexadecimal digits of a fingerprint."""
    return fingerprint.rpartition(":")[2]


class Stream:
    """A running digest that also keeps its value at given positions."""

    def __init__(self, hasher: Hasher, marks: Sequence[int] = ()) -> None:
        self._hasher = hasher
        self._ahead = sorted(marks, reverse=True)
        self._position = 0
        self.marked: dict[int, str] = {}

    def update(self, data: memoryview) -> None:
        """Add bytes, stopping at each mark among them; a mark costs a copy of the hasher's 100 bytes."""
        start = 0
        while self._ahead and self._ahead[-1] <= self._position + len(data) - start:
            stop = start + self._ahead[-1] - self._position
            self._hasher.update(data[start:stop])
            self._position = self._ahead.pop()
            self.marked[self._position] = self._hasher.hexdigest()
            start = stop
        rest = data[start:]
        self._hasher.update(rest)
        self._position += len(rest)

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far."""
        return self._hasher.hexdigest()


def prefix_marks(size_bytes: int) -> range:
    """Return each multiple of 64 MiB that lies inside `size_bytes`."""
    return range(PREFIX_BYTES, size_bytes, PREFIX_BYTES)


def digest_blocks(blocks: Iterable[memoryview], stream: Stream, size_bytes: int) -> None:
    """Add all `blocks` to `stream`, in a second thread if they are large.

    The calling thread makes the blocks and their statistics; the second one only hashes, so it cannot fail, and it ends
    in any case, even after an interrupt by the user. hashlib releases the GIL for blocks above 2 kB.
    """
    if size_bytes < THREADED_BYTES:
        for block in blocks:
            stream.update(block)
        return
    waiting: queue.Queue[memoryview | None] = queue.Queue(QUEUED_BLOCKS)

    def hash_waiting() -> None:
        while (block := waiting.get()) is not None:
            stream.update(block)

    thread = threading.Thread(target=hash_waiting, name="ithtel-digest", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no threads in a browser or while the interpreter shuts down
        digest_blocks(blocks, stream, 0)
        return
    try:
        for block in blocks:
            waiting.put(block)
    finally:
        waiting.put(None)
        thread.join()
