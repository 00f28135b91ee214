"""`Nav`: a checked series with its name and times."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ithtel.ith.check import check_nav, contiguous, is_positive_finite

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from ithtel.ith.check import OnBad

DEFAULT_NAME = "nav"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Nav:
    """A checked series, made by `Nav.of`: whoever holds one need not check it again.

    Attributes:
        values: Shape (n,), float64, contiguous, read-only.
        name: What the series is called.
        times: The time of each bar, increasing; None if not given.
        is_positive: Whether there is at least one value and all are positive and finite. It can only be False for a
            series that was made with `on_bad="reference"`.
    """

    values: NDArray[np.float64]
    name: str
    times: pd.DatetimeIndex | None
    is_positive: bool

    @classmethod
    def of(
        cls,
        values: ArrayLike,
        *,
        name: str = DEFAULT_NAME,
        times: pd.DatetimeIndex | None = None,
        on_bad: OnBad = "raise",
    ) -> Nav:
        """Check values once and return them as a series. The caller has checked `times`.

        Args:
            values: One value per bar, shape (n,), in any form that `check_nav` takes.
            name: What the series is called.
            times: The time of each bar, increasing.
            on_bad: `raise` accepts only positive finite values; `reference` accepts any numbers, and an empty series.

        Raises:
            InputError: As `check_nav`.

        >>> Nav.of([1, 2]).values
        array([1., 2.])
        """
        checked = contiguous(check_nav(values, on_bad=on_bad))
        is_positive = on_bad == "raise" or (len(checked) > 0 and is_positive_finite(checked))
        return cls(values=checked, name=name, times=times, is_positive=is_positive)

    def __len__(self) -> int:
        return len(self.values)

    def time(self, bar: int) -> str | None:
        """Return the time of a bar as ISO 8601, or None if the series has no times."""
        return None if self.times is None or not len(self.times) else self.times[bar].isoformat()

    def times_of(self, bars: ArrayLike) -> list[str | None]:
        """Return the times of several bars."""
        return times_at(self.times, bars)

    def digest(self) -> str:
        """Return `sha256:` and the digest of the values, little-endian."""
        return "sha256:" + hashlib.sha256(np.ascontiguousarray(self.values, dtype="<f8").data).hexdigest()


def times_at(times: pd.DatetimeIndex | None, bars: ArrayLike) -> list[str | None]:
    """Return the times of several bars as ISO 8601; None for each if there are no times."""
    index = np.asarray(bars, dtype=np.int64)
    if times is None or not len(times):
        return [None] * len(index)
    return [time.isoformat() for time in times[index]]
