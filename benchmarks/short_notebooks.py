"""Two short notebooks of ordinary cells, of 51 and of 140 cells: the share of their time that recording takes.

    python benchmarks/short_notebooks.py

CPU time of this process. Each notebook runs with and without recording in turns, in fresh shells; medians.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import tempfile
import time
from pathlib import Path

import matplotlib as mpl
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import ithtel

N_RUNS = 5
SETUP = [
    "import numpy as np",
    "import pandas as pd",
    "import matplotlib.pyplot as plt",
    "rng = np.random.default_rng(7)",
]
TABLE = [
    "df{i} = pd.DataFrame(rng.normal(size=(2_000, 4)), columns=list('abcd'))",
    "df{i}['g'] = np.where(df{i}.a > 0, 'up', 'down')",
    "df{i}.head()",
    "df{i}.describe()",
    "by{i} = df{i}.groupby('g').mean()",
    "print(by{i})",
    "top{i} = df{i}.sort_values('b').tail(10)",
]
ARRAY = ["x{i} = np.linspace(0, 1, 500)", "y{i} = np.sin(x{i}) + rng.normal(size=500)", "float(y{i}.mean())"]
PLOT = ["fig, ax = plt.subplots(); ax.plot(y{i}); fig.savefig('figure.png'); plt.close(fig)"]
SMALL = ["n{i} = {i}", "names{i} = ['a', 'b', 'c']", "total{i} = sum(range(n{i} + 100))"]


def notebook(n_cells: int) -> list[str]:
    """Return the cells: pieces of an analysis, one after the other, until there are enough."""
    cells, i = list(SETUP), 0
    while len(cells) < n_cells:
        cells += [source.replace("{i}", str(i)) for source in (*TABLE, *ARRAY, *PLOT, *SMALL)]
        i += 1
    return cells[:n_cells]


def run_ms(cells: list[str], *, is_recorded: bool) -> float:
    """Return the CPU time of all cells, without the set-up and the loading."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config, ipython_dir="ipython")
    with contextlib.redirect_stdout(io.StringIO()):
        if is_recorded:
            ithtel.load_ipython_extension(shell)
        for source in cells[: len(SETUP)]:
            shell.run_cell(source, store_history=True).raise_error()
        began = time.process_time_ns()
        for source in cells[len(SETUP) :]:
            shell.run_cell(source, store_history=True).raise_error()
        took_ms = (time.process_time_ns() - began) / 1e6
        if is_recorded:
            ithtel.unload_ipython_extension(shell)
    return took_ms


def measure(n_cells: int) -> None:
    """Compare the runs of one notebook."""
    cells = notebook(n_cells)
    run_ms(cells, is_recorded=True)  # loads what both need
    pairs = [(run_ms(cells, is_recorded=False), run_ms(cells, is_recorded=True)) for _ in range(N_RUNS)]
    plain, recorded = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"{n_cells} cells: {plain:.0f} ms plain, {recorded:.0f} ms recorded:"
        f" recording takes {(recorded - plain) / recorded:.1%} of the time (≤ 10 %)"
    )


if __name__ == "__main__":
    mpl.use("agg")
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for n_cells in (51, 140):
            measure(n_cells)
        os.chdir(here)
