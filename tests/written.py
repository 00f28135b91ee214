"""`LOG`, `notes`, `numbers`: what a session named `a` has written."""

from __future__ import annotations

from pathlib import Path

import ithtel
from ithtel.events import Note

LOG = Path("logs/ndjson/a.jsonl")


def numbers(log: str | Path = LOG) -> dict[int, list[int]]:
    """Return the numbers of the lines by process, in the order of the files."""
    found: dict[int, list[int]] = {}
    for record in ithtel.read(log, "all"):
        found.setdefault(record.envelope.pid, []).append(record.envelope.seq)
    return found


def notes(log: str | Path = LOG) -> list[str]:
    """Return the texts of all notes."""
    return [event.text for event in ithtel.read(log, "all").events(Note)]
