"""What the tests of the notebook share: running a cell, reading the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LOG = Path("logs/ndjson/notebook.jsonl")


def envelopes(path: Path = LOG) -> list[dict[str, Any]]:
    """Read the lines of the notebook's log."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def recorded(kind: str | None = None, path: Path = LOG, component: str | None = None) -> list[dict[str, Any]]:
    """Read the contexts of the notebook's log, of one type or all, of one component or all."""
    contexts = [line["context"] for line in envelopes(path) if component in (None, line["component"])]
    return [context for context in contexts if kind is None or context.get("event_type") == kind]


def last(kind: str) -> dict[str, Any]:
    """Read the latest context of a type."""
    return recorded(kind)[-1]


def hazards() -> dict[str, list[str]]:
    """Read the hazards: kind → details."""
    found: dict[str, list[str]] = {}
    for hazard in recorded("hazard"):
        found.setdefault(hazard["kind"], []).append(hazard["detail"])
    return found


def run(shell: InteractiveShell, cell: str) -> Any:
    """Run a cell as a front end does, and return its result."""
    return shell.run_cell(cell, store_history=True)
