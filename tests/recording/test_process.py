"""Sessions of a process: they nest, end, and are diverted in tests."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import ithtel
from ithtel.recording.file.sink import MemorySink
from ithtel.recording.process import overriding, sessions
from ithtel.recording.session import Session


def lines(path: Path | None) -> list[dict[str, Any]]:
    """Read a log as strict JSON."""
    assert path is not None
    return [json.loads(line, parse_constant=pytest.fail) for line in path.read_text(encoding="utf-8").splitlines()]


def test_sessions_nest() -> None:
    """The latest one that has not ended takes the events."""
    with ithtel.start("outer") as outer:
        with ithtel.start("inner") as inner:
            assert inner is ithtel.current()
        assert outer is ithtel.current()
    assert ithtel.current() is None


def test_stop_returns_the_session_it_ended() -> None:
    """`ithtel.stop()` ends the current session; without one it does nothing."""
    session = ithtel.start("a")
    assert session is ithtel.stop()
    assert session.is_closed
    assert ithtel.stop() is None


def test_an_override_takes_the_events_of_its_context_only() -> None:
    """A test may divert events; another thread is not diverted."""
    outer = ithtel.start("outer")
    diverted = Session("test", MemorySink(), outer.settings, outer.provenance)
    seen: list[Session | None] = []
    with overriding(diverted):
        assert diverted is ithtel.current()
        thread = threading.Thread(target=lambda: seen.append(ithtel.current()))
        thread.start()
        thread.join()
    assert [outer] == seen


@pytest.mark.kernel
def test_a_process_that_forgets_to_stop_ends_its_session() -> None:
    """`session.end` is written when the interpreter exits."""
    code = "import ithtel; ithtel.start('forgot'); ithtel.seed(1)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "session.end" == lines(Path("logs/ndjson/forgot.jsonl"))[-1]["context"]["event_type"]


def test_the_process_owns_no_session_at_rest() -> None:
    """Tests leave nothing behind."""
    assert sessions.current is None


def test_a_file_holds_several_sessions() -> None:
    """A second session of a name appends, under an identity of its own."""
    for _ in range(2):
        ithtel.start("a").close()
    written = lines(Path("logs/ndjson/a.jsonl"))
    assert 2 == len({line["provenance"]["session_id"] for line in written})
    assert [0, 1, 2, 0, 1, 2] == [line["seq"] for line in written]


def test_an_experiment_shares_its_trace() -> None:
    """Two sessions of one experiment have one trace id; two without have two."""
    one, two = ithtel.start("a", experiment_id="x"), ithtel.start("b", experiment_id="x")
    assert one.trace_id == two.trace_id
    assert ithtel.start("c").trace_id != ithtel.start("d").trace_id
