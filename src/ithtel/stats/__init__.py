"""The statistical examination: each test takes arrays or Series and returns its event, which a running session records.

Names are imported when first used; SciPy, statsmodels and pandas only when a test needs them
(`pip install 'ithtel[stats]'`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ithtel.stats.adjust import AdjustedPValues, adjust_p_values
    from ithtel.stats.correlation import select, spearman
    from ithtel.stats.dimensionality import participation_ratio, pca, ridge_vif
    from ithtel.stats.distribution import anderson_darling, beta_fit, describe, shapiro_wilk
    from ithtel.stats.effect import cliffs_delta, cohens_d
    from ithtel.stats.hypothesis import log_hypothesis_result, make_id
    from ithtel.stats.regime import hurst, mann_whitney, regimes, rolling_hurst
    from ithtel.stats.temporal import acf, adf

_MODULES = {
    "AdjustedPValues": "adjust",
    "acf": "temporal",
    "adf": "temporal",
    "adjust_p_values": "adjust",
    "anderson_darling": "distribution",
    "beta_fit": "distribution",
    "cliffs_delta": "effect",
    "cohens_d": "effect",
    "describe": "distribution",
    "hurst": "regime",
    "log_hypothesis_result": "hypothesis",
    "make_id": "hypothesis",
    "mann_whitney": "regime",
    "participation_ratio": "dimensionality",
    "pca": "dimensionality",
    "regimes": "regime",
    "ridge_vif": "dimensionality",
    "rolling_hurst": "regime",
    "select": "correlation",
    "shapiro_wilk": "distribution",
    "spearman": "correlation",
}

__all__ = [
    "AdjustedPValues",
    "acf",
    "adf",
    "adjust_p_values",
    "anderson_darling",
    "beta_fit",
    "cliffs_delta",
    "cohens_d",
    "describe",
    "hurst",
    "log_hypothesis_result",
    "make_id",
    "mann_whitney",
    "participation_ratio",
    "pca",
    "regimes",
    "ridge_vif",
    "rolling_hurst",
    "select",
    "shapiro_wilk",
    "spearman",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it is depends on the name
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
