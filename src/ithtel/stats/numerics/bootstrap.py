"""`goodness_of_fit`: SciPy's parametric bootstrap with 99 simulated samples, or 999 if those leave a doubt."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.errors import InputError
from ithtel.stats.extra import require
from ithtel.stats.numerics.beta import anderson_darling_statistic, clipped_beta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ithtel.stats.sample import Floats

FIRST, SECOND = 99, 999
DOUBT = 0.10

DISTRIBUTIONS: Mapping[str, Mapping[str, float]] = {
    "norm": {},
    "logistic": {},
    "laplace": {},
    "gumbel_l": {},
    "gumbel_r": {},
    "expon": {"loc": 0.0},
    "gamma": {"loc": 0.0},
    "lognorm": {"loc": 0.0},
    "weibull_min": {"loc": 0.0},
    "uniform": {"loc": 0.0, "scale": 1.0},
}
"""Distributions → parameters that are not fitted: with a fitted end point the statistic would be infinite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """The parameters of a fitted distribution, and how well it fits."""

    statistic: float
    p_value: float
    parameters: dict[str, float]
    n_bootstrap: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfit:
    """Why a distribution could not be fitted."""

    reason: str


def goodness_of_fit(name: str, values: Floats, known: Mapping[str, float], rng: np.random.Generator) -> Fit | Unfit:
    """Return the Anderson-Darling statistic of `values`, and its p-value by parametric bootstrap.

    >>> goodness_of_fit("norm", np.arange(20.0), {}, np.random.default_rng(0)).n_bootstrap
    99
    """
    fit = _fit(name, values, known, rng, FIRST)
    if isinstance(fit, Fit) and fit.p_value < DOUBT:
        fit = _fit(name, values, known, rng, SECOND)
    return fit


def check_generator(rng: object) -> None:
    """Raise unless `rng` is a NumPy Generator.

    Raises:
        InputError: It is something else, such as a seed.
    """
    if not isinstance(rng, np.random.Generator):
        raise InputError(f"rng must be a numpy.random.Generator, such as default_rng(1), got {type(rng).__name__}")


def _fit(name: str, values: Floats, known: Mapping[str, float], rng: np.random.Generator, n: int) -> Fit | Unfit:
    stats = require("scipy.stats")
    distribution = clipped_beta() if name == "beta" else getattr(stats, name)
    if unknown := sorted(set(known) - {*_parameters(distribution)}):
        raise InputError(f"{name} has no parameter {unknown[0]!r}, only {', '.join(_parameters(distribution))}")
    options = {"known_params": dict(known), "statistic": _statistic(name), "n_mc_samples": n}
    # SciPy before 1.15 has another name for the generator
    options["rng" if "rng" in inspect.signature(stats.goodness_of_fit).parameters else "random_state"] = rng
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # the optimiser warns while it searches; if the search fails, SciPy raises or the statistic is not finite
            warnings.simplefilter("ignore", RuntimeWarning)
            result = stats.goodness_of_fit(distribution, values, **options)
    except (ValueError, RuntimeError) as error:  # FitDataError and FitError among them
        return Unfit(reason=f"{name} cannot be fitted: {str(error).splitlines()[0]}")
    if not np.isfinite(result.statistic):
        return Unfit(reason=f"{name} does not fit values on or beyond its end points")
    parameters = {key: float(value) for key, value in result.fit_result.params._asdict().items()}
    return Fit(statistic=float(result.statistic), p_value=float(result.pvalue), parameters=parameters, n_bootstrap=n)


def _statistic(name: str) -> Any:  # noqa: ANN401 - a name that SciPy knows, or a function
    return anderson_darling_statistic if name == "beta" else "ad"


def _parameters(distribution: Any) -> list[str]:  # noqa: ANN401 - SciPy has no types
    shapes = distribution.shapes.split(", ") if distribution.shapes else []
    return [*shapes, "loc", "scale"]
