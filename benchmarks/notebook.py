"""What a researcher would feel: short cells with and without recording, a real notebook, the import, the loading.

    python benchmarks/notebook.py

CPU time of this process, the median of many; both kinds of cell in turns in one run, so that they meet the same load.
The cells run among few and among many variables, and after many cells: neither may matter.
Everything is on: fingerprints, random state, files, outputs, hazards, seals.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from traitlets.config import Config

import ithtel
from ithtel.events import CellEnd

if TYPE_CHECKING:
    from collections.abc import Callable

N_CELLS = 200
N_NAMES = (50, 5_000)
N_HISTORY = 20_000
LONG_MS = 100
CELLS = {
    "x = 1": "x = 1",
    "a small array": "z = np.arange(100.0)",
    "ten lines": "\n".join(f"a{i} = {i} + len('abc')" for i in range(10)),
    "a list": "n = len(v1)",
    "a draw": "y = rng.normal(size=100)",
    "a thousand prints": "for i in range(1000): print(i)",
    "a table": "d = frame.describe()",
}
NAMES = "globals().update({{f'v{{i}}': [i, [i]] if i % 2 else np.arange(i % 50) for i in range({n_names})}})"
SETUP = """import numpy as np, pandas as pd
rng = np.random.default_rng(1)
frame = pd.DataFrame({'a': rng.normal(size=1000)})"""
NOTEBOOK = [
    "returns = rng.normal(size=(250, 40_000))",
    "paths = returns.cumsum(axis=0)",
    "means = np.array([returns[:, i::100].mean() for i in range(100) for _ in range(9)])",
    "frame = pd.DataFrame(rng.normal(size=(1_500_000, 4)), columns=list('abcd'))",
    "rolled = frame.rolling(50).mean()",
    "frame['e'] = rolled['a'].fillna(0.0) + frame['b'].rank()",
    "ordered = frame.sort_values(['a', 'b'])",
    "frame.head(20_000).to_csv('frame.csv'); back = pd.read_csv('frame.csv')",
    "print(back.describe().to_string()); back.corr()",
]


def shell(folder: str) -> InteractiveShell:
    """Make a shell with nothing of the user's."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    return InteractiveShell(config=config, ipython_dir=folder)


def cpu_ms(action: Callable[[], object]) -> float:
    """Return the CPU time of one call in milliseconds."""
    began = time.process_time_ns()
    action()
    return (time.process_time_ns() - began) / 1e6


def cells(n_names: int) -> None:
    """Compare a cell in a shell that records with the same in one that does not, with so many variables in both."""
    plain, recording = shell("plain"), shell("recording")
    for one in (plain, recording):
        one.run_cell(SETUP, store_history=True)
        one.run_cell(NAMES.format(n_names=n_names), store_history=True)
    ithtel.load_ipython_extension(recording)
    for name, source in CELLS.items():
        plain_ms, recorded_ms = compared(plain, recording, source)
        added = recorded_ms - plain_ms
        limit = " (≤ 2 µs a print)" if "prints" in name else " (≤ 1)"
        print(
            f"{n_names} names, cell {name!r}: {plain_ms:.3f} ms plain, {recorded_ms:.3f} ms recorded:"
            f" adds {added:.3f} ms{limit}"
        )
    ithtel.unload_ipython_extension(recording)


def compared(plain: InteractiveShell, recording: InteractiveShell, source: str, n_cells: int = N_CELLS) -> list[float]:
    """Return the median CPU time of a cell in either shell, run in turns."""
    times: dict[str, list[float]] = {"plain": [], "recorded": []}
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(n_cells):
            times["plain"].append(cpu_ms(lambda: plain.run_cell(source, store_history=True)))
            times["recorded"].append(cpu_ms(lambda: recording.run_cell(source, store_history=True)))
    return [statistics.median(values) for values in times.values()]


def history() -> None:
    """Compare what a cell costs at first with what it costs after many."""
    plain, recording = shell("plain"), shell("recording")
    for one in (plain, recording):
        one.run_cell(SETUP, store_history=True)
    ithtel.load_ipython_extension(recording)
    before_ms, first_ms = compared(plain, recording, "x = 1")
    compared(plain, recording, "x = 1", N_HISTORY)
    after_ms, last_ms = compared(plain, recording, "x = 1")
    print(
        f"after {N_HISTORY} cells 'x = 1' adds {last_ms - after_ms:.3f} ms;"
        f" at first it adds {first_ms - before_ms:.3f} ms"
    )
    ithtel.unload_ipython_extension(recording)


def notebook() -> None:
    """Run a notebook of cells over 100 ms, and add up what each `cell.end` says that recording it cost."""
    one = shell("notebook")
    with contextlib.redirect_stdout(io.StringIO()):
        one.run_cell(SETUP, store_history=True)
        ithtel.load_ipython_extension(one)
        for source in ["x = 1", *NOTEBOOK, *NOTEBOOK]:
            one.run_cell(source, store_history=True).raise_error()
        session = ithtel.current()
        assert session is not None
        assert session.path is not None
        path = session.path
        ithtel.unload_ipython_extension(one)
    ends = [end for end in ithtel.read(path).events(CellEnd) if (end.duration_ms or 0) > LONG_MS]
    took = sum(end.duration_ms or 0 for end in ends)
    cost = sum(end.overhead_ms or 0 for end in ends)
    worst = max((end.overhead_ms or 0) / (end.duration_ms or 1) for end in ends)
    print(
        f"{len(ends)} cells over {LONG_MS} ms: {took:.0f} ms, recording {cost:.1f} ms:"
        f" {cost / took:.2%} (≤ 2 %), at worst {worst:.2%}"
    )


def child(code: str) -> float:
    """Return what `code` prints in a fresh interpreter, the best of five."""
    return min(float(_output([sys.executable, "-c", code])) for _ in range(5))


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=WITH_BYTECODE)
    return done.stdout.split()[-1]


WITH_BYTECODE = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
CLOCK = "import time; t = time.process_time_ns(); {}; print((time.process_time_ns() - t) / 1e6)"
WARM_UP = "import numpy, pandas, time"
LOAD = "t = time.process_time_ns()\n%load_ext ithtel\nprint((time.process_time_ns() - t) / 1e6)"


def imports() -> None:
    """Measure the import beyond NumPy's, and the loading in a running kernel."""
    numpy, both = child(CLOCK.format("import numpy")), child(CLOCK.format("import numpy, ithtel"))
    print(f"import ithtel: {both - numpy:.1f} ms beyond numpy's {numpy:.0f} ms (≤ 30)")
    print(f"%load_ext ithtel in a running kernel: {min(in_kernel() for _ in range(5)):.1f} ms (≤ 50)")


def in_kernel() -> float:
    """Return what loading takes in a fresh kernel that has imported what users import anyway."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (WARM_UP, LOAD)])
    NotebookClient(notebook, kernel_name="python3").execute(env=WITH_BYTECODE)
    return float("".join(output.text for output in notebook.cells[1].outputs if output.name == "stdout").split()[-1])


if __name__ == "__main__":
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for n_names in N_NAMES:
            cells(n_names)
        history()
        notebook()
        imports()
        os.chdir(here)
