"""How long numba compiled: it happens once a machine and version, and nobody should wonder where the seconds went."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numba.core import event

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(kw_only=True, slots=True)
class Compilation:
    """What a block of code had numba compile; `seconds` is None where everything was compiled or cached already."""

    seconds: float | None = None


@contextmanager
def watching() -> Iterator[Compilation]:
    """Measure the wall time that numba spends on compiling within the block, in whatever thread.

    >>> with watching() as compilation:
    ...     pass
    >>> compilation.seconds is None
    True
    """
    compilation, listener = Compilation(), event.TimingListener()  # type: ignore[no-untyped-call]
    with event.install_listener("numba:compile", listener):
        yield compilation
    if listener.done:
        compilation.seconds = listener.duration
