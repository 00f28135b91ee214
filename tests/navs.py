"""Series as the numerics take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.ith.nav import Nav

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def checked(values: ArrayLike) -> Nav:
    """Return numbers as a `Nav`, bad bars included."""
    return Nav.of(values, on_bad="reference")
