"""The end of a session covers what its forked workers have written."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from factories import Writer
from ithtel import events as ev
from ithtel.recording.journal.workers import last_line, workers_of

LOG = Path("logs/ndjson/a.jsonl")


def lines(pid: int, n: int, session_id: str = "s") -> list[bytes]:
    """Return notes of one process."""
    writer = Writer(session_id, pid=pid)
    for text in map(str, range(n)):
        writer.emit(ev.Note(text=text))
    return [line + b"\n" for line in writer.lines]


def test_only_other_processes_of_the_session_count() -> None:
    """Not the own lines, not those of another session."""
    LOG.parent.mkdir(parents=True)
    worker = lines(2, 3)
    LOG.write_bytes(b"".join([*lines(1, 2), *worker, *lines(3, 2, "other"), b"no line\n"]))
    found = workers_of(LOG, "s", 1, since=0.0)
    assert ["2"] == list(found)
    assert (3, hashlib.sha256(b"".join(worker)).hexdigest()) == (found["2"].n_lines, found["2"].lines_sha256)


def test_rotated_parts_are_read_first() -> None:
    """Compressed ones too."""
    LOG.parent.mkdir(parents=True)
    worker = lines(2, 3)
    LOG.with_name("a.20260125-120000.0.jsonl.gz").write_bytes(gzip.compress(b"".join(worker[:2])))
    LOG.write_bytes(worker[2])
    assert 3 == workers_of(LOG, "s", 1, since=0.0)["2"].n_lines


def test_the_last_whole_line_is_found() -> None:
    """Not what a crash left behind it; None in an empty file, and without one."""
    path = Path("x.jsonl")
    assert last_line(path) is None
    for content, expected in ((b"", None), (b"torn", None), (b"a\nb\n", b"b"), (b"a\ntorn", b"a")):
        path.write_bytes(content)
        assert expected == last_line(path)
