"""What fingerprints cost beside `hashlib.sha256` and `joblib.hash`, in one run: `python benchmarks/fingerprint.py`.

The ratios are what counts: absolute times depend on the machine. A ratio of wall times needs an idle second core, so
how many cores were available is measured first; a ratio of CPU times does not. `--mb N` sets the size of the array.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from ithtel.provenance.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
N = 1_000_000


class Cost(NamedTuple):
    """The least of several rounds, in seconds."""

    wall: float
    cpu: float


def cost(work: Callable[[], object], rounds: int = ROUNDS) -> Cost:
    """Return the least wall and CPU time of `rounds`."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Cost(min(walls), min(cpus))


def available_cores() -> float:
    """Return how many cores two threads that only hash get now."""
    data = bytes(64 << 20)

    def twice() -> None:
        other = threading.Thread(target=hashlib.sha256, args=(data,))
        other.start()
        hashlib.sha256(data)
        other.join()

    return 2 * cost(lambda: hashlib.sha256(data)).wall / cost(twice).wall


def peak_mib() -> float:
    """Return the most memory that this process has ever held (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def forget_peak() -> None:
    """Let the kernel count the peak from now on (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def mixed_frame(text: str) -> pd.DataFrame:
    """Return a million rows of ten columns; those of text are of dtype `text`."""
    rng = np.random.default_rng(0)
    return pd.DataFrame({
        "nav": rng.normal(size=N), "excess": rng.normal(size=N), "ret": rng.normal(size=N).astype("f4"),
        "bars": rng.integers(0, 100, N), "hit": rng.integers(0, 2, N).astype(bool),
        "at": pd.date_range("2026", periods=N, freq="s"), "lots": pd.array(rng.integers(0, 9, N), dtype="Int64"),
        "kind": pd.Categorical(rng.choice(list("abc"), N)),
        "side": pd.Series(rng.choice(["buy", "sell"], N), dtype=text),
        "of": pd.Series(np.array(["x", "yy", None], object)[rng.integers(0, 3, N)], dtype=text),
    })  # fmt: skip


def large_array(megabytes: int) -> None:
    """Print the ratios of one large contiguous array, and the memory it takes; and of other layouts of it."""
    array = np.random.default_rng(0).normal(size=megabytes * 1_000_000 // 8 // 1_000 * 1_000)
    ours, plain = cost(lambda: fingerprint(array), 3), cost(lambda: hashlib.sha256(array.data), 3)
    print(
        f"{megabytes} MB float64, beside one sha256: wall {ours.wall / plain.wall:.2f}, CPU {ours.cpu / plain.cpu:.2f}"
    )
    layouts = {"contiguous": array, "transposed": array.reshape(1_000, -1).T, "every second": array[::2]}
    for name, values in layouts.items():
        forget_peak()
        before = peak_mib()
        wall = cost(lambda values=values: fingerprint(values), 1).wall  # type: ignore[misc]
        share = wall / plain.wall * array.size / values.size
        print(f"  {name}: {share:.2f} of a sha256 of as many bytes, extra memory {peak_mib() - before:.1f} MiB")


def one_frame(text: str) -> None:
    """Print the ratio to joblib of a mixed frame."""
    joblib_hash = importlib.import_module("joblib").hash
    frame = mixed_frame(text)
    ours, other = cost(lambda: fingerprint(frame)), cost(lambda: joblib_hash(frame), 3)
    print(
        f"1 M x 10 mixed frame, text as {text}: {ours.wall * 1e3:.1f} ms, joblib.hash {other.wall * 1e3:.1f} ms: "
        f"{other.wall / ours.wall:.1f} times as fast (CPU {other.cpu / ours.cpu:.1f})",
        flush=True,
    )


def frames() -> None:
    """Print the ratios with text in Python objects and in Arrow, each in a process of its own.

    In one that has held large arrays before, malloc keeps what joblib needs for its copies: it is 10 % faster there.
    """
    for text in ("object", "str"):
        subprocess.run([sys.executable, __file__, "--frame", text], check=True)


def small() -> None:
    """Print what small things take."""
    values: dict[str, object] = {
        "10 float64": np.arange(10.0),
        "10 x 3 frame": pd.DataFrame(np.zeros((10, 3)), columns=list("abc")),
        "dict of 3": {"a": 1, "b": 2.0, "c": "x"},
    }
    for name, value in values.items():
        took = cost(lambda value=value: [fingerprint(value) for _ in range(1_000)]).cpu  # type: ignore[misc]
        print(f"{name}: {took * 1_000:.1f} us")


def main() -> None:
    """Measure, and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=1_000)
    parser.add_argument("--frame", choices=["object", "str"], help="measure a frame with such text only")
    options = parser.parse_args()
    if options.frame is not None:
        one_frame(options.frame)
        return
    print(f"cores available: {available_cores():.2f}")
    small()
    large_array(options.mb)
    frames()


if __name__ == "__main__":
    main()
