"""Nothing is torn, lost, doubled or misnumbered: threads, processes, rotation, SIGKILL, interrupts, full disks."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import Note
from written import LOG, notes, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def run(code: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run Python code in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **options)


WORKER = """
import ithtel, sys
name, n = sys.argv[1], int(sys.argv[2])
session = ithtel.start("a", git=False, loguru=False, rotation=sys.argv[3])
for i in range(n):
    session.emit(ithtel.events.Note(text=f"{name}-{i}"))
session.close()
"""


def together(n_processes: int, n_events: int, rotation: str) -> None:
    """Let processes write one log at the same time, and check that each line is there once, in order."""
    command = [sys.executable, "-c", WORKER]
    workers = [subprocess.Popen([*command, str(k), str(n_events), rotation]) for k in range(n_processes)]
    assert [0] * n_processes == [worker.wait() for worker in workers]
    log = ithtel.read(LOG, "all")
    written = notes()
    assert [] == log.problems
    assert Counter(f"{k}-{i}" for k in range(n_processes) for i in range(n_events)) == Counter(written)
    for seqs in numbers().values():
        assert list(range(len(seqs))) == seqs
    assert ["intact"] == verify(LOG).lines()[:1]


@pytest.mark.kernel
def test_processes_share_a_rotating_file() -> None:
    """Two processes, many rotations: every line once, in order, sealed."""
    together(2, 2_000, "200 KB")
    assert len(list(LOG.parent.glob("a.*.jsonl*"))) > 3


@pytest.mark.soak
def test_four_processes_share_a_file_that_rotates_at_a_megabyte() -> None:
    """4 × 20 000 events."""
    together(4, 20_000, "1 MB")


READING = """
import ithtel, sys, time
session = ithtel.start("a", git=False, loguru=False, rotation="20 KB")
print("ready", flush=True)
i = 0
while True:
    session.emit(ithtel.events.Note(text=str(i)))
    i += 1
    time.sleep(0.0002)
"""


@pytest.mark.kernel
def test_a_reader_sees_each_line_once_at_any_moment() -> None:
    """While another process writes, rotates and compresses, a reader finds 0, 1, 2 … without a gap."""
    writer = subprocess.Popen([sys.executable, "-c", READING], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        seen, until = 0, time.monotonic() + 2
        while time.monotonic() < until:
            texts = notes()
            assert [str(i) for i in range(len(texts))] == texts
            assert len(texts) >= seen
            seen = len(texts)
        assert seen > 100
    finally:
        writer.kill()
        writer.communicate()


KILLED = """
import ithtel, os, random, sys
session = ithtel.start("a", git=False, loguru=False, rotation=sys.argv[1])
i = 0
while True:
    session.emit(ithtel.events.Note(text=str(i) + "x" * random.randrange(2000)))
    os.write(1, b"%d\\n" % i)
    i += 1
    if i % 50 == 0:
        session.seal()
"""


def killed(n_times: int) -> None:
    """Kill a writer at random moments, and check that what it had emitted is there."""
    for n in range(n_times):
        shutil.rmtree("logs", ignore_errors=True)
        rotation = "100 KB" if n % 2 else ""
        with subprocess.Popen([sys.executable, "-c", KILLED, rotation], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(random.random() * 0.2)
            writer.kill()
            emitted = (first + writer.stdout.read()).split()
        recorded = [text.rstrip("x") for text in notes()]
        assert [line.decode() for line in emitted] == recorded[: len(emitted)]
        assert len(recorded) <= len(emitted) + 1
        assert {problem.message for problem in ithtel.read(LOG).problems} <= {"the line is truncated"}
        assert "ended without close" == verify(LOG).lines()[0]


@pytest.mark.kernel
def test_sigkill_loses_nothing_that_was_emitted() -> None:
    """At 20 random moments, with and without rotation; verification does not take a crash for tampering."""
    killed(20)


@pytest.mark.soak
def test_sigkill_loses_nothing_that_was_emitted_at_200_moments() -> None:
    """The same, longer."""
    killed(200)


@pytest.mark.kernel
def test_os_exit_loses_nothing() -> None:
    """`os._exit` runs no exit handler, and the lines are there."""
    code = "import ithtel, os; s = ithtel.start('a', git=False); s.emit(ithtel.events.Note(text='x')); os._exit(3)"
    assert 3 == run(code).returncode
    assert ["x"] == notes()


FORKS = """
import ithtel, multiprocessing
def work(k):
    for i in range(200):
        ithtel.current().emit(ithtel.events.Note(text=f"{k}-{i}"))
