"""Real data without a network: `ithtel.datasets.google()`, `.stocks("IBM")`, and with the extra `demo` more."""

from __future__ import annotations

from ithtel.commands.data.datasets import google, nasdaq, sp500, stocks, wti

__all__ = ["google", "nasdaq", "sp500", "stocks", "wti"]
