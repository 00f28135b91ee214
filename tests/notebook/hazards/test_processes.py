"""Whether a cell gave work to other processes."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell  # noqa: TC002 - pytest reads it

from sessions import hazards, run

TEXT = ["work was done in processes that were not recorded"]


@pytest.mark.parametrize(
    "cell",
    [
        "with fork.Pool(1) as pool: x = pool.map(abs, [-1])",
        "p = fork.Process(target=abs, args=(1,)); p.start(); p.join(); p.close()",
        "with ProcessPoolExecutor(1, mp_context=fork) as pool: x = list(pool.map(abs, [-1]))",
    ],
)
def test_work_in_other_processes_is_a_hazard(shell: InteractiveShell, cell: str) -> None:
    """Whichever way it is given to them; a cell after it, and threads, are none."""
    run(shell, "import multiprocessing, multiprocessing.pool, multiprocessing.dummy")
    run(shell, "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor")
    run(shell, "fork = multiprocessing.get_context('fork')")
    run(shell, "with ThreadPoolExecutor(1) as pool: y = list(pool.map(abs, [-1]))")
    assert "processes" not in hazards()
    assert run(shell, cell).success
    run(shell, "x = 1")
    assert TEXT == hazards()["processes"]


def test_workers_that_live_on_are_seen_again(shell: InteractiveShell) -> None:
    """A pool of an earlier cell gets another job."""
    run(shell, "import multiprocessing; pool = multiprocessing.get_context('fork').Pool(1)")
    run(shell, "x = pool.map(abs, [-1])")
    run(shell, "y = 1")
    run(shell, "z = pool.map(abs, [-2])")
    assert TEXT * 3 == hazards()["processes"]
    run(shell, "pool.close(); pool.join()")


def test_the_executor_of_joblib_is_seen_again(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its workers stay alive; only a counter shows that they got work."""
    module = pytest.importorskip("joblib.externals.loky.reusable_executor")
    executor = type("Executor", (), {"_queue_count": 3})()
    monkeypatch.setattr(module, "_executor", executor)
    shell.user_ns["executor"] = executor
    run(shell, "x = 1")
    assert "processes" not in hazards()
    run(shell, "executor._queue_count += 3")
    assert TEXT == hazards()["processes"]
