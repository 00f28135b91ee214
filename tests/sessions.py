"""What the tests of the notebook share: running a cell, reading the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LOG = Path("logs/ndjson/notebook.jsonl")


def recorded(kind: str | None = None, path: Path = LOG) -> list[dict[str, Any]]:
    """Read the contexts of the notebook's log, of one type or all."""
    contexts = [json.loads(line)["context"] for line in path.read_text(encoding="utf-8").splitlines()]
    return [context for context in contexts if kind is None or context["event_type"] == kind]


def run(shell: InteractiveShell, cell: str) -> Any:
    """Run a cell as a front end does, and return its result."""
    return shell.run_cell(cell, store_history=True)
