"""A log as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from factories import quickstart, walk
from ithtel.commands.log.timeline import timeline
from ithtel.errors import InputError


def test_a_log_is_drawn() -> None:
    """The picture of `LOG@-1` is that of the log."""
    path = quickstart(walk(60)).write(Path("a.jsonl"))
    picture = timeline(path)
    assert repr(timeline(f"{path}@-1")) == repr(picture)
    assert "walk" in repr(picture) or "bull" in repr(picture)


def test_an_unknown_theme_is_refused_before_the_log_is_read() -> None:
    """Reading may take long."""
    with pytest.raises(InputError, match="purple"):
        timeline("no-such.jsonl", theme="purple")
