"""CPU time of the ITH kernel beside the plain three-array loop, measured in one run: `python benchmarks/ith_kernel.py`.

The ratios are what counts: absolute times depend on the machine and on what else it does. `--bars N` sets the length.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numba
import numpy as np

from ithtel.ith.epochs import excess_arrays, find_epochs, find_epochs_both, find_epochs_many
from ithtel.ith.features import rolling_features
from ithtel.ith.hurdles import parse_hurdle
from ithtel.ith.nav import Nav
from ithtel.ith.thresholds import max_adverse, resolve_hurdle

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDS = 5


@numba.njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def plain_loop(nav: Floats, hurdle: float, is_bull: bool) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Run the algorithm as one writes it first: three arrays, a division at every new extreme, every bar visited."""
    n = len(nav)
    gains, losses, epochs = np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.bool_)
    endorsed = crest = nadir = nav[0]
    gain = loss = 0.0
    for i in range(1, n):
        x, previous = nav[i], nav[i - 1]
        if is_bull:
            if x > crest:
                gain = x / endorsed - 1 if endorsed != 0 and x != 0 else 0.0
                crest = x
            if x < nadir:
                loss = 1 - x / endorsed if endorsed != 0 else 0.0
                nadir = x
            hit = gain > abs(loss) and gain > hurdle and crest >= endorsed
        else:
            if x < crest:
                gain = endorsed / x - 1 if endorsed != 0 and x != 0 else 0.0
                crest = x
            if x > nadir:
                loss = 1 - endorsed / x if x != 0 else 0.0
                nadir = x
            hit = gain > abs(loss) and gain > hurdle and crest <= endorsed
        if hit:
            endorsed, nadir = crest, previous
        gains[i], losses[i] = gain, loss
        if hit:
            gain = loss = 0.0
        epochs[i] = gains[i] > losses[i] and gains[i] > hurdle
    return gains, losses, epochs


def cpu_seconds(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the least CPU time of each, the rounds interleaved, so that a noisy moment hits all alike."""
    best = dict.fromkeys(tasks, float("inf"))
    for task in tasks.values():
        task()
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            best[name] = min(best[name], time.process_time() - start)
    return best


def make_series(n: int) -> dict[str, Floats]:
    """Return series of different temper: what a skipping kernel likes and what it does not."""
    noise = np.random.default_rng(20260125).standard_normal(n)
    walk = np.cumsum(noise)
    drift = np.arange(n, dtype=np.float64)
    return {
        "random walk, 1 bp": np.exp(1e-4 * walk),
        "hourly, drift 0.3 bp, sd 17 bp": np.exp(1.7e-3 * walk + 3e-5 * drift),
        "steep, 3 new highs in 4 bars": 1e-6 * (3.0 * drift + walk + 4.0 * noise) + 1.0,
    }


def compare(name: str, values: Floats) -> None:
    """Print one series: each formulation in ns a bar, and as a ratio of the plain loops."""
    nav = Nav.of(values)
    down, up = max_adverse(nav)
    hurdles = down * np.linspace(0.5, 2.0, 20)
    tasks: dict[str, Callable[[], object]] = {
        "plain bull": lambda: plain_loop(values, down, True),  # noqa: FBT003 - compiled code takes positions
        "plain bear": lambda: plain_loop(values, up, False),  # noqa: FBT003
        "epochs bull": lambda: find_epochs(nav, down, side="bull"),
        "epochs bear": lambda: find_epochs(nav, up, side="bear"),
        "epochs both": lambda: find_epochs_both(nav, down, up),
        "arrays bull": lambda: excess_arrays(nav, down, side="bull"),
        "first of many": lambda: find_epochs_many(nav, hurdles[:1], side="bull"),
        "20 of many": lambda: find_epochs_many(nav, hurdles, side="bull"),
        "hurdle mdd (one scan)": lambda: max_adverse(nav),
        "hurdle mdd (numpy)": lambda: np.max(1 - values / np.maximum.accumulate(values)),
        "hurdle geomean": lambda: resolve_hurdle(parse_hurdle("geomean"), nav, side="bull"),
        "hurdle rolling:250": lambda: resolve_hurdle(parse_hurdle("rolling:250"), nav, side="bull"),
        "numpy.max": values.max,
    }
    seconds = cpu_seconds(tasks)
    pair, further = (
        seconds["plain bull"] + seconds["plain bear"],
        (seconds["20 of many"] - seconds["first of many"]) / 19,
    )
    print(f"\n{name}: {len(nav):,} bars, {len(find_epochs(nav, down, side='bull'))} bull epochs")
    for task, value in seconds.items():
        print(f"  {task:24} {1e9 * value / len(nav):8.3f} ns a bar")
    print(f"  bull  {seconds['plain bull'] / seconds['epochs bull']:6.1f} x its plain loop (target 4)")
    print(f"  bear  {seconds['plain bear'] / seconds['epochs bear']:6.1f} x its plain loop (target 4)")
    print(f"  both  {pair / seconds['epochs both']:6.1f} x the two plain loops (target 8)")
    print(f"  each further hurdle {further / seconds['first of many']:.3f} of the first (target 0.3)")


def measure_features(n: int) -> None:
    """Print the wall and CPU time of the rolling features with the default lookbacks."""
    nav = np.exp(np.cumsum(np.random.default_rng(5).standard_normal(n) * 0.01))
    rolling_features(Nav.of(nav[:1000]))
    wall, cpu = time.perf_counter(), time.process_time()
    rolling_features(Nav.of(nav))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"\nrolling features, 5 lookbacks, {n:,} bars: {wall:.2f} s wall, {cpu:.2f} s CPU (target 3)")


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=10_000_000)
    bars = parser.parse_args().bars
    for name, nav in make_series(bars).items():
        compare(name, nav)
    measure_features(100_000)


if __name__ == "__main__":
    main()
