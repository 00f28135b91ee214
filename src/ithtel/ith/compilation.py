"""`watching`: measures how long numba compiles, which happens once per machine and version."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numba.core import event

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(kw_only=True, slots=True)
class Compilation:
    """The time that numba compiled within a block; `seconds` is None if everything was compiled or cached already."""

    seconds: float | None = None


@contextmanager
def watching() -> Iterator[Compilation]:
    """Measure the wall time that numba spends on compiling within the block, in any thread.

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
