"""What a line may require: syncing, and leaving out payload once the log is full."""

from __future__ import annotations

from typing import Any

import pytest

import ithtel
from ithtel.events import (
    CellEnd,
    CellOutput,
    MimeContent,
    Note,
    RecordingLoss,
)
from written import LOG, notes


def test_past_the_limit_payload_goes_first() -> None:
    """Output text is omitted and its event kept, sketches and steps are omitted, and the log reports it."""
    session = ithtel.start("a", git=False, loguru=False, max_log_bytes="60 KB")
    output = CellOutput(
        execution_count=1, kind="stdout", mime={"a": MimeContent(sha256="0" * 64, size_bytes=1)}, text="x"
    )
    for _ in range(100):
        session.emit(Note(text="x" * 300))
    session.emit(output)
    session.emit(Note(text="kept"))
    session.close()
    log = ithtel.read(LOG)
    assert [None] == [event.text for event in log.events(CellOutput)]
    assert "max_log_bytes" in next(iter(log.events(RecordingLoss))).reason
    assert "kept" == notes()[-1]


@pytest.mark.parametrize(("durability", "expected"), [("process", 0), ("cell", 1), ("disk", 3)])
def test_durability_says_when_the_disk_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, durability: str, expected: int
) -> None:
    """`process` never, `cell` at each `cell.end`, `disk` for each line."""
    session = ithtel.start("a", git=False, loguru=False, durability=durability)
    synced: list[int] = []
    monkeypatch.setattr(session.sink, "sync", lambda: synced.append(1))
    session.emit(Note(text="1"))
    names: dict[str, Any] = {name: [] for name in ("reads", "writes", "deletes", "mutates", "rng_used")}
    numbers: dict[str, Any] = dict.fromkeys(("execution_count", "duration_ms", "cpu_ms", "overhead_ms"), 1)
    session.emit(CellEnd(cell_id="1", status="ok", skipped={}, **names, **numbers))
    session.emit(Note(text="2"))
    assert expected == len(synced)


def test_a_limit_that_is_raised_lets_payload_in_again() -> None:
    """Past the limit, payload fields are omitted from tables as well; with a higher limit they are written again."""
    session = ithtel.start("a", git=False, loguru=False, max_log_bytes="10 KB")
    session.emit(Note(text="x" * 20_000))
    output = {"execution_count": [1], "kind": ["stdout"], "mime": [{}], "text": ["shown"]}
    session.emit_many(CellOutput, output)
    session.settings = session.settings.replaced(max_log_bytes="1 MB")
    session.emit_many(CellOutput, output)
    assert [None, "shown"] == [event.text for event in ithtel.read(session.path).events(CellOutput)]
