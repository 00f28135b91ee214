"""Malformed lines are reported and skipped, and the rest is read."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import Writer, quickstart
from ithtel.errors import IthtelError
from ithtel.events import UnknownEvent
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.read import read
from ithtel.reading.lines.record import Problem

GOOD = quickstart().lines
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def changed(**fields: object) -> bytes:
    """Return a note whose envelope has other values."""
    line = json.loads(Writer().line({"event_type": "note", "text": "a"}, msg="a"))
    return json.dumps(line | fields).encode()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "empty line"),
        (b"  \t", "empty line"),
        (b"hello", "not JSON: invalid character (byte 0)"),
        (GOOD[0][:-9], "the line is truncated"),
        (b'{"ts": "\xff"}', "not UTF-8: byte 0xff"),
        (b"[1, 2]", "not an envelope: expected 'object', got 'array'"),
        (b"5", "not an envelope: expected 'object', got 'int'"),
        (b'{"a": 1}', "not an envelope: object missing required field 'ts'"),
        (changed(pid="x"), "not an envelope: field 'pid': expected 'int', got 'str'"),
        (changed(provenance={}), "not an envelope: field 'provenance': object missing required field 'session_id'"),
        (changed(context=5), "field 'context': expected 'object', got 'int'"),
        (changed(context=[]), "field 'context': expected 'object', got 'array'"),
        (b"[" * 100_000, "not an envelope: expected 'object', got 'array'"),
        (changed(context={"a": 5}).replace(b"5}", b"[" * 10_000), "not JSON: maximum recursion depth exceeded"),
        (b'{"ts": "soon", "event_type": "data_load"}', "older flat line: cannot parse the time in 'ts': 'soon'"),
    ],
)
def test_a_bad_line_is_named_and_passed_over(line: bytes, said: str) -> None:
    """Each bad line gives one message with its number; the lines around it are read."""
    log = Log.from_lines([GOOD[0], line, GOOD[1]])
    assert [record.line_number for record in log] == [1, 3]
    (problem,) = log.problems
    assert (problem.path, problem.line_number) == ("<memory>", 2)
    assert said in problem.message
    assert str(problem) == f"<memory>, line 2: {problem.message}"


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"event_type": "note"}, "event 'note': field 'context': object missing required field 'text'"),
        ({"event_type": "note", "text": 5}, "event 'note': field 'context.text': expected 'str', got 'int'"),
        ({"event_type": 5}, "event 5: field 'context.event_type': expected 'str | null', got 'int'"),
    ],
)
def test_a_broken_event_is_named_and_kept(context: dict[str, object], said: str) -> None:
    """A known event with a wrong field is a problem that names the field; its other fields are kept."""
    log = Log.from_lines([changed(context=context)])
    (record,) = log
    assert record.context == context
    assert isinstance(record.event, UnknownEvent)
    assert [problem.message for problem in log.problems] == [said]


def test_a_last_line_without_its_end_is_read_if_it_is_whole() -> None:
    """A whole last line counts; a torn one is a problem."""
    Path("a.jsonl").write_bytes(b"\n".join(GOOD))
    assert len(list(read("a.jsonl"))) == len(GOOD)
    Path("b.jsonl").write_bytes(b"\n".join(GOOD)[:-1])
    log = read("b.jsonl")
    assert len(list(log)) == len(GOOD) - 1
    assert log.problems == [Problem("b.jsonl", len(GOOD), "the line is truncated")]


def test_a_byte_order_mark_and_cr_lf_are_told_and_read() -> None:
    """Both are reported once, and no line is lost."""
    Path("a.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(GOOD) + b"\r\n")
    log = read("a.jsonl")
    assert len(list(log)) == len(GOOD)
    assert [str(problem) for problem in log.problems] == [
        "a.jsonl, line 1: lines end in CR LF instead of LF",
        "a.jsonl, line 1: the file starts with a byte order mark",
    ]


@given(st.lists(st.dictionaries(st.text(max_size=9), JSON, max_size=4), max_size=8))
def test_n_lines_in_n_records_out(contexts: list[dict[str, object]]) -> None:
    """Every line comes back with the very values that were written, in order; twice the same."""
    contexts = [{key: value for key, value in context.items() if key != "event_type"} for context in contexts]
    writer = Writer()
    lines = [writer.line(context, msg="plain") for context in contexts]
    log = Log.from_lines(lines)
    records = list(log)
    assert [record.context for record in records] == contexts
    assert [record.raw for record in records] == lines
    assert records == list(log)
    assert log.problems == []
    assert [msgspec.json.encode(record.envelope) for record in records] == lines


NOISE = st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"\r")) | st.sampled_from(
    [b"", b"{}", b"null", b'{"ts":"2025-01-01","event_type":"data_load"}', GOOD[1][:200], b"\xef\xbb\xbf" + GOOD[1]]
)


@given(st.lists(NOISE | st.sampled_from(GOOD), max_size=30), st.booleans())
def test_garbage_never_stops_the_reader(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ended: bool
) -> None:
    """Every good line is read, among any others; only typed errors are raised."""
    path = tmp_path_factory.getbasetemp() / "fuzz.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n" * ended)
    try:
        log = read(path, session="all")
        records = list(log)
        list(read(path))
    except IthtelError:
        assert not any(line in GOOD for line in lines)
        return
    read_back = [record.raw for record in records]
    assert [line for line in read_back if line in GOOD] == [line for line in lines if line in GOOD]
    whole = [problem for problem in log.problems if problem.line_number]
    assert {problem.line_number for problem in whole} | {r.line_number for r in records} >= set(range(1, len(lines)))
