"""Nothing is torn, lost, doubled or misnumbered: threads, processes, rotation, SIGKILL, interrupts, full disks."""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import CellEnd, CellOutput, MimeContent, Note, RecordingLoss
from ithtel.recording.file import locks, rotation
from ithtel.recording.journal.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = Path("logs/ndjson/a.jsonl")


def run(code: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run Python code in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **options)


def numbers(log: str | Path = LOG) -> dict[int, list[int]]:
    """Return the numbers of the lines by process, in the order of the files."""
    found: dict[int, list[int]] = {}
    for record in ithtel.read(log, "all"):
        found.setdefault(record.envelope.pid, []).append(record.envelope.seq)
    return found


def notes(log: str | Path = LOG) -> list[str]:
    """Return the texts of all notes."""
    return [event.text for event in ithtel.read(log, "all").events(Note)]


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
    """At 20 random moments, with and without rotation; and a crash is not suspicious."""
    killed(20)


@pytest.mark.soak
def test_sigkill_loses_nothing_that_was_emitted_at_200_moments() -> None:
    """The same, longer."""
    killed(200)


@pytest.mark.kernel
def test_os_exit_loses_nothing() -> None:
    """`os._exit` runs no handler; the lines are there."""
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
    """A pool: each process counts from 0, none loses or doubles a line, also across rotation."""
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
        threading.Thread(target=lambda: [session.emit(Note(text="x" * 200)) for _ in range(200)]) for _ in range(4)
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


class _Interrupting:
    """A sink step that is interrupted before, or after, it has done its work; `errors` go first to last."""

    def __init__(self, real: Any, before: list[bool]) -> None:
        self.real = real
        self.before = before

    def __call__(self, lines: bytes) -> Any:
        is_before = self.before.pop(0) if self.before else None
        if is_before:
            raise KeyboardInterrupt
        done = self.real(lines)
        if is_before is False:
            raise KeyboardInterrupt
        return done


