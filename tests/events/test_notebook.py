"""Sentences of the events of a notebook."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel.events import CellEnd, CellError, CellOutput, CellStart, Event, Hazard, MimeContent

NAMES: dict[str, Any] = {name: [] for name in ("reads", "writes", "deletes", "mutates", "rng_used")}
TIMES: dict[str, Any] = dict.fromkeys(("duration_ms", "cpu_ms", "overhead_ms"), 1.0)


def end(status: Any, error: CellError | None = None) -> CellEnd:
    """Return the end of cell 3."""
    return CellEnd(cell_id="c", execution_count=3, status=status, skipped={}, error=error, **NAMES, **TIMES)


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        ("cell 3 started: x = 1", CellStart(cell_id="c", execution_count=3, source="x = 1", source_sha256="0" * 64)),
        ("cell 3 started: (not recorded)", CellStart(cell_id="c", execution_count=3, source=None, source_sha256=None)),
        (
            "cell 3 showed stdout: text/plain",
            CellOutput(
                execution_count=3, kind="stdout", mime={"text/plain": MimeContent(sha256="0" * 64, size_bytes=1)}
            ),
        ),
        ("cell 3 ended", end("ok")),
        ("cell 3 was interrupted", end("interrupted")),
        ("cell 3 failed: KeyError: 'x'", end("error", CellError(ename="KeyError", evalue="'x'", traceback=[]))),
        ("cell 3 failed: KeyError", end("error", CellError(ename="KeyError", evalue="", traceback=[]))),
        ("clock: time.time()", Hazard(kind="clock", detail="time.time()", names=[], execution_count=3)),
    ],
)
def test_an_event_describes_itself_in_one_sentence(expected: str, event: Event) -> None:
    """For a person who reads the log."""
    assert expected == event.sentence()
