"""Seeding, spawning and restoring random streams, recorded if a session is running."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

import ithtel
from ithtel.commands.session.seed import restore, seed, spawn
from ithtel.events import SeedSet
from ithtel.provenance.randomness.entropy import watch
from ithtel.testing import capture_events
from sessions import LOG, run


def kinds(path: str) -> list[str | None]:
    """Return the types of the events of a log."""
    return [record.event_type for record in ithtel.read(path)]


def test_without_a_session_nothing_is_recorded() -> None:
    """The streams are seeded nevertheless."""
    seed(42)
    first = random.random()
    seed(42)
    assert first == random.random()
    assert not Path("logs").exists()


def test_a_seed_and_each_spawned_stream_are_recorded() -> None:
    """The streams by entropy and key."""
    with ithtel.start("demo") as session:
        seed(42)
        spawn(2, seed=7)
    assert session.path is not None
    assert ["seed.set", "rng.state", "rng.state"] == [
        kind for kind in kinds(str(session.path)) if kind in {"seed.set", "rng.state"}
    ]


def test_streams_are_restored_from_a_log(shell) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """To the state before an execution."""
    run(shell, "import random\nrandom.seed(1)")
    run(shell, "a = random.random()")
    restored = restore(ithtel.read(LOG), 3, shell.user_ns)
    assert "python" in restored.streams
    assert shell.user_ns["a"] == random.random()


def test_generators_without_a_seed_descend_from_one_on_request() -> None:
    """Those of NumPy and Python, each another one, the same in each run; it is recorded."""
    while watch._n_installed:  # another test may have left it, and replaced what it wraps
        watch.remove()
    drawn = []
    for _ in range(2):
        with capture_events() as captured:
            seed(7, unseeded=True)
        drawn.append([np.random.default_rng().random(), np.random.default_rng().random(), random.Random().random()])
    watch.remove()
    assert drawn[0] == drawn[1]
    assert 3 == len({*drawn[0]})
    assert [True] == [event.is_for_unseeded for event in captured.events(SeedSet)]
    assert np.random.default_rng().random() not in drawn[0]
