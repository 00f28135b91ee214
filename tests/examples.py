"""How many examples a property takes."""

from __future__ import annotations

from hypothesis import settings


def share(n: int) -> int:
    """Return `n`; where the profile takes fewer examples than a hundred, as `brief` does, as much less."""
    return max(5, n * settings.default.max_examples // 100)
