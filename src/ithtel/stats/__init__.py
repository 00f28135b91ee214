"""The statistical tests: each takes arrays or Series and returns its event, which a running session records.

The public names are listed in `__init__.pyi`; each is imported when it is first used. SciPy, statsmodels and pandas are
loaded only when a test needs them (`pip install 'ithtel[stats]'`). `numerics` holds the calculations, without events;
`capture` records calls of `scipy.stats`; `examine` runs all tests on a NAV or a table of features.
"""

from __future__ import annotations

from ithtel.lazy_names import attach_names

__getattr__, __dir__, __all__ = attach_names(__name__, __file__)
