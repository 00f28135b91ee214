"""Sentences of the events of a session."""

from __future__ import annotations

import pytest

from ithtel.events import EnvironmentChanged, Event, GitState, LogSeal, RecordingLoss, SessionEnd

SHA = "0123456789" * 4


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        ("git 01234567 on main", GitState(sha=SHA, branch="main", is_dirty=False, diff_sha256=None)),
        (
            "git 01234567 on a detached head with uncommitted changes",
            GitState(sha=SHA, branch=None, is_dirty=True, diff_sha256="0" * 64),
        ),
        ("git without a commit on main", GitState(sha=None, branch="main", is_dirty=None, diff_sha256=None)),
        ("imported a 1, b 2", EnvironmentChanged(packages={"b": "2", "a": "1"}, threads={})),
        ("number of threads changed", EnvironmentChanged(packages={}, threads={"openblas": 2})),
        (
            "2 events could not be recorded: No space left on device",
            RecordingLoss(n_dropped=2, first_seq=1, last_seq=2, reason="No space left on device"),
        ),
        (
            "recording was delayed or reduced: 3 lines were written late",
            RecordingLoss(n_dropped=0, first_seq=None, last_seq=None, reason="3 lines were written late"),
        ),
        ("session ended after 3 events", SessionEnd(n_events=3, n_dropped=0, duration_ms=1.0)),
        ("sealed 3 lines", LogSeal(n_lines=3, sha256="0" * 64)),
    ],
)
def test_an_event_describes_itself_in_one_sentence(expected: str, event: Event) -> None:
    """For a person who reads the log."""
    assert expected == event.sentence()
