"""Seeding, spawning and restoring random streams, recorded if a session is running."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import ithtel
from ithtel.commands.session.seed import restore, seed, spawn
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
    """Those of NumPy and Python, each another one, the same in each run; in a process of its own, which stays so."""
    code = (
        "import random, numpy as np, ithtel\n"
        "for _ in range(2):\n"
        "    with ithtel.testing.capture_events() as captured: ithtel.seed(7, unseeded=True)\n"
        "    print(np.random.default_rng().random(), np.random.default_rng().random(), random.Random().random())\n"
        "print([event.is_for_unseeded for event in captured.events(ithtel.events.SeedSet)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import ithtel.testing\n" + code], capture_output=True, text=True, check=True
    )
    first, second, seeded = done.stdout.splitlines()
    assert first == second
    assert 3 == len({*first.split()})
    assert "[True]" == seeded
