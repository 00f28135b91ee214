"""A notebook runs in a copy with recording on, and its log is read before the copy is deleted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from nbformat import v4

from ithtel.errors import InputError
from ithtel.reading.history.build import REPLAY_MARK
from ithtel.reading.history.values import History
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.options import RunOptions
from ithtel.replay.run_in_copy import REPLAYING, refuse_nested, run_in_copy
from ithtel.replay.workspace import Origin

if TYPE_CHECKING:
    from pathlib import Path


def test_a_replay_cannot_start_inside_a_replay() -> None:
    """For each verb; elsewhere nothing happens."""
    refuse_nested("check", {})
    with pytest.raises(InputError, match=r"^cannot check inside a replay$"):
        refuse_nested("check", {REPLAYING: "1"})


@pytest.mark.kernel
def test_the_log_of_the_run_is_returned(tmp_path: Path) -> None:
    """Nothing is written to the folder itself."""
    (tmp_path / "a.txt").write_text("7", encoding="utf-8")
    source = "text = open('a.txt').read()\n_ = open('b.txt', 'w').write(text)"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    origin = Origin(root=tmp_path, inner=".", commit=None)
    history = History(name="demo", config={"log_dir": "logs"})
    result = run_in_copy(notebook, origin, history, Contents([]), RunOptions(environ=os.environ), load=True)
    assert result.failure is None
    assert result.log is not None
    sources = [start.source for start in result.log.events("cell.start")]
    assert [source] == [text for text in sources if REPLAY_MARK not in text]  # the cell that prepares the kernel
    assert ["a.txt"] == [path.name for path in tmp_path.iterdir()]
