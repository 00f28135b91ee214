"""The sampler thread: it sees other threads, writes what it saw, and ends after its duration."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import hot
from ithtel.profiling.sampler import ThreadSampler

if TYPE_CHECKING:
    from pathlib import Path


def test_the_busy_function_is_sampled() -> None:
    """The sampler's own thread is not."""
    sampler = ThreadSampler(200)
    sampler.start()
    hot.main(0.3)
    folded = sampler.stop()
    assert "burn (" in folded
    assert "ThreadSampler._look" not in folded


def test_the_stacks_are_written_to_the_file(tmp_path: Path) -> None:
    """Completely, so that a reader never finds a part of them."""
    file = tmp_path / "stacks.txt"
    sampler = ThreadSampler(200, file=str(file))
    sampler.start()
    hot.main(0.2)
    assert sampler.stop() == file.read_text(encoding="utf-8")
    assert [file] == list(tmp_path.iterdir())


def test_a_fork_writes_nothing(tmp_path: Path) -> None:
    """The file belongs to the process that was started."""
    file = tmp_path / "stacks.txt"
    sampler = ThreadSampler(100, file=str(file))
    sampler._pid = os.getpid() + 1
    sampler._thread = threading.Thread(target=sampler._sample)
    sampler.start()
    sampler.stop()
    assert not file.exists()
