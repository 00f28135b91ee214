"""Several files are merged into one stream of records."""

from __future__ import annotations

import os
from pathlib import Path

from ithtel.reading.lines.read import read
from notes import append, note


def test_files_are_merged_by_time() -> None:
    """Across files the order is that of `ts`, within a file that of its lines; also with very many files."""
    for n in range(40):
        append(note(f"{n:02d}", session_id=f"s{n}", start=1e9 + (7 * n % 40) * 60), Path(f"logs/ndjson/f{n}.jsonl"))
    append(note("late", session_id="a", start=1e9 - 0.0015), Path("logs/ndjson/a.jsonl"))
    records = list(read("logs", session="all"))
    assert [r.envelope.ts for r in records] == sorted(r.envelope.ts for r in records)
    assert len(records) == 41 * 3
    assert read("logs").session_id == "s17"


def test_few_files_are_open_at_a_time() -> None:
    """A file is opened when its time has come and closed at its end."""
    for n in range(30):
        append(note(f"{n:02d}", session_id=f"s{n}", start=1e9 + n * 60), Path(f"logs/ndjson/f{n}.jsonl"))
    most = max(len(os.listdir("/proc/self/fd")) for _ in read("logs", session="all"))  # noqa: PTH208 - a count
    assert most < len(os.listdir("/proc/self/fd")) + 5  # noqa: PTH208
