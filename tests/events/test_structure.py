"""Results about structure over time."""

from __future__ import annotations

from typing import Any

from ithtel.events import RegimeSegment
from ithtel.events.structure import RegimeDetails

NUMBERS: dict[str, Any] = dict.fromkeys(
    ("lookback", "n_warmup", "n_trending", "n_mean_reverting", "n_random", "n_undefined", "hurst_min", "hurst_median",
     "hurst_max", "band_low", "band_high", "n_gaps"), 1,
)  # fmt: skip


def test_segments_give_the_label_of_every_bar() -> None:
    """In the order of the bars."""
    segments = [
        RegimeSegment(first_bar=0, n_bars=2, label="warmup"),
        RegimeSegment(first_bar=2, n_bars=1, label="trending"),
    ]
    details = RegimeDetails(estimator="rs", given="nav", band_source="x", segments=segments, **NUMBERS)
    assert ["warmup", "warmup", "trending"] == details.labels()
