"""`fit_shapes` and `clipped_beta`: the Beta distribution, fast enough for a bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.stats.extra import require

if TYPE_CHECKING:
    from ithtel.stats.sample import Floats

CLIP = 1e-10
_MAX_STEPS = 100
_TOLERANCE = 1e-8


def fit_shapes(values: Floats) -> tuple[float, float]:
    """Return the shapes (a, b) of maximum likelihood for values strictly between 0 and 1.

    The likelihood is concave in (a, b): Newton's method from the moments, steps halved while one leaves the quadrant,
    agrees with `scipy.stats.beta.fit(x, floc=0, fscale=1)` to its tolerance and takes 0.1 ms instead of 3.6.

    Raises:
        RuntimeError: The method does not converge (SciPy's FitError is a RuntimeError too).

    >>> a, b = fit_shapes(np.array([0.2, 0.5, 0.8]))
    >>> round(a, 6) == round(b, 6)
    True
    """
    special = require("scipy.special")
    log_x, log_y = float(np.log(values).mean()), float(np.log1p(-values).mean())
    a, b = _moments(values)
    for _ in range(_MAX_STEPS):
        both = a + b
        gradient_a, gradient_b = (log_x - special.psi((a, b)) + special.psi(both)) + (0.0, log_y - log_x)
        cross = special.zeta(2, both)  # the trigamma function
        curve_a, curve_b = cross - special.zeta(2, (a, b))
        determinant = curve_a * curve_b - cross * cross
        step_a = (curve_b * gradient_a - cross * gradient_b) / determinant
        step_b = (curve_a * gradient_b - cross * gradient_a) / determinant
        scale = 1.0
        while a - scale * step_a <= 0 or b - scale * step_b <= 0:
            scale /= 2
        a, b = a - scale * step_a, b - scale * step_b
        if abs(step_a) <= _TOLERANCE * a and abs(step_b) <= _TOLERANCE * b:
            return float(a), float(b)
    raise RuntimeError("the shapes do not converge")


def clipped_beta() -> Any:  # noqa: ANN401 - SciPy has no types
    """Return SciPy's Beta distribution, fitted by `fit_shapes`, with clipped samples: small shapes give 0 and 1."""
    stats, special = require("scipy.stats"), require("scipy.special")

    class ClippedBeta(type(stats.beta)):  # type: ignore[misc]
        def fit(self, data: Floats, *_: Any, **__: Any) -> tuple[float, float, float, float]:  # noqa: ANN401
            return (*fit_shapes(data), 0.0, 1.0)

        def _rvs(self, a: float, b: float, size: Any = None, random_state: Any = None) -> Any:  # noqa: ANN401
            return np.clip(super()._rvs(a, b, size, random_state), CLIP, 1 - CLIP)

        def _logcdf(self, x: Any, a: Any, b: Any) -> Any:  # noqa: ANN401
            return np.log(special.betainc(a, b, x))

        def _logsf(self, x: Any, a: Any, b: Any) -> Any:  # noqa: ANN401
            # by symmetry: SciPy's complement of the incomplete Beta function takes 20 times as long
            return np.log(special.betainc(b, a, 1 - x))

    return ClippedBeta(a=0.0, b=1.0, name="beta")


def anderson_darling_statistic(dist: Any, data: Floats, axis: int) -> Floats:  # noqa: ANN401 - SciPy has no types
    """Return the Anderson-Darling statistic of samples along the last axis, for a frozen `clipped_beta`.

    Each value costs one incomplete Beta function, the smaller tail, from which the larger follows; SciPy's own
    statistic calculates both.
    """
    special = require("scipy.special")
    x = np.sort(np.moveaxis(np.asarray(data, dtype=np.float64), axis, -1), axis=-1)
    a, b = (np.moveaxis(np.atleast_1d(shape), axis, -1) if np.ndim(shape) else shape for shape in dist.args[:2])
    is_low = x <= a / (a + b)
    tail = special.betainc(np.where(is_low, a, b), np.where(is_low, b, a), np.where(is_low, x, 1 - x))
    with np.errstate(divide="ignore"):
        small, large = np.log(tail), np.log1p(-tail)
    log_cdf, log_sf = np.where(is_low, small, large), np.where(is_low, large, small)
    n = x.shape[-1]
    weights = 2 * np.arange(1, n + 1) - 1
    return np.asarray(-n - (weights / n * (log_cdf + log_sf[..., ::-1])).sum(axis=-1))


def _moments(values: Floats) -> tuple[float, float]:
    mean, variance = float(values.mean()), float(values.var())
    concentration = max(mean * (1 - mean) / variance - 1, 1e-3)
    return mean * concentration, (1 - mean) * concentration
