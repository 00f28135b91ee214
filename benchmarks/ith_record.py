"""What an analysis costs beside the kernel: recording, columns over the cores, a live bar, the first compilation.

`python benchmarks/ith_record.py`; see `ith_kernel.py` for the kernel itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel.commands.ith.analyze import analyze
from ithtel.commands.ith.detector import EpochDetector
from ithtel.ith.epochs import find_epochs
from ithtel.ith.nav import Nav
from ithtel.recording.process import start

if TYPE_CHECKING:
    from collections.abc import Callable

N_BARS = 1_000_000
HURDLE = 0.045  # some ten thousand epochs on the series below
ROUNDS = 5
COMPILE = """
import time, ithtel.ith.epochs as epochs
from ithtel.ith.nav import Nav
nav = Nav.of([1.0, 1.1])
began = time.process_time()
epochs.find_epochs_both(nav, 0.05, 0.05)
print(time.process_time() - began)
"""


def seconds(task: Callable[[], object]) -> float:
    """Return the least wall time of some rounds, after one that is not counted."""
    task()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        task()
        best = min(best, time.perf_counter() - began)
    return best


def make_series() -> pd.Series:
    """Return a million minutes that rise by half a basis point each."""
    steps = np.random.default_rng(1).standard_normal(N_BARS) * 0.003 + 0.0005
    return pd.Series(np.exp(np.cumsum(steps)), index=pd.date_range("1990", periods=N_BARS, freq="min"), name="fund")


def measure_recording(nav: pd.Series) -> None:
    """Print what recording adds to the kernel."""
    kernel = seconds(lambda: find_epochs(Nav.of(nav), HURDLE, side="bull"))
    silent = seconds(lambda: analyze(nav, "bull", HURDLE))
    with tempfile.TemporaryDirectory() as folder, start("bench", log_dir=folder, git=False):
        recorded = seconds(lambda: analyze(nav, "bull", HURDLE))
    n_epochs = len(find_epochs(Nav.of(nav), HURDLE, side="bull"))
    print(f"{N_BARS:,} bars, {n_epochs:,} epochs: kernel {kernel:.4f} s, analyze {silent:.3f} s, ", end="")
    print(f"recorded {recorded:.3f} s: {recorded - kernel:.3f} s beyond the kernel (target 0.5)")


def measure_live(nav: pd.Series) -> None:
    """Print the time of a live bar, fed alone and in company."""
    detector = EpochDetector("bull", HURDLE)
    values = nav.to_numpy()[:20_000].tolist()
    alone = seconds(lambda: [detector.update(value) for value in values]) / len(values)
    company = seconds(lambda: detector.update_many(nav.to_numpy())) / N_BARS
    print(f"a live bar: {1e6 * alone:.1f} µs by update, {1e9 * company:.1f} ns by update_many")


def measure_columns() -> None:
    """Print 64 columns on all cores beside the same one after another."""
    steps = np.random.default_rng(2).standard_normal((500_000, 64)) * 0.003
    frame = pd.DataFrame(np.exp(np.cumsum(steps, axis=0))).rename(columns=str)
    together = seconds(lambda: analyze(frame, hurdle="expanding"))
    alone = seconds(lambda: [analyze(frame[name], hurdle="expanding") for name in frame])
    print(f"64 columns of 500,000 bars: {together:.2f} s on {os.cpu_count()} cores, one by one {alone:.2f} s")


def measure_compilation() -> None:
    """Print the CPU time of the first call where nothing is cached."""
    with tempfile.TemporaryDirectory() as folder:
        for what in ("compiled", "cached"):
            done = subprocess.run(
                [sys.executable, "-c", COMPILE], env={**os.environ, "NUMBA_CACHE_DIR": folder}, stdout=-1, check=True
            )
            print(f"first call, {what}: {float(done.stdout):.2f} s CPU" + " (target 3)" * (what == "compiled"))


def main() -> None:
    """Measure everything."""
    nav = make_series()
    measure_recording(nav)
    measure_live(nav)
    measure_columns()
    measure_compilation()


if __name__ == "__main__":
    main()
