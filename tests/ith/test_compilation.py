"""The time that numba compiles is measured, so that a user can see where it went."""

from __future__ import annotations

import numba

from ithtel.ith.compilation import watching


def test_a_first_call_has_seconds() -> None:
    """A function that was never called is compiled within the block."""

    @numba.njit
    def double(x: float) -> float:
        return 2 * x

    with watching() as compilation:
        double(1.0)
    assert compilation.seconds is not None
    assert compilation.seconds > 0


def test_a_second_call_has_none() -> None:
    """A compiled function is not compiled again."""

    @numba.njit
    def triple(x: float) -> float:
        return 3 * x

    triple(1.0)
    with watching() as compilation:
        triple(1.0)
    assert compilation.seconds is None
