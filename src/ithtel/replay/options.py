"""`RunOptions`: how to run a notebook, and how closely to compare its results."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Progress = Callable[[int, int, str], None]
"""Called before each cell with its number, the number of cells, and its text."""
TIMEOUT_S = 600.0


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How to run a notebook, and how closely to compare its results.

    Attributes:
        timeout_s: How long a cell may take; a replay allows at least five times the recorded duration.
        progress: Called before each cell.
        environ: The environment variables that kernels start from.
        rtol: Relative tolerance when numbers are compared.
        atol: Absolute tolerance.
        fresh: Give nothing of the recorded randomness back to a replay: how it would go for a stranger.

    >>> RunOptions(rtol=1e-9).timeout_s
    600.0
    """

    timeout_s: float = TIMEOUT_S
    progress: Progress | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    rtol: float | None = None
    atol: float | None = None
    fresh: bool = False
