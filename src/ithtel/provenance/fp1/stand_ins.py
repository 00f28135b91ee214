"""`stand_in`: what stands for a value inside of another's state, where its own state would say nothing of use."""

from __future__ import annotations

import functools
import io
import random
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

from ithtel.provenance.fp1.functions import version_of
from ithtel.provenance.fp1.loaded import is_a, type_name

Read = Callable[[Any], Any]


def tagged(kind: str, *parts: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a dict that no attribute of a user's looks like: its first key is empty.

    >>> tagged("lock")
    {'': 'lock', 'parts': ()}
    """
    return {"": kind, "parts": parts}


def stand_in(value: Any) -> Any:  # noqa: ANN401
    """Return what stands for a value, such as the items of a read-only mapping; `value` itself if nothing need.

    Of a random generator only its kind counts: where it stands is recorded as `rng.state`. Many models hold an
    unseeded one (arch's distributions do), and drawing from it does not make another model of them.
    """
    read = _BY_TYPE.get(type(value))
    if read is not None:
        return read(value)
    if issubclass(type(value), functools.partial):
        return tagged("partial", value.func, value.args, dict(value.keywords), dict(vars(value)))
    if issubclass(type(value), random.Random):
        return tagged("generator", type_name(type(value)))
    return next((read(value) for package, names, read in _OF_PACKAGES if is_a(value, package, *names)), value)


def _of_buffer(value: Any) -> Any:  # noqa: ANN401
    """Return the content and the position of a file in memory."""
    return tagged("closed") if value.closed else tagged("buffer", value.getvalue(), value.tell())


_BY_TYPE: dict[type, Read] = {
    type(threading.Lock()): lambda _: tagged("lock"),
    type(threading.RLock()): lambda _: tagged("lock"),
    types.MappingProxyType: lambda value: tagged("mapping", dict(value)),
    types.MethodType: lambda value: tagged("method", value.__func__, value.__self__),
    types.ModuleType: lambda value: tagged("module", value.__name__, version_of(value.__name__)),
    types.UnionType: lambda value: tagged("union", *value.__args__),
    weakref.ref: lambda value: tagged("weakref", value()),
    io.StringIO: _of_buffer,
    io.BytesIO: _of_buffer,
}
_OF_PACKAGES: tuple[tuple[str, tuple[str, ...], Read], ...] = (
    ("numpy.random", ("Generator",), lambda value: tagged("generator", type(value.bit_generator).__name__)),
    (
        "numpy.random",
        ("RandomState",),
        lambda value: tagged("generator", value.get_state(legacy=False)["bit_generator"]),
    ),
    ("numpy.random", ("BitGenerator",), lambda value: tagged("generator", type(value).__name__)),
    # pickle is given the memory of its nodes, with addresses in it.
    ("scipy.spatial", ("cKDTree",), lambda value: tagged("cKDTree", value.data, value.leafsize, value.boxsize)),
    ("torch", ("Tensor",), lambda value: tagged("tensor", str(value.dtype), value.detach().cpu().numpy())),
)
