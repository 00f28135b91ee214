"""A log of several sessions and processes: every byte, line and group that is not as it was is found and named."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ithtel.reading.verify.verify import Verification, verify_files

LOG = Path("logs/ndjson/a.jsonl")
SCRIPT = """
import os, ithtel
from ithtel.events import Note
session = ithtel.start("a", git=False, loguru=False); session.emit(Note(text="early")); session.close()
session = ithtel.start("a", git=False, loguru=False)
session.emit(Note(text="a")); session.seal()
pid = os.fork()
if pid == 0:
    session.emit(Note(text="w1")); session.seal(); session.emit(Note(text="w2")); session.seal()
    session.emit(Note(text="w3")); os._exit(0)
os.waitpid(pid, 0); session.emit(Note(text="b")); session.close()
session = ithtel.start("a", git=False, loguru=False); session.close()
"""
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Return the lines of three sessions, the second with a forked worker."""
    folder = tmp_path_factory.mktemp("whole")
    subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], cwd=folder, check=True)
    return (folder / LOG).read_bytes().splitlines(keepends=True)


def check(lines: list[bytes]) -> Verification:
    """Verify these lines."""
    path = Path("log.jsonl")
    path.write_bytes(b"".join(lines))
    return verify_files([(path,)])


def pid_of(line: bytes) -> bytes:
    """Return the session and process of a line."""
    return line.split(b'"pid":')[1].split(b",")[0] + line.split(b'"session_id":"')[1].split(b'"')[0]


def groups(lines: list[bytes]) -> dict[bytes, list[int]]:
    """Return the places of the lines of each session and process."""
    found: dict[bytes, list[int]] = {}
    for at, line in enumerate(lines):
        found.setdefault(pid_of(line), []).append(at)
    return found


@needs_fork
def test_as_it_was_written_it_is_intact(whole: list[bytes]) -> None:
    """All four chains, the worker's too."""
    found = check(whole)
    assert ("intact", 4, 0) == (found.status, len(found.chains), sum(chain.n_unsealed for chain in found.chains))


@needs_fork
@pytest.mark.parametrize(
    "bit", [pytest.param(1), pytest.param(0x20, marks=pytest.mark.soak), pytest.param(0x80, marks=pytest.mark.soak)]
)
def test_every_changed_byte_is_found_in_its_line(whole: list[bytes], bit: int) -> None:
    """In seals, in the end of a session, in line feeds; of long lines every third byte."""
    for at, line in enumerate(whole):
        for place in itertools.chain(range(0, len(line), 3), range(len(line) - 60, len(line))):
            changed = bytearray(line)
            changed[place] ^= bit
            finding = check([*whole[:at], bytes(changed), *whole[at + 1 :]]).finding
            assert finding is not None, (at, place)
            assert at + 1 == finding.place.line_number, (at, place, str(finding))


@needs_fork
def test_every_deleted_line_is_found(whole: list[bytes]) -> None:
    """Except the last one: without it the log is as after a crash."""
    for at in range(len(whole) - 1):
        assert check([*whole[:at], *whole[at + 1 :]]).finding is not None, at
    assert "ended without close" == check(whole[:-1]).status


@needs_fork
def test_every_doubled_line_is_found(whole: list[bytes]) -> None:
    """Directly after it, and at the end."""
    for at, line in enumerate(whole):
        assert check([*whole[: at + 1], line, *whole[at + 1 :]]).finding is not None, at
        assert check([*whole, line]).finding is not None, at


@needs_fork
def test_every_line_moved_within_its_process_is_found(whole: list[bytes]) -> None:
    """Where two processes write by turns, who came first is not sealed."""
    for places in groups(whole).values():
        for one, other in itertools.pairwise(places):
            order = list(whole)
            order[one], order[other] = order[other], order[one]
            assert check(order).finding is not None, (one, other)


@needs_fork
def test_every_cut_within_the_file_is_found(whole: list[bytes]) -> None:
    """Lines that end early, and text that is put before them on the same line."""
    for at, line in enumerate(whole[:-1]):
        assert check([*whole[:at], line[: len(line) // 2] + b"\n", *whole[at + 1 :]]).status != "intact", at
        for planted in (b'{"ts":"2026-01-25T12:00:00.000000Z","msg":"planted', b"x", b"{", b" "):
            assert check([*whole[:at], planted + line, *whole[at + 1 :]]).status != "intact", (at, planted)


@needs_fork
def test_every_deleted_or_doubled_group_is_found(whole: list[bytes]) -> None:
    """A worker, a session; and the tail of a worker, cut anywhere. The last session may be cut: nothing follows it."""
    found = groups(whole)
    last = pid_of(whole[-1])
    for places in (each for name, each in found.items() if name != last):
        assert check([line for at, line in enumerate(whole) if at not in places]).finding is not None
        assert check([*whole, *(whole[at] for at in places)]).finding is not None
        for n in range(1, len(places)):
            assert check([line for at, line in enumerate(whole) if at not in places[n:]]).finding is not None, n


@needs_fork
def test_exchanged_sessions_are_found(whole: list[bytes]) -> None:
    """Each names the line before it."""
    first = groups(whole)[pid_of(whole[0])]
    assert check([*whole[len(first) :], *whole[: len(first)]]).finding is not None


@pytest.mark.parametrize("first", [b"\n", b'{"ts":"2026-01-25T12:00:00\n', b"\x00\n"])
def test_what_is_put_before_the_first_line_is_found(whole: list[bytes], first: bytes) -> None:
    """A blank line, the beginning of a line."""
    finding = check([first, *whole]).finding
    assert finding is not None
    assert 1 == finding.place.line_number


def test_a_line_torn_anywhere_by_a_crash_is_not_suspicious(whole: list[bytes]) -> None:
    """Whatever it was cut in, a new session may follow it."""
    n = len(groups(whole)[pid_of(whole[0])])
    new = whole[:n]
    cut_session = [line.replace(b'"session_id":"sess_', b'"session_id":"tess_') for line in whole[:1]]
    for end in range(1, len(whole[1]) - 1):
        found = check([*cut_session, whole[1][:end] + b"\n", *new])
        assert "ended without close" == found.status, (end, str(found.finding))


def test_many_gaps_do_not_take_long(whole: list[bytes]) -> None:
    """The time grows with the number of lines, not with its square."""
    note = whole[1]
    late = [note.replace(b'"seq":1,', b'"seq":%d,' % (2 * n + 1)) for n in range(20_000)]
    lines = [note.replace(b'"seq":1,', b'"seq":%d,' % (2 * n)) for n in range(30_000)]
    began = time.process_time()
    assert "changed" == check(lines + late).status
    assert time.process_time() - began < 20
