"""What statistics cost: the examination of 5 lookbacks × 10 000 bars; a captured call of SciPy.

    python benchmarks/examination.py [bars]

Wall and CPU time of one examination after numba has compiled; of the capture, the time that a call takes longer than
without it, less its fingerprints, the least of many.
"""

from __future__ import annotations

import sys
import tempfile
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats as scipy_stats

from ithtel.commands.examine.examine import examine
from ithtel.commands.ith.features import features
from ithtel.ith.synthetic import synthetic_nav
from ithtel.recording.process import start
from ithtel.stats.capture.capture import ScipyCapture
from ithtel.stats.sample import digest

if TYPE_CHECKING:
    from collections.abc import Callable

N_CALLS, N_ROUNDS = 300, 20
SIZE = 1000


def examination(n_bars: int) -> None:
    """Examine a synthetic NAV while a session runs."""
    nav = synthetic_nav(n_bars, np.random.default_rng(1))
    features(nav[:600])
    with start("benchmark", log_dir=tempfile.mkdtemp()) as session:
        began, cpu_began = time.perf_counter(), time.process_time()
        found = examine(nav)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu_began
        began = time.perf_counter()
        found.save(tempfile.mkdtemp())
        saving = time.perf_counter() - began
        n_events = session.n_events
    print(f"examination of 5 lookbacks x {n_bars} bars: {wall:.1f} s, {cpu:.1f} s CPU (< 120); {n_events} lines")
    print(f"writing features, summary and report: {saving:.2f} s")


def least_us(call: Callable[[], object]) -> float:
    """Return the time of a call in microseconds, the least of several rounds."""
    times = []
    for _ in range(N_ROUNDS):
        began = time.perf_counter()
        for _ in range(N_CALLS):
            call()
        times.append((time.perf_counter() - began) / N_CALLS)
    return min(times) * 1e6


def capture() -> None:
    """Compare a call that is captured with the same that is not; the test itself is taken out, it takes 400 µs."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=SIZE), rng.normal(size=SIZE)
    result = scipy_stats.ttest_ind(a, b)
    capture = ScipyCapture(lambda _frame: True)
    capture.install()
    wrapper = capture._wrapper("ttest_ind", lambda *_: result)  # noqa: SLF001 - only what the wrapper itself costs
    with start("capture", log_dir=tempfile.mkdtemp()):
        whole = least_us(lambda: wrapper(a, b))
        fingerprints = least_us(lambda: (digest(a), digest(b), digest(a, b)))
    capture.undo()
    added = whole - fingerprints
    print(
        f"captured call: {whole:.0f} µs, of them {fingerprints:.0f} fingerprints of 2 x {SIZE}: adds {added:.0f} (≤ 50)"
    )


capture()
examination(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
