"""`addresses`, `memory_of`: read where objects lie, and what they hold, from their memory in CPython.

Both replace loops that take 50 to 500 times as long. They return None where they cannot be trusted: on another Python,
or before `ctypes` is loaded (NumPy loads it).
"""

from __future__ import annotations

import functools
import struct
import sys
from typing import Any

POINTER = 8


def addresses(values: tuple[object, ...]) -> bytes | None:
    """Return the addresses of the items of a tuple, eight bytes each: what `id` returns for each of them.

    No item is touched, and none is kept alive: 5 000 of them take 1 µs. None if memory cannot be read here.

    Args:
        values: A tuple, not a subclass.

    >>> import ctypes
    >>> found = addresses((1, "a"))
    >>> found is None or int.from_bytes(found[:8], sys.byteorder) == id(1)
    True
    """
    ctypes: Any = sys.modules.get("ctypes")
    if ctypes is None or not _is_readable():
        return None
    found: bytes = ctypes.string_at(id(values) + tuple.__basicsize__, len(values) * POINTER)
    return found


def memory_of(item: object) -> bytes | None:
    """Return the memory of an object without its header. As long as it is the same, so is the state held in it.

    The state that it only refers to is not included. None if memory cannot be read here.

    >>> memory_of(1.5) in (None, struct.pack("d", 1.5))
    True
    """
    ctypes: Any = sys.modules.get("ctypes")
    if ctypes is None or not _is_readable():
        return None
    head = object.__basicsize__
    found: bytes = ctypes.string_at(id(item) + head, type(item).__basicsize__ - head)
    return found


@functools.cache
def _is_readable() -> bool:
    """Return whether tuples and floats lie in memory as expected; looks at two of our own."""
    if sys.implementation.name != "cpython" or struct.calcsize("P") != POINTER:
        return False
    import ctypes

    sample = (object(), object(), None)
    expected = struct.pack("3P", *map(id, sample))
    found = ctypes.string_at(id(sample) + tuple.__basicsize__, 3 * POINTER)
    return found == expected and ctypes.string_at(id(1.5) + object.__basicsize__, 8) == struct.pack("d", 1.5)
