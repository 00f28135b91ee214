"""`unstable`: what the code of a module uses whose result can differ from run to run, from its bytecode."""

from __future__ import annotations

import dis
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

Unstable = Literal["clock", "hash_order", "entropy", "temporary_name", "address"]
_NAMES: dict[Unstable, frozenset[str]] = {
    "clock": frozenset({"time_ns", "perf_counter", "monotonic", "ctime", "now", "today", "utcnow", "getpid"}),
    "hash_order": frozenset({"set", "frozenset", "hash"}),
    "entropy": frozenset({"urandom", "token_hex", "token_bytes", "token_urlsafe", "uuid1", "uuid4", "SystemRandom"}),
    "temporary_name": frozenset({"mkdtemp", "mkstemp", "NamedTemporaryFile", "TemporaryDirectory"}),
    "address": frozenset({"id"}),
}
_SET_OPCODES = frozenset({dis.opmap[name] for name in ("BUILD_SET", "SET_ADD")})
_MAX_BYTES = 100_000
"""Size of a file whose code is read; it takes about 0.3 ms if Python has compiled it, as it has while importing it."""


def unstable(module: ModuleType | None, size_bytes: int) -> list[Unstable]:
    """Return what a module's code uses that can differ from run to run: clocks, the order of sets, random bits.

    Whether a result depends on it is unknown. Code that Python did not load from a source file is not looked at.

    Args:
        module: The loaded module.
        size_bytes: Size of its file; of a large one, nothing is reported.

    >>> import statistics
    >>> unstable(statistics, 1)
    ['hash_order']
    """
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    if module is None or type(loader) is not SourceFileLoader or size_bytes > _MAX_BYTES:
        return []
    try:
        code = loader.get_code(module.__name__)
    except Exception:  # noqa: BLE001 - the file may have changed to something that is not Python
        return []
    return [] if code is None else unstable_code(code)


def unstable_code(code: CodeType) -> list[Unstable]:
    """Return what compiled code and the functions in it use that can differ from run to run.

    >>> unstable_code(compile("def names(): return list({1, x})", "", "exec"))
    ['hash_order']
    """
    found: set[Unstable] = set()
    for part in _parts(code):
        names = set(part.co_names)
        found |= {kind for kind, known in _NAMES.items() if names & known}
        if part is not code and "time" in names:  # at the top level it is the import of the module
            found.add("clock")
        if any(isinstance(each, frozenset) for each in part.co_consts) or not _SET_OPCODES.isdisjoint(
            part.co_code[::2]
        ):
            found.add("hash_order")
    return [kind for kind in _NAMES if kind in found]


def _parts(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _parts(each)
