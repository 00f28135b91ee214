"""Series whose structure is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Noise = Callable[[int, float, int], NDArray[np.float64]]


@pytest.fixture
def fractional_noise() -> Noise:
    """Return a function (n, hurst, seed) → fractional Gaussian noise (Davies and Harte 1987)."""

    def noise(n: int, hurst: float, seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        k = np.arange(n + 1.0)
        gamma = ((k + 1) ** (2 * hurst) - 2 * k ** (2 * hurst) + abs(k - 1) ** (2 * hurst)) / 2
        eigenvalues = np.fft.fft(np.concatenate([gamma, gamma[-2:0:-1]])).real.clip(0)
        z = rng.normal(size=len(eigenvalues)) + 1j * rng.normal(size=len(eigenvalues))
        return np.fft.fft(np.sqrt(eigenvalues / len(eigenvalues)) * z).real[:n]

    return noise
