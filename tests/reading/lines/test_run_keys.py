"""Each line belongs to the right run, although forked workers reuse run ids."""

from __future__ import annotations

import subprocess
import sys
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ithtel
from factories import Writer, ith_run, log_of, walk
from ithtel import events as ev
from ithtel.reading.history.build import HistoryBuilder
from ithtel.reading.lines.log import Log
from ithtel.reading.timeline.build import timeline
from ithtel.viewer.tables import shortened

if TYPE_CHECKING:
    from ithtel.reading.history.values import Algorithm

HURDLE = 0.05
NAVS = [walk(200, seed=seed) for seed in range(3)]
N_EPOCHS = [ith_run(nav, HURDLE).n_epochs for nav in NAVS]


class Process:
    """One of the processes that write a log in turns."""

    def __init__(self, number: int, *, session_id: str = "sess_20260125_143052_3f9a1c") -> None:
        self.pid = 100 + number
        self.writer = Writer(session_id, pid=self.pid)
        self.number = number

    def events(self, run_id: str = "bull-1") -> list[ev.Event]:
        """Return the events of its run."""
        return ith_run(NAVS[self.number], HURDLE, series=f"nav{self.number}", run_id=run_id).events


def interleaved(*written: list[bytes]) -> Log:
    """Return the log of processes that took turns writing lines."""
    return Log.from_lines([line for line in chain.from_iterable(zip_longest(*written)) if line is not None])


def forked(*, session_ids: tuple[str, ...] = ("sess_a",) * 3) -> Log:
    """Return the log of three processes of which each analysed its own series, all under `bull-1`."""
    written = []
    for number, session_id in enumerate(session_ids):
        process = Process(number, session_id=session_id)
        written.append([process.writer.emit(event) for event in process.events()])
    return interleaved(*written)


def algorithms(log: Log) -> list[Algorithm]:
    """Return the runs that diffs and baselines compare."""
    builder = HistoryBuilder()
    for record in log:
        builder.add(record)
    script = builder.history().script
    assert script is not None
    return script.algorithms


def alone(number: int) -> Any:
    """Return the attribution of one of the processes, as if it had been alone."""
    writer = Process(number).writer
    for event in Process(number).events():
        writer.emit(event)
    return ithtel.attribute(log_of(writer))


def test_each_process_has_its_run_in_an_attribution() -> None:
    """One id in three processes means three runs, distinguished by `pid`, each as if it had been alone."""
    parts = ithtel.attribute(forked())
    assert {("bull-1", 100), ("bull-1", 101), ("bull-1", 102)} == {*zip(parts["run_id"], parts["pid"], strict=True)}
    for number in range(3):
        of_one = parts[parts["pid"] == 100 + number].drop(columns="pid").reset_index(drop=True)
        assert alone(number).equals(of_one)


def test_the_process_is_named_only_where_there_are_several() -> None:
    """Of one process there is nothing to tell apart."""
    assert "pid" not in alone(0)
    assert "pid" not in ithtel.attribute(forked(session_ids=("sess_a", "sess_b", "sess_c")))


def test_each_process_has_its_bars_in_a_waterfall() -> None:
    """Three pictures, one below the other; one run id names all of them."""
    assert 3 == len(ithtel.waterfall(forked()).runs)
    assert 3 == len(ithtel.waterfall(forked(), run_id="bull-1").runs)


@pytest.mark.parametrize("session_ids", [("sess_a",) * 3, ("sess_a", "sess_b", "sess_c")])
def test_each_process_has_its_run_in_a_timeline(session_ids: tuple[str, ...]) -> None:
    """Three runs over three series, each with its epochs and finished; those of several sessions, too."""
    found = timeline(forked(session_ids=session_ids))
    assert N_EPOCHS == [len(run.epochs) for run in found.algorithms]
    assert [True] * 3 == [run.is_finished for run in found.algorithms]
    assert ["nav0", "nav1", "nav2"] == [panel.name for panel in found.panels]


def test_epochs_name_the_process_of_their_run() -> None:
    """Session, process and id group the epochs by run; displays show the process only if there are several."""
    epochs = forked().epochs()
    groups = epochs.groupby(["session_id", "pid", "run_id"])["epoch_index"]
    assert N_EPOCHS == [len(group) for _, group in groups]
    assert all([*range(1, len(group) + 1)] == group.tolist() for _, group in groups)
    assert "pid" in shortened(epochs)
    assert "pid" not in shortened(epochs[epochs["pid"] == 100])


