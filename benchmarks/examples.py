"""What recording costs in the example notebooks: what each `cell.end` says that it took, against the cells' time.

    python benchmarks/examples.py

Each notebook runs in a fresh kernel in an empty folder, three times after one that fills the caches (bytecode, numba);
the median counts. Both are wall time: on a busy machine they say little.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient

import ithtel
from ithtel.events import CellEnd

FOLDER = Path(__file__).parents[1] / "notebooks"
N_RUNS = 3
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


class Cost(NamedTuple):
    """The time of all recorded cells of a notebook, and what recording them took."""

    cells_ms: float
    recording_ms: float

    def __str__(self) -> str:
        return (
            f"{self.cells_ms:8.0f} ms, recording {self.recording_ms:7.1f} ms: {self.recording_ms / self.cells_ms:.2%}"
        )


def cost(notebook: Path) -> Cost:
    """Run a notebook once; only the log that it writes itself counts, not those of kernels that it runs."""
    env = {name: value for name, value in os.environ.items() if name not in {"JPY_SESSION_NAME", NO_BYTECODE}}
    with tempfile.TemporaryDirectory() as folder:
        content = nbformat.read(notebook, as_version=4)
        NotebookClient(content, kernel_name="python3", timeout=600, resources={"metadata": {"path": folder}}).execute(
            env=env
        )
        ends = list(ithtel.read(Path(folder) / "logs").events(CellEnd))
    return Cost(sum(end.duration_ms or 0.0 for end in ends), sum(end.overhead_ms or 0.0 for end in ends))


def main() -> None:
    """Print the cost of each notebook, and of all."""
    medians = []
    for notebook in sorted(FOLDER.glob("*.ipynb")):
        cost(notebook)
        runs = sorted((cost(notebook) for _ in range(N_RUNS)), key=lambda each: each.recording_ms / each.cells_ms)
        medians.append(statistics.median_low(runs))
        print(f"{notebook.stem:<16}{medians[-1]}", flush=True)
    print(f"{'all':<16}{Cost(*map(sum, zip(*medians, strict=True)))} (≤ 2 %)")


if __name__ == "__main__":
    main()