@pytest.mark.parametrize("is_before", [True, False])
def test_an_interrupt_around_the_write_neither_loses_nor_doubles(
    monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    """Whether the system's write had happened or not: the line is there once, under its number."""
    session = ithtel.start("a", git=False, loguru=False)
    monkeypatch.setattr(session.sink, "write", _Interrupting(session.sink.write, [is_before]))
    with pytest.raises(KeyboardInterrupt):
        session.emit(Note(text="1"))
    session.emit(Note(text="2"))
    assert ["1", "2"] == notes()
    session.close()
    assert "intact" == verify(LOG).lines()[0]


def test_interrupts_of_the_recovery_neither_lose_nor_double(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second interrupt while the first is being mended."""
    session = ithtel.start("a", git=False, loguru=False)
    monkeypatch.setattr(session.sink, "write", _Interrupting(session.sink.write, [True]))
    monkeypatch.setattr(session.sink, "append", _Interrupting(session.sink.append, [False]))
    with pytest.raises(KeyboardInterrupt):
        session.emit(Note(text="1"))
    session.emit(Note(text="2"))
    session.close()
    assert ["1", "2"] == notes()
    assert "intact" == verify(LOG).lines()[0]


@pytest.fixture
def _alarm() -> Iterator[None]:
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@pytest.mark.usefixtures("_alarm")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an interrupted glob is not closed
@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError, ZeroDivisionError])
def test_signals_at_any_moment(error: type[BaseException]) -> None:
    """A handler that raises at a hundred random moments: each line once, numbers without a gap, seals that fit."""
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


@pytest.mark.usefixtures("_alarm")
def test_a_signal_handler_may_emit_in_the_middle_of_an_emit() -> None:
    """What it emits comes after; neither is lost, and the numbers stay in order."""
    session = ithtel.start("a", git=False, loguru=False)
    counter, handled = itertools.count(), list[int]()

    def handler(*_: object) -> None:
        mine = next(counter)
        handled.append(mine)
        session.emit(Note(text=f"handler {mine}"))

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 1e-4, 2e-4)
    for i in range(5_000):
        session.emit(Note(text=str(i)))
    signal.setitimer(signal.ITIMER_REAL, 0)
    written = notes()
    assert [str(i) for i in range(5_000)] == [text for text in written if not text.startswith("handler")]
    assert Counter(f"handler {k}" for k in handled) == Counter(text for text in written if text.startswith("handler"))
    assert handled
    (seqs,) = numbers().values()
    assert list(range(len(seqs))) == seqs


# ---- disks that refuse


def emit_to_a_disk_that_refuses(
    session: ithtel.Session, monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC
) -> None:
    """Emit twenty notes while the system refuses each, by default since there is no space."""

    def refuse(_lines: bytes) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(session.sink, "write", refuse)
        patch.setattr(session.sink, "append", refuse)
        for i in range(20):
            session.emit(Note(text=str(i)))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EAGAIN])
def test_what_could_not_be_written_is_written_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """Lines wait in memory, one warning is said, the record says how many came late, and the seals fit."""
    session = ithtel.start("a", git=False, loguru=False)
    emit_to_a_disk_that_refuses(session, monkeypatch, number)
    session.seal()
    assert 1 == capsys.readouterr().err.count(f"ithtel: cannot write the log ({os.strerror(number)})")
    assert [str(i) for i in range(20)] == notes()
    (loss,) = ithtel.read(LOG).events(RecordingLoss)
    assert (0, None) == (loss.n_dropped, loss.first_seq)
    assert f"{os.strerror(number)}; 20 lines were written late" == loss.reason
    session.close()
    assert "intact" == verify(LOG).lines()[0]


def test_memory_for_what_cannot_be_written_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past `backlog` lines are given up, and the record says which; that is no removal."""
    session = ithtel.start("a", git=False, loguru=False, backlog="5 KB")
    emit_to_a_disk_that_refuses(session, monkeypatch)
    session.close()
    n_kept = len(notes())
    (loss,) = ithtel.read(LOG).events(RecordingLoss)
    assert 0 < n_kept < 20
    assert (20 - n_kept, n_kept + 1, 20) == (loss.n_dropped, loss.first_seq, loss.last_seq)
    assert "intact" == verify(LOG).lines()[0]


def test_a_deleted_folder_is_made_again() -> None:
    """Lines after the deletion are in a new file, all of them."""
    session = ithtel.start("a", git=False, loguru=False)
    for i in range(500):
        if i == 250:
            shutil.rmtree("logs")
        session.emit(Note(text=str(i)))
    session.close()
    written = notes()
    assert [str(i) for i in range(500)][-len(written) :] == written
    assert len(written) >= 250


def test_a_closed_descriptor_is_opened_again() -> None:
    """A user who closes all descriptors loses no line."""
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(Note(text="1"))
    os.close(session.sink._descriptor)
    session.emit(Note(text="2"))
    assert ["1", "2"] == notes()


def test_what_a_rotated_part_holds_is_not_written_again() -> None:
    """Somebody else rotates, the folder's file is found to be another, then all descriptors are closed: each once."""
    session = ithtel.start("a", git=False, loguru=False)
    for i in range(10):
        session.emit(Note(text=str(i)))
    with locks.folder_lock(LOG.parent):
        rotation.rotate(LOG, "a", time.time())
    session.sink.settle()
    session.emit(Note(text="10"))
    os.close(session.sink._descriptor)
    session.emit(Note(text="11"))
    session.close()
    assert [str(i) for i in range(12)] == notes()
    assert "intact" == verify(LOG).lines()[0]


def test_the_last_lines_before_a_deletion_are_written_again() -> None:
    """So many at once that nobody has looked for the file between: those since the last look come back, in order."""
    session = ithtel.start("a", git=False, loguru=False)
    session.seal()
    shutil.rmtree("logs")
    for i in range(100):
        session.emit(Note(text=str(i)))
    session.close()
    assert [str(i) for i in range(100)] == notes()


def test_a_file_under_our_descriptor_is_left_alone(tmp_path: Path) -> None:
    """A descriptor that was closed and used again is the user's: at the latest at the next seal we are off it."""
    session = ithtel.start("a", git=False, loguru=False)
    descriptor = session.sink._descriptor
    os.close(descriptor)
    theirs = os.open(tmp_path / "theirs", os.O_RDWR | os.O_CREAT)
    assert descriptor == theirs
    session.emit(Note(text="1"))
    session.seal()
    session.emit(Note(text="2"))
    assert ["1", "2"] == notes()
    os.write(theirs, b"")
    os.close(theirs)


def test_the_working_directory_may_change(tmp_path: Path) -> None:
    """The file is where it was when recording began."""
    session = ithtel.start("a", git=False, loguru=False)
    (tmp_path / "elsewhere").mkdir()
    os.chdir(tmp_path / "elsewhere")
    session.emit(Note(text="x"))
    session.seal()
    assert ["x"] == notes(tmp_path / LOG)
    assert not (tmp_path / "elsewhere/logs").exists()


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


def test_a_torn_last_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    """What a power failure cut off is ended before a new session begins."""
    ithtel.start("a", git=False, loguru=False).close()
    with LOG.open("ab") as file:
        file.write(b'{"ts":"2026-01')
    ithtel.start("a", git=False, loguru=False).close()
    log = ithtel.read(LOG)
    assert 2 == len(log.sessions)
    assert ["the line is truncated"] == [problem.message for problem in log.problems]
    assert "intact" == verify(LOG).lines()[0]
    assert tmp_path == Path.cwd()


# ---- limits, durability


def test_past_the_limit_payload_goes_first() -> None:
    """Output text is left out, its event stays; sketches and steps go; the record says so."""
    session = ithtel.start("a", git=False, loguru=False, max_log_bytes="60 KB")
    output = CellOutput(
        execution_count=1, kind="stdout", mime={"a": MimeContent(sha256="0" * 64, size_bytes=1)}, text="x"
    )
    for _ in range(100):
        session.emit(Note(text="x" * 300))
    session.emit(output)
    session.emit(Note(text="kept"))
    session.close()
    log = ithtel.read(LOG)
    assert [None] == [event.text for event in log.events(CellOutput)]
    assert "max_log_bytes" in next(iter(log.events(RecordingLoss))).reason
    assert "kept" == notes()[-1]


@pytest.mark.parametrize(("durability", "expected"), [("process", 0), ("cell", 1), ("disk", 3)])
def test_durability_says_when_the_disk_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, durability: str, expected: int
) -> None:
    """`process` never, `cell` at each `cell.end`, `disk` for each line."""
    session = ithtel.start("a", git=False, loguru=False, durability=durability)
    synced: list[int] = []
    monkeypatch.setattr(session.sink, "sync", lambda: synced.append(1))
    session.emit(Note(text="1"))
    names: dict[str, Any] = {name: [] for name in ("reads", "writes", "deletes", "mutates", "rng_used")}
    numbers: dict[str, Any] = dict.fromkeys(("execution_count", "duration_ms", "cpu_ms", "overhead_ms"), 1)
    session.emit(CellEnd(cell_id="1", status="ok", skipped={}, **names, **numbers))
    session.emit(Note(text="2"))
    assert expected == len(synced)


def test_permissions_can_be_chosen() -> None:
    """For a group that reads the logs together."""
    session = ithtel.start("a", git=False, file_mode="640", folder_mode="750")
    assert session.path is not None
    assert (0o640, 0o750) == (session.path.stat().st_mode & 0o777, session.path.parent.stat().st_mode & 0o777)


def test_lines_keep_their_numbers_when_the_journal_is_asked_in_between() -> None:
    """The digest may be looked at at any time, and changes nothing."""
    session = ithtel.start("a", git=False, loguru=False)
    before = session.digest
    assert before == session.digest
    session.emit(Note(text="x"))
    assert before != session.digest
    digest = session.digest
    session.close()
    assert isinstance(session._writer.journal, Journal)
    assert verify(LOG, expect=digest).is_good
    assert not verify(LOG, expect=before).is_good


def test_lines_are_strict_json() -> None:
    """Whatever is in them."""
    with ithtel.start("a", git=False, loguru=False) as session:
        session.emit(Note(text="a\ud800b\0\x1b[31m<b>{}\n😀"))
    for line in LOG.read_bytes().splitlines():
        json.loads(line, parse_constant=pytest.fail)
    assert ["a\\ud800b\0\x1b[31m<b>{}\n😀"] == notes()