session = ithtel.start("a", git=False, loguru=False, rotation="50 KB")
with multiprocessing.get_context("fork").Pool(3) as pool:
    pool.map(work, range(12), chunksize=1)
session.emit(ithtel.events.Note(text="parent"))
session.close()
"""


@pytest.mark.kernel
def test_forked_workers_go_on_under_their_own_numbers() -> None:
    """Each process of a pool counts from 0, and none loses or doubles a line, also across rotation."""
    done = run(FORKS)
    assert (0, b"") == (done.returncode, done.stderr)
    assert Counter([*(f"{k}-{i}" for k in range(12) for i in range(200)), "parent"]) == Counter(notes())
    for seqs in numbers().values():
        assert list(range(len(seqs))) == seqs
    assert "intact" == verify(LOG).lines()[0]


def test_threads_that_rotate_lose_nothing() -> None:
    """Four threads, a small limit: numbers without a gap in the order of the files."""
    session = ithtel.start("a", git=False, loguru=False, rotation="50 KB")
    threads = [
        threading.Thread(target=lambda: [session.emit(Note(text="x" * 200)) for _ in range(200)])  # type: ignore[func-returns-value]
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.close()
    (seqs,) = numbers().values()
    assert list(range(len(seqs))) == seqs
    assert 800 == len(notes())


# ---- interrupts


@pytest.fixture
def _alarm() -> Iterator[None]:
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@pytest.mark.usefixtures("_alarm")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an interrupted glob is not closed
@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError, ZeroDivisionError])
def test_signals_at_any_moment(error: type[BaseException]) -> None:
    """If a handler raises at 100 random moments, each line is there once, without gaps, and the seals are valid."""
    session = ithtel.start("a", git=False, loguru=False, rotation="100 KB")
    n_raised = 0

    def handler(*_: object) -> None:
        raise error

    signal.signal(signal.SIGALRM, handler)
    returned = []
    i = 0
    while n_raised < 100:
        i += 1
        try:
            signal.setitimer(signal.ITIMER_REAL, random.random() * 60e-6 + 1e-6)
            session.emit(Note(text=str(i)))
            if i % 20 == 0:
                session.seal()
            returned.append(str(i))
            time.sleep(0.002)  # the alarm rings here at the latest
        except error:
            n_raised += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    session.close()
    written = notes()
    assert set(returned) <= set(written)
    assert len(written) == len(set(written))
    (seqs,) = numbers().values()
    assert list(range(len(seqs))) == seqs
    assert "intact" == verify(LOG).lines()[0]


LIMITED = """
import ithtel, resource
session = ithtel.start("a", git=False, loguru=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
for i in range(100):
    session.emit(ithtel.events.Note(text=str(i)))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for i in range(100, 110):
    session.emit(ithtel.events.Note(text=str(i)))
session.close()
"""


@pytest.mark.kernel
def test_a_limit_of_the_file_size_loses_nothing_that_fits_in_memory() -> None:
    """RLIMIT_FSIZE cuts a write short: no torn line, and all of them once the limit is gone."""
    done = run(LIMITED)
    assert 0 == done.returncode
    assert 1 == done.stderr.count(b"ithtel: cannot write the log (File too large)")
    assert [str(i) for i in range(110)] == notes()
    assert [] == ithtel.read(LOG).problems
    assert "intact" == verify(LOG).lines()[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"tmpfs cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.kernel
def test_a_full_disk_loses_nothing_that_fits_in_memory(small_disk: Path) -> None:
    """A full tmpfs: the caller never notices, no line is torn; once there is room, all are there."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 700_000)
    session = ithtel.start("a", log_dir=small_disk / "logs", git=False, loguru=False)
    for i in range(1_000):
        session.emit(Note(text=str(i)))
    log = small_disk / "logs/ndjson/a.jsonl"
    assert [] == ithtel.read(log).problems
    assert len(notes(log)) < 1_000
    ballast.unlink()
    session.close()
    assert [str(i) for i in range(1_000)] == notes(log)
    assert "intact" == verify(log).lines()[0]


def test_lines_are_strict_json() -> None:
    """Control characters, markup and lone surrogates do not break a line."""
    with ithtel.start("a", git=False, loguru=False) as session:
        session.emit(Note(text="a\ud800b\0\x1b[31m<b>{}\n😀"))
    for line in LOG.read_bytes().splitlines():
        json.loads(line, parse_constant=pytest.fail)
    assert ["a\\ud800b\0\x1b[31m<b>{}\n😀"] == notes()
