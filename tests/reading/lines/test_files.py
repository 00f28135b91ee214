"""Any bytes can be read, also while the log changes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ithtel
from examples import share
from ithtel.events import Note
from ithtel.reading.lines.log import Log
from ithtel.reading.verify.verify import verify_files

LOG = Path("logs/ndjson/a.jsonl")
relaxed = settings(deadline=None, max_examples=share(150), suppress_health_check=[HealthCheck.function_scoped_fixture])


def content() -> bytes:
    """Return the bytes of a small log."""
    kept = Path("kept")
    if not kept.exists():
        with ithtel.start("a", git=False, loguru=False) as session:
            for i in range(5):
                session.emit(Note(text=str(i)))
        kept.write_bytes(LOG.read_bytes())
    return kept.read_bytes()


@relaxed
@given(st.data())
def test_no_bytes_break_the_reader(data: st.DataObject) -> None:
    """Pieces of a log and of garbage in any order: lines are read or reported, nothing raises."""
    lines = content().splitlines(keepends=True)
    piece = (
        st.sampled_from(lines) | st.binary(max_size=40) | st.sampled_from([b"\n", b"\r\n", b"\xef\xbb\xbf", b"{}\n"])
    )
    cut = st.builds(lambda line, n: line[:n], st.sampled_from(lines), st.integers(0, 500))
    mixed = b"".join(data.draw(st.lists(piece | cut, max_size=8)))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_bytes(mixed)
    log = ithtel.read(LOG, "all")
    n_read = sum(1 for _ in log)
    assert n_read + len(log.problems) >= mixed.count(b"\n")
    verify_files([(LOG,)])


@relaxed
@given(st.binary(max_size=200))
def test_garbage_is_reported_by_line(garbage: bytes) -> None:
    """Every problem names its place."""
    log = Log.from_lines(garbage.splitlines(keepends=True))
    assert all(problem.path and problem.message for problem in log.problems)


def test_a_line_behind_a_torn_one_is_read() -> None:
    """A line appended after the torn line of a killed process is read; the torn one is reported."""
    lines = content().splitlines(keepends=True)
    LOG.write_bytes(b"".join([*lines[:2], lines[2][:50], *lines[2:]]))
    log = ithtel.read(LOG)
    assert [str(i) for i in range(5)] == [event.text for event in log.events(Note)]
    assert ["the end of the line before this one is missing"] == [problem.message for problem in log.problems]