def test_each_process_has_its_run_in_what_is_compared() -> None:
    """A diff sees three runs, each with its own epochs."""
    assert N_EPOCHS == [each.n_epochs for each in algorithms(forked())]
    assert [f"{n}" for n in N_EPOCHS] == [f"{(each.metrics or {})['n_epochs']}" for each in algorithms(forked())]


@given(st.lists(st.integers(0, 2), min_size=N_EPOCHS[0], max_size=N_EPOCHS[0]))
def test_what_a_worker_adds_belongs_where_the_run_began(writers: list[int]) -> None:
    """A run that began before a fork goes on in the worker: it is one run, of the process that began it."""
    init, drawn, *epochs, result = Process(0).events()
    processes = [Process(number).writer for number in range(3)]
    lines = [processes[0].emit(event) for event in (init, drawn)]
    lines += [processes[number].emit(epoch) for number, epoch in zip(writers, epochs, strict=True)]
    log = Log.from_lines([*lines, processes[1].emit(result)])
    assert alone(0).equals(ithtel.attribute(log))
    assert "pid" not in log.epochs()
    assert [N_EPOCHS[0]] == [len(run.epochs) for run in timeline(log).algorithms]
    assert [N_EPOCHS[0]] == [each.n_epochs for each in algorithms(log)]


def test_epochs_of_no_run_are_those_of_their_process() -> None:
    """Runs without an id, or without a beginning in the log, are not mixed either."""
    written = []
    for number in range(2):
        process = Process(number)
        epochs = [event for event in process.events() if isinstance(event, ev.EpochDetected)]
        written.append([process.writer.emit(epoch) for epoch in epochs])
    log = interleaved(*written)
    assert N_EPOCHS[:2] == ithtel.attribute(log).groupby("pid").size().tolist()
    assert N_EPOCHS[:2] == [len(run.epochs) for run in timeline(log).algorithms]


FORKS = """
import ithtel, multiprocessing, os, sys
sys.path.insert(0, sys.argv[1])
from factories import walk
fork = multiprocessing.get_context("fork")
together = fork.Barrier(3)
def work(number):
    detector = ithtel.EpochDetector("bull", 0.05, series=f"nav{number}")
    nav = walk(200, seed=number)
    for place in range(0, 200, 20):
        together.wait()
        detector.update_many(nav[place : place + 20])
    together.wait()
    detector.finish()
session = ithtel.start("a", git=False, loguru=False)
workers = [fork.Process(target=work, args=(number,)) for number in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
session.close()
print([worker.exitcode for worker in workers])
"""


@pytest.mark.kernel
def test_forked_workers_have_runs_of_their_own(request: pytest.FixtureRequest) -> None:
    """Three real forks that take turns, all of them `bull-1`: each has its own epochs wherever runs are read."""
    tests = request.config.rootpath / "tests"
    done = subprocess.run([sys.executable, "-c", FORKS, tests], capture_output=True, text=True, check=False)
    assert ("[0, 0, 0]\n", "") == (done.stdout, done.stderr)
    log = ithtel.read("logs/ndjson/a.jsonl")
    assert {"bull-1"} == {event.run_id for event in log.events(ev.AlgorithmInit)}
    parts = ithtel.attribute(log)
    for series, run in parts.groupby("series"):
        number = int(series.removeprefix("nav"))
        nav = NAVS[number]
        assert (nav[0], nav[-1]) == (run["nav_from"].iloc[0], run["nav_to"].iloc[-1])
        assert run["nav_from"].tolist()[1:] == run["nav_to"].tolist()[:-1]
        assert N_EPOCHS[number] == (run["part"] == "epoch").sum()
    assert 3 == parts["pid"].nunique() == len(ithtel.waterfall(log).runs)
    assert sorted(N_EPOCHS) == sorted(len(run.epochs) for run in timeline(log).algorithms)
    assert sorted(N_EPOCHS) == sorted(each.n_epochs for each in algorithms(log))
    assert 3 == log.epochs().groupby(["pid", "run_id"]).ngroups
