"""Real data without a network: `google()`, `stocks("IBM")`; with the extra `demo`, `sp500()`, `nasdaq()`, `wti()`."""

from __future__ import annotations

from ithtel.commands.data.datasets import google, nasdaq, sp500, stocks, wti

__all__ = ["google", "nasdaq", "sp500", "stocks", "wti"]
